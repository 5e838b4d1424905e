// The annotated photo: choose a box, step through them, colour by recognition or plan, zoom.

const viewer = document.getElementById("viewer");
const canvas = document.getElementById("canvas");
const overlay = document.getElementById("overlay");
const panel = document.getElementById("panel");
const steps = document.getElementById("steps");
const marks = [...overlay.querySelectorAll("#marks .mark")];
const ZOOMS = [1, 1.5, 2.25, 3.5, 5];
const NEAR = 24; // CSS pixels: how far beside a box a fingertip still means it
const TOP_BAR = 64; // CSS pixels
let chosen = null;

function choose(mark) {
  if (!mark) return;
  chosen?.classList.remove("chosen");
  chosen = mark;
  mark.classList.add("chosen");
  mark.parentNode.append(mark); // drawn last, so that its outline lies above its neighbours'
  panel.classList.add("open");
  viewer.classList.add("has-choice");
  steps.hidden = false;
  htmx.ajax("GET", mark.dataset.url, { target: "#panel-body", swap: "innerHTML" });
  reveal(mark);
}

function reveal(mark) {
  const frame = canvas.getBoundingClientRect();
  const box = mark.getBoundingClientRect();
  canvas.scrollBy({
    left: box.left + box.width / 2 - frame.left - frame.width / 2,
    top: box.top + box.height / 2 - frame.top - frame.height / 2,
    behavior: "smooth",
  });
  // On a phone the panel covers the lower part: the box is shown in what is left above it.
  if (getComputedStyle(panel).position !== "fixed") return;
  const seen = [TOP_BAR, window.innerHeight * 0.38];
  const middle = box.top + box.height / 2;
  if (middle < seen[0] || middle > seen[1]) {
    window.scrollBy({ top: middle - (seen[0] + seen[1]) / 2, behavior: "smooth" });
  }
}

// A tap between small boxes means the nearest one; of boxes that overlap, the smallest.
function markAt(x, y) {
  let best = null;
  let least = Infinity;
  for (const mark of marks) {
    const box = mark.getBoundingClientRect();
    const dx = Math.max(box.left - x, 0, x - box.right);
    const dy = Math.max(box.top - y, 0, y - box.bottom);
    const away = Math.hypot(dx, dy);
    const cost = away > 0 ? 1e6 + away : box.width * box.height;
    if (away <= NEAR && cost < least) [best, least] = [mark, cost];
  }
  return best;
}

function order() {
  return marks.filter((mark) => mark.dataset.kind === "facing");
}

function step(by) {
  const all = order();
  const at = all.indexOf(chosen);
  choose(all[(at + by + all.length) % all.length]);
}

function unsure() {
  return order().filter((mark) => mark.dataset.state === "unsure");
}

function count() {
  const left = unsure().length;
  for (const button of viewer.querySelectorAll("[data-next-unsure]")) button.hidden = left === 0;
  for (const number of viewer.querySelectorAll("[data-unsure-count]")) number.textContent = left;
  const boxes = [...marks, ...overlay.querySelectorAll(".tag-mark")];
  for (const legend of viewer.querySelectorAll("[data-legend]")) {
    const key = legend.dataset.legend === "plan" ? "plan" : "state";
    for (const item of legend.children) {
      const number = boxes.filter((mark) => mark.dataset[key] === item.dataset[key]).length;
      item.querySelector("[data-count]").textContent = number || "";
      item.toggleAttribute("data-empty", number === 0);
    }
  }
}

function zoom(by) {
  const now = Number(canvas.dataset.zoom ?? 0);
  const next = Math.min(Math.max(now + by, 0), ZOOMS.length - 1);
  const middle = [
    (canvas.scrollLeft + canvas.clientWidth / 2) / canvas.scrollWidth,
    (canvas.scrollTop + canvas.clientHeight / 2) / canvas.scrollHeight,
  ];
  canvas.dataset.zoom = next;
  canvas.style.setProperty("--zoom", ZOOMS[next]);
  canvas.scrollTo(
    middle[0] * canvas.scrollWidth - canvas.clientWidth / 2,
    middle[1] * canvas.scrollHeight - canvas.clientHeight / 2,
  );
  if (chosen) reveal(chosen);
}

overlay.addEventListener("click", (event) => choose(markAt(event.clientX, event.clientY)));
overlay.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  choose(event.target.closest(".mark"));
});
viewer.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.modeButton) {
    viewer.dataset.mode = button.dataset.modeButton;
    for (const other of viewer.querySelectorAll("[data-mode-button]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  }
  if (button.dataset.zoom) zoom(Number(button.dataset.zoom));
  if (button.dataset.step) step(Number(button.dataset.step));
  if ("nextUnsure" in button.dataset) {
    const all = unsure();
    const after = order().slice(order().indexOf(chosen) + 1);
    choose(after.find((mark) => all.includes(mark)) ?? all[0]);
  }
  if ("closePanel" in button.dataset) {
    panel.classList.remove("open");
    viewer.classList.remove("has-choice");
    chosen?.classList.remove("chosen");
    chosen = null;
  }
});
document.addEventListener("facing-corrected", (event) => {
  const { facing, state, label } = event.detail;
  const mark = marks.find((each) => each.dataset.kind === "facing" && each.dataset.pk === String(facing));
  if (!mark) return;
  mark.dataset.state = state;
  mark.setAttribute("aria-label", label);
  mark.querySelector("title").textContent = label;
  count();
});

count();
const wanted = viewer.dataset.chosen;
if (wanted) choose(marks.find((mark) => mark.dataset.kind === "facing" && mark.dataset.pk === wanted));
