"""Figures show what they were given, fit their places and draw without a warning."""

import ast
import base64
import importlib
import inspect
import io
import json
import re
from collections import Counter
from functools import reduce
from itertools import pairwise
from math import atan2, cos, hypot, pi, radians, sin

import numpy as np
import pandas as pd
import pytest
from conftest import NO_WARNING
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_statistics import COIN, PORTRAIT, SPOON, make_dataset, make_records

from eufcc_lib.core.facets import FACETS
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data import examples, paper_counts, statistics
from eufcc_lib.figures import contact_sheets, counts, sunburst, trees
from eufcc_lib.figures.colour import ink_on, oklch, readable, to_hex
from eufcc_lib.figures.hierarchical_curve import hierarchical_curves
from eufcc_lib.figures.mixes import mix_curves
from eufcc_lib.figures.split_counts import images_per_tag
from eufcc_lib.figures.style import NARROW, Picture, fit, text_width, two_lines
from eufcc_lib.figures.training_curves import training_curves
from eufcc_lib.pages.sunburst import explore
from eufcc_lib.results.mixes import MixRow

pytestmark = NO_WARNING


@pytest.fixture
def dataset():
    return make_dataset(train=make_records(*[SPOON] * 12, COIN, PORTRAIT, prefix="a"),
                        test_id=make_records(COIN, {"materials": "wood"}, prefix="b"),
                        test_ood=make_records({"materials": "metal", "provider": "Elsewhere"}, prefix="c"))


@pytest.fixture
def annotations_alone():
    return make_dataset(test_id=make_records(COIN, SPOON, PORTRAIT))


def texts(figure: Picture) -> list[str]:
    """Every text on the figure, labels of axes and legends included."""
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
            if text.get_visible() and text.get_text()]


def weights_of(dataset, facet="materials"):
    return statistics.weigh_tree(statistics.pooled(dataset), dataset.vocabulary[facet])


@pytest.mark.slow
def test_figures_of_counts_draw_also_where_a_split_is_missing(dataset, annotations_alone):
    for data in (dataset, annotations_alone):
        records = statistics.pooled(data)
        for figure in (counts.providers(statistics.count_providers(data)),
                       counts.facets_per_image(statistics.count_facets_per_image(records)),
                       counts.tags(statistics.count_tags_per_image(records), statistics.count_tag_images(records)),
                       images_per_tag(statistics.compare_splits(data), paper_counts.MINIMUM_INNER_IMAGES),
                       counts.label_depths(statistics.count_label_depths(records))):
            assert Image.open(io.BytesIO(figure.to_bytes("png", dpi=40))).format == "PNG"


def test_provider_figure_names_the_most_frequent_and_sums_up_the_others(dataset):
    shown = texts(counts.providers(statistics.count_providers(dataset), most=2))
    assert "Museum" in shown and "Mint" in shown and "Gallery" not in shown
    assert any("the other 2 providers together: 2" in text for text in shown)


def test_provider_of_the_outer_test_is_marked(dataset):
    figure = counts.providers(statistics.count_providers(dataset))
    marks = {line.get_label(): len(line.get_xdata()) for line in figure.axes[0].get_lines()}
    assert marks == {"in training, validation or inner test": 3, "in the outer test": 1}


def test_share_of_facets_stands_beside_the_paper(dataset):
    counted = statistics.count_facets_per_image(statistics.pooled(dataset))
    shown = texts(counts.facets_per_image(counted, pd.Series(paper_counts.IMAGES_BY_FACETS)))
    assert {"4 facets", "62.1 %", "0.1 %", "EUFCC-340K as printed"} <= set(shown)


def test_missing_split_is_said_not_drawn_as_zero(annotations_alone):
    figure = images_per_tag(statistics.compare_splits(annotations_alone), paper_counts.MINIMUM_INNER_IMAGES)
    assert "These records have no training split" in [figure.legends[0].get_title().get_text()]
    assert all(not axes.patches for axes in figure.axes)
    assert "5 tags, 5 below the minimum" in texts(figure)


def test_without_an_inner_test_no_tag_is_said_to_be_short():
    data = make_dataset(train=make_records(*[SPOON] * 12))
    shown = texts(images_per_tag(statistics.compare_splits(data), paper_counts.MINIMUM_INNER_IMAGES))
    assert "These records have no inner test split" in shown and "training" in shown
    assert not [text for text in shown if "minimum" in text]


def test_tree_of_an_image_lists_each_node_once_and_what_it_leaves_open():
    narrower = {"metal": {"silver"}, "wood": {"oak", "elm"}}
    lines = trees.tree_lines((("metal", "silver"), ("metal",), ("wood",)), narrower)
    assert [(line.tag, line.depth, line.above, line.is_label, line.narrower) for line in lines] == [
        ("metal", 0, -1, True, 0), ("silver", 1, 0, True, 0), ("wood", 0, -1, True, 2)]


def test_tree_reads_a_repeated_name_as_one_node():
    assert [(line.tag, line.depth) for line in trees.tree_lines((("plat", "plat"),), {})] == [("plat", 0)]


def draw_records(dataset, images=None):
    records = statistics.pooled(dataset)
    return trees.record_trees(records, examples.sample_by_facets(records), images)


def test_records_without_images_say_so_and_show_their_trees(dataset):
    figure = draw_records(dataset, statistics.pooled_images(dataset))
    shown = texts(figure)
    assert any("image files are not here" in text for text in shown)
    assert {"portrait", "Subjects", "spoon", "4 facets:"} <= set(shown)
    assert "image/png" in figure._repr_mimebundle_()[0]


def test_records_with_images_show_them(dataset, tmp_path):
    Image.new("RGB", (60, 20), "red").save(tmp_path / "red.jpg")
    figure = draw_records(dataset, [tmp_path / "red.jpg"] * len(statistics.pooled(dataset)))
    assert len(figure.axes[0].get_images()) == 4
    data, metadata = figure._repr_mimebundle_()
    assert Image.open(io.BytesIO(data["image/jpeg"])).format == "JPEG"
    assert metadata["image/jpeg"]["width"] == 650


def test_a_notebook_keeps_the_version_for_phones_beside_the_width(dataset, tmp_path):
    Image.new("RGB", (60, 20), "red").save(tmp_path / "red.jpg")
    _, metadata = draw_records(dataset, [tmp_path / "red.jpg"] * len(statistics.pooled(dataset)))._repr_mimebundle_()
    narrow = Image.open(io.BytesIO(base64.b64decode(metadata["image/jpeg"]["narrow"])))
    assert narrow.format == "WEBP" and narrow.width == round(NARROW * 140) and narrow.height > 2 * narrow.width


def test_on_a_phone_every_text_of_a_sheet_stays_within_it(dataset, tmp_path):
    Image.new("RGB", (60, 20), "red").save(tmp_path / "red.jpg")
    row = pd.DataFrame({"name": ["a name of many words that is far too long for a phone"], "note": ["2 images"], "rows": [[0] * 7]})
    sheet = contact_sheets.contact_sheet(row, [tmp_path / "red.jpg"]).narrow()
    for picture in (sheet, draw_records(dataset, [tmp_path / "red.jpg"] * len(statistics.pooled(dataset))).narrow()):
        picture.draw_without_rendering()
        # Hinted letters, as on this screen, are up to 3 % wider than those of the file.
        assert max(text.get_window_extent().x1 for text in picture.axes[0].texts) <= picture.bbox.x1 * 1.03
    assert len(sheet.axes[0].get_images()) == 7


def test_training_curves_show_the_facets_that_were_trained():
    history = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0], "loss_materials": [0.4, 0.2],
                            "val_loss_materials": [0.5, 0.4]})
    figure = training_curves(history)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Materials"]
    assert {"training", "validation", "epoch"} <= set(texts(figure))


def test_a_way_between_weights_has_a_line_per_split_and_marks_the_choice():
    rows = [MixRow(mix, split, facet, value + mix / 10, 5, "") for mix in (0.0, 0.5, 1.0)
            for split, facet, value in (("val", "materials", 0.4), ("val", "subjects", 0.6), ("test_ood", "materials", 0.3))]
    (axes,) = mix_curves(rows, 0.5).axes
    validation, outer, mark = axes.lines
    assert validation.get_ydata() == pytest.approx([0.5, 0.55, 0.6]) and outer.get_ydata() == pytest.approx([0.3, 0.35, 0.4])
    assert (validation.get_label(), outer.get_label(), list(mark.get_xdata())) == ("validation", "outer test", [0.5, 0.5])
    assert "were not measured" in " ".join(texts(mix_curves([], 0.5)))


@pytest.mark.slow
def test_facets_are_called_in_the_language_of_the_tags(dataset):
    records = statistics.pooled(dataset)
    history = pd.DataFrame({"epoch": [1], **{f"loss_{facet.name}": [1.0] for facet in FACETS}})
    for draw in (lambda language: counts.tags(statistics.count_tags_per_image(records), statistics.count_tag_images(records),
                                              language=language),
                 lambda language: counts.label_depths(statistics.count_label_depths(records), language),
                 lambda language: images_per_tag(statistics.compare_splits(dataset), paper_counts.MINIMUM_INNER_IMAGES, language),
                 lambda language: trees.record_trees(records, examples.sample_by_facets(records), language=language),
                 lambda language: training_curves(history, language)):
        english, catalan = (" / ".join(texts(draw(language))) for language in ("en", "ca"))
        assert "Object types" in english and "Subjects" in english
        assert "Tipus d'objecte" in catalan and "Temes" in catalan
        assert not [facet for facet in FACETS if facet.title_en != facet.title_ca and facet.title_en in catalan]


def test_a_name_that_is_too_long_for_its_tree_goes_on_in_a_second_row():
    name = "atuells d'emmagatzematge i transport marítim"
    path = f"contenidor | contenidor gran | atuell | {name}"
    records = make_records({"objectTypes": path}, {"objectTypes": f"{path} | gerra"})
    figure = trees.record_trees(records, pd.DataFrame({"row": [0, 1], "caption": ["one", "two"]}))
    (axes,) = figure.axes
    shown = [text for text in axes.texts if text.get_text() in two_lines(name) or text.get_text().endswith("+1")]
    assert [text.get_text() for text in shown] == [*two_lines(name), "  +1", *two_lines(name)]
    first, second, hint = (text.get_position() for text in shown[:3])
    assert second[1] == hint[1] == pytest.approx(first[1] + trees.LINE)
    (leaf,) = (text for text in axes.texts if text.get_text() == "gerra")
    assert leaf.get_position()[1] == pytest.approx(shown[4].get_position()[1] + trees.LINE)
    assert leaf.get_position()[1] < figure.get_figheight()


def test_contact_sheet_leaves_a_missing_image_out(tmp_path):
    Image.new("RGB", (20, 60), "blue").save(tmp_path / "blue.jpg")
    row = pd.DataFrame({"name": ["a name of many words to be broken"], "note": ["2 images"], "rows": [[1, 0]]})
    figure = contact_sheets.contact_sheet(row, [tmp_path / "blue.jpg", tmp_path / "no.jpg"])
    assert len(figure.axes[0].get_images()) == 1
    assert "2 images" in texts(figure)


def test_a_row_of_images_is_a_sheet_with_one_name(tmp_path):
    for name in ("one", "two", "three"):
        Image.new("RGB", (20, 20), "blue").save(tmp_path / f"{name}.jpg")
    images = [tmp_path / f"{name}.jpg" for name in ("one", "two", "three")]
    figure = contact_sheets.image_row(pd.Series([2, 0]), images, "Shown below", "left to right")
    assert len(figure.axes[0].get_images()) == 2 and {"Shown below", "left to right"} <= set(texts(figure))


@pytest.mark.parametrize("facet", FACETS, ids=lambda facet: facet.name)
def test_interactive_sunburst_has_a_row_for_every_tag_after_its_parent(dataset, facet):
    weights = weights_of(dataset, facet.name)
    rows = re.findall(r'<tr data-parent="(-?\d+)" data-weight="([\d.]+)".*?<span[^>]*>(.*?)</span>', explore(weights, facet.name).html)
    names = [name for _, _, name in rows]
    parents = [names[int(parent)] if int(parent) >= 0 else None for parent, _, _ in rows]
    assert sorted(names) == sorted(weights["tag"]) and all(int(parent) < number for number, (parent, _, _) in enumerate(rows))
    wanted = {tag: weights["tag"][parent] if parent >= 0 else None for tag, parent in zip(weights["tag"], weights["parent"])}
    assert dict(zip(names, parents)) == wanted
    assert sum(float(weight) for parent, weight, _ in rows if int(parent) < 0) == pytest.approx(
        weights.loc[weights["parent"] < 0, "weight"].sum(), abs=0.01)


def test_the_table_of_a_sunburst_tells_images_not_portions(dataset):
    page = explore(weights_of(dataset), "materials")
    [cells] = re.findall(r">metal</span></th><td>(\d+)</td><td>(\d+)</td><td>(\d+)</td><td>(.*?)</td>", page.html)
    assert cells[:3] == ("1", "15", "3")
    assert repr(page) == "Materials: 4 tags, 17 images"


def test_sectors_of_children_lie_on_their_parents_and_do_not_overlap(dataset):
    weights = weights_of(dataset)
    sectors = sunburst.lay_out(weights, 3.0)
    for parent, rows in weights.groupby("parent").groups.items():
        spans = sorted((sectors[row].start, sectors[row].start + sectors[row].span) for row in rows)
        low, high = ((sectors[parent].start, sectors[parent].start + sectors[parent].span) if parent >= 0
                     else (pi / 2, pi / 2 + 2 * pi))
        assert low - 1e-9 <= spans[0][0] and spans[-1][1] <= high + 1e-9
        assert all(end <= start + 1e-9 for (_, end), (start, _) in pairwise(spans))


WORDS = st.text("abcçmwèï'", min_size=1, max_size=9)


@given(name=st.lists(WORDS, min_size=1, max_size=3).map(" ".join), start=st.floats(-pi, pi),
       span=st.floats(0.01, 2 * pi), inner=st.floats(0.66, 2.5), width=st.floats(0.1, 1.3))
def test_a_name_never_leaves_its_sector(name, start, span, inner, width):
    sector = sunburst.Sector(start, span, inner, inner + width)
    pieces = sunburst.place_name(name, sector)
    assert not pieces or Counter("".join(piece.text for piece in pieces).replace("\n", "").replace(" ", "")) \
        == Counter(name.replace(" ", ""))
    for piece in pieces:
        lines = piece.text.split("\n")
        half_width = max(text_width(line, piece.size) for line in lines) / 2
        half_height = piece.size / 72 * len(lines) / 2
        turn = radians(piece.rotation)
        for right in (-half_width, half_width):
            for up in (-half_height, half_height):
                x = piece.x + right * cos(turn) - up * sin(turn)
                y = piece.y + right * sin(turn) + up * cos(turn)
                assert sector.inner <= hypot(x, y) <= sector.outer
                assert (atan2(y, x) - sector.start + 0.01) % (2 * pi) <= sector.span + 0.02 or span > pi


def test_still_sunburst_names_the_large_nodes_and_its_centre(dataset):
    figure = sunburst.picture(weights_of(dataset), "materials")
    named = {text.get_gid() for text in figure.axes[0].texts}
    assert {"metal", "wood", "silver"} <= named
    assert "Materials\n17\nimages" in texts(figure)


def test_sunburst_colours_are_read_in_print_and_on_screen(dataset):
    def luminance(colour):
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    many = pd.DataFrame({"tag": [str(i) for i in range(300)], "parent": [-1] * 60 + list(range(240)),
                         "depth": [i // 60 for i in range(300)], "weight": 1.0})
    for facet in FACETS:
        colours = sunburst.family_colours(many, facet)
        assert min(contrast(colour, ink_on(colour)) for colour in colours) >= 4.5
        assert contrast(readable(facet.colour), "#ffffff") >= 4.0
        assert len(set(colours[:60])) == 60


@pytest.mark.parametrize("colour", ["#1b4f72", "#b9572b", "#ffffff", "#000000", "#d9a520"])
def test_colour_survives_the_way_to_oklch_and_back(colour):
    assert to_hex(*oklch(colour)) == colour


def test_name_is_cut_between_words_and_never_too_wide():
    name = "Hellenic Literary and Historical Archive - Cultural Foundation"
    assert fit(name, 10) == name
    assert fit(name, 2.4) == "Hellenic Literary and Historical…"
    assert fit("Rijksmuseumvooroudheden", 1.0).endswith("…")
    assert all(text_width(fit(name, inches)) <= inches for inches in (0.3, 0.8, 1.5, 2.2, 3.1))


def test_two_lines_are_as_even_as_words_allow():
    assert two_lines("The Cleveland Museum of Art") == ["The Cleveland", "Museum of Art"]
    assert two_lines("Rijksmuseum") == ["Rijksmuseum"]


def test_same_numbers_give_the_same_bytes(dataset):
    for kind in ("png", "svg"):
        first, second = (counts.providers(statistics.count_providers(dataset)).to_bytes(kind) for _ in range(2))
        assert first == second


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_picture_of_a_notebook_has_words_for_those_who_cannot_see_it(notebook):
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        last = cell["source"][-1] if cell["source"] else ""
        if re.match(r"((counts|trees|contact_sheets|sunburst|heads)\.\w+|training_curves|mix_curves|images_per_tag|predictions_figure)\(", last):
            words = cell["metadata"].get("mystnb", {})
            assert words.get("image", {}).get("alt") or words.get("figure", {}).get("caption"), cell["id"]


OF_MODELS = ("eufcc_lib.collection.sources", "eufcc_lib.data.dataset", "eufcc_lib.models.captions")  # here the language may be that of the training


def imported(module: str, name: str):
    owner = importlib.import_module(module)
    return getattr(owner, name) if hasattr(owner, name) else importlib.import_module(f"{module}.{name}")


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_gives_its_language_to_all_that_ask_for_one(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ast.parse("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
    imports = [node for node in code.body if isinstance(node, ast.ImportFrom) and node.module.startswith("eufcc_lib")]
    names = {alias.asname or alias.name: imported(node.module, alias.name) for node in imports for alias in node.names}
    if not any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "language" for node in code.body):
        pytest.skip("it has no language")
    for call in (node for node in ast.walk(code) if isinstance(node, ast.Call)):
        first, *rest = ast.unparse(call.func).split(".")
        called = reduce(lambda owner, name: getattr(owner, name, None), rest, names.get(first))
        if (inspect.isfunction(called) and called.__module__ not in OF_MODELS
                and "language" in inspect.signature(called).parameters):
            given = inspect.signature(called).bind_partial(*call.args, **{word.arg: word for word in call.keywords})
            assert "language" in given.arguments, ast.unparse(call)


def test_a_curve_of_longer_answers_has_a_line_per_model_or_says_that_there_is_none():
    nothing = np.full(3, np.nan)
    figure = hierarchical_curves({"softmax": (np.array([1, 0.5, 0.4]), np.array([0.2, 0.6, 0.9])), "none": (nothing, nothing)})
    [line] = figure.axes[0].lines
    assert line.get_label() == "softmax" and line.get_xydata().tolist() == [[0.2, 1], [0.6, 0.5], [0.9, 0.4]]
    assert "no curve to show" in texts(hierarchical_curves({"none": (nothing, nothing)}))[0]
