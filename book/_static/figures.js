// Draws the Plotly figures of a page in the colours of its theme. A figure takes the page's width; where that is a phone's,
// it is not much taller than wide either, unless it has rows that need their height.
addEventListener("DOMContentLoaded", () => {
  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["text-base", "border", "background"].map((name) => [name, style.getPropertyValue(`--pst-color-${name}`).trim()]));
  };
  const dressed = (layout) => {
    const { "text-base": text, border, background } = colours(), axes = {};
    for (const name of Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name))) {
      axes[name] = { ...layout[name], color: text, gridcolor: border, linecolor: border, zerolinecolor: border };
    }
    return { ...layout, ...axes, autosize: true, paper_bgcolor: background, plot_bgcolor: background, font: { ...layout.font, color: text } };
  };
  for (const source of document.querySelectorAll("script.plotly-source")) {
    const { data, layout } = JSON.parse(source.textContent), place = source.previousElementSibling;
    if (!layout.meta?.rows) layout.height = Math.min(place.clientHeight, Math.max(320, 1.15 * place.clientWidth));
    place.style.height = `${layout.height}px`;
    delete layout.width;
    Plotly.newPlot(place, data, dressed(layout), { responsive: true, displaylogo: false, showSendToCloud: false });
    new MutationObserver(() => Plotly.react(place, data, dressed(layout)))
      .observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }
});
