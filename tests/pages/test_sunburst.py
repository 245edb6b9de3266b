"""The sunburst in a browser: reached by keyboard, said in words, and no name larger than its piece."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eufcc_lib.core.facets import FACETS
from eufcc_lib.pages.sunburst import explore

pytestmark = pytest.mark.slow

OUTSIDE = """() => [...document.querySelectorAll('text')].flatMap((text) => {
  const box = text.getBBox(), matrix = text.getCTM(), paths = [...document.querySelectorAll('[role=treeitem]')];
  const name = text.textContent, free = (x, y) => !paths.some((path) => path.getAttribute('aria-label').replaceAll(' ', '') === name.replaceAll(' ', '')
    && path.isPointInFill(new DOMPoint(x, y).matrixTransform(path.getCTM().inverse().multiply(matrix))));
  return [[0, 0], [1, 0], [0, 1], [1, 1]].some(([x, y]) => free(box.x + x * box.width, box.y + (0.15 + 0.7 * y) * box.height)) ? [name] : [];
})"""
"""Names with a corner outside their piece; the air above and below letters is no part of them."""


def _tree(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    """Rows of `statistics.weigh_tree` from (tag, parent, images, portions that end here)."""
    tags, parents, images, ends = zip(*rows)
    depth, weight = [], np.array(ends, dtype=float)
    for parent in parents:
        depth.append(depth[parent] + 1 if parent >= 0 else 0)
    for row in reversed(range(len(rows))):
        if parents[row] >= 0:
            weight[parents[row]] += weight[row]
    return pd.DataFrame({"tag": tags, "parent": parents, "depth": depth, "path": tags, "images": images, "narrowest": ends,
                         "ends": ends, "weight": weight})


METAL = _tree(("metal", -1, 60, 10), ("silver", 0, 40, 10), ("bronze", 0, 10, 10), ("sterling silver of high purity", 1, 30, 30),
              ("wood", -1, 40, 20), *[(f"wood {number}", 4, 1, 1) for number in range(20)])


@pytest.fixture(scope="module")
def browser(chromium):
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.set_content(f"<!doctype html><html lang=en><title>Rings</title><main>{explore(METAL, FACETS[1].name).html}</main>")
    yield page
    page.close()


def _said(page) -> str:
    return page.locator(".here").inner_text()


def _focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_arrows_walk_through_the_tree_and_the_piece_is_said(page):
    title = _said(page)
    assert title == "Materials: 25 tags, 100 images"
    page.keyboard.press("Tab")
    walk = []
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        walk.append((_focused(page), _said(page)))
    assert [name for name, _ in walk] == ["metal", "silver", "bronze", "silver", "bronze", "silver", "sterling silver of high purity", "silver", "metal"]
    assert walk[1][1] == "metal › silver: 40 images, 10 of them with nothing narrower, 40 % of the circle"
    page.keyboard.press("ArrowUp")
    assert _focused(page) == "Materials" and _said(page) == title


def test_enter_or_space_zooms_in_and_escape_out_with_the_focus_kept(page):
    page.keyboard.press("Tab")
    for key, centre in (("Enter", "metal"), ("Space", "metal")):
        page.keyboard.press("ArrowDown")
        page.keyboard.press(key)
        assert _focused(page) == centre and page.locator("[role=treeitem]").count() == 4
        assert page.locator("[role=treeitem]").first.get_attribute("aria-label") == centre
        page.keyboard.press("Escape")
        assert _focused(page) == "metal" and page.locator("[role=treeitem]").count() == 26
        page.keyboard.press("ArrowUp")
    page.get_by_role("treeitem", name="wood", exact=True).dispatch_event("click")
    assert page.locator("[role=treeitem]").count() == 21
    page.locator("[role=treeitem]").first.click()
    assert page.locator("[role=treeitem]").count() == 26


def test_the_focus_is_seen_and_one_piece_alone_is_a_stop_of_the_tab_key(page):
    assert not page.locator(".mark").get_attribute("d")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    piece = page.locator("[role=treeitem]:focus")
    assert page.locator(".mark").get_attribute("d") == piece.get_attribute("d")
    assert page.locator("[role=treeitem][tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    assert not page.locator(".mark").get_attribute("d") and page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("width", [1280, 390])
def test_no_name_leaves_its_piece(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(100)
    assert {"metal", "wood", "silver"} <= {*page.locator("text").all_text_contents()}
    assert not page.evaluate(OUTSIDE)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_those_who_cannot_see_it(page, scheme):
    axe = Path(pytest.importorskip("axe_playwright_python").__file__).with_name("axe.min.js").read_text()
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelector('details').open = true")
    page.evaluate(axe)
    assert not page.evaluate("async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})).violations.map((found) => found.id)")
