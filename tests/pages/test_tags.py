"""The page of all tags: its numbers, that nothing gets lost on the way, and that a browser sorts and searches it."""

import csv
import re

import numpy as np
import pytest
from conftest import keep_scores
from test_extension import _build, _Requests, _write_book
from test_statistics import make_dataset, make_records

from eufcc_lib.core import paths
from eufcc_lib.pages import tags as tag_pages


@pytest.fixture
def run(own_paths):
    """Three test images; the model puts wood before metal on the first and silver last, and no image is of gold."""
    dataset = make_dataset(
        train=make_records(*[{"materials": "metal | silver"}] * 3, *[{"materials": "metal | gold"}] * 12,
                           {"materials": "wood"}, {"materials": "Roman <b>çèrt</b>"}, prefix="a"),
        test_id=make_records({"materials": "metal | silver"}, {"materials": "wood"}, {}, prefix="b"))
    tags = dataset.vocabulary["materials"].index
    scores = np.full((3, len(tags)), -9, np.float32)
    scores[0, [tags[name] for name in ("wood", "metal", "gold", "silver")]] = 4, 3, 2, 1
    scores[1, tags["wood"]] = 4
    return keep_scores(dataset, "multi_label", {"materials": scores})


def test_every_tag_has_a_row_also_one_that_no_image_has(run):
    tags = tag_pages.judge_all_tags(run).set_index("tag")
    assert sorted(tags.index) == ["Roman <b>çèrt</b>", "gold", "metal", "silver", "wood"]
    assert tags.loc["metal", ["train_images", "images", "found", "mean_rank"]].tolist() == [15, 1, 1, 2]
    assert tags.loc["silver", ["train_images", "images", "found", "mean_rank"]].tolist() == [3, 1, 0, 4]
    assert tags.loc["wood", ["train_images", "images", "found", "mean_rank"]].tolist() == [1, 1, 1, 1]
    assert tags.loc["gold", "images"] == 0 and tags.loc["gold", ["found", "mean_rank", "rank_share"]].isna().all()
    assert tags["rank_share"]["silver"] == 4 / 5


def test_a_tag_has_its_number_in_the_aat_where_a_table_knows_it(run):
    tags = tag_pages.judge_all_tags(run).set_index("tag")
    assert tags["aat"]["metal"] == "300010900" and tags["aat"]["Roman <b>çèrt</b>"] == ""


def test_a_number_that_a_curator_doubts_is_not_shown(own_paths):
    dataset = make_dataset(train=make_records(*[{"materials": "tela $ cartró $ esmalt $ argent"}] * 3))
    scores = {"materials": np.zeros((3, 4), np.float32)}
    tags = tag_pages.judge_all_tags(keep_scores(dataset, "multi_label", scores, "train")).set_index("tag")["aat"]
    assert tags.to_dict() == {"tela": "", "cartró": "", "esmalt": "", "argent": "300011029"}


def test_csv_holds_the_same_rows_whole(run):
    path = tag_pages.write_tags(run)
    assert path == paths.RESULTS / "tiny" / "tags_multi_label_test_id.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = {row["tag"]: row for row in csv.DictReader(file)}
    assert len(rows) == 5 and list(rows["gold"]) == list(tag_pages.COLUMNS)
    assert (rows["gold"]["images"], rows["gold"]["found"]) == ("0", "")
    assert (rows["metal"]["aat"], rows["metal"]["mean_rank"]) == ("300010900", "2.0")


def show(run, language="en"):
    return tag_pages.show_tags(run, tag_pages.judge_all_tags(run), language)


def test_page_fetches_nothing_and_shows_tags_as_they_are(run):
    page = show(run)
    assert "Roman &lt;b&gt;çèrt&lt;/b&gt;" in page.html and "<b>çèrt" not in page.html
    assert not _Requests(page.html).found and "://" not in page.html and "<style" not in page.html
    assert repr(page) == "Multi-label on tiny, inner test set: 5 tags, of which 3 are on an image."


def test_a_page_calls_the_facets_in_its_language(run):
    tags = tag_pages.judge_all_tags(run).assign(facet="subjects")
    assert "Temes" in tag_pages.show_tags(run, tags, "ca").html
    assert "Subjects" in tag_pages.show_tags(run, tags).html


@pytest.fixture
def new_page(chromium):
    """Makes pages of a browser without network, which wait as long as it takes."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=0)

        def new(**options):
            page = browser.new_context(offline=True, **options).new_page()
            page.set_default_timeout(0)
            return page
        yield new
        browser.close()


def names(page) -> list[str]:
    return [cell.inner_text() for cell in page.locator("tbody tr:visible th").all()]


def sort_by(page, head: str) -> None:
    page.get_by_role("button", name=re.compile(rf"^{head}( .)?$")).click()


def try_out(page) -> None:
    """Search and sort as a reader does."""
    sort_by(page, "Training images")
    assert names(page)[:2] == ["metal", "gold"], "numbers sort as numbers, the largest first"
    sort_by(page, "Mean rank")
    assert names(page)[:3] == ["silver", "metal", "wood"], "what has no rank stays last"
    sort_by(page, "Mean rank")
    assert names(page)[:3] == ["wood", "metal", "silver"]
    sort_by(page, "Tag")
    assert names(page) == ["gold", "metal", "Roman <b>çèrt</b>", "silver", "wood"]
    page.get_by_role("searchbox").fill("cert ROMAN")
    assert names(page) == ["Roman <b>çèrt</b>"] and page.locator("output").inner_text() == "1 of 5 tags"
    page.get_by_role("searchbox").fill("nothing like it")
    assert names(page) == []
    page.get_by_role("searchbox").fill("")
    assert len(names(page)) == 5 and page.locator("output").inner_text() == "5 tags"


def test_a_browser_searches_and_sorts_without_a_server(run, new_page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{show(run).html}", encoding="utf-8")
    page = new_page()
    page.goto(file.as_uri())
    try_out(page)


def test_two_tables_of_tags_on_one_page_are_searched_apart(run, new_page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{show(run).html * 2}", encoding="utf-8")
    page = new_page()
    page.goto(file.as_uri())
    page.get_by_role("searchbox").nth(1).fill("wood")
    assert page.locator("output").all_inner_texts() == ["5 tags", "1 of 5 tags"]
    page.get_by_role("searchbox").nth(0).fill("metal")
    assert page.locator("output").all_inner_texts() == ["1 of 5 tags", "1 of 5 tags"]


def test_without_script_the_page_is_a_plain_table(run, new_page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{show(run).html}", encoding="utf-8")
    page = new_page(java_script_enabled=False)
    page.goto(file.as_uri())
    assert page.locator("tbody tr").count() == 5 and not page.locator("input").is_visible()


@pytest.mark.slow
def test_the_built_book_searches_and_sorts_too(run, new_page, tmp_path):
    _write_book(tmp_path, ({}, {"text/html": show(run).html}))
    done = _build(tmp_path)
    assert done.returncode == 0, done.stderr
    page = new_page()
    built = (tmp_path / "_build" / "html" / "runs" / "page.html").as_uri()
    page.goto(built)
    try_out(page)
    phone = new_page(viewport={"width": 390, "height": 844})
    phone.goto(built)
    phone.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390, "the table scrolls, not the page"
    ink, paper = (sum(map(int, re.findall(r"\d+", phone.evaluate(
        f"getComputedStyle(document.querySelector('.eufcc-table td')).{part}")))) for part in ("color", "backgroundColor"))
    assert ink - paper > 400, "light on dark"
    box = phone.evaluate("getComputedStyle(document.querySelector('.text_html:has(.eufcc-tags)')).backgroundColor")
    assert box == "rgba(0, 0, 0, 0)", "the theme's light paper"
