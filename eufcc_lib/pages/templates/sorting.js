// Lets the heads of a table sort its rows. Numbers sort from the best at the first click, names from A; what has no value
// stays last. A sort is stable, so sorting by two columns is two clicks.
const makeSortable = (table) => {
  const body = table.tBodies[0], rows = [...body.rows];
  for (const button of table.querySelectorAll("thead button")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const head = button.parentElement, column = button.dataset.column;
      const numbers = rows.some((row) => "value" in row.cells[column].dataset);
      const was = head.getAttribute("aria-sort");
      const first = numbers && head.dataset.best !== "low" ? "descending" : "ascending";
      const sort = was ? (was === "ascending" ? "descending" : "ascending") : first;
      for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sort);
      const key = (row) => numbers ? row.cells[column].dataset.value : row.cells[column].textContent;
      rows.sort((one, two) => {
        const [a, b] = [key(one), key(two)];
        if (a === "" || b === "") return (a === "") - (b === "");
        return (numbers ? a - b : a.localeCompare(b)) * (sort === "ascending" ? 1 : -1);
      });
      body.append(...rows);
    });
  }
};
