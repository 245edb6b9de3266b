// Tables come from pandas. It gives the name of the index a line of its own, which joins the head here, and
// does not say which columns are numbers, which line up on the right.
addEventListener("DOMContentLoaded", () => {
  const number = /^(nan|[–-]|([<>] )?[-−+]?[\d.,]+(e[-+]?\d+)? ?%?)$/i;
  for (const table of document.querySelectorAll("table.dataframe")) {
    const [head, names] = table.tHead?.rows ?? [];
    if (names && !head.cells[0].textContent.trim() && [...names.cells].slice(1).every((cell) => !cell.textContent.trim())) {
      head.cells[0].textContent = names.cells[0].textContent;
      names.remove();
    }
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
});
