// Mouse, pen and finger: choose, drag to another place, drag a handle for more or fewer facings.
// A finger scrolls until it starts on what is chosen already.

import { find, height, moveTo, resize, top } from "./places.js";

const STILL = 5; // CSS pixels that are no drag yet

export function listen(board, editor) {
  const { svg, plan } = board;
  let drag = null;

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || drag) return;
    const handle = event.target.closest("[data-handle]")?.dataset.handle;
    const id = handle ? editor.chosen[0] : event.target.closest("[data-id]")?.dataset.id;
    const at = board.point(event);
    if (!id) return editor.aim(board.shelfAt(at.y), at.x);
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    const was = editor.chosen.includes(id);
    if (!handle) editor.choose(id, more);
    if (more || (event.pointerType === "touch" && !was)) return undefined;
    const place = find(plan.state, id);
    drag = { id, handle, at, x: event.clientX, y: event.clientY, moving: false, from: { ...place, top: top(plan.state, place) } };
    event.preventDefault();
    board.group(id)?.focus({ preventScroll: true });
    svg.setPointerCapture(event.pointerId);
    return undefined;
  });

  svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.moving && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < STILL) return;
    if (!drag.moving) plan.begin();
    drag.moving = true;
    svg.classList.add("dragging");
    const at = board.point(event);
    plan.preview((state) => follow(state, drag, at));
  });

  function end(keep) {
    if (!drag) return;
    if (drag.moving) keep ? plan.commit() : plan.cancel();
    svg.classList.remove("dragging");
    drag = null;
  }

  function follow(state, { id, handle, at: start, from }, at) {
    if (handle === "wide") return resize(state, id, Math.round((at.x - from.x) / from.unitWidth), from.high);
    const bottom = from.top + from.high * from.unitHeight;
    if (handle === "high") return resize(state, id, from.wide, Math.round((bottom - at.y) / from.unitHeight));
    const foot = bottom + from.lift + at.y - start.y;
    const middle = foot - Math.min(height(from), 10) / 2;
    return moveTo(state, id, board.shelfAt(Math.max(0, middle)), from.x + at.x - start.x);
  }

  svg.addEventListener("pointerup", () => end(true));
  svg.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end(false);
  });
}
