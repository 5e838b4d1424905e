// The side of the editor: the chosen product, the shelves with their sums, what the photo left open.

import { clear, find, height, used, warnings, width } from "./places.js";

const cm = (value) => String(Math.round(value * 10) / 10);

function fill(element, name, text) {
  element.querySelector(`[data-show="${name}"]`).textContent = text;
}

// A field that somebody is typing in is left alone.
function set(input, value) {
  if (document.activeElement !== input) input.value = value;
}

export class Panel {
  constructor(root, plan, products, editor) {
    Object.assign(this, { root, plan, products, editor });
    this.chosenBox = root.querySelector("#chosen");
    this.none = root.querySelector("#none-chosen");
    this.shelves = root.querySelector("#shelves");
    this.unplacedBox = root.querySelector("#unplaced");
    root.addEventListener("change", (event) => this.#typed(event.target));
  }

  draw() {
    this.#drawChosen();
    this.#drawShelves();
    this.#drawUnplaced();
    const { state } = this.plan;
    set(this.root.querySelector("#plan-width"), cm(state.width));
    set(this.root.querySelector("#plan-name"), state.name);
  }

  #drawChosen() {
    const [id, other] = this.editor.chosen;
    const place = id && find(this.plan.state, id);
    this.chosenBox.hidden = !place;
    this.none.hidden = Boolean(place);
    if (!place) return;
    const product = this.products[place.sku] ?? { name: place.sku, brand: "", size: "", code: place.sku };
    const order = this.plan.ordered().filter((one) => one.shelf === place.shelf);
    const picture = this.chosenBox.querySelector("img");
    picture.hidden = !product.picture;
    if (product.picture && picture.getAttribute("src") !== product.picture) picture.src = product.picture;
    fill(this.chosenBox, "name", product.name);
    fill(this.chosenBox, "about", [product.brand, product.size, product.code].filter(Boolean).join(" · "));
    fill(this.chosenBox, "where", `Shelf ${place.shelf + 1}, place ${order.indexOf(place) + 1} · ${cm(width(place))} × ${cm(height(place))} cm`);
    fill(this.chosenBox, "wide", place.wide);
    fill(this.chosenBox, "high", place.high);
    fill(this.chosenBox, "fault", this.editor.faults[id] ?? "");
    set(this.chosenBox.querySelector("#unit-width"), cm(place.unitWidth));
    set(this.chosenBox.querySelector("#unit-height"), cm(place.unitHeight));
    const two = other && find(this.plan.state, other);
    const words = this.editor.swapping ? "Swap: now tap the other product" : "Swap with another";
    this.root.querySelector("#swap-words").textContent = two ? `Swap with ${this.products[two.sku]?.name ?? two.sku}` : words;
    this.root.querySelector("[data-do=swap]").setAttribute("aria-pressed", String(this.editor.swapping));
  }

  #drawShelves() {
    const { state } = this.plan;
    const pattern = this.root.querySelector("#shelf-row").content;
    while (this.shelves.children.length > state.boards.length) this.shelves.lastElementChild.remove();
    while (this.shelves.children.length < state.boards.length) this.shelves.append(pattern.cloneNode(true));
    state.boards.forEach((_, shelf) => {
      const line = this.shelves.children[shelf];
      const sum = used(state, shelf);
      const bad = warnings(state, shelf);
      line.dataset.shelf = shelf;
      line.toggleAttribute("data-over", bad.length > 0);
      line.toggleAttribute("data-target", shelf === this.editor.target);
      fill(line, "title", `Shelf ${shelf + 1}`);
      fill(line, "sum", `${cm(sum)} of ${cm(state.width)} cm`);
      fill(line, "state", bad.length ? bad.join(", ") : `${cm(Math.max(0, state.width - sum))} cm free`);
      line.querySelector(".meter-bar").style.setProperty("--part", Math.min(1, sum / state.width));
      const field = line.querySelector("input");
      field.setAttribute("aria-label", `Height of shelf ${shelf + 1}, cm`);
      set(field, cm(clear(state, shelf)));
      line.querySelector("[data-do=remove-shelf]").disabled = state.boards.length < 2;
    });
  }

  #drawUnplaced() {
    const open = this.plan.state.unplaced;
    this.unplacedBox.hidden = open.length === 0;
    fill(this.unplacedBox, "count", open.length);
    const list = this.unplacedBox.querySelector("ul");
    const pattern = this.root.querySelector("#unplaced-row").content;
    const key = JSON.stringify(open.map((one) => one.facing));
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...open.map((one) => {
      const line = pattern.cloneNode(true).firstElementChild;
      line.dataset.facing = one.facing;
      line.querySelector("img").src = one.crop;
      fill(line, "where", `Shelf ${one.shelf + 1}, ${cm(one.x_cm)} cm from the left`);
      const choices = one.suggestions.filter((code) => this.products[code]).map((code) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "button small", textContent: `${this.products[code].name} (${code})` });
        Object.assign(button.dataset, { do: "place-facing", sku: code });
        return button;
      });
      line.querySelector(".choices").prepend(...choices);
      return line;
    }));
  }

  #typed(input) {
    const value = Number(input.value.replace?.(",", "."));
    const good = value > 0 && value <= 5000;
    const [id] = this.editor.chosen;
    const edit = this.editor;
    if (input.id === "plan-name") edit.rename(input.value.trim());
    else if (!good && input.closest("[data-number]")) input.value = "";
    else if (input.id === "plan-width") edit.setWidth(value);
    else if (input.id === "unit-width") edit.setUnit(id, value, find(this.plan.state, id).unitHeight);
    else if (input.id === "unit-height") edit.setUnit(id, find(this.plan.state, id).unitWidth, value);
    else if (input.dataset.height !== undefined) edit.setShelfHeight(Number(input.closest("li").dataset.shelf), value);
    if (input.closest("[data-number]")) {
      input.blur();
      this.draw();
    }
  }
}
