// Searches and sorts the tables of tags on a page. Words are found in any order, without regard to case and accents.
for (const page of document.querySelectorAll("div.eufcc-tags:not([data-ready])")) {
  page.dataset.ready = "";
  const rows = [...page.querySelector("tbody").rows], output = page.querySelector("output");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map(rows.map((row) => [row, plain([...row.cells].map((cell) => cell.textContent).join(" "))]));
  const count = rows.length.toLocaleString("en");
  page.querySelector("input").addEventListener("input", (event) => {
    const words = plain(event.target.value).split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => texts.get(row).includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    output.textContent = shown === rows.length ? `${count} tags` : `${shown.toLocaleString("en")} of ${count} tags`;
  });
  makeSortable(page.querySelector("table"));
  page.querySelector(".find").hidden = false;
}
