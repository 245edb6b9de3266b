"""The paper's tables beside this run, and those beside the paper's, as HTML, csv and LaTeX."""

import csv
import dataclasses
import io
import math
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.metrics.evaluation import MetricsRow
from eufcc_lib.pages.listing import listing
from eufcc_lib.pages.tables import show_table, to_csv, to_html, to_latex, write_tables
from eufcc_lib.results.files import RunResult, write_result
from eufcc_lib.results.paper import FURTHER_TABLES, METHODS, TABLES, Cell, columns
from eufcc_lib.results.provenance import provenance
from eufcc_lib.results.tables import FREQUENCY, GROUPS, difference_text, is_papers, mean_values, table
from eufcc_lib.results.toy import TOY, WITH_TOY


@pytest.fixture(autouse=True)
def results_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")


def run(model, r_precision, facets=FACET_NAMES, data="mini", splits=("test_id", "test_ood"), providers=True, test_images=400, **facts):
    """Keep a run whose every metric follows from one number, a facet apart by 0.1."""
    rows = []
    for split in splits:
        for number, facet in enumerate(facets):
            value = r_precision + number / 10
            further = {"tail_average_precision": value, "hierarchical_f1": 0.5}
            around = {"r_precision": value, "acc_at_1": value, "acc_at_10": 1.0, "avg_rank_position": 10 * value} | further
            rows.append(MetricsRow(model, data, split, facet, value, value, 1.0, 10 * value, value,
                                   images=400 if number < 3 else test_images,
                                   images_without_facet=90, images_outside_vocabulary=6, tags=10 + number,
                                   tags_outside_vocabulary=3, relevant_tags_tied=0.0, **further,
                                   interval={metric: [0.9 * mean, 1.1 * mean] for metric, mean in around.items()},
                                   provider_interval={metric: [0.5 * mean, 2 * mean] if providers else None
                                                      for metric, mean in around.items()}))
    made = provenance(model, data, **{"images": {"train": 2_400, **dict(zip(splits, (496, 330)))}, "vocabulary_hash": "01"} | facts)
    write_result(RunResult(made, tuple(rows)))


def cells(shown, model):
    """A row's own cells by (metric, facet), those of means by (metric, split)."""
    [row] = [row for row in shown.rows if row.model == model]
    return {(place.metric.name, place.facet if shown.number < 3 else place.split): cell
            for place, cell in zip(shown.columns, row.ours, strict=True)}


def open_part(html):
    """What a page shows of a table before anything is unfolded."""
    return html.partition("<details>")[0]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_before_any_run_the_paper_stands_alone_and_says_so(number):
    shown = table("mini", number)
    assert "Nothing was run on mini yet." in shown.caption
    assert not any(row.ran for row in shown.rows)
    assert [row.printed for row in shown.rows if row.model == "softmax"] == [
        tuple(cell for (model, _), cell in TABLES[number].items() if model == "softmax")]
    assert open_part(to_html(shown).html).count("<small>not run") == len(shown.rows)


def test_rows_are_the_papers_then_this_librarys_in_the_registrys_order_then_those_of_others():
    for model in ("my_model", "multi_label_sum", "asymmetric", FREQUENCY):
        run(model, 0.1)
    models = [method.name for method in METHODS]
    beyond = [FREQUENCY, "asymmetric", "multi_label_sum"]
    shown = table("mini", 1)
    assert [row.model for row in shown.rows] == [*models, *beyond, "my_model"]
    assert [row.group for row in shown.rows] == [GROUPS[0]] * len(models) + [GROUPS[1]] * 3 + [GROUPS[2]]
    models.remove("multi_label_materials")
    assert [row.model for row in table("mini", 3).rows] == [*models, *beyond, "my_model"]
    assert [row.model for row in table("mini", 4).rows] == [*beyond, "my_model"]


@pytest.mark.parametrize("number", [1, 3, *FURTHER_TABLES])
def test_each_group_of_rows_has_a_heading_and_marks_are_over_all(number):
    run("softmax", 0.3)
    run("asymmetric", 0.4)
    shown = table("mini", number)
    page, latex, lines = to_html(shown).html, to_latex(shown), list(csv.DictReader(io.StringIO(to_csv(shown))))
    for group in dict.fromkeys(row.group for row in shown.rows):
        assert open_part(page).count(f"><span>{group}</span></th>") == 1
        assert latex.count(rf"\multicolumn{{{1 + len(shown.columns)}}}{{l}}{{\textit{{{group}}}}} \\") == 1
    assert {line["model"]: line["group"] for line in lines if line["run"] == "yes"} == (
        {} if number == 6 else {"softmax": GROUPS[0], "asymmetric": GROUPS[1]})
    if number == 1:
        best, other = (cells(shown, model)["r_precision", "objectTypes"] for model in ("asymmetric", "softmax"))
        assert best.bold and not other.bold


def test_columns_are_in_the_papers_order():
    titles = [(place.metric.short_title, place.facet) for place in table("mini", 2).columns]
    assert titles[:5] == [("R-Prec", "objectTypes"), ("R-Prec", "materials"), ("R-Prec", "classifications"),
                          ("R-Prec", "subjects"), ("Acc@1", "objectTypes")]


def test_best_is_bold_and_equal_ones_share_it():
    for model, value in (("multi_label", 0.301), ("softmax", 0.299), ("clip_prompt", 0.25), (FREQUENCY, 0.1)):
        run(model, value)
    shown = table("mini", 1)
    best = {model: cells(shown, model)["r_precision", "objectTypes"] for model in ("multi_label", "softmax")}
    assert {cell.text for cell in best.values()} == {"0.30"}
    assert all(cell.bold for cell in best.values())
    other = cells(shown, "clip_prompt")
    assert other["avg_rank_position", "objectTypes"].text == "2.5"
    assert cells(shown, FREQUENCY)["avg_rank_position", "objectTypes"].bold, "the least rank is the best"
    assert not any(cell.bold or cell.underlined for (metric, _), cell in other.items() if metric == "acc_at_10"), "all are equal"


def test_underlined_is_all_that_cannot_be_told_from_the_best():
    """Each interval reaches a tenth of the number to both sides, and the difference of two a little further than either."""
    for model, value in (("multi_label", 0.5), ("softmax", 0.48), ("clip_prompt", 0.45), (FREQUENCY, 0.1)):
        run(model, value)
    shown = table("mini", 1)
    marks = {model: cells(shown, model)["r_precision", "objectTypes"].emphasis
             for model in ("multi_label", "softmax", "clip_prompt", FREQUENCY)}
    assert marks == {"multi_label": "bold", "softmax": "underlined", "clip_prompt": "underlined", FREQUENCY: "plain"}
    assert not any(cell.bold or cell.underlined for row in table("mini", 1, marked=False).rows for cell in row.ours)
    assert shown.notes[0].startswith("Bold: best of this run. Underlined: cannot be told from the best")


def test_a_column_of_few_test_images_is_grey_and_says_how_many():
    run("multi_label", 0.3, test_images=29)
    shown = table("mini", 1)
    assert [shown.few(index) for index in range(4)] == [False] * 3 + [True], "the last facet is the small one"
    page = to_html(shown).html
    assert 'title="Subjects">S<small>n&nbsp;29</small></th>' in page and page.count('<td class="few"') == 4 * len(shown.rows)
    assert "Fewer than 30 test images: S 29 (inner). These columns are grey." in page
    means = table("mini", 3)
    assert not any(map(means.few, range(8))), "a mean is over four facets"
    assert any(note == "Fewer than 30 test images: S 29 (inner), S 29 (outer). The means hold these facets too." for note in means.notes)


def test_the_toy_clip_is_said_to_have_begun_from_nothing():
    toy = {"recipe": {"family": "clip"}, "weights": "image network: ImageNet; the rest random (seed 0)"}
    run("clip_prompt", 0.3, **toy)
    run("ml_s_clip", 0.3, recipe={"members": ["multi_label", "clip_prompt"]})
    run("clip_one_tag", 0.3, recipe={"family": "clip"}, weights="OpenAI")
    run("multi_label", 0.3)
    notes = {row.model: row.note for row in table("mini", 1).rows if row.ran}
    assert notes == {"multi_label": "", "clip_one_tag": "", "clip_prompt": TOY, "ml_s_clip": WITH_TOY}
    assert f"<small>{TOY}</small>" in to_html(table("mini", 1)).html


@pytest.mark.parametrize(("data", "same"), [("mini", (False, False)), ("eufcc340k", (True, True)), ("eufcc340k-laptop", (True, False)),
                                            ("museums", (False, False))])
def test_the_paper_is_compared_only_on_its_own_images(data, same):
    run("multi_label", 0.3, data=data)
    assert tuple(is_papers(data, split) for split in ("test_id", "test_ood")) == same
    for number, compared in zip((1, 2), same):
        lines = to_csv(table(data, number)).splitlines()
        assert ("(difference)" in lines[0]) == compared
    for split, compared in zip(("test_id", "test_ood"), same):
        assert ("Paper</th>" in listing(data, split).html) == compared


def test_a_model_of_one_facet_fills_that_column_and_has_no_mean():
    run("multi_label", 0.3)
    run("multi_label_materials", 0.4, facets=["materials"])
    filled = {place for place, cell in cells(table("mini", 1), "multi_label_materials").items() if cell.text}
    assert filled == {(metric, "materials")
                      for metric in ("r_precision", "acc_at_1", "acc_at_10", "avg_rank_position")}
    run("only_materials", 0.4, facets=["materials"])
    assert not any(cell.text for cell in cells(table("mini", 3), "only_materials").values())


def test_means_are_over_the_facets_that_the_data_has():
    run("multi_label", 0.3, facets=["objectTypes", "materials"])
    shown = cells(table("mini", 3), "multi_label")
    assert shown["r_precision", "test_id"].text == "0.35"
    assert shown["avg_rank_position", "test_ood"].text == "3.5"
    named = mean_values("mini", ["multi_label", "frequency"])
    assert named["multi_label_r_precision_inner"] == pytest.approx(0.35)
    assert named["multi_label_r_precision_inner_low"] == pytest.approx((0.9 * 0.3 + 0.9 * 0.4) / 2)


def test_a_split_that_was_not_evaluated_stays_empty():
    run("multi_label", 0.3, splits=["test_id"])
    assert not any(cell.text for cell in cells(table("mini", 2), "multi_label").values())
    named = mean_values("mini", ["multi_label", "frequency"])
    assert {name for name, value in named.items() if not math.isnan(value)} == {
        f"multi_label_{metric}_inner{end}" for metric in ("r_precision", "acc_at_1", "acc_at_10", "avg_rank_position",
                                                          "tail_average_precision", "hierarchical_f1")
        for end in ("", "_low", "_high")}
    assert math.isnan(named["frequency_r_precision_inner"]) and math.isnan(named["multi_label_r_precision_outer_low"])


def test_caption_states_data_split_sizes_and_vocabulary():
    run("multi_label", 0.3)
    shown = table("mini", 1)
    caption = f"{shown.caption} {' '.join(shown.notes)}"
    assert "mini" in shown.caption
    assert "Training 2,400, Inner test 496, Outer test 330" in caption
    assert "OT 10, M 11, C 12, S 13" in caption
    assert "Careful" not in caption and "Trained on" not in caption


def test_caption_of_the_laptops_part_says_how_its_training_differs():
    run("multi_label", 0.3, data="eufcc340k-laptop")
    inner, outer = (" ".join(table("eufcc340k-laptop", number).notes) for number in (1, 2))
    assert "Trained on 2,400 images" in inner and "the paper's models were trained on about 277,000." in inner
    assert "do not compare" in outer and "do not compare" not in inner


def test_caption_warns_of_images_that_a_run_left_out():
    run("multi_label", 0.3)
    run("softmax", 0.3, images={"test_id": 495})
    assert table("mini", 1).notes[-1].startswith("Careful")


@pytest.mark.parametrize(("part", "facts"), [("vocabulary", lambda number: {"vocabulary_hash": number}),
                                             ("annotations", lambda number: {"annotations": number}),
                                             ("test_id", lambda number: {"split_hashes": {"test_id": number}})])
def test_numbers_on_different_data_share_no_table(part, facts):
    run("multi_label", 0.3, **facts("01"))
    run("softmax", 0.3, **facts("02"))
    with pytest.raises(UserError, match=f"'multi_label' and 'softmax' were measured on different data \\({part} 01 and 02\\)"):
        table("mini", 1)


def test_run_without_a_number_on_the_outer_test_has_a_dash_there_and_no_warning():
    run("multi_label", 0.3)
    run("frequency_provider", 0.2, splits=("test_id",))
    assert {cell.text for cell in cells(table("mini", 2), "frequency_provider").values()} == {None}
    assert "Careful" not in " ".join(table("mini", 1).notes)


def test_an_unknown_table_is_refused():
    with pytest.raises(UserError, match="Unknown table '0'. Known tables: 1, 2, 3, 4, 5"):
        table("mini", 0)


def test_further_tables_hold_the_means_of_what_was_run_and_nothing_of_the_paper():
    assert not table("mini", 4).rows and "Nothing was run on mini yet." in table("mini", 4).caption
    run("my_model", 0.2)
    run("softmax", 0.3)
    run(FREQUENCY, 0.1)
    shown = table("mini", 4)
    assert [row.model for row in shown.rows] == ["softmax", FREQUENCY, "my_model"]
    assert shown.caption == "The tail, means over the facets: runs on mini."
    found = cells(shown, "softmax")
    assert found["tail_average_precision", "test_id"] == Cell("0.45", bold=True) and found["propensity_r_precision", "test_ood"].text is None
    assert not any(cell.text for row in shown.rows for cell in row.printed)
    assert cells(table("mini", 5), "my_model")["hierarchical_f1", "test_ood"] == Cell("0.50"), "all are equal"
    assert len(columns(4)) == 2 * len(FURTHER_TABLES[4][1])


class Outline(HTMLParser):
    """Counts cells row by row, and refuses tags that do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.widths, self.attributes = [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag != "br":  # it has no end
            self.open.append(tag)
        self.attributes.append((tag, attributes))
        if tag == "tr":
            self.widths.append(0)
        if tag in ("td", "th"):
            self.widths[-1] += int(attributes.get("colspan", 1))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("number", [1, 2, 3, *FURTHER_TABLES])
def test_html_is_well_formed_accessible_and_asks_for_nothing(number):
    run("multi_label", 0.3)
    run("a.b", 0.2)
    shown = table("mini", number)
    page = show_table("mini", number)
    outline = Outline()
    outline.feed(page._repr_html_())
    assert outline.open == []
    folded = page.html.partition("<details>")[2]
    widths = {1 + len(shown.columns)} if not folded else {9, 1 + len(shown.columns) - 8}
    assert set(outline.widths) == widths, "eight columns before the fold"
    heads = [attributes for tag, attributes in outline.attributes if tag == "th"]
    assert all(attributes["scope"] in ("row", "col", "colgroup", "rowgroup") for attributes in heads)
    assert sum(attributes["scope"] == "row" for attributes in heads) == len(shown.rows) * (2 if folded else 1)
    assert "<caption>" in page.html
    assert not re.search(r"https?:|url\(|@import|<script|<style|<link|<img", page.html)
    assert repr(page) == f"Table {number}. {shown.caption}"


def test_a_cell_reads_out_which_number_is_the_papers():
    run("multi_label", 0.3)
    page = to_html(table("mini", 1)).html
    assert 'aria-label="0.30, paper 0.60">0.30<br><small>0.60</small></td>' in page.replace("<b>", "").replace("</b>", "")
    assert 'aria-label="not run, paper 0.59">–<br><small>0.59</small></td>' in page
    assert not re.search(r"<td[^>]*>–</td>", page[:page.index("Multi-label (M)")])


def test_text_is_escaped_in_html_and_latex():
    shown = dataclasses.replace(table("mini", 1), caption="50 % of <b> & $x_1^2$ {~\\#}", notes=())
    assert "50 % of &lt;b&gt; &amp; $x_1^2$" in to_html(shown).html
    assert (r"\caption{50 \% of <b> \& \$x\_1\textasciicircum{}2\$ \{\textasciitilde{}\textbackslash{}\#\}}"
            in to_latex(shown))


@pytest.mark.parametrize("number", [1, 2, 3, *FURTHER_TABLES])
def test_latex_has_as_many_cells_in_every_line(number):
    run("my_model", 0.3)
    text = to_latex(table("mini", number))
    lines = [line for line in text.splitlines() if line.endswith(r"\\")]
    for line in lines:
        spans = sum(int(width) - 1 for width in re.findall(r"\\multicolumn{(\d+)}", line))
        assert len(re.findall(r"(?<!\\)&", line)) + spans == len(table("mini", number).columns)
    assert (r"my\_model" in text) == (number != 6), "it has no probabilities"
    assert (r"\textbf{0.99}" in text) == (number in TABLES), "the paper's"
    assert text.count("{") == text.count("}")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_latex_compiles(tmp_path):
    if subprocess.run(["kpsewhich", "booktabs.sty"], stdout=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("LaTeX is here without the package booktabs")
    body = "".join(to_latex(table("mini", number)) for number in (1, 2, 3, *FURTHER_TABLES))
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "tables.tex").write_text(document)
    subprocess.run(["pdflatex", "-interaction=batchmode", "-halt-on-error", "tables.tex"], cwd=tmp_path, check=True)


def test_latex_has_a_line_of_intervals_for_each_run():
    run("multi_label", 0.3)
    lines = to_latex(table("mini", 1)).splitlines()
    [place] = [number for number, line in enumerate(lines) if line.startswith("Multi-label &")]
    assert lines[place + 1].startswith(
        r"\quad{\footnotesize 95\,\%} & {\scriptsize\shortstack[r]{0.33\\0.27}} & ")
    assert lines[place + 2].startswith(r"\quad{\footnotesize paper} & ")
    assert sum("shortstack" in line for line in lines) == 1


@pytest.mark.parametrize(("ours", "paper", "text"), [
    ("0.30", "0.60", "-0.30"), ("11.8", "9.7", "+2.1"), ("0.60", "0.60", "0.00"), (None, "0.60", ""), ("0.3", None, "")])
def test_difference_is_between_the_numbers_as_shown(ours, paper, text):
    assert difference_text(Cell(ours), Cell(paper)) == text


def test_csv_holds_seven_numbers_for_every_column_on_the_papers_data():
    run("multi_label", 0.3, data="eufcc340k")
    lines = list(csv.DictReader(io.StringIO(to_csv(table("eufcc340k", 1)))))
    first = lines[0]
    assert (first["method"], first["run"]) == ("Multi-label", "yes")
    assert (first["R-precision OT"], first["R-precision OT (paper)"]) == ("0.30", "0.60")
    assert first["R-precision OT (difference)"] == "-0.30"
    assert [first[f"R-precision OT ({end})"] for end in ("low", "high", "provider low", "provider high")] == [
        "0.27", "0.33", "0.15", "0.60"]
    assert len(first) == 4 + 7 * 16
    assert {line["run"] for line in lines[1:]} == {"not run"}


def test_all_tables_are_written_beside_the_results():
    run("multi_label", 0.3, data="museums")
    written = write_tables("../anywhere/museums")
    assert [path.relative_to(paths.RESULTS).as_posix() for path in written] == [
        f"museums/table_{number}.{suffix}" for number in (1, 2, 3, *FURTHER_TABLES) for suffix in ("csv", "tex")]
    assert all(path.stat().st_size > 0 for path in written)
    assert b"\r" not in written[0].read_bytes()


def test_listing_has_every_method_facet_and_mean_of_a_test_set_on_a_line_of_its_own():
    run("multi_label", 0.3, data="eufcc340k")
    run("a.b", 0.2, data="eufcc340k", providers=False)
    page = listing("eufcc340k", "test_ood")._repr_html_()
    outline = Outline()
    outline.feed(page)
    assert outline.open == [] and set(outline.widths) == {6, 4}
    assert page.count("<details") == 6 and page.count("<details open>") == 1
    # 12 methods, the baseline and the other run; Multi-label (M) has no line in three facets and the mean, and the
    # baseline none without a run.
    assert page.count('scope="row"') == 4 * (5 * 13 - 4) + 2 * 2, "of two further metrics the means of both runs"
    assert ('<th scope="row">Multi-label</th><td>0.30</td><td>0.27–0.33</td><td>0.15–0.60</td><td>0.45</td>'
            "<td>−0.15</td>") in page
    assert '<th scope="row">Softmax</th><td>not run</td><td></td><td></td><td>0.50</td><td></td>' in page
    assert '<th scope="row">a.b</th><td>0.20</td><td>0.18–0.22</td><td></td><td></td><td></td>' in page
    assert "Outer test set, AvgRankPos" in page and "Inner" not in page
    assert not re.search(r"https?:|url\(|@import|<script|<style|<link|<img", page)


def test_facets_are_called_in_the_language_asked_for():
    page = to_html(table("mini", 1, "ca")).html + listing("mini", "test_ood", "ca")._repr_html_()
    assert page.count("Temes") >= 2 and "Subjects" not in page


def test_listing_of_no_test_set_is_refused():
    with pytest.raises(UserError, match="Unknown test set 'val'. Known test sets: test_id, test_ood."):
        listing("mini", "val")
