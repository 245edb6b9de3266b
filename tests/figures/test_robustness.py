"""The figures on unknown museums: every number at its place, and a sentence where there is none."""

import json

import pytest
from conftest import next_museum_of
from matplotlib.figure import Figure

from eufcc_lib.figures.next_museum import held_out_figure
from eufcc_lib.figures.robustness import FAMILIES, find_points, printed_points, robustness
from eufcc_lib.models.registry import MODELS
from eufcc_lib.results.files import read_results
from eufcc_lib.results.paper import METRICS, TABLES


def visible(figure) -> list:
    return [trace for trace in figure.data if trace.visible]


def test_a_model_stands_where_its_two_means_are():
    results = read_results("mini")
    (trace,) = (trace for trace in visible(robustness(results)) if trace.name == "Frequency")
    rows = [row for row in results["frequency"].rows if row.split == "test_id"]
    assert trace.x == pytest.approx((sum(row.r_precision for row in rows) / len(rows),))
    assert trace.customdata[0].startswith("<b>Tag frequency</b><br>inner 0.")
    assert "frequency_provider" in results and not [point for point in find_points(results, METRICS[0]) if "provider" in point.title]


def test_every_family_has_a_sign():
    assert {spec.family for spec in MODELS.values()} <= set(FAMILIES)


def test_the_paper_stands_beside_with_each_of_its_methods():
    printed = printed_points(METRICS[3])
    assert len(printed) == len({model for model, _ in TABLES[3]})
    hollow = [trace for trace in visible(robustness(read_results("mini"))) if (trace.name or "").endswith("paper")]
    assert sum(len(trace.x) for trace in hollow) == len(printed) and all(trace.marker.symbol.endswith("-open") for trace in hollow)


def test_the_menu_shows_one_metric_at_a_time_within_its_axes():
    figure = robustness(read_results("mini"))
    for button in figure.layout.updatemenus[0].buttons:
        shown = [trace for trace, seen in zip(figure.data, button.args[0]["visible"], strict=True) if seen]
        low, high = button.args[1]["xaxis.range"]
        if button.args[1]["xaxis.type"] == "log":
            low, high = 10 ** low, 10 ** high
        assert button.args[1]["yaxis.range"] == button.args[1]["xaxis.range"]
        assert shown[0].name == "equal numbers" and tuple(shown[0].x) == tuple(shown[0].y)
        assert all(low - 1e-9 <= value <= high + 1e-9 for trace in shown for value in (*trace.x, *trace.y))
    assert json.loads(figure.to_json())  # what a notebook stores


def test_without_a_run_on_both_test_sets_the_figure_is_a_sentence():
    assert isinstance(robustness({}), Figure)
    assert isinstance(robustness({"frequency_provider": read_results("mini")["frequency_provider"]}), Figure)


def test_a_held_out_provider_has_a_row_of_its_own_in_every_facet():
    found = {"multi_label": next_museum_of({"Abbey": {"materials": 0.5, "subjects": 0.2}, "Bank": {"materials": 0.75}}),
             "frequency": next_museum_of({"Abbey": {"materials": 0.25}, "Bank": {"materials": 0.25}}, "frequency")}
    figure = held_out_figure(found, METRICS[0], "materials", ["Bank"])
    names, *_ = visible(figure)
    assert names.text == ("<b>Bank</b>", "Abbey")
    dots = {trace.name: trace for trace in visible(figure) if trace.mode == "markers"}
    assert dots["Multi-label"].x == (0.75, 0.5) and [round(y) for y in dots["Multi-label"].y] == [0, 1]
    assert dots["Multi-label"].customdata[1].startswith("<b>Abbey</b><br>Multi-label: 0.50, 0.40 to 0.60<br>10 images")
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["Materials", "Subjects"]
    assert isinstance(held_out_figure({"frequency": next_museum_of({})}, METRICS[0], "materials"), Figure)
