"""Claims on the tables: which comparisons they make, and how they come out in print and on runs."""

import dataclasses
from itertools import product

import numpy as np
import pytest

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.metrics.evaluation import MetricsRow
from eufcc_lib.pages.claims import claim_numbers, list_claims, read_runs, show_claim
from eufcc_lib.results import claims
from eufcc_lib.results.claims import (
    CLAIMS,
    EQUAL,
    MISSING,
    RIGHT,
    UNDECIDED,
    WRONG,
    check_printed,
    check_runs,
    get_claim,
)
from eufcc_lib.results.files import RunResult, write_result
from eufcc_lib.results.paired import sum_over_units
from eufcc_lib.results.paper import METHODS, METRICS, TABLES, Column, columns, printed
from eufcc_lib.results.provenance import provenance

MODELS = [method.name for method in METHODS]


def counts(finding):
    return {outcome: finding.count(outcome) for outcome in (RIGHT, EQUAL, UNDECIDED, WRONG, MISSING)
            if finding.count(outcome)}


def naive_counts(better, worse, number):
    """Right, equal and wrong, counted in plain loops over the printed texts."""
    right = equal = wrong = 0
    for first, second in product(better, worse):
        for place in columns(number):
            one, other = TABLES[number][first, place].value, TABLES[number][second, place].value
            if first == second or one is None or other is None:
                continue
            if one == other:
                equal += 1
            elif (one > other) == place.metric.higher_is_better:
                right += 1
            else:
                wrong += 1
    return {outcome: count for outcome, count in ((RIGHT, right), (EQUAL, equal), (WRONG, wrong)) if count}


VISION = ["multi_label", "multi_label_materials", "softmax", "softmax_wce", "hsoftmax_levels", "hsoftmax_nodes"]
CLIP = ["clip_one_tag", "clip_all_tags", "clip_prompt"]


@pytest.mark.parametrize(("name", "better", "worse", "number"), [
    ("softmax_first", ["softmax"], VISION, 1), ("fine_tuning", CLIP, ["clip_zero_shot"], 1),
    ("prompt_best", ["clip_prompt"], CLIP, 1), ("prompt_below_softmax", ["softmax"], ["clip_prompt"], 1),
    ("clip_ahead", CLIP, VISION, 2)])
def test_printed_counts_equal_those_of_plain_loops(name, better, worse, number):
    assert counts(check_printed(get_claim(name))) == naive_counts(better, worse, number)


def test_an_ensemble_meets_its_own_members_only():
    pairs = {(found.better, found.worse) for found in check_printed(get_claim("ensembles_gain")).comparisons}
    assert pairs == {("ml_s", "multi_label"), ("ml_s", "softmax"), ("ml_s_clip", "multi_label"),
                     ("ml_s_clip", "softmax"), ("ml_s_clip", "clip_prompt")}


def test_inner_meets_outer_in_the_same_model_facet_and_metric():
    finding = check_printed(get_claim("outer_lower"))
    for found in finding.comparisons:
        place = found.column.facet, found.column.metric.name
        assert found.better == found.worse
        assert found.first.value == printed(found.better, "test_id", *place).value
        assert found.second.value == printed(found.better, "test_ood", *place).value
    assert finding.made == 11 * 16 + 4


def test_a_fall_is_compared_whatever_the_level_and_rounding_noise_is_no_difference():
    finding = check_printed(get_claim("clip_falls_less"))
    [found] = [found for found in finding.comparisons if (found.better, found.worse) == ("clip_one_tag", "softmax")
               and (found.column.facet, found.column.metric.name) == ("objectTypes", "r_precision")]
    assert (found.first.value, found.second.value) == (pytest.approx(0.75 - 0.51), pytest.approx(0.50 - 0.59))
    assert found.outcome == RIGHT
    assert {found.outcome for found in finding.comparisons
            if round(found.first.value, 6) == round(found.second.value, 6)} == {EQUAL}


def test_about_equal_has_a_measure_for_shares_and_one_for_ranks():
    outcomes = {found.column.metric.name: found.outcome for found in check_printed(get_claim("one_head")).comparisons}
    assert outcomes == {"r_precision": RIGHT, "acc_at_1": RIGHT, "acc_at_10": RIGHT, "avg_rank_position": WRONG}


def test_what_the_printed_numbers_say():
    """The chapter words these; all counted by hand once."""
    verdicts = {claim.name: check_printed(claim).verdict for claim in CLAIMS}
    assert [name for name, verdict in verdicts.items() if verdict != "holds"] == [
        "softmax_first", "fine_tuning", "ensembles_gain", "clip_ahead", "top_model"]

    def wrong(name):
        return [found for found in check_printed(get_claim(name)).comparisons if found.outcome == WRONG]
    assert {(found.better, found.column.facet) for found in wrong("fine_tuning")} == {("clip_all_tags", "subjects")}
    assert {found.column.facet for found in wrong("prompt_below_softmax")} == {"subjects"}
    assert {found.better for found in wrong("outer_clip")} == {"clip_all_tags"}
    assert {found.better for found in wrong("inner_vision")} == {"softmax_wce", "hsoftmax_levels"}
    assert not wrong("balance_inner") and not wrong("balance_outer")
    materials = {found.outcome for found in check_printed(get_claim("clip_ahead")).comparisons
                 if found.column.facet == "materials"}
    assert materials == {WRONG}


@pytest.fixture(autouse=True)
def results_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "CHECKPOINTS", tmp_path / "checkpoints")


def run(model, value, facets=FACET_NAMES, width=0.01, outer=0.0, splits=("test_id", "test_ood"), providers=True):
    """A run whose shares are all `value`, on the outer test set less by `outer`, and whose ranks follow."""
    rows = []
    for split, facet in product(splits, facets):
        share = value - outer * (split == "test_ood")
        means = {metric.name: share if metric.higher_is_better else 10 - 5 * share for metric in METRICS}
        rows.append(MetricsRow(
            model, "mini", split, facet, **means, avg_rank_fraction=0.1, images=400, images_without_facet=0,
            images_outside_vocabulary=0, tags=50, tags_outside_vocabulary=0, relevant_tags_tied=0.0,
            interval={metric: [mean - width, mean + width] for metric, mean in means.items()},
            provider_interval={metric: [mean - 0.3, mean + 0.3] if providers else None
                               for metric, mean in means.items()}))
    return RunResult(provenance(model, "mini", images={"train": 9}, vocabulary_hash="01"), tuple(rows))


def measured(values, units, tags=50):
    """Runs and their numbers by unit: values are (N, models) by column, NaN where an image has no tag."""
    numbers, rows = {model: {} for model in MODELS}, {model: [] for model in MODELS}
    for split, facet in dict.fromkeys((column.split, column.facet) for column in values):
        of_facet = {column: table for column, table in values.items() if (column.split, column.facet) == (split, facet)}
        for place, model in enumerate(MODELS):
            found = sum_over_units({column: table[:, place] for column, table in of_facet.items()}, units)
            numbers[model] |= found
            means = {column.metric.name: number.value for column, number in found.items()}
            rows[model].append(MetricsRow(
                model, "mini", split, facet, **means, avg_rank_fraction=0.1, images=len(units), images_without_facet=0,
                images_outside_vocabulary=0, tags=tags, tags_outside_vocabulary=0, relevant_tags_tied=0.0,
                interval=dict.fromkeys(means), provider_interval=dict.fromkeys(means)))
    return {model: RunResult(None, tuple(some)) for model, some in rows.items()}, "objects", numbers


def columns_of(split="test_id", facets=FACET_NAMES):
    return [Column(split, facet, metric) for facet, metric in product(facets, METRICS)]


def equally_good(random, units, images):
    """All models right on an image with the same chance, which images and providers of their own raise or lower alike."""
    names = np.r_[np.arange(units), random.choice(units, images - units, p=random.dirichlet(np.ones(units)))]
    level = random.normal(0, 0.7, units)[names, None] + random.normal(0, 1, (images, 1))
    values = {}
    for facet in FACET_NAMES:
        own = random.normal(0, 0.7, (units, len(MODELS)))[names] + random.normal(0, 1, (images, len(MODELS)))
        share = np.where(random.random((images, 1)) < 0.8, 1 / (1 + np.exp(-level - own)), np.nan)
        for metric, column in zip(METRICS, (share, share > 0.5, share > 0.1, 1 + 20 * (1 - share) ** 3)):
            values[Column("test_id", facet, metric)] = np.where(np.isnan(share), np.nan, column)
    return measured(values, names)


@pytest.mark.slow
@pytest.mark.parametrize(("units", "images"), [(100, 120), (8, 120), (12, 120)], ids=["objects", "eight providers", "twelve"])
def test_among_equally_good_models_one_claim_in_twenty_finds_a_difference(units, images):
    """With each comparison for itself, claims of every comparison failed in 20 of 32, over providers in 27."""
    random, claim = np.random.default_rng(units), get_claim("softmax_first")
    wrong = [check_runs(claim, *equally_good(random, units, images)) for _ in range(60)]
    assert np.mean([finding.count(RIGHT, WRONG) > 0 for finding in wrong]) < 0.05 + 2.5 * (0.05 * 0.95 / 60) ** 0.5
    assert np.mean([finding.verdict == "fails" for finding in wrong]) < 0.1


def test_what_was_not_run_is_said_to_be_and_never_guessed():
    for claim in CLAIMS:
        finding = check_runs(claim, {})
        assert finding.verdict == MISSING
        assert len(finding.comparisons) == len(check_printed(claim).comparisons) == finding.count(MISSING)
    assert check_runs(get_claim("softmax_first"), {"softmax": run("softmax", 0.8)}).verdict == MISSING


def test_a_difference_on_the_same_objects_counts_where_its_units_are_known():
    claim = get_claim("prompt_below_softmax")
    random, softmax = np.random.default_rng(0), MODELS.index("softmax")
    values = {column: random.normal(0.5, 0.3, (80, 1)) + np.zeros(len(MODELS)) for column in columns_of()}
    for column, table in values.items():
        table[:, softmax] += random.normal(0.1, 0.1, 80) * (column.facet == "materials")
    results, over, numbers = measured(values, np.arange(80))
    finding = check_runs(claim, results, over, numbers)
    assert counts(finding) == {RIGHT: 3, WRONG: 1, EQUAL: 12}, "a rank is better when low; elsewhere all are the same"
    assert finding.verdict == "holds"
    assert counts(check_runs(claim, results, over, {"softmax": numbers["softmax"]})) == {UNDECIDED: 16}


def test_a_fall_is_compared_on_the_objects_of_each_test_set():
    values = {column: np.full((40, len(MODELS)), 0.9) + np.random.default_rng(0).normal(0, 0.01, (40, len(MODELS)))
              for split in ("test_id", "test_ood") for column in columns_of(split)}
    for column, table in values.items():
        table[:, MODELS.index("clip_prompt")] -= 0.4 * (column.split == "test_ood")
    finding = check_runs(get_claim("clip_falls_less"), *measured(values, np.arange(40)))
    shares = {(found.better, found.outcome) for found in finding.comparisons if found.column.metric.higher_is_better}
    assert shares == {("clip_prompt", WRONG), ("clip_one_tag", UNDECIDED), ("clip_all_tags", UNDECIDED)}
    inner = check_runs(get_claim("outer_lower"), *measured(values, np.arange(40)))
    assert {found.better for found in inner.comparisons if found.outcome == RIGHT} == {"clip_prompt"}


def test_a_claim_on_every_comparison_can_hold():
    """Acc@10 of ten tags is 1 in any ranking, and equal everywhere says nothing against a claim."""
    random, softmax = np.random.default_rng(0), MODELS.index("softmax")
    values = {}
    for column in columns_of():
        level = random.normal(0.5, 0.1, (60, len(MODELS)))
        level[:, softmax] += 0.3 if column.metric.higher_is_better else -0.3
        values[column] = np.ones_like(level) if column.metric.name == "acc_at_10" else level
    claim = get_claim("softmax_first")
    for tags, expected in ((10, {RIGHT: 51}), (11, {RIGHT: 51, EQUAL: 17})):
        finding = check_runs(claim, *measured(values, np.arange(60), tags))
        assert (counts(finding), finding.verdict) == (expected, "holds")
    same = {column: np.ones((60, len(MODELS))) for column in columns_of()}
    assert check_runs(claim, *measured(same, np.arange(60))).verdict == UNDECIDED
    assert counts(check_runs(claim, *measured(same, np.arange(60) // 10))) == {UNDECIDED: 68}, "six units are too few"


def test_a_difference_within_its_interval_decides_nothing():
    results = {"softmax": run("softmax", 0.8), "clip_prompt": run("clip_prompt", 0.79)}
    claim = get_claim("prompt_below_softmax")
    assert counts(check_runs(claim, results)) == {UNDECIDED: 12, RIGHT: 4}, "ranks differ by 0.05, shares by 0.01"
    assert check_runs(claim, results).verdict == UNDECIDED
    results["clip_prompt"] = run("clip_prompt", 0.7)
    assert counts(check_runs(claim, results)) == {RIGHT: 16}
    assert counts(check_runs(claim, results, "providers")) == {UNDECIDED: 16}, "a rank alone would differ, of 16 none does"
    results["clip_prompt"] = run("clip_prompt", 0.9)
    assert check_runs(claim, results).verdict == "fails"


def test_without_an_interval_nothing_is_decided():
    results = {"softmax": run("softmax", 0.9, providers=False), "clip_prompt": run("clip_prompt", 0.1, providers=False)}
    assert counts(check_runs(get_claim("prompt_below_softmax"), results, "providers")) == {UNDECIDED: 16}


def test_a_claim_on_all_fails_with_the_first_against_it_and_is_open_while_one_is():
    claim = get_claim("softmax_first")
    results = {"softmax": run("softmax", 0.8), "softmax_wce": run("softmax_wce", 0.5)}
    assert check_runs(claim, results).verdict == "holds, of those run"
    results["multi_label"] = run("multi_label", 0.799)
    assert check_runs(claim, results).verdict == "undecided, of those run"
    results["multi_label_materials"] = run("multi_label_materials", 0.9, ["materials"])
    assert check_runs(claim, results).verdict == "fails, of those run"
    assert counts(check_runs(claim, results))[WRONG] == 4


def test_about_equal_on_runs_needs_an_interval_within_the_measure():
    claim = get_claim("one_head")
    results = {"multi_label": run("multi_label", 0.8, width=0.001)}
    for value, width, verdict in ((0.805, 0.001, "holds"), (0.805, 0.05, UNDECIDED), (0.5, 0.001, "fails")):
        results["multi_label_materials"] = run("multi_label_materials", value, ["materials"], width)
        assert check_runs(claim, results).verdict == verdict


def test_falls_and_means_are_compared_on_runs():
    results = {"softmax": run("softmax", 0.9, outer=0.3), "clip_prompt": run("clip_prompt", 0.5, outer=0.1)}
    assert counts(check_runs(get_claim("outer_lower"), results))[RIGHT] == 32
    assert counts(check_runs(get_claim("clip_falls_less"), results))[RIGHT] == 16
    assert counts(check_runs(get_claim("inner_vision"), results))[RIGHT] == 4
    assert counts(check_runs(get_claim("outer_clip"), results))[WRONG] == 4
    inner_only = {"softmax": run("softmax", 0.9, splits=["test_id"])}
    assert check_runs(get_claim("outer_lower"), inner_only).verdict == MISSING


def test_most_counts_those_that_differ():
    finding = check_printed(get_claim("prompt_best"))
    assert (finding.count(RIGHT), finding.count(WRONG), finding.verdict) == (19, 10, "holds")
    even = [found for found in finding.comparisons if found.outcome == EQUAL]
    wrong = [found for found in finding.comparisons if found.outcome == WRONG]
    assert dataclasses.replace(finding, comparisons=tuple(even)).verdict == UNDECIDED
    assert dataclasses.replace(finding, comparisons=tuple(even + wrong)).verdict == "fails"


def test_claims_are_about_models_and_columns_that_the_tables_have():
    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS)
    for claim in CLAIMS:
        assert {model for pair in claim.pairs for model in pair} <= set(MODELS)
        assert claim.kind in ("better", "equal", "inner", "fall") and claim.columns()
        assert check_printed(claim).made == len(check_printed(claim).comparisons) > 0
    with pytest.raises(UserError, match="Unknown claim 'softmax_last'"):
        get_claim("softmax_last")
    with pytest.raises(UserError, match="Unknown interval 'tags'. Known intervals: objects, providers."):
        check_runs(CLAIMS[0], {}, "tags")


def test_the_chapter_shows_verdicts_and_folds_up_what_speaks_against_them():
    write_result(run("softmax", 0.8))
    write_result(run("multi_label", 0.9))
    page = show_claim("softmax_first", read_runs("mini"))._repr_html_()
    assert '<th scope="row">paper</th><td class="text"><b>fails</b></td><td>48</td><td>16</td><td>4</td><td>–</td>' in page
    assert '<th scope="row">mini</th><td class="text"><b>fails, of those run</b></td><td>–</td><td>–</td><td>16</td><td>52</td>' in page
    shown = show_claim("softmax_first", read_runs("mini"))
    assert repr(shown) == ("Softmax is better than every other single vision model. In print: fails: 48 right, 16 equal, 4 "
                           "wrong. On mini: fails, of those run: 16 wrong, 52 not run.")
    assert "In print, 4 of 68 speak against it" in page and "On mini, 16 of 16 speak against it" in page
    assert "<td>0.59</td><td>0.60</td>" in page and "<td>0.80</td><td>0.90</td>" in page
    catalan = show_claim("softmax_first", read_runs("mini", language="ca"))._repr_html_()
    assert ("Object types" in page, "Tipus d&#39;objecte" in page) == (True, False)
    assert ("Object types" in catalan, "Tipus d&#39;objecte" in catalan) == (False, True)
    assert "<details" not in show_claim("balance_inner", read_runs("mini"))._repr_html_()
    assert "−0.39" in show_claim("clip_falls_less", read_runs("mini"))._repr_html_()


def test_a_claim_on_multi_label_models_says_how_their_losses_were_reduced():
    for model, reduction in (("multi_label", {"reduction": "sum"}), ("multi_label_materials", {})):
        made = run(model, 0.8)
        write_result(dataclasses.replace(made, run=dataclasses.replace(made.run, recipe=reduction)))
    said = ("Trained on the mean over the tags: Multi-label (M). Trained on the sum over the tags: Multi-label.")
    shown = show_claim("one_head", read_runs("mini"))
    assert said in repr(shown) and said in shown._repr_html_()
    assert "Trained" not in repr(show_claim("multi_label_next", read_runs("mini")))


def test_the_summary_and_the_numbers_for_prose_agree_with_the_verdicts():
    write_result(run("softmax", 0.8))
    write_result(run("clip_prompt", 0.7))
    listed = list_claims(read_runs("mini"))
    assert listed["mini"].str.startswith("not run").sum() == claim_numbers(read_runs("mini"))["runs_not_run"]
    assert listed.loc[get_claim("prompt_below_softmax").text].tolist() == [
        "5.3, third", "holds: 12 right, 1 equal, 3 wrong", "holds: 16 right"]
    numbers = claim_numbers(read_runs("mini"))
    for where in ("paper", "runs"):
        assert sum(numbers[f"{where}_{verdict}"] for verdict in ("hold", "fail", "undecided", "not_run")) == len(CLAIMS)
    assert all(type(number) is int for number in numbers.values())
    assert numbers["fine_tuning_made"] == 48 and claims.EQUAL_SHARE < 0.05
