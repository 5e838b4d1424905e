// The plan being edited, with its history. Emits "change" whenever it is not as before.

import { top, width, height } from "./places.js";

const MOST_STEPS = 200;

export class Plan extends EventTarget {
  #past = [];
  #future = [];
  #base = null;
  #saved = "";
  #last = 0;

  constructor(sent) {
    super();
    this.state = {
      name: sent.name,
      width: sent.width_cm,
      height: sent.height_cm,
      boards: sent.boards_cm,
      unplaced: sent.unplaced,
      places: sent.positions.map((one) => this.#place(one, sent.boards_cm)),
    };
    this.markSaved();
  }

  #place(one, boards) {
    const lift = boards[one.shelf] - one.y_cm - one.height_cm;
    return {
      id: this.freshId(),
      sku: one.sku,
      shelf: one.shelf,
      x: one.x_cm,
      lift: Math.abs(lift) > 1 ? lift : 0,
      wide: one.facings_wide,
      high: one.facings_high,
      unitWidth: one.width_cm / one.facings_wide,
      unitHeight: one.height_cm / one.facings_high,
    };
  }

  freshId() {
    this.#last += 1;
    return `p${this.#last}`;
  }

  #emit() {
    this.dispatchEvent(new Event("change"));
  }

  // One step of the history: `act` changes the state it is given.
  change(act) {
    this.begin();
    act(this.state);
    this.commit();
  }

  // A step that is being tried out, as while dragging: begin, preview as often as wanted, commit or cancel.
  begin() {
    this.#base = structuredClone(this.state);
  }

  preview(act) {
    this.state = structuredClone(this.#base);
    act(this.state);
    this.#emit();
  }

  commit() {
    const before = this.#base;
    this.#base = null;
    if (JSON.stringify(before) !== JSON.stringify(this.state)) {
      this.#past.push(before);
      this.#past.splice(0, this.#past.length - MOST_STEPS);
      this.#future = [];
    }
    this.#emit();
  }

  cancel() {
    if (this.#base) this.state = this.#base;
    this.#base = null;
    this.#emit();
  }

  get trying() {
    return this.#base !== null;
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  #travel(from, to) {
    if (!from.length || this.trying) return;
    to.push(this.state);
    this.state = from.pop();
    this.#emit();
  }

  get undoable() {
    return this.#past.length > 0;
  }

  get redoable() {
    return this.#future.length > 0;
  }

  markSaved(state = this.state) {
    this.#saved = JSON.stringify(state);
    this.#emit();
  }

  get dirty() {
    return JSON.stringify(this.state) !== this.#saved;
  }

  // The places in the order in which `document` sends them.
  ordered() {
    return [...this.state.places].sort((a, b) => a.shelf - b.shelf || a.x - b.x || a.lift - b.lift);
  }

  document() {
    const state = this.state;
    return {
      name: state.name,
      width_cm: state.width,
      height_cm: state.height,
      boards_cm: state.boards,
      unplaced: state.unplaced.map((one) => one.facing),
      positions: this.ordered().map((place) => ({
        sku: place.sku,
        shelf: place.shelf,
        facings_wide: place.wide,
        facings_high: place.high,
        x_cm: place.x,
        y_cm: Math.round(top(state, place) * 100) / 100,
        width_cm: Math.round(width(place) * 100) / 100,
        height_cm: Math.round(height(place) * 100) / 100,
      })),
    };
  }
}
