"""The audit finds each kind of fault in small records, and in the official file what is known to be in it."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from eufcc_lib.collection.curation.audit import KINDS, audit, main
from eufcc_lib.collection.curation.duplicates import pixel_digests
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.label_files import read_label_vocabulary
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records
from eufcc_lib.data.taxonomy import format_paths

OFFICIAL = ROOT.parent / "shared" / "data" / "official"
needs_official = pytest.mark.skipif(not (OFFICIAL / "test_id.csv").is_file(),
                                    reason="the official test_id.csv is not beside the project")


def records_of(ids=None, providers=None, urls=None, **cells):
    """Records with these cells a facet, one list each; ids are r0, r1, ..., urls all different."""
    count = len(next(iter(cells.values())))
    columns = {column: [""] * count for column in COLUMNS}
    columns["idInSource"] = ids or [f"r{number}" for number in range(count)]
    columns["repository.keeper"] = providers or ["Museum"] * count
    columns["#portraitMedia.original"] = urls or [f"https://example.org/{name}" for name in columns["idInSource"]]
    return records_from_columns(columns | {f"{facet}.hierarchy": values for facet, values in cells.items()})


def row_of(result, kind, facet=""):
    """findings, occurrences, records of one row of the summary."""
    summary = result.summary[(result.summary["kind"] == kind) & (result.summary["facet"] == facet)]
    return tuple(summary[["findings", "occurrences", "records"]].values.tolist()[0])


def told(result, kind, facet=""):
    """What the findings of a kind are, with their occurrences and examples."""
    return [(found.what, found.occurrences, found.examples) for found in result.of(kind, facet).itertuples()]


def test_kinds_that_nothing_is_known_about_are_left_out_and_the_others_told_with_zeros():
    result = audit(records_of(materials=["wood"]), minimum=1)
    assert not result.summary[["findings", "occurrences", "records"]].any(axis=None) and result.findings.empty
    assert set(KINDS) - set(result.summary["kind"]) == {
        "tag outside the label files", "parent unlike the label files'", "outer provider inside", "image in several splits",
        "image not readable"}
    assert str(result).count("none found") == len(KINDS) - 5


def test_ancestor_listed_again():
    result = audit(records_of(materials=["metal $ metal | bronze", "wood $ metal", "a | b | c $ a $ a | b", "metal"]))
    assert told(result, "ancestor listed again") == [("a", 1, ("r2",)), ("a | b", 1, ("r2",)), ("metal", 1, ("r0",))]
    assert row_of(result, "ancestor listed again", "materials") == (3, 3, 2)


def test_path_twice_in_a_cell():
    result = audit(records_of(materials=["a | b $ c $ a | b", "c $ c $ c", "c"], subjects=["c", "", ""]))
    assert told(result, "path twice in a cell") == [("a | b", 1, ("r0",)), ("c", 2, ("r1",))]
    assert row_of(result, "path twice in a cell", "subjects") == (0, 0, 0)


def test_name_twice_on_a_path():
    result = audit(records_of(objectTypes=["dish | plate | plate", "dish | plate | plate $ plate | dish | plate", "dish"]))
    assert told(result, "name twice on a path") == [("dish | plate | plate", 2, ("r0", "r1")),
                                                    ("plate | dish | plate", 1, ("r1",))]


def test_name_under_several_parents():
    result = audit(records_of(materials=["textile | silk", "fibre | silk", "textile | silk $ textile", "silk | silk", "textile"]))
    assert told(result, "name under several parents") == [
        ("silk, under textile (2), fibre (1), the top (1), silk (1)", 4, ("r0", "r1", "r2", "r3"))]


def test_name_in_several_facets():
    records = records_of(materials=["glass", "paper", ""], objectTypes=["glass", "", "glass | cup"], subjects=["", "paper", ""])
    result = audit(records)
    assert told(result, "name in several facets", "objectTypes, materials") == [("glass", 2, ("r0", "r2"))]
    assert told(result, "name in several facets", "materials, subjects") == [("paper", 1, ("r1",))]
    labels = count_vocabulary(records.take([0, 2]), 1)
    assert len(audit(records, labels=labels).of("name in several facets")) == 1


@pytest.mark.parametrize("name, marked", [
    ("ELIMINAR", True), ("*dance", True), ("llapis conte®", True), ("Terra Cotta™", True), ("NO USAR", True),
    ("Eliminar", False), ("dansa", False), ("5*", False), ("A", False), ("1900", False), ("escut d'armes", False)])
def test_curation_marks(name, marked):
    result = audit(records_of(subjects=["x", f"x | {name}", name]))
    assert told(result, "curation mark") == ([(name, 2, ("r1", "r2"))] if marked else [])


FAN = "tools | spectacles $ lamp part | glass"


def test_one_concept_fanned_out_over_different_objects_is_found_without_its_name():
    others = ["costume | suit", "costume | suit | jacket", "instrument | flute", "picture | portrait", "costume"]
    result = audit(records_of(objectTypes=[f"{other} $ {FAN}" for other in others] + others))
    assert told(result, "one concept fanned out") == [
        ("tools | spectacles + lamp part | glass", 5, ("r0", "r1", "r2", "r3", "r4"))]


def test_a_mark_that_always_comes_along_belongs_to_the_cluster():
    result = audit(records_of(objectTypes=[f"{other} $ {FAN} $ tools | spectacles | DELETE" for other in "abcde"]
                              + ["p | q $ r | s"] * 3 + [f"p | q $ r | s $ {other}" for other in "abc"]))
    assert [what for what, *_ in told(result, "one concept fanned out")] == [
        "tools | spectacles + lamp part | glass + tools | spectacles | DELETE", "p | q + r | s"]


@pytest.mark.parametrize("cells, why", [
    ([f"{other} $ {FAN}" for other in "abcd"], "only four records"),
    ([f"costume | {other} $ {FAN}" for other in "abcdef"], "all are costumes"),
    ([FAN] * 8, "nothing else is on them"),
    ([FAN] * 4 + [f"vase $ {FAN}"] * 4, "with vases, or nothing else"),
    ([f"{other} $ {FAN}" for other in "abcde"] + ["tools | spectacles"], "apart once in six"),
    ([f"{other} $ tools | spectacles $ tools | glass" for other in "abcdef"], "one branch")])
def test_combinations_that_may_well_be_right_are_left_alone(cells, why):
    assert told(audit(records_of(objectTypes=cells)), "one concept fanned out") == [], why


def test_one_slip_in_ten_does_not_hide_a_cluster():
    cells = [f"{other} $ {FAN}" for other in "abcdefghi"] + ["tools | spectacles"]
    assert row_of(audit(records_of(objectTypes=cells)), "one concept fanned out", "objectTypes") == (1, 9, 9)


def test_cluster_of_materials_is_weighed_by_the_object_types():
    pair = ["enamel | porcelain enamel $ paint | glass paint"] * 5
    different = records_of(materials=pair, objectTypes=["vase", "ring", "vase", "vase", "vase"])
    alike = records_of(materials=pair, objectTypes=["vase", "vase | jug", "vase", "vase", "vase"])
    assert len(told(audit(different), "one concept fanned out")) == 1
    assert len(told(audit(alike), "one concept fanned out")) == 0


def test_tags_below_the_minimum_by_facet_and_over_all_splits():
    splits = {"train": records_of(materials=["a | b", "a"], subjects=["s", ""]),
              "val": records_of(ids=["v"], materials=["a"], subjects=["s"])}
    result = audit(splits, minimum=3)
    assert told(result, "tag below the minimum") == [("b", 1, ("r0",)), ("s", 2, ("r0", "v"))]
    result = audit(splits, minimum={"materials": 4, "subjects": 2})
    assert told(result, "tag below the minimum") == [("a", 3, ("r0", "r1", "v")), ("b", 1, ("r0",))]


def test_label_files_tell_which_tags_are_held_against_the_minimum():
    labels = count_vocabulary(records_of(materials=["metal | tin", "wood"]), 1)
    result = audit(records_of(materials=["metal | bronze", "metal", "wood"]), minimum=2, labels=labels)
    assert told(result, "tag outside the label files") == [("bronze", 1, ("r0",))]
    assert told(result, "tag below the minimum") == [("wood", 1, ("r2",)), ("tin", 0, ())]
    assert "tin (0; no record)" in str(result)


def test_tag_that_stands_nowhere_where_the_label_files_have_it():
    labels = count_vocabulary(records_of(materials=["metal | tin", "wood", "fibre | silk"]), 1)
    result = audit(records_of(materials=["tin", "alloy | tin", "metal | wood", "silk", "fibre | silk", "reed"]), labels=labels)
    assert told(result, "parent unlike the label files'") == [
        ("tin, under the top (1), alloy (1); in the label files under metal", 2, ("r0", "r1")),
        ("wood, under metal (1); in the label files under the top", 1, ("r2",))]


def test_outer_provider_inside():
    inner = records_of(materials=["a"] * 3, providers=["Outer", "Inner", "Outer"])
    outer = records_of(ids=["o", "p"], materials=["a", "a"], providers=["Outer", "Other"])
    assert told(audit(inner, outer=["Outer"]), "outer provider inside") == [("Outer", 2, ("r0", "r2"))]
    assert told(audit({"train": inner, "test_ood": outer}), "outer provider inside") == [("Outer", 2, ("r0", "r2"))]
    assert row_of(audit({"train": inner, "test_ood": outer}, outer=["Inner2"]), "outer provider inside") == (0, 0, 0)


def test_same_image_by_url_and_id_and_how_it_is_annotated():
    train = records_of(urls=["u", "u", "w", "w", "x", "x"], materials=["a", "a", "a", "a $ b", "a", "b"])
    val = records_of(ids=["r0", "v"], urls=["", "w"], materials=["a", "b"])
    result = audit({"train": train, "val": val})
    assert told(result, "image of unlike records") == [("url x", 2, ("r4", "r5"))]
    assert told(result, "image in several records") == [("id r0", 2, ("r0", "r0")), ("url u", 2, ("r0", "r1"))]
    assert told(result, "image annotated differently") == [("url w", 3, ("r2", "r3", "v"))]
    assert told(result, "image in several splits") == [("url w: train, val", 3, ("r2", "r3", "v")),
                                                       ("id r0: train, val", 2, ("r0", "r0"))]


def test_same_pixels_in_two_splits_and_images_that_cannot_be_read(tmp_path):
    folder = tmp_path / "EUROPEANA" / "images"
    folder.mkdir(parents=True)
    for name, colours in (("r0", "ab"), ("r1", "cd"), ("v", "ab")):
        Image.frombytes("L", (2, 1), colours.encode()).save(folder / f"{name}.jpg", "PNG")
    train, val = records_of(materials=["a", "a", "a"]), records_of(ids=["v"], materials=["b"])
    digests = pixel_digests(tmp_path, [*train.ids, *val.ids])
    result = audit({"train": train, "val": val}, images=digests)
    pixels = f"pixels {digests.pixels['v']}"
    assert told(result, "image in several splits") == [(f"{pixels}: train, val", 2, ("r0", "v"))]
    assert told(result, "image of unlike records") == [(pixels, 2, ("r0", "v"))]
    assert told(result, "image not readable") == [("missing", 1, ("r2",))]


def test_mistakes_are_told():
    with pytest.raises(UserError, match="no record to audit"):
        audit({})
    with pytest.raises(UserError, match="Unknown facet 'material'"):
        audit(records_of(materials=["a"]), minimum={"material": 3})


paths = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(tuple), max_size=4)


@settings(max_examples=80, deadline=None)
@given(st.lists(paths, min_size=1, max_size=6))
def test_counts_are_those_of_plain_loops(rows):
    again, twice, own, parents, images = 0, 0, 0, {}, Counter()
    for cell in rows:
        again += sum(any(other[:len(path)] == path and other != path for other in cell) for path in cell)
        twice += len(cell) - len(set(cell))
        own += sum(len(set(path)) < len(path) for path in cell)
        images.update({name for path in cell for name in path})
        for path in cell:
            for place, name in enumerate(path):
                parents.setdefault(name, set()).add(path[place - 1] if place else None)
    result = audit(records_of(materials=list(map(format_paths, rows))), minimum=3)
    assert row_of(result, "ancestor listed again", "materials")[1] == again
    assert row_of(result, "path twice in a cell", "materials")[1] == twice
    assert row_of(result, "name twice on a path", "materials")[1] == own
    assert row_of(result, "name under several parents", "materials")[0] == sum(len(above) > 1 for above in parents.values())
    below = {what: number for what, number, _ in told(result, "tag below the minimum", "materials")}
    assert below == {name: number for name, number in images.items() if number < 3}


# The official inner test set

@pytest.fixture(scope="module")
def official():
    minimum = dict.fromkeys(FACET_NAMES, 5) | {"subjects": 20}
    return audit(read_records(OFFICIAL / "test_id.csv"), minimum=minimum, outer=["The Portable Antiquities Scheme", "PMR Maeyaert"],
                 labels=read_label_vocabulary(OFFICIAL))


OF_A_FACET = {  # objectTypes, materials, classifications, subjects
    ("ancestor listed again", "occurrences"): [1098, 393, 2, 0],
    ("path twice in a cell", "records"): [177, 10, 0, 9],
    ("name twice on a path", "occurrences"): [48, 5, 0, 0],
    ("name under several parents", "findings"): [28, 7, 13, 0],
    ("tag below the minimum", "findings"): [62, 11, 6, 2],
    ("tag outside the label files", "findings"): [95, 17, 2, 1],
    ("curation mark", "findings"): [2, 0, 2, 0],
}


@needs_official
@pytest.mark.parametrize(("kind", "column"), OF_A_FACET)
def test_official_file_has_the_known_counts(official, kind, column):
    found = official.summary[official.summary["kind"] == kind].set_index("facet")[column]
    assert found.to_dict() == dict(zip(FACET_NAMES, OF_A_FACET[kind, column]))


@needs_official
def test_official_file_repeats_these_names(official):
    names = {what.rpartition(" | ")[2] for what, *_ in told(official, "name twice on a path")}
    assert names == {"plat", "test", "túmul", "gorra de punt", "aquarel·la", "corda", "platet de tassa"}


@needs_official
def test_official_file_has_these_names_under_several_parents(official):
    names = {what.partition(", under ")[0] for what, *_ in told(official, "name under several parents")}
    assert names >= {"agulla", "arc", "bossa", "caixa", "corona", "figura", "fulla", "pinta", "plat", "segell", "vestit",
                     "cotó", "guix", "lli", "seda", "art", "biologia", "heràldica"}


@needs_official
def test_official_file_has_these_tags_elsewhere_than_its_label_files(official):
    names = {what.partition(", under ")[0] for what, *_ in told(official, "parent unlike the label files'")}
    assert names == {"capota", "enginyeria civil", "segell"}


@needs_official
def test_official_file_shares_names_between_facets(official):
    pairs = official.summary[official.summary["kind"] == "name in several facets"].set_index("facet")["findings"]
    assert pairs[pairs > 0].to_dict() == {"objectTypes, materials": 60, "objectTypes, classifications": 2,
                                          "objectTypes, subjects": 7}
    assert {what for what, *_ in told(official, "name in several facets", "objectTypes, classifications")} == {
        "art", "arquitectura"}


@needs_official
def test_official_file_keeps_these_marks(official):
    assert {what: number for what, number, _ in told(official, "curation mark")} == {
        "ELIMINAR": 7, "llapis conte®": 5, "*dance": 5, "*photography": 4}


@needs_official
def test_official_file_has_the_spectacles_on_suits_a_flute_and_a_portrait(official):
    clusters = official.of("one concept fanned out", "objectTypes")
    first = clusters.iloc[0]
    assert set(first["what"].split(" + ")) == {
        "eines i equips | equip d'ús personal | ulleres", "eines i equips | equip d'ús personal | ulleres | ELIMINAR",
        "component de mobiliari | component d'artefacte d'enllumenat | vidre"}
    assert first["records"] == 7 and len(official.of("one concept fanned out")) <= 10


@needs_official
def test_official_file_is_short_of_two_subjects_and_holds_an_outer_provider(official):
    assert {what: number for what, number, _ in told(official, "tag below the minimum", "subjects")} == {
        "autoretrat": 15, "marina": 12}
    assert [(what, number) for what, number, _ in told(official, "outer provider inside")] == [
        ("The Portable Antiquities Scheme", 9)]
    assert {what for what, *_ in told(official, "tag outside the label files", "classifications")} == {
        "astrologia", "radiodifusió"}
    assert [(what, number) for what, number, _ in told(official, "tag outside the label files", "subjects")] == [
        ("figura humana", 2)]


@needs_official
def test_official_file_has_each_image_once(official):
    assert not official.findings["kind"].str.startswith("image").any()


# The command

def test_command_prints_the_audit_and_writes_all_findings(tmp_path, capsys):
    write_records(records_of(materials=["a $ a | b"] * 7, providers=["P"] * 7), tmp_path / "train.csv")
    assert main([str(tmp_path / "train.csv"), "--outer", "P", "--minimum", "5", "materials=9", "--csv",
                 str(tmp_path / "findings.csv")]) == 0
    shown = capsys.readouterr().out
    assert "materials: 1 found, 7 times in 7 records\n    a (7; r0, r1)" in shown and "P (7; r0, r1)" in shown
    written = pd.read_csv(tmp_path / "findings.csv", keep_default_na=False)
    assert written["kind"].tolist() == ["ancestor listed again", *["tag below the minimum"] * 2, "outer provider inside"]
    assert written["examples"][0] == "r0, r1, r2, r3, r4"


def test_command_reads_images(tmp_path, capsys):
    write_records(records_of(materials=["a"]), tmp_path / "val.csv")
    assert main([str(tmp_path / "val.csv"), "--images", str(tmp_path)]) == 0
    assert "missing (1; r0)" in capsys.readouterr().out


@pytest.mark.parametrize("arguments, sentence", [
    (["nowhere.csv"], "nowhere.csv does not exist"), (["{}", "{}"], "Two files have one name"),
    (["{}", "--minimum", "few"], "--minimum few: expected a number"),
    (["{}", "--minimum", "subject=2"], "Unknown facet 'subject'")])
def test_command_shows_a_sentence_and_no_traceback(tmp_path, capsys, arguments, sentence):
    write_records(records_of(materials=["a"]), tmp_path / "val.csv")
    assert main([word.format(tmp_path / "val.csv") for word in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and sentence in shown.err


def test_names_that_look_alike():
    result = audit(records_of(materials=["oil paint $ Oil paint", "oil\u00a0paint", "wood"], subjects=["Oil paint", "", ""]))
    assert told(result, "names that look alike", "materials") == [
        ("'Oil paint' (1), 'oil paint' (1), 'oil<U+00A0>paint' (1)", 3, ("r0", "r1"))]
    assert row_of(result, "names that look alike", "subjects") == (0, 0, 0)
