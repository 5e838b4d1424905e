// Saving through the API. Whatever goes wrong, the plan stays in the editor and can be saved again.

const SIGNED_OUT = "You are signed out. Sign in again in another tab, then save here: nothing is lost.";
const NO_CONNECTION = "There is no connection just now. Nothing is lost: save again in a moment.";
const GONE = "This draft was deleted meanwhile. Yours is still here and can be kept as a version of its own.";

export class Saver {
  constructor(plan, about, show) {
    Object.assign(this, { plan, about, show, busy: false });
    window.addEventListener("beforeunload", (event) => {
      if (plan.dirty) event.preventDefault();
    });
  }

  address(name, id) {
    return this.about.urls[name].replace("/0/", `/${id}/`);
  }

  async save(apart = false) {
    if (this.busy) return;
    this.busy = true;
    this.show({ kind: "busy", text: "Saving …" });
    const { about, plan } = this;
    const state = plan.state;
    const body = { ...plan.document(), state: about.state, apart };
    const ids = plan.ordered().map((place) => place.id);
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    try {
      const answer = await fetch(about.id ? this.address("one", about.id) : about.urls.save, {
        method: about.id ? "PUT" : "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: JSON.stringify(body),
      });
      const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (answer.ok) this.#stored(said, state, ids);
      else this.#refused(answer.status, said, ids);
    } catch {
      this.show({ kind: "bad", text: NO_CONNECTION });
    } finally {
      this.busy = false;
    }
  }

  #stored(said, state, ids) {
    const { about } = this;
    Object.assign(about, { id: said.id, version: said.version, draft: true, state: said.state });
    history.replaceState(null, "", this.address("edit", said.id));
    this.plan.markSaved(state);
    const faults = by(said.remarks, ids);
    const look = Object.keys(faults).length ? " Some places are worth a look:" : "";
    this.show({ kind: "good", text: `Saved as draft, version ${said.version}.${look}`, faults, link: this.address("detail", said.id) });
  }

  #refused(status, said, ids) {
    if (status === 409) {
      this.show({ kind: "bad", text: said.detail, theirs: this.address("edit", said.planogram), apart: true });
    } else if (status === 404) {
      Object.assign(this.about, { id: null, state: "" });
      this.show({ kind: "bad", text: GONE, apart: true });
    } else if (status === 400 && said.problems) {
      const others = said.problems.filter((one) => one.at === null).map((one) => `${one.field}: ${one.why}`);
      const text = ["Not saved.", ...others].join(" ");
      this.show({ kind: "bad", text, faults: by(said.problems, ids) });
    } else if (status === 401 || status === 403) {
      this.show({ kind: "bad", text: said.detail && status === 403 && !/credentials|CSRF/.test(said.detail) ? said.detail : SIGNED_OUT });
    } else {
      this.show({ kind: "bad", text: `The server could not save it (${status}). Nothing is lost: save again.` });
    }
  }
}

// What is said of each place, by its id.
function by(problems, ids) {
  const found = {};
  for (const { at, why } of problems) if (at !== null) found[ids[at]] = why;
  return found;
}
