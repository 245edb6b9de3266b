// Sorts a leaderboard's tables, and shows the entries of one kind, where there are several.
for (const page of document.querySelectorAll("div.eufcc-board:not([data-ready])")) {
  page.dataset.ready = "";
  page.querySelectorAll("table").forEach(makeSortable);
  const choose = page.querySelector(".choose");
  if (!choose) continue;
  choose.addEventListener("change", (event) => {
    for (const row of page.querySelectorAll("tbody tr")) row.hidden = ![row.dataset.kind, ""].includes(event.target.value);
  });
  choose.hidden = false;
}
