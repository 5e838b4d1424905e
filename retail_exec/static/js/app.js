// What every page does: the sheet for details, menus that close, filters that apply themselves.

const sheet = document.getElementById("sheet");
const sheetBody = document.getElementById("sheet-body");

function openSheet() {
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === sheetBody) openSheet();
});

// A person whose session has ended signs in again, rather than seeing the form inside a part of the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL).pathname.startsWith(document.body.dataset.signIn)) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// Somebody choosing in the live part of a page is not interrupted: the next poll is soon enough.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const polled = elt.id === "work" && !requestConfig.triggeringEvent;
  if (polled && elt.querySelector("details[open]")) event.preventDefault();
});

// What a person asked for and did not get is said where it would have appeared; polling just goes on.
function explain(target, words) {
  if (target === sheetBody) openSheet();
  if (target !== sheetBody && target.id !== "panel-body") return;
  const note = document.createElement("p");
  note.className = "note bad";
  note.setAttribute("role", "alert");
  note.textContent = words;
  target.replaceChildren(note);
}

document.addEventListener("htmx:responseError", (event) => {
  explain(event.detail.target, event.detail.xhr.status === 404
    ? "This is no longer there. Load the page again to see the newest results."
    : "This did not work. Load the page again and retry; nothing was changed.");
});

document.addEventListener("htmx:sendError", (event) => {
  explain(event.detail.target, "There is no connection just now. Try again in a moment.");
});

document.addEventListener("click", (event) => {
  if (event.target === sheet || event.target.closest("[data-close-sheet]")) sheet.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// There is room for the filters on a desk; on a phone a tap opens them.
if (matchMedia("(min-width: 760px)").matches) {
  for (const filters of document.querySelectorAll("details[data-filters]")) filters.open = true;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});

// SVG groups that act as buttons answer to the keyboard as well.
document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.("[data-enter-clicks]");
  if (!button || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
});
