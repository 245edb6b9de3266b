"""Sentences that compare turn with the numbers."""

import numpy as np
import pandas as pd
import pytest

from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.pages import verdicts
from eufcc_lib.results.estimates import Estimate
from eufcc_lib.results.files import RunResult
from eufcc_lib.results.provenance import provenance
from eufcc_lib.training.recipes import get_recipe


def compared(*bounds) -> pd.DataFrame:
    rows = [("test_id", f"model_{place}", "best", 0.5, 0.5, np.nanmean([low, high]) if low < high else 0.0, low, high)
            for place, (low, high) in enumerate(bounds)]
    return pd.DataFrame(rows, columns=["split", "ensemble", "member", "r_precision", "best", "difference", "low", "high"])


def test_an_ensemble_is_better_only_where_its_whole_interval_is():
    said = verdicts.describe_ensembles(compared((0.1, 0.3), (-0.3, -0.1), (-0.1, 0.3)))
    assert said == ("On the inner test, `model_0` (+0.200) is clearly better than its best member; `model_1` (−0.200) is clearly worse than "
                    "its best member; `model_2` (+0.100) is not clearly different from its best member.")
    assert "`model_0` (−0.200) and `model_1` (−0.200) are clearly worse than their best member" in verdicts.describe_ensembles(
        compared((-0.3, -0.1), (-0.3, -0.1)))
    assert "too few objects" in verdicts.describe_ensembles(compared((np.nan, np.nan)))
    assert "nothing to compare" in verdicts.describe_ensembles(compared())


@pytest.mark.parametrize(("bounds", "said"), [
    ((0.01, 0.2), ": agreement is a sign of a right answer."), ((-0.2, -0.01), ": agreement is a sign of a wrong answer."),
    ((-0.01, 0.2), "(95 % interval −1.0 to +20.0): agreement is no clear sign of a right answer."), (None, "too few objects for an interval."),
])
def test_agreement_is_a_sign_only_where_its_interval_leaves_zero_out(bounds, said):
    agreement = pd.DataFrame({"one": [0.9, 0.8]}, index=["the same tag", "two tags"])
    assert verdicts.describe_agreement("one", "two", agreement, Estimate(0.1, bounds)).endswith(said)
    assert "no comparison" in verdicts.describe_agreement("one", "two", agreement, Estimate(np.nan))


@pytest.mark.parametrize(("inner", "outer", "said"), [
    ((0.5, 0.7), (0.4, 0.5), "also keeps more, 80 % against 71 %. On the outer test itself `b` is ahead, 0.50 against 0.40."),
    ((0.2, 0.7), (0.1, 0.5), "`a` fares better; as a share of its inner number it keeps less, 50 % against 71 %."),
    ((0.7, 0.2), (0.6, 0.05), "also keeps more, 86 % against 25 %. On the outer test itself `a` is ahead"),
    ((0.7, 0.5), (0.6, 0.4), "The two lose equally much."),
    ((0.7, 0.5), (0.6, np.nan), "stays open"),
])
def test_who_travels_better_is_read_from_the_numbers(inner, outer, said):
    assert said in verdicts.describe_travel(pd.DataFrame({"Inner": inner, "Outer": outer}, index=["a", "b"]), "a", "b")


def test_the_toy_clip_is_marked_and_another_is_not():
    recipe, results = get_recipe("mini", "clip"), {}
    for model, weights in (("clip_prompt", "image network: ImageNet; the rest random (seed 0)"), ("clip_one_tag", "OpenAI")):
        results[model] = RunResult(provenance(model, "mini", images={}, vocabulary_hash="", recipe=recipe, weights=weights), ())
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=["clip_prompt", "clip_one_tag", "multi_label"])
    assert verdicts.mark_toy(frame, results).index.tolist() == ["clip_prompt\u00a0*", "clip_one_tag", "multi_label"]
    assert "began from random weights" in verdicts.describe_toy(results, frame.index)
    assert verdicts.describe_toy(results, ["clip_one_tag", "multi_label"]) == ""


def test_a_tag_alone_on_its_level_is_named():
    tree = arrange_tree("materials", {"a": {TOP: 1}, "b": {TOP: 1}, "c": {"a": 1}, "d": {"c": 1}, "e": {"c": 1}})
    alone = arrange_tree("subjects", {"only": {TOP: 1}})
    assert "*c* on level 2 of the materials is alone" in verdicts.describe_lone_tags(Vocabulary({"materials": tree, "subjects": alone}))
    assert "no tag is alone" in verdicts.describe_lone_tags(Vocabulary({"subjects": alone}))


def test_choices_are_sorted_by_what_the_seed_alone_makes():
    columns = pd.MultiIndex.from_tuples([("Inner test", "M", 500), ("Outer test", "S", 23)], names=["test set", "facet", "images"])
    rows = {"seed only": [0.01, 0.1], "big": [0.05, 0], "some": [0.015, 0.9], "none": [0.01, 0.9], "empty": [np.nan, np.nan]}
    said = verdicts.describe_ranges(pd.DataFrame.from_dict(rows, orient="index", columns=columns)).splitlines()[2:]
    assert said[0].endswith("in at least one column: big (0.050 where the seed alone makes 0.010: materials, inner test).")
    assert "some (0.015" in said[1] and said[2].endswith("in any column**: none.")
    assert "no choice can be compared" in verdicts.describe_ranges(pd.DataFrame.from_dict(rows, orient="index", columns=columns).iloc[:, 1:])
