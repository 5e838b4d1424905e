// The review queue by keyboard: 1 to 5 choose a product, U and X say it is none, S skips, Z takes back.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const button = document.querySelector(`#review [data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

// One answer a facing: a second tap while the first is on its way would answer the next one.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb !== "post") return;
  for (const button of document.querySelectorAll("#review button")) button.disabled = true;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) return;
  for (const button of document.querySelectorAll("#review button")) button.disabled = false;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "review") window.scrollTo({ top: 0 });
});
