// Finding a product to add.

const PAUSE = 200; // ms of not typing

export class Search {
  #timer = 0;
  #asked = 0;

  constructor(root, address, products, add) {
    Object.assign(this, { address, products, add });
    this.input = root.querySelector("#product-search");
    this.list = root.querySelector("#products");
    this.pattern = root.querySelector("#product-row").content;
    this.input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.ask(), PAUSE);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.list.querySelector("button")?.click();
    });
    this.list.addEventListener("click", (event) => {
      const code = event.target.closest("button")?.dataset.sku;
      if (code) this.add(code);
    });
    this.ask();
  }

  async ask() {
    const turn = (this.#asked += 1);
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(this.input.value)}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const { products } = await answer.json();
      if (turn !== this.#asked) return;
      for (const product of products) this.products[product.code] ??= product;
      this.#show(products);
    } catch {
      this.#say("The products could not be loaded. Type again in a moment.");
    }
  }

  #show(products) {
    if (!products.length) return this.#say("No product matches.");
    return this.list.replaceChildren(...products.map((product) => {
      const line = this.pattern.cloneNode(true).firstElementChild;
      line.querySelector("button").dataset.sku = product.code;
      const picture = line.querySelector("img");
      if (product.picture) picture.src = product.picture;
      else picture.remove();
      line.querySelector("strong").textContent = product.name;
      line.querySelector("small").textContent = [product.brand, product.size, product.code].filter(Boolean).join(" · ");
      return line;
    }));
  }

  #say(words) {
    const line = document.createElement("li");
    Object.assign(line, { className: "soft small", textContent: words });
    this.list.replaceChildren(line);
  }
}
