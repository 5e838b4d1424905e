// Draws the figures that Python built; a click on a point or bar opens the evidence behind it.

for (const place of document.querySelectorAll("[data-figure]")) {
  const { data, layout } = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  const empty = data.every((trace) => !(trace.x?.length || trace.x?.bdata));
  if (empty) {
    place.textContent = "Nothing was measured here yet.";
    place.classList.add("soft");
    continue;
  }
  Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true }).then(() => {
    place.on("plotly_click", ({ points }) => {
      const url = points[0]?.customdata?.[0];
      if (url) location.assign(url);
    });
  });
}
