// The planogram editor: what is chosen, what buttons and keys do, and when to draw again.

import { Board } from "./board.js";
import { Panel } from "./panel.js";
import * as act from "./places.js";
import { Plan } from "./plan.js";
import { listen } from "./pointer.js";
import { Saver } from "./save.js";
import { Search } from "./search.js";

const ZOOMS = [1, 1.5, 2, 3, 4];
const root = document.getElementById("editor");
const about = JSON.parse(document.getElementById("plan-data").textContent);
const plan = new Plan(about.plan);
const products = about.products;
const board = new Board(document.getElementById("board"), plan, products);
const status = document.getElementById("status");
const said = document.getElementById("said");

const editor = {
  chosen: [],
  target: null,
  x: undefined,
  faults: {},
  swapping: false, // the next product that is chosen changes places with the chosen one
  open: null, // the facing of the photo that the next product from the search is for

  choose(id, more = false) {
    if (this.swapping && id && id !== this.chosen[0]) return this.swapWith(id);
    this.swapping = false;
    if (!id) this.chosen = [];
    else if (!more) this.chosen = [id];
    else if (this.chosen.includes(id)) this.chosen = this.chosen.filter((one) => one !== id);
    else this.chosen = [this.chosen[0] ?? id, id].filter((one, at, all) => all.indexOf(one) === at);
    this.target = id ? act.find(plan.state, id).shelf : this.target;
    this.x = undefined;
    draw();
    if (id) said.textContent = board.describe(act.find(plan.state, id));
    return undefined;
  },

  swapWith(id) {
    this.swapping = false;
    plan.change((state) => act.swap(state, this.chosen[0], id));
    this.choose(this.chosen[0]);
  },

  // An empty spot was touched: what is added next stands there.
  aim(shelf, x) {
    Object.assign(this, { chosen: [], target: shelf, x });
    draw();
  },

  rename: (name) => plan.change((state) => (state.name = name)),
  setWidth: (value) => plan.change((state) => {
    state.width = value;
    state.boards.forEach((_, shelf) => act.settle(state, shelf));
  }),
  setUnit: (id, wide, high) => plan.change((state) => act.setUnit(state, id, wide, high)),
  setShelfHeight: (shelf, value) => plan.change((state) => act.setShelfHeight(state, shelf, value)),

  add(code) {
    if (this.open !== null) return this.placeFacing(this.open, code);
    const id = plan.freshId();
    const where = { after: this.chosen[0], shelf: this.target ?? undefined, x: this.x };
    plan.change((state) => act.add(state, products[code], id, where));
    return this.choose(id);
  },

  placeFacing(facing, code) {
    const id = plan.freshId();
    plan.change((state) => {
      const one = state.unplaced.find((each) => each.facing === facing);
      state.unplaced = state.unplaced.filter((each) => each !== one);
      act.add(state, products[code], id, { shelf: one.shelf, x: one.x_cm });
    });
    this.open = null;
    this.choose(id);
  },
};

const panel = new Panel(root, plan, products, editor);
const saver = new Saver(plan, about, show);

function draw() {
  editor.chosen = editor.chosen.filter((id) => act.find(plan.state, id));
  if (editor.target !== null && editor.target >= plan.state.boards.length) editor.target = null;
  board.draw(editor.chosen, editor.target);
  board.mark(editor.faults);
  panel.draw();
  root.toggleAttribute("data-chosen", editor.chosen.length > 0);
  for (const [name, on] of Object.entries({ undo: plan.undoable, redo: plan.redoable, save: plan.dirty || !about.id })) {
    for (const button of root.querySelectorAll(`[data-do=${name}]`)) button.disabled = !on;
  }
  for (const button of root.querySelectorAll("[data-needs-choice]")) button.disabled = !editor.chosen.length;
}

// What became of a save: words, and links to go on with.
function show({ kind, text, faults = {}, link, theirs, apart }) {
  editor.faults = faults;
  status.className = `note ${kind}`;
  status.hidden = false;
  status.querySelector("[data-show=text]").textContent = text;
  for (const [name, address] of Object.entries({ link, theirs })) {
    const element = status.querySelector(`[data-${name}]`);
    element.hidden = !address;
    if (address) element.href = address;
  }
  status.querySelector("[data-do=save-apart]").hidden = !apart;
  const lines = Object.entries(faults).map(([id, why]) => {
    const line = document.createElement("li");
    line.textContent = `${board.describe(act.find(plan.state, id) ?? {})}: ${why}`;
    return line;
  });
  status.querySelector("ul").replaceChildren(...lines);
  document.getElementById("becomes-draft")?.toggleAttribute("hidden", about.draft);
  document.getElementById("version").textContent = about.id ? `version ${about.version}${about.draft ? ", draft" : ""}` : "not saved yet";
  draw();
}

function sized(wide, high) {
  const place = act.find(plan.state, editor.chosen[0]);
  if (place) plan.change((state) => act.resize(state, place.id, place.wide + wide, place.high + high));
}

function moved(dx, dy) {
  const place = act.find(plan.state, editor.chosen[0]);
  if (!place) return;
  const shelf = place.shelf + dy;
  if (dy && (shelf < 0 || shelf >= plan.state.boards.length)) return;
  plan.change((state) => (dy ? act.moveTo(state, place.id, shelf, place.x) : act.step(state, place.id, dx)));
  editor.choose(place.id);
}

// The next place in a direction, for the arrow keys.
function neighbour(dx, dy) {
  const order = plan.ordered();
  const place = act.find(plan.state, editor.chosen[0]);
  if (!place) return order[0];
  if (dx) return order[order.indexOf(place) + dx];
  const shelves = [...new Set(order.map((one) => one.shelf))];
  const shelf = shelves[shelves.indexOf(place.shelf) + dy];
  const middle = (one) => one.x + act.width(one) / 2;
  const there = order.filter((one) => one.shelf === shelf);
  return there.sort((a, b) => Math.abs(middle(a) - middle(place)) - Math.abs(middle(b) - middle(place)))[0];
}

function twin() {
  const id = plan.freshId();
  if (!editor.chosen.length) return;
  plan.change((state) => act.duplicate(state, editor.chosen[0], id));
  editor.choose(id);
}

const deeds = {
  undo: () => plan.undo(),
  redo: () => plan.redo(),
  save: () => saver.save(),
  "save-apart": () => saver.save(true),
  wider: () => sized(1, 0),
  narrower: () => sized(-1, 0),
  taller: () => sized(0, 1),
  lower: () => sized(0, -1),
  left: () => moved(-1, 0),
  right: () => moved(1, 0),
  up: () => moved(0, -1),
  down: () => moved(0, 1),
  duplicate: twin,
  remove: () => plan.change((state) => act.remove(state, editor.chosen)),
  swap: () => {
    if (editor.chosen.length > 1) return editor.swapWith(editor.chosen[1]);
    editor.swapping = !editor.swapping;
    return draw();
  },
  pack: (line) => plan.change((state) => act.pack(state, Number(line.dataset.shelf))),
  "add-shelf": (line) => plan.change((state) => act.addShelf(state, Number(line.dataset.shelf))),
  "remove-shelf": (line) => plan.change((state) => act.removeShelf(state, Number(line.dataset.shelf))),
  "aim-shelf": (line) => editor.aim(Number(line.dataset.shelf), undefined),
  "place-facing": (line, button) => editor.placeFacing(Number(line.dataset.facing), button.dataset.sku),
  "find-for": (line) => {
    editor.open = Number(line.dataset.facing);
    search.input.focus();
  },
  "leave-out": (line) => plan.change((state) => {
    state.unplaced = state.unplaced.filter((one) => one.facing !== Number(line.dataset.facing));
  }),
  "zoom-in": () => zoom(1),
  "zoom-out": () => zoom(-1),
};

function zoom(by) {
  const at = Math.min(Math.max(Number(root.dataset.zoom ?? 0) + by, 0), ZOOMS.length - 1);
  root.dataset.zoom = at;
  board.svg.style.setProperty("--zoom", ZOOMS[at]);
  draw();
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const keys = { Delete: "remove", Backspace: "remove", "+": "wider", "-": "narrower", h: "taller", H: "lower" };
const withControl = { z: "undo", y: "redo", Z: "redo", d: "duplicate", s: "save" };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  const control = event.ctrlKey || event.metaKey;
  if (typing && !(control && event.key === "s")) return;
  if (event.key === "Escape" && !plan.trying) editor.choose(null);
  let done = true;
  if (control) done = withControl[event.key] && deeds[withControl[event.key]]() !== false;
  else if (arrows[event.key] && (editor.chosen.length || event.target.closest("#board"))) {
    if (event.shiftKey) moved(...arrows[event.key]);
    else editor.choose(neighbour(...arrows[event.key])?.id ?? editor.chosen[0]);
    board.group(editor.chosen[0])?.focus({ preventScroll: true });
  } else if (keys[event.key] && editor.chosen.length) deeds[keys[event.key]]();
  else done = false;
  if (done) event.preventDefault();
});

root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) deeds[button.dataset.do](button.closest("li"), button);
});

plan.addEventListener("change", () => {
  if (plan.dirty) {
    editor.faults = {};
    if (status.classList.contains("good")) status.hidden = true;
  }
  draw();
});
new ResizeObserver(() => draw()).observe(board.svg);
const search = new Search(root, about.urls.products, products, (code) => editor.add(code));
listen(board, editor);
draw();
