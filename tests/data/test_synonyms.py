"""The table of synonyms: in order, of tags that there are, and refused with its line where it is not."""

from collections import Counter

import pytest

from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.synonyms import Synonym, read_synonyms, synonyms_by_tag
from eufcc_lib.data.terms import museum_terms, read_terms


def test_the_table_is_in_order():
    table = read_synonyms()
    tags = {(term.facet, term.catalan) for term in read_terms()}
    tags |= {(facet, name) for facet, names in museum_terms().items() for name in names}
    assert {(row.facet, row.tag) for row in table} <= tags
    assert {row.facet for row in table} == set(FACET_NAMES)
    assert not [row for row in table if row.synonym != row.synonym.strip()]
    assert max(Counter((row.facet, row.tag, row.synonym.casefold()) for row in table).values()) == 1
    assert min(Counter(row.language for row in table).values()) > 300


@pytest.mark.parametrize("facet, tag, words", [
    ("objectTypes", "tirant", {"braces"}), ("objectTypes", "barret derby", {"bowlers"}),
    ("materials", "esteatita", {"steatite", "pedra de sabó"}), ("materials", "amarant", {"amaranth"}),
    ("classifications", "agricultura", {"farming"}), ("subjects", "bodegó", {"natura morta"})])
def test_a_tag_has_its_words_in_both_languages(facet, tag, words):
    assert words <= set(synonyms_by_tag(facet)[tag])


HEADER = "facet,tag,language,synonym\nobjectTypes,tirant,en,braces\n"


@pytest.mark.parametrize("line, message", [
    ("colour,tirant,en,x", "Unknown facet 'colour'"), ("objectTypes,tirant,fr,bretelles", "Unknown language 'fr'"),
    ("materials,tirant,en,x", "'tirant' is no tag of materials"), ("objectTypes,tirant,en, ", "found no synonym"),
    ("objectTypes,tirant,en", "found 3 fields; expected 4"), ("objectTypes,tirant,ca,Suspenders", "is what 'tirant' is called anyway"),
    ("objectTypes,tassa,en,cups", "is what 'tassa' is called anyway"), ("objectTypes,cup,ca,tassa", "called anyway"),
    ("objectTypes,tirant,ca,Braces", "'Braces' is already in in.csv, line 2")])
def test_a_broken_table_is_refused_with_its_line(tmp_path, line, message):
    (tmp_path / "in.csv").write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="in.csv, line 3: ") as refused:
        read_synonyms(tmp_path / "in.csv")
    assert message in str(refused.value)


def test_what_is_no_table_of_synonyms_is_told(tmp_path):
    (tmp_path / "in.csv").write_text("facet,tag\n")
    with pytest.raises(UserError, match="line 1: expected the columns facet, tag, language, synonym"):
        read_synonyms(tmp_path / "in.csv")
    with pytest.raises(UserError, match="none.csv cannot be read"):
        read_synonyms(tmp_path / "none.csv")
    (tmp_path / "good.csv").write_text(HEADER)
    assert read_synonyms(tmp_path / "good.csv") == (Synonym("objectTypes", "tirant", "en", "braces"),)
