// Sorts a leaderboard, and shows the entries of one kind.
for (const page of document.querySelectorAll("div.eufcc-board:not([data-ready])")) {
  page.dataset.ready = "";
  makeSortable(page.querySelector("table"));
  page.querySelector("select").addEventListener("change", (event) => {
    for (const row of page.querySelectorAll("tbody tr")) row.hidden = ![row.dataset.kind, ""].includes(event.target.value);
  });
  page.querySelector(".choose").hidden = false;
}
