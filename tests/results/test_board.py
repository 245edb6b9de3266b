"""The leaderboard's page: what it says of each entry, and that a browser sorts and filters it without a server."""

import dataclasses
import re

import pytest
from test_extension import _Requests
from test_paired import keep_run, write_pairs
from test_tags import new_page, sort_by  # noqa: F401

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.pages.leaderboard import board_values, list_entries, read_board, show_further, show_leaderboard
from eufcc_lib.results.entries import Entry
from eufcc_lib.results.files import read_results, write_result
from eufcc_lib.results.seeds import SeedRow, write_seeds

ENTRY = Entry("Word <b>list", "A. Stranger", "https://example.org/words", "books", "possible", "the books show objects", "verified",
              {"test_id": "words.csv"})


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Three models of which one is another's entry, and one with materials alone; softmax with three seeds. None changes it."""
    place = tmp_path_factory.mktemp("board")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RESULTS", "CHECKPOINTS"):
            patch.setattr(paths, name, place / name.lower())
        pairs = write_pairs(place)
        for seed, (model, skill) in enumerate({"softmax": 3.0, "words": 1.0, "multi_label": -2.0}.items()):
            keep_run(pairs, model, seed, skill)
        keep_run(pairs, "multi_label_materials", 9, 5.0, ["materials"])
        write_result(dataclasses.replace(read_results("pairs")["words"], entry=ENTRY))
        hashed = read_results("pairs")["softmax"].run.vocabulary_hash
        write_seeds("pairs", "softmax", [SeedRow(seed, "test_id", facet, 0.8 + seed / 100, 0.8, 1.0, 1.5, 40, "", hashed)
                                         for seed in range(3) for facet in ("objectTypes", "materials")])
        return read_board("pairs")


def test_a_row_says_whose_it_is_what_it_lacks_and_how_many_seeds_it_has(board):
    page = show_leaderboard(board, "test_id").html
    assert '<a href="https://example.org/words">Word &lt;b&gt;list</a>' in page and "A. Stranger" in page
    for words in ("own</span>, 3 seeds", "own</span>, one seed, only M", "verified</span>, one seed, may have seen the test"):
        assert words in page
    assert "seeds 0.810 ± 0.010" in page and not _Requests(page).found


def test_a_split_or_units_without_ranks_are_said_to_have_none(board):
    assert "Nothing was run on it yet" in show_leaderboard(board, "test_ood").text
    assert "too few" not in show_leaderboard(board, "test_id", "providers").text
    board = dataclasses.replace(board, numbers={"objects": {}, "providers": {}})
    page = show_leaderboard(board, "test_id")
    assert "too few objects" in page.text and not re.search(r"rank \d|<td data-value=\"\d+\">\d", page.html)
    assert board_values(board)["ranked_inner"] == 0 and board_values(board)["first_outer"] == "–"


def test_metrics_beside_the_papers_are_shown_without_ranks(board):
    page = show_further(board, "test_id")
    assert "<summary>The tail, inner test set</summary>" in page.html and 'title="Average precision of tail tags"' in page.html
    assert "ranked over" not in page.text and not re.search(r"rank \d|Rank</button>", page.html)
    assert "R-precision of tail tags" not in page.html, "that stays in the tables"


def test_metrics_that_nobody_can_check_are_taken_on_trust(board):
    reported = dataclasses.replace(board.results["words"], entry=dataclasses.replace(ENTRY, kind="reported"))
    board = dataclasses.replace(board, results=board.results | {"words": reported})
    assert [show(board, "test_id").html.count("taken on trust") for show in (show_leaderboard, show_further)] == [0, 3]


def test_a_facet_has_a_ranking_of_its_own(board):
    page = show_leaderboard(board, "test_id", facet="materials", language="ca").html
    assert "materials, ranked over objects" in page and page.index("Multi-label (M)") < page.index("Softmax")
    assert board_values(board, "materials")["first_inner"] == "Multi-label (M)" and board_values(board)["first_inner"] == "Softmax"
    assert board_values(board)["contenders_inner"] == 1 and board_values(board)["ranked_inner"] == 3


def test_the_list_of_entries_says_what_each_was_trained_on(board):
    entries = list_entries(board)
    assert entries.index[0] == ENTRY.name, "those of others come first"
    assert entries.loc[ENTRY.name].tolist() == ["verified", "A. Stranger", "books", "possible: the books show objects"]
    assert entries.loc["Softmax", "kind"] == "own"


def test_another_split_or_unit_is_refused(board):
    for wrong in (("val",), ("test_id", "tags")):
        with pytest.raises(UserError, match="Unknown"):
            show_leaderboard(board, *wrong)


def test_ranks_and_groups_have_columns_of_their_own_and_other_metrics_are_folded_up(board):
    page = show_leaderboard(board, "test_id").html
    opened, _, folded = page.partition("<details>")
    assert re.findall(r">([^<>]+)</button>", opened) == ["Entry", "R-Prec", "Rank", "First"] and 'class="group"' in opened
    assert "<summary>The same by Acc@1, Acc@10, AvgRankPos</summary>" in folded
    assert re.search(r'<td data-value="1">1</td>\s*<td data-value="[\d.]+">(> 99|100) %</td>', opened.replace("&gt;", ">"))


def rows(board) -> list[str]:
    return [cell.inner_text() for cell in board.locator("table").first.locator("tbody tr:visible th").all()]


def test_a_browser_sorts_and_filters_and_keeps_two_boards_apart(board, new_page, tmp_path):  # noqa: F811
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{show_leaderboard(board, 'test_id').html * 2}", encoding="utf-8")
    page = new_page()
    page.goto(file.as_uri())
    first, second = page.locator(".eufcc-board").all()
    assert rows(first)[0].startswith("Softmax") and first.locator("th[aria-sort=descending]").inner_text().startswith("R-Prec")
    sort_by(first, "Rank")
    assert first.locator("th[aria-sort=ascending]").inner_text().startswith("Rank"), "the best at the first click"
    assert rows(first)[0].startswith("Softmax") and rows(first)[-1].startswith("Multi-label (M)"), "what has no value stays last"
    first.get_by_role("button", name="Rank").press("Enter")
    assert rows(first)[0].startswith("Multi-label") and rows(first)[-1].startswith("Multi-label (M)")
    first.locator("summary").click()
    sort_by(first, "AvgRP")
    assert rows(first)[0].startswith("Multi-label"), "each table has an order of its own"
    first.get_by_role("combobox").select_option("verified")
    assert [row[:4] for row in rows(first)] == ["Word"] and len(rows(second)) == 4
    first.get_by_role("combobox").select_option("")
    assert len(rows(first)) == 4


def test_without_script_the_board_is_in_order(board, new_page, tmp_path):  # noqa: F811
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{show_leaderboard(board, 'test_id').html}", encoding="utf-8")
    page = new_page(java_script_enabled=False)
    page.goto(file.as_uri())
    assert page.locator("tbody th").first.inner_text().startswith("Softmax") and not page.locator("select").is_visible()
