"""The AAT: Getty's dump, the extract, merged ids and circles; and the mini museum's terms as a thesaurus."""

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.collection.aat.dump import Triples
from eufcc_lib.collection.aat.thesaurus import (
    ATTRIBUTION,
    DISCIPLINES,
    KINDS,
    MATERIALS,
    OBJECTS,
    Concept,
    Thesaurus,
    _first_living,
    main,
    read_dump,
    read_thesaurus,
    write_thesaurus,
)
from eufcc_lib.collection.mini_europeana.thesaurus import FIRST_FREE, museum_concept, museum_thesaurus
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.terms import museum_terms

SHARED = Path(__file__).parents[3] / "shared" / "data" / "aat"

AAT, GVP, XL = "http://vocab.getty.edu/aat/", "http://vocab.getty.edu/ontology#", "http://www.w3.org/2008/05/skos-xl#"
RDF, TERMS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/dc/terms/"

SUBJECTS = f"""\
<{AAT}300264091> <{RDF}type> <{GVP}Facet> .
<{AAT}300264091> <{XL}prefLabel> <{AAT}term/1-en> .
<{AAT}300010900> <{RDF}type> <{GVP}Subject> .
<{AAT}300010900> <{RDF}type> <{GVP}Concept> .
<{AAT}300010900> <{XL}prefLabel> <{AAT}term/2-en> .
<{AAT}300010900> <{XL}prefLabel> <{AAT}term/3-ca> .
<{AAT}300010900> <{XL}altLabel> <{AAT}term/4-en> .
<{AAT}300010900> <{TERMS}modified> "2013-03-29T10:09:51" .
<{AAT}300010957> <{RDF}type> <{GVP}Concept> .
<{AAT}300010957> <{XL}prefLabel> <{AAT}term/5-en-US> .
<{AAT}300000007> <{RDF}type> <{GVP}GuideTerm> .
<{AAT}300000007> <{GVP}prefLabelGVP> <{AAT}term/7-nl> .
<{AAT}300000007> <{XL}prefLabel> <{AAT}term/6-ca> .
<{AAT}300000007> <{XL}prefLabel> <{AAT}term/7-nl> .
<{AAT}300000008> <{RDF}type> <{GVP}Hierarchy> .
<{AAT}300000008> <{XL}prefLabel> <{AAT}term/99-en> .
"""
LABELS = f"""\
<{AAT}term/1-en> <{RDF}type> <{XL}Label> .
<{AAT}term/1-en> <{XL}literalForm> "Materials Facet"@en .
<{AAT}term/2-en> <{XL}literalForm> "metal"@en .
<{AAT}term/3-ca> <{XL}literalForm> "met\\u00E0l\\u00B7lic; \\\\ \\"metall\\""@ca .
<{AAT}term/4-en> <{XL}literalForm> "metals"@en .
<{AAT}term/5-en-US> <{XL}literalForm> "gray bronze"@en-US .
<{AAT}term/6-ca> <{XL}literalForm> "per composici\\u00F3"@ca .
<{AAT}term/7-nl> <{XL}literalForm> "naar samenstelling"@nl .
"""
RELATIONS = f"""\
<{AAT}rel/1-broader> <{RDF}type> <{RDF}Statement> .
<{AAT}rel/1-broader> <{RDF}predicate> <{GVP}broaderGeneric> .
<{AAT}300000008> <{GVP}broaderPreferred> <{AAT}300264091> .
<{AAT}300000007> <{GVP}broaderPreferred> <{AAT}300000008> .
<{AAT}300010900> <{GVP}broaderPreferred> <{AAT}300000007> .
<{AAT}300010900> <{GVP}broaderGeneric> <{AAT}300000007> .
<{AAT}300010957> <{GVP}broaderGeneric> <{AAT}300010900> .
<{AAT}300010957> <{GVP}broaderPartitive> <{AAT}300000008> .
<{AAT}300010957> <{GVP}broaderNonPreferred> <{AAT}300000008> .
<{AAT}300010957> <{GVP}broaderPreferred> <{AAT}300010900> .
<{AAT}300010957> <{GVP}broaderPreferred> <{AAT}300264091> .
"""
OBSOLETE = f"""\
<{AAT}300000100> <{RDF}type> <{GVP}ObsoleteSubject> .
<{AAT}300000100> <{TERMS}isReplacedBy> <{AAT}300000101> .
<{AAT}300000101> <{TERMS}isReplacedBy> <{AAT}300010957> .
<{AAT}300000101> <{RDF}type> <{GVP}ObsoleteSubject> .
<{AAT}300000102> <{RDF}type> <{GVP}ObsoleteSubject> .
"""
MEMBERS = {"AATOut_1Subjects.nt": SUBJECTS, "AATOut_2Terms.nt": LABELS, "AATOut_HierarchicalRels.nt": RELATIONS,
           "AATOut_ObsoleteSubjects.nt": OBSOLETE, "AATOut_RevisionHistory.nt": "this is not read\n"}


def write_zip(path: Path, members=MEMBERS) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def dump(tmp_path):
    return write_zip(tmp_path / "explicit.zip")


def chain(*parents: tuple[int, int | None]) -> Thesaurus:
    return Thesaurus({number: Concept(number, "concept", {"en": str(number)}, {}, parent) for number, parent in parents},
                     {})


def test_dump_gives_kinds_labels_and_parents(dump):
    thesaurus, _ = read_dump(dump)
    assert thesaurus.concepts[300010900] == Concept(
        300010900, "concept", {"en": "metal", "ca": 'metàl·lic; \\ "metall"'}, {"en": ("metals",)}, 300000007)
    assert {number: concept.kind for number, concept in thesaurus.concepts.items()} == {
        300264091: "facet", 300010900: "concept", 300010957: "concept", 300000007: "guide term",
        300000008: "hierarchy"}
    assert thesaurus.concepts[300010957].parent == 300010900
    assert thesaurus.concepts[300010957].parents == (300264091, 300000008)
    assert thesaurus.ancestors(300010957) == (300264091, 300000008, 300000007, 300010900)


def test_american_english_stands_in_for_english_and_getty_choice_for_none(dump):
    thesaurus, counts = read_dump(dump)
    assert thesaurus.concepts[300010957].labels["en"] == "gray bronze"
    assert thesaurus.concepts[300000007].labels == {"nl": "naar samenstelling", "ca": "per composició",
                                                    "en": "naar samenstelling"}
    assert counts["subjects labelled in regional English only"] == 1


def test_label_without_a_text_is_counted_and_its_subject_called_by_number(dump):
    thesaurus, counts = read_dump(dump)
    assert thesaurus.concepts[300000008].labels == {"en": "300000008"}
    assert counts["labels without a text, left out"] == 1
    assert counts["subjects without an English label"] == 2


def test_merged_ids_are_followed_to_the_living_one(dump):
    thesaurus, counts = read_dump(dump)
    assert thesaurus.get(300000100).id == 300010957
    assert thesaurus.ancestors(300000100) == thesaurus.ancestors(300010957)
    assert thesaurus.get(300000102) is None and thesaurus.merged[300000102] is None
    assert thesaurus.get(300999999) is None and thesaurus.ancestors(300999999) == ()
    assert (counts["obsolete"], counts["obsolete with a successor"]) == (3, 2)


@pytest.mark.parametrize("parents", [[300000008, 300000102], [300000102, 300000008], [300010900, 300000008],
                                     [300999999, 300000008], [300000103, 300000008]])
def test_preferred_parent_is_the_first_living_one(tmp_path, parents):
    """Not an obsolete one, the subject itself, an unknown one, or one that became the subject itself."""
    relations = RELATIONS.replace(f"<{AAT}300010900> <{GVP}broaderPreferred> <{AAT}300000007> .\n", "".join(
        f"<{AAT}300010900> <{GVP}broaderPreferred> <{AAT}{parent}> .\n" for parent in parents))
    obsolete = f"{OBSOLETE}<{AAT}300000103> <{TERMS}isReplacedBy> <{AAT}300010900> .\n"
    members = MEMBERS | {"AATOut_HierarchicalRels.nt": relations, "AATOut_ObsoleteSubjects.nt": obsolete}
    thesaurus, _ = read_dump(write_zip(tmp_path / "explicit.zip", members))
    assert thesaurus.ancestors(300010900) == (300264091, 300000008)


@given(st.dictionaries(st.integers(10, 15), st.lists(st.sampled_from([1, 2, 9, *range(10, 16)]), max_size=3), max_size=6))
def test_obsolete_id_is_a_living_subject_wherever_one_can_be_reached(successors):
    """1 and 2 are alive, 9 is unknown."""
    triples = Triples(kinds={1: "concept", 2: "concept"}, obsolete=successors)
    for number in successors:
        reached = {number}
        for _ in range(6):
            reached |= {follower for one in reached for follower in successors.get(one, ())}
        found = _first_living(successors[number], triples, number)
        assert found in reached & {1, 2} if reached & {1, 2} else found is None


def test_ids_merged_in_a_circle_lead_nowhere():
    assert Thesaurus({}, {1: 2, 2: 1}).get(1) is None


def test_circles_of_broader_subjects_end():
    assert chain((1, 2), (2, 1)).ancestors(1) == (2,)
    assert chain((1, 1)).ancestors(1) == ()
    assert chain((1, 2), (2, 3), (3, 2)).ancestors(1) == (3, 2)


def test_parent_that_was_merged_is_the_one_it_became():
    thesaurus = Thesaurus(chain((1, 2), (3, None)).concepts, {2: 3})
    assert thesaurus.ancestors(1) == (3,)


def test_parent_that_is_unknown_ends_the_climb():
    assert chain((1, 2), (2, 9)).ancestors(1) == (2,)


@pytest.mark.parametrize("missing", [name for name in MEMBERS if "Revision" not in name])
def test_missing_member_is_told(tmp_path, missing):
    path = write_zip(tmp_path / "explicit.zip", {name: text for name, text in MEMBERS.items() if name != missing})
    with pytest.raises(UserError, match=f"explicit.zip has no member ...{missing.removeprefix('AATOut_')}; expected"):
        read_dump(path)


def test_broken_dumps_are_told(tmp_path, dump):
    whole = dump.read_bytes()
    dump.write_bytes(whole[:len(whole) // 2])
    with pytest.raises(UserError, match="cannot be read to its end .* expected Getty's dump"):
        read_dump(dump)
    damaged = bytearray(whole)
    damaged[80:90] = bytes(10)
    dump.write_bytes(damaged)
    with pytest.raises(UserError, match="cannot be read to its end"):
        read_dump(dump)
    with pytest.raises(UserError, match="does not exist"):
        read_dump(tmp_path / "none.zip")
    with pytest.raises(UserError, match="cannot be read"):
        read_dump(tmp_path)
    with pytest.raises(UserError, match="holds no subject"):
        read_dump(write_zip(dump, dict.fromkeys(MEMBERS, "")))


def test_line_that_is_no_triple_is_told(dump):
    write_zip(dump, MEMBERS | {"AATOut_2Terms.nt": LABELS + "oops\n"})
    with pytest.raises(UserError, match="explicit.zip, AATOut_2Terms.nt: .*line 9.* expected N-Triples"):
        read_dump(dump)


TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(';=\\\n\r",sn'), max_size=8)
LANGUAGE = st.sampled_from(["ca", "zh-latn-pinyin-x-notone", "en-us"])
ID = st.integers(1, 40)


@st.composite
def thesauri(draw):
    numbers = draw(st.sets(ID, max_size=8))
    concepts = {number: Concept(
        number, draw(st.sampled_from(KINDS)), {"en": draw(TEXT)} | draw(st.dictionaries(LANGUAGE, TEXT, max_size=2)),
        draw(st.dictionaries(LANGUAGE, st.lists(TEXT, min_size=1, max_size=2).map(tuple), max_size=2)),
        draw(st.none() | ID), tuple(draw(st.lists(ID, max_size=2)))) for number in numbers}
    return Thesaurus(concepts, draw(st.dictionaries(st.integers(50, 60), st.none() | ID, max_size=3)))


@settings(deadline=None, max_examples=80)
@given(thesauri(), st.sampled_from(["aat.csv", "aat.csv.gz"]))
def test_extract_is_read_as_it_was_written(tmp_path_factory, thesaurus, name):
    path = tmp_path_factory.getbasetemp() / name
    write_thesaurus(thesaurus, path)
    assert read_thesaurus(path) == thesaurus


def test_extract_is_readable_by_a_curator(tmp_path, dump):
    thesaurus, _ = read_dump(dump)
    write_thesaurus(thesaurus, tmp_path / "aat.csv")
    lines = (tmp_path / "aat.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "id,kind,parent,parents,labels,alternatives"
    assert lines[3] == "300000100,obsolete,300010957,,,"  # not 300000101, which is obsolete itself
    assert lines[7] == "300010957,concept,300010900,300264091;300000008,en-us=gray bronze;en=gray bronze,"


@pytest.mark.parametrize(("row", "sentence"), [
    ("1,concept,,,en=metal", "line 2: found 5 fields; expected 6"),
    ("x,concept,,,en=metal,", "line 2: found 'x'; expected the number of a subject"),
    ("1,thing,,,en=metal,", "line 2: found the kind 'thing'; expected one of concept, guide term"),
    ("1,concept,,,ca=metall,", "line 2: found the labels 'ca=metall'; expected one per language, English among them"),
    ("1,concept,,,en=metal;en=metals,", "expected one per language"),
    ("1,concept,,,en=metal;metall,", "found 'metall' among the labels; expected them as"),
    ("1,concept,,,en=met\\al,", "among the labels"),
    ("1,concept,,,en=metal;,", "found '' among the labels"),
    ("1,concept,,2;,en=metal,", "line 2: found ''; expected the number"),
    ("1,concept,,,en=metal,\n1,obsolete,,,,", "line 3: id 1 occurs twice"),
])
def test_broken_extract_is_told(tmp_path, row, sentence):
    path = tmp_path / "aat.csv"
    path.write_text(f"id,kind,parent,parents,labels,alternatives\n{row}\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_thesaurus(path)
    assert sentence in str(caught.value) and "aat.csv" in str(caught.value)


def test_extract_that_is_no_extract_is_told(tmp_path):
    path = tmp_path / "aat.csv.gz"
    with pytest.raises(UserError, match="cannot be read .*No such file"):
        read_thesaurus(path)
    path.write_bytes(b"id,kind")
    with pytest.raises(UserError, match="cannot be read"):
        read_thesaurus(path)
    path.write_bytes(gzip.compress(b"id,kind,parent,parents,labels,alternatives\n1,concept,,,en=metal,\n")[:-9])
    with pytest.raises(UserError, match="cannot be read"):
        read_thesaurus(path)
    path.write_bytes(gzip.compress(b"number,kind\n"))
    with pytest.raises(UserError, match="line 1: expected the columns id, kind, parent, .*; found number, kind"):
        read_thesaurus(path)


def test_command_writes_the_extract_and_shows_counts_and_attribution(dump, tmp_path, capsys):
    assert main([str(dump), str(tmp_path / "aat.csv.gz")]) == 0
    assert read_thesaurus(tmp_path / "aat.csv.gz") == read_dump(dump)[0]
    shown = capsys.readouterr().out
    assert "2 concepts\n" in shown and ATTRIBUTION in shown


def test_command_shows_a_sentence_and_no_traceback(tmp_path):
    run = subprocess.run([sys.executable, "-m", "eufcc_lib", "thesaurus", str(tmp_path / "none.zip"),
                          str(tmp_path / "aat.csv")], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1 and "does not exist" in run.stderr
    assert not (tmp_path / "aat.csv").exists()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded subjects of the AAT are not beside the project")
def test_recorded_subjects_of_getty_are_read(tmp_path):
    pyoxigraph = pytest.importorskip("pyoxigraph")
    triples = {quad.triple for path in sorted((SHARED / "dans_ttl").glob("*.ttl"))
               for quad in pyoxigraph.parse(path=path, lenient=True)}
    text = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES).decode()
    thesaurus, _ = read_dump(write_zip(tmp_path / "explicit.zip", dict.fromkeys(MEMBERS, "") | {
        "AATOut_1Subjects.nt": text}))
    definition = thesaurus.concepts[300224439]
    assert (definition.kind, definition.parent, definition.parents) == ("concept", 300069734, ())
    assert definition.labels["en"] == "definition" and definition.labels["es"] == "definir"
    assert definition.alternatives["en"] == ("defining",)
    kinds = {number: concept.kind for number, concept in thesaurus.concepts.items()}
    assert kinds == {300224439: "concept", 300444999: "concept", 300123559: "hierarchy", 300015646: "hierarchy",
                     300111078: "guide term"}
    assert thesaurus.ancestors(300444999) == (300015646, 300111078)


def test_every_place_of_a_museum_term_is_a_concept_below_its_facet():
    thesaurus = museum_thesaurus()
    terms = [term for names in museum_terms().values() for places in names.values() for term in places]
    assert len(thesaurus) == len(terms) + 4
    tops = {"objectTypes": OBJECTS, "materials": MATERIALS, "classifications": DISCIPLINES, "subjects": FIRST_FREE}
    for term in terms:
        number = museum_concept(term.facet, term.path())
        assert number == museum_concept(term.facet, term.path("ca"))
        top, *above = thesaurus.ancestors(number)
        names = [thesaurus.concepts[one].labels for one in (*above, number)]
        assert top == tops[term.facet]
        assert tuple(name["en"] for name in names) == term.path()
        assert tuple(name["ca"] for name in names) == term.path("ca")


def test_museum_terms_have_the_verified_id_where_it_is_theirs_alone():
    assert museum_concept("materials", ("metal",)) == 300010900
    assert museum_concept("classifications", ("numismàtica",)) == 300054419
    assert museum_concept("subjects", ("portrait",)) == 300015637
    assert museum_concept("objectTypes", ("portrait",)) >= FIRST_FREE
    assert museum_concept("materials", ("metal", "ferrous metal")) >= FIRST_FREE  # as iron in the table
    assert museum_concept("materials", ("textile material", "linen")) >= FIRST_FREE


def test_path_that_the_museum_lacks_is_told():
    with pytest.raises(UserError, match="'metal | cheese' is no path of the mini museum in 'materials'"):
        museum_concept("materials", ("metal", "cheese"))
    with pytest.raises(UserError, match="Unknown facet 'colours'"):
        museum_concept("colours", ("red",))
