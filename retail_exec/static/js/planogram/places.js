// What can be done to a plan's places: plain functions over its values. Centimetres from the bay's top left
// corner, y down. A place is {id, sku, shelf, x, lift, wide, high, unitWidth, unitHeight}; lift is how far it
// stands above its board, on top of another product.

export const SLACK = 0.5; // what nobody sees, as services/edit_document.py has it
const USUAL = { width: 10, height: 20 };

export const width = (place) => place.wide * place.unitWidth;
export const height = (place) => place.high * place.unitHeight;
export const top = (state, place) => state.boards[place.shelf] - place.lift - height(place);
export const clear = (state, shelf) => state.boards[shelf] - (state.boards[shelf - 1] ?? 0);
export const find = (state, id) => state.places.find((place) => place.id === id);
const rounded = (value) => Math.round(value * 100) / 100;
const middle = (place) => place.x + width(place) / 2;

export function row(state, shelf) {
  const places = state.places.filter((place) => place.shelf === shelf && !place.lift);
  return places.sort((a, b) => middle(a) - middle(b));
}

// Nothing overlaps: places in this order make room to the right, then to the left if the bay ends. What is
// longer than the bay stands out at its right end.
export function settle(state, shelf, order = row(state, shelf)) {
  let end = 0;
  for (const place of order) {
    place.x = rounded(Math.max(place.x, end));
    end = place.x + width(place);
  }
  const needed = order.reduce((sum, place) => sum + width(place), 0);
  let limit = Math.max(state.width, needed);
  for (const place of [...order].reverse()) {
    place.x = rounded(Math.min(place.x, limit - width(place)));
    limit = place.x;
  }
}

export function used(state, shelf) {
  return row(state, shelf).reduce((sum, place) => sum + width(place), 0);
}

// What does not fit: words for people, by shelf.
export function warnings(state, shelf) {
  const found = [];
  const places = state.places.filter((place) => place.shelf === shelf);
  const end = Math.max(0, ...places.map((place) => place.x + width(place)));
  const over = Math.max(end, used(state, shelf)) - state.width;
  if (over > SLACK) found.push(`${over.toFixed(1)} cm too long`);
  const tall = Math.max(0, ...places.map((place) => place.lift + height(place))) - clear(state, shelf);
  if (tall > SLACK) found.push(`${tall.toFixed(1)} cm too high`);
  return found;
}

export function moveTo(state, id, shelf, x) {
  const place = find(state, id);
  if (place.shelf !== shelf) place.lift = 0;
  place.shelf = shelf;
  place.x = place.lift ? Math.max(0, x) : Math.max(0, Math.min(x, state.width - width(place)));
  settle(state, shelf);
}

export function step(state, id, by) {
  const place = find(state, id);
  if (place.lift) return moveTo(state, id, place.shelf, place.x + by);
  const order = row(state, place.shelf);
  const at = order.indexOf(place);
  const other = order[at + by];
  if (!other) {
    place.x = rounded(by < 0 ? 0 : Math.max(place.x, state.width - width(place)));
    return settle(state, place.shelf, order);
  }
  [order[at], order[at + by]] = [other, place];
  const [left, right] = by < 0 ? [place, other] : [other, place];
  left.x = Math.min(place.x, other.x);
  right.x = left.x + width(left);
  return settle(state, place.shelf, order);
}

export function resize(state, id, wide, high) {
  const place = find(state, id);
  const order = row(state, place.shelf);
  place.wide = Math.max(1, Math.min(200, wide));
  place.high = Math.max(1, Math.min(200, high));
  if (!place.lift) settle(state, place.shelf, order);
}

export function setUnit(state, id, unitWidth, unitHeight) {
  const { sku } = find(state, id);
  const shelves = new Map(state.boards.map((_, shelf) => [shelf, row(state, shelf)]));
  for (const place of state.places.filter((one) => one.sku === sku)) {
    Object.assign(place, { unitWidth, unitHeight });
  }
  for (const [shelf, order] of shelves) settle(state, shelf, order);
}

export function swap(state, one, two) {
  const [a, b] = [find(state, one), find(state, two)];
  const shelves = new Map([a, b].map((place) => [place.shelf, row(state, place.shelf)]));
  for (const order of shelves.values()) {
    order.forEach((place, at) => {
      if (place === a) order[at] = b;
      else if (place === b) order[at] = a;
    });
  }
  for (const key of ["shelf", "x", "lift"]) [a[key], b[key]] = [b[key], a[key]];
  for (const [shelf, order] of shelves) settle(state, shelf, order);
}

export function remove(state, ids) {
  state.places = state.places.filter((place) => !ids.includes(place.id));
}

export function duplicate(state, id, fresh) {
  const place = find(state, id);
  const copy = { ...place, id: fresh, x: place.x + width(place) };
  const order = row(state, place.shelf);
  state.places.push(copy);
  order.splice(order.indexOf(place) + 1, 0, copy);
  if (!place.lift) settle(state, place.shelf, order);
}

// Behind the place `after`, or at `x` of a shelf, or where most room is left.
export function add(state, product, fresh, { after, shelf, x } = {}) {
  const behind = after && find(state, after);
  const rooms = state.boards.map((_, each) => state.width - used(state, each));
  const where = behind?.shelf ?? shelf ?? rooms.indexOf(Math.max(...rooms));
  const known = state.places.find((place) => place.sku === product.code);
  const place = {
    id: fresh,
    sku: product.code,
    shelf: where,
    lift: 0,
    wide: 1,
    high: 1,
    unitWidth: known?.unitWidth ?? product.width_cm ?? USUAL.width,
    unitHeight: known?.unitHeight ?? product.height_cm ?? USUAL.height,
  };
  const order = row(state, where);
  const at = behind ? order.indexOf(behind) + 1 : order.length;
  const before = order[at - 1];
  place.x = behind || x === undefined ? (before ? before.x + width(before) : 0) : Math.max(0, x);
  state.places.push(place);
  if (behind || x === undefined) order.splice(at, 0, place);
  settle(state, where, behind || x === undefined ? order : undefined);
}

export function pack(state, shelf) {
  let end = 0;
  for (const place of row(state, shelf)) {
    place.x = rounded(end);
    end += width(place);
  }
}

export function setShelfHeight(state, shelf, wanted) {
  const by = wanted - clear(state, shelf);
  state.boards = state.boards.map((y, at) => (at >= shelf ? rounded(y + by) : y));
  state.height = rounded(state.height + by);
}

export function addShelf(state, below) {
  const high = below < 0 ? 35 : clear(state, below);
  const y = (state.boards[below] ?? 0) + high;
  const moved = state.boards.slice(below + 1).map((board) => rounded(board + high));
  state.boards = [...state.boards.slice(0, below + 1), rounded(y), ...moved];
  state.height = rounded(Math.max(state.height + high, state.boards.at(-1)));
  for (const place of state.places) if (place.shelf > below) place.shelf += 1;
}

export function removeShelf(state, shelf) {
  const high = clear(state, shelf);
  state.boards = state.boards.filter((_, at) => at !== shelf).map((y, at) => (at >= shelf ? rounded(y - high) : y));
  state.height = rounded(Math.max(state.height - high, state.boards.at(-1) ?? 1));
  state.places = state.places.filter((place) => place.shelf !== shelf);
  for (const place of state.places) if (place.shelf > shelf) place.shelf -= 1;
}
