"""The glossary and the references hold what the chapters use and name, and nothing that none of them uses."""

import re

import nbformat
import pytest
from pybtex.database import parse_file

from eufcc_lib.core.paths import ROOT

BOOK = ROOT / "book"
PROSE = {path.name: path.read_text(encoding="utf-8") for path in sorted(BOOK.glob("*.md"))}
CHAPTERS = {path.name: "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
            for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
TERMS = [line for line in PROSE["glossary.md"].partition("```{glossary}")[2].splitlines() if re.match(r"[^\s`]", line)]
ENTRIES = parse_file(str(BOOK / "references.bib")).entries
CITED = re.compile(r"([A-Z][\w’'-]+)(?: et al\.| and others| and ([A-Z][\w’'-]+))?,? \(?((?:19|20)\d\d)\)?(?![-\d])")


def citations(text: str) -> set[tuple[str, str]]:
    """Last name and year of the works that a text names, as "Menon et al. 2021", "Elkan and Noto 2008" or "Kumar and others (2022)"."""
    return {(name, year) for name, second, year in CITED.findall(re.sub(r"\s+", " ", text))
            if second or re.search(rf"{name} (et al\.|and others),? \(?{year}", re.sub(r"\s+", " ", text))}


def first_author(entry) -> str:
    return " ".join([*entry.persons["author"][0].rich_prelast_names, *map(str, entry.persons["author"][0].rich_last_names)])


def authors(entry) -> set[str]:
    return {" ".join(map(str, person.rich_last_names)) for person in entry.persons["author"]}


def test_a_citation_is_found_in_each_way_of_writing_it():
    text = "(Menon et al. 2021), Elkan and\nNoto 2008, Kumar and others (2022), in May 2021, Jain et al. (2016)"
    assert citations(text) == {("Menon", "2021"), ("Elkan", "2008"), ("Kumar", "2022"), ("Jain", "2016")}


@pytest.mark.parametrize("name", [*PROSE, *CHAPTERS])
def test_each_work_that_a_page_names_is_in_the_references(name):
    known = {(author, entry.fields["year"]) for entry in ENTRIES.values() for author in authors(entry)}
    assert citations((PROSE | CHAPTERS)[name]) <= known


@pytest.mark.parametrize("key", ENTRIES)
def test_each_reference_says_where_the_work_is(key):
    fields = ENTRIES[key].fields
    assert {"doi", "eprint", "url"} & set(fields), "a DOI, an arXiv number or an address"
    assert re.fullmatch(r"10\.\d{4,}/\S+", fields.get("doi", "10.1000/none"))
    assert re.fullmatch(r"\d{4}\.\d{4,5}", fields.get("eprint", "0000.00000"))
    assert key == re.sub(r"\W", "", first_author(ENTRIES[key]).lower()) + fields["year"]


@pytest.mark.parametrize("term", TERMS)
def test_each_term_of_the_glossary_is_used_on_some_page(term):
    pages = [text for name, text in (PROSE | CHAPTERS).items() if name != "glossary.md"]
    for word in term.split(", "):
        used = re.compile(r"(?<!\w)" + re.escape(word).replace(r"\ ", r"\s+"), re.IGNORECASE)
        assert any(used.search(text) for text in pages), word


def test_the_glossary_is_in_order_and_each_term_leads_to_a_page():
    assert TERMS == sorted(TERMS, key=str.lower) and len(set(TERMS)) == len(TERMS)
    for explained in re.split(r"\n\n(?=\S)", PROSE["glossary.md"].partition("```{glossary}")[2].strip("`\n ")):
        targets = re.findall(r"\]\(([^)]+)\)", explained)
        assert targets, explained
        for target in targets:
            chapter = target.removeprefix("runs/")
            assert (BOOK / f"{target}.md").is_file() or (target != chapter and f"{chapter}.ipynb" in CHAPTERS), target


def test_all_pages_are_in_the_table_of_contents():
    listed = re.findall(r"(?:file|root): (\S+)", (BOOK / "_toc.yml").read_text(encoding="utf-8"))
    assert len(set(listed)) == len(listed)
    assert {f"{name}.md" for name in listed if "/" not in name} == set(PROSE)
    assert {name.removeprefix("runs/") + ".ipynb" for name in listed if "/" in name} == set(CHAPTERS)
