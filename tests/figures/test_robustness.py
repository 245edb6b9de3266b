"""The figures on unknown museums: every number at its place, and a sentence where there is none."""

import pytest
from conftest import next_museum_of
from matplotlib.figure import Figure

from eufcc_lib.figures.next_museum import held_out_figure
from eufcc_lib.figures.robustness import FAMILIES, find_points, printed_points, robustness
from eufcc_lib.figures.style import NARROW
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results.files import read_results
from eufcc_lib.results.paper import METRICS, TABLES


@pytest.fixture(scope="module")
def results():
    """Those of the mini museum, and the figure of them: no test changes either."""
    return read_results("mini")


@pytest.fixture(scope="module")
def figure(results):
    return robustness(results)


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def points(axes, title: str) -> list[tuple[float, float]]:
    return [tuple(line.get_xydata()[0]) for line in axes.lines if line.get_label() == title]


def test_a_model_stands_where_its_two_means_are(results, figure):
    assert [axes.get_title(loc="left") for axes in figure.axes] == [metric.title for metric in METRICS]
    inner, outer = ([row.r_precision for row in results["frequency"].rows if row.split == split] for split in ("test_id", "test_ood"))
    assert points(figure.axes[0], "Tag frequency") == [pytest.approx((sum(inner) / len(inner), sum(outer) / len(outer)))]
    assert "frequency_provider" in results and not [point for point in find_points(results, METRICS[0]) if "provider" in point.title]


def test_the_best_model_on_the_outer_test_is_named(results, figure):
    for axes, metric in zip(figure.axes, METRICS):
        [said] = [text.get_text() for text in axes.texts]
        values = {point.title: point.outer.value for point in find_points(results, metric)}
        assert values[said.removeprefix("best outer:\n")] == (max if metric.higher_is_better else min)(values.values())


def test_every_family_has_a_sign():
    assert {spec.family for spec in MODELS.values()} <= set(FAMILIES)


def test_the_paper_stands_beside_with_each_of_its_methods(figure):
    printed = printed_points(METRICS[3])
    assert len(printed) == len({model for model, _ in TABLES[3]})
    hollow = [line for line in figure.axes[3].lines if line.get_markerfacecolor() == "none"]
    assert len(hollow) == len(printed) and {"CLIP", "CLIP, paper", "equal numbers"} <= set(legend(figure))


def test_every_point_and_interval_is_within_its_panel_whose_axes_are_alike(figure):
    for axes in figure.axes:
        assert axes.get_xlim() == axes.get_ylim()
        low, high = axes.get_xlim()
        assert all(low - 1e-9 <= value <= high + 1e-9 for line in axes.lines for value in line.get_xydata().ravel())


def test_a_phone_gets_the_panels_below_each_other(figure):
    narrow = figure.narrow()
    assert narrow.get_figwidth() == pytest.approx(NARROW) and len(narrow.axes) == len(figure.axes) == 4 and narrow.narrow is None
    assert len({axes.get_subplotspec().colspan.start for axes in narrow.axes}) == 1


def test_without_a_run_on_both_test_sets_the_figure_is_a_sentence(results):
    assert isinstance(robustness({}), Figure)
    assert isinstance(robustness({"frequency_provider": results["frequency_provider"]}), Figure)


def test_a_held_out_provider_has_a_row_of_its_own_in_every_facet():
    found = {"multi_label": next_museum_of({"Abbey": {"materials": 0.5, "subjects": 0.2}, "Bank": {"materials": 0.75}}),
             "frequency": next_museum_of({"Abbey": {"materials": 0.25}, "Bank": {"materials": 0.25}}, "frequency")}
    figure = held_out_figure(found, METRICS[0], "materials", ["Bank"])
    materials, _ = figure.axes
    names = materials.get_yticklabels()
    assert [(name.get_text(), name.get_weight()) for name in names] == [("Bank", "bold"), ("Abbey", "normal")]
    [dots] = [line for line in materials.lines if line.get_label() == "Multi-label"]
    assert list(dots.get_xdata()) == [0.75, 0.5] and [round(place) for place in dots.get_ydata()] == [0, 1]
    assert any(list(line.get_xdata()) == [0.4, 0.6] for line in materials.lines)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Materials", "Subjects"]
    assert "Multi-label" in legend(figure)
    nothing = held_out_figure({"frequency": next_museum_of({})}, METRICS[0], "materials")
    assert "No provider could be held out" in nothing.axes[0].texts[0].get_text()
