// Numbers of a table line up on the right, what scrolls can be scrolled with the keyboard, and paper is light.
addEventListener("DOMContentLoaded", () => {
  const number = /^(nan|[–-]|([<>] )?[-−+]?[\d.,]+(e[-+]?\d+)? ?%?)$/i;
  for (const table of document.querySelectorAll("table.dataframe")) {
    const rows = [...table.tBodies[0]?.rows ?? []];
    const columns = Math.max(0, ...rows.map((row) => row.cells.length));
    for (let fromRight = 1; fromRight <= columns; fromRight++) {
      const cells = rows.map((row) => row.cells[row.cells.length - fromRight]).filter((cell) => cell?.tagName === "TD");
      if (cells.length && cells.every((cell) => number.test(cell.textContent.trim()))) {
        const heads = [...table.tHead?.rows ?? []].map((row) => row.cells[row.cells.length - fromRight]);
        for (const cell of [...cells, ...heads]) cell?.classList.add("number");
      }
    }
  }
  const reach = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const place of document.querySelectorAll("article :is(.eufcc-table, .text_html, .pst-scrollable-table-container, pre, div.math)")) reach.observe(place);
});

{
  const page = document.documentElement.dataset;
  let shown;
  addEventListener("beforeprint", () => { shown = page.theme; page.theme = "light"; });
  addEventListener("afterprint", () => { page.theme = shown; });
}
