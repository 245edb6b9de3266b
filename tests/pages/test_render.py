"""From templates to pages: escaped, complete, and packed with the library."""

import tomllib

import jinja2
import pytest

from eufcc_lib.core.paths import ROOT
from eufcc_lib.pages.render import render


def test_values_are_escaped_and_a_page_has_words_instead():
    page = render("wall", "A wall", source="wall.jpg", alt='Cups & <b>"bowls"</b>')
    assert 'alt="Cups &amp; &lt;b&gt;&#34;bowls&#34;&lt;/b&gt;"' in page._repr_html_() and repr(page) == "A wall"


def test_a_value_that_is_not_given_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="alt"):
        render("wall", "", source="wall.jpg")


def test_whatever_is_no_python_is_packed_with_the_library():
    library = ROOT / "eufcc_lib"
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    packed = {path for pattern in patterns["eufcc_lib"] for path in library.glob(pattern)}
    others = {path for path in library.rglob("*.*") if path.suffix != ".py" and path.parent.name != "__pycache__"}
    assert others and others <= packed, others - packed
