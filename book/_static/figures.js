// Draws the Plotly figures of a page. A figure takes the page's width; where that is a phone's, it is not much taller
// than wide either, unless it has rows that need their height.
addEventListener("DOMContentLoaded", () => {
  for (const source of document.querySelectorAll("script.plotly-source")) {
    const { data, layout } = JSON.parse(source.textContent), place = source.previousElementSibling;
    if (!layout.meta?.rows) layout.height = Math.min(place.clientHeight, Math.max(320, 1.15 * place.clientWidth));
    place.style.height = `${layout.height}px`;
    delete layout.width;
    Plotly.newPlot(place, data, { ...layout, autosize: true },
                   { responsive: true, displaylogo: false, showSendToCloud: false });
  }
});
