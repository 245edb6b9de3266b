// Searches and sorts the tables of tags on a page. Words are found in any order, without regard to case and accents.
// Numbers sort from the largest at the first click, names from A; what has no value stays last. A sort is stable, so
// sorting by two columns is two clicks.
for (const page of document.querySelectorAll("div.eufcc-tags:not([data-ready])")) {
  page.dataset.ready = "";
  const body = page.querySelector("tbody");
  const rows = [...body.rows], output = page.querySelector("output");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map(rows.map((row) => [row, plain([...row.cells].map((cell) => cell.textContent).join(" "))]));
  const count = rows.length.toLocaleString("en");
  page.querySelector("input").addEventListener("input", (event) => {
    const words = plain(event.target.value).split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => texts.get(row).includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    output.textContent = shown === rows.length ? `${count} tags` : `${shown.toLocaleString("en")} of ${count} tags`;
  });
  for (const button of page.querySelectorAll("thead button")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const head = button.parentElement, column = button.dataset.column;
      const numbers = rows.some((row) => "value" in row.cells[column].dataset);
      const was = head.getAttribute("aria-sort");
      const sort = was ? (was === "ascending" ? "descending" : "ascending") : numbers ? "descending" : "ascending";
      for (const other of page.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
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
  page.querySelector(".find").hidden = false;
}
