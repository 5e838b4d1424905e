// Draws the plan as SVG. Elements are kept by place, so that pictures do not load again while one is dragged.

import { find, height, top, warnings, width } from "./places.js";

const SVG = "http://www.w3.org/2000/svg";
const EDGE = 2; // cm around the bay

export function make(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export class Board {
  #groups = new Map();

  constructor(svg, plan, products) {
    Object.assign(this, { svg, plan, products });
    this.shelves = make("g");
    this.places = make("g", { role: "listbox", "aria-label": "Products", "aria-multiselectable": "true" });
    this.handles = make("g");
    svg.append(this.shelves, this.places, this.handles);
  }

  // CSS pixels a centimetre.
  get scale() {
    return this.svg.getScreenCTM()?.a || 1;
  }

  // A point of the screen in centimetres of the bay.
  point(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return { x: at.x, y: at.y };
  }

  shelfAt(y) {
    const { boards } = this.plan.state;
    const found = boards.findIndex((board) => y <= board);
    return found < 0 ? boards.length - 1 : found;
  }

  draw(chosen, target) {
    const { state } = this.plan;
    if (!this.plan.trying) this.#frame(state);
    this.#drawShelves(target);
    const seen = new Set();
    for (const place of this.plan.ordered()) {
      seen.add(place.id);
      const group = this.#groups.get(place.id) ?? this.#newGroup(place.id);
      this.#drawPlace(group, place, chosen);
    }
    for (const [id, group] of this.#groups) {
      if (!seen.has(id)) {
        group.remove();
        this.#groups.delete(id);
      }
    }
    this.#drawHandles(chosen);
  }

  // While something is dragged the bay keeps its place under the pointer.
  #frame(state) {
    const right = Math.max(state.width, ...state.places.map((place) => place.x + width(place)));
    const box = [-EDGE, -EDGE, right + 2 * EDGE, state.height + 2 * EDGE];
    this.svg.setAttribute("viewBox", box.join(" "));
    this.svg.style.setProperty("--bay", `${Math.round(right)}`);
  }

  #drawShelves(target) {
    const { state } = this.plan;
    const parts = [make("rect", { class: "bay-ground", x: 0, y: 0, width: state.width, height: state.height })];
    state.boards.forEach((y, shelf) => {
      const above = state.boards[shelf - 1] ?? 0;
      const bad = warnings(state, shelf).length > 0;
      if (shelf === target) {
        parts.push(make("rect", { class: "shelf-target", x: 0, y: above, width: state.width, height: y - above }));
      }
      const board = { class: "bay-board", x: 0, y, width: state.width, height: 1 };
      parts.push(make("rect", bad ? { ...board, "data-over": "" } : board));
    });
    this.shelves.replaceChildren(...parts);
  }

  #newGroup(id) {
    const group = make("g", { class: "place", "data-id": id, role: "option", tabindex: "-1" });
    const name = make("svg", {}, make("text", { class: "place-name", x: "50%", y: "50%" }));
    group.append(make("title"), make("rect", { class: "place-ground" }), make("g"), name, make("rect", { class: "place-line" }));
    this.#groups.set(id, group);
    this.places.append(group);
    return group;
  }

  #drawPlace(group, place, chosen) {
    const product = this.products[place.sku];
    const [title, ground, cells, name, line] = group.children;
    const size = { width: width(place), height: height(place) };
    group.setAttribute("transform", `translate(${place.x} ${top(this.plan.state, place)})`);
    group.setAttribute("aria-label", this.describe(place));
    group.setAttribute("aria-selected", String(chosen.includes(place.id)));
    group.setAttribute("tabindex", place.id === (chosen[0] ?? this.plan.ordered()[0]?.id) ? "0" : "-1");
    const drawn = JSON.stringify([place.sku, place.wide, place.high, place.unitWidth, place.unitHeight]);
    if (group.dataset.drawn === drawn) return;
    group.dataset.drawn = drawn;
    title.textContent = this.describe(place);
    for (const rect of [ground, line, name]) for (const key of ["width", "height"]) rect.setAttribute(key, size[key]);
    name.firstChild.textContent = product?.picture ? "" : place.sku;
    cells.replaceChildren(...this.#cells(place, product));
  }

  #cells(place, product) {
    const found = [];
    for (let index = 0; index < place.wide * place.high; index += 1) {
      const box = {
        x: (index % place.wide) * place.unitWidth,
        y: Math.floor(index / place.wide) * place.unitHeight,
        width: place.unitWidth,
        height: place.unitHeight,
      };
      found.push(product?.picture
        ? make("image", { ...box, href: product.picture, preserveAspectRatio: "xMidYMax meet" })
        : make("rect", { ...box, class: "no-picture" }));
    }
    return found;
  }

  // Two handles on the chosen place: its right end for facings wide, its top for facings high.
  #drawHandles(chosen) {
    const place = chosen.length === 1 ? find(this.plan.state, chosen[0]) : null;
    if (!place) return this.handles.replaceChildren();
    const y = top(this.plan.state, place);
    const size = 9 / this.scale;
    const at = { wide: [place.x + width(place), y + height(place) / 2], high: [place.x + width(place) / 2, y] };
    return this.handles.replaceChildren(
      ...Object.entries(at).map(([name, [cx, cy]]) => make("g", { class: "handle", "data-handle": name },
        make("circle", { class: "handle-reach", cx, cy, r: size * 2 }),
        make("circle", { class: "handle-dot", cx, cy, r: size })))
    );
  }

  describe(place) {
    const order = this.plan.ordered().filter((one) => one.shelf === place.shelf);
    const product = this.products[place.sku];
    const where = `shelf ${place.shelf + 1}, place ${order.indexOf(place) + 1}`;
    return `${product?.name ?? place.sku}, ${where}, ${place.wide} × ${place.high}`;
  }

  group(id) {
    return this.#groups.get(id);
  }

  // Marks the places a save found fault with: words by place id.
  mark(faults) {
    for (const [id, group] of this.#groups) group.toggleAttribute("data-fault", id in faults);
  }
}
