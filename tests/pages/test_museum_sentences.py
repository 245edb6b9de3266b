"""The chapter's sentences turn with the numbers, and say so where there is little to tell."""

import pytest
from conftest import next_museum_of

from eufcc_lib.pages.next_museum import KEYS, describe_earlier, next_museum_sentences
from eufcc_lib.results.paper import METRICS

MUSEUMS = {f"Museum {number}": 0.30 + 0.05 * number for number in range(8)}


def sentences(values: dict[str, float], outer=(), **others) -> dict[str, str]:
    found = {"multi_label": next_museum_of({name: {"materials": value} for name, value in values.items()}, outside=1, annotations=10)}
    found |= {model: next_museum_of({name: {"materials": value} for name, value in given.items()}, model) for model, given in others.items()}
    said = next_museum_sentences(found, "multi_label", "materials", METRICS[0], outer)
    assert tuple(said) == KEYS
    return said


def test_mean_and_range_are_stated_with_what_they_promise():
    said = sentences(MUSEUMS)
    assert said["mean"].startswith("On providers that it has not seen, Multi-label reaches a mean R-precision of 0.47 in materials; "
                                   "the 95 % interval over 8 providers is 0.3")
    assert said["range"] == ("The 8 numbers range from 0.30 (Museum 0) to 0.65 (Museum 7). If the next museum is of the same kind, "
                             "its number lies between them with a probability of 78 %; with two museums it would be 33 %.")


@pytest.mark.parametrize(("first", "below", "mean"), [
    (0, 0, "0.32, is outside the interval: by the outer test alone, one would expect too little elsewhere."),
    (3, 3, "0.47, is within the interval: on average, this outer test does not mislead."),
    (6, 6, "0.62, is outside the interval: by the outer test alone, one would expect too much elsewhere."),
])
def test_the_outer_test_is_placed_among_all_providers(first, below, mean):
    found = sentences(MUSEUMS, [f"Museum {first}", f"Museum {first + 1}"])["outer"]
    assert found.startswith(f"The outer test has Museum {first + 1} ({0.35 + 0.05 * first:.2f}, place {7 - first} of 8) and Museum {first} (")
    assert found.endswith(f"Of the other 6 providers, {below} are below these and {6 - below} are above. Their mean, {mean}")


def test_the_hardest_is_explained_as_far_as_the_baseline_can():
    opposite = dict(zip(MUSEUMS, reversed(MUSEUMS.values()), strict=True))
    assert sentences(MUSEUMS, frequency=opposite)["hardest"].endswith("place 1 of 8: it is not hard there, which suggests unusual photographs.")
    alike = sentences(MUSEUMS, frequency=MUSEUMS)
    assert alike["hardest"].startswith("The hardest provider is Museum 0, with 0.30 (0.20 to 0.40 over its objects). 10 % of its annotations")
    assert alike["hardest"].endswith("it is in place 8 of 8: it is hard there too, which suggests unusual tags.")
    assert alike["pattern"] == ("Over the providers, the rank correlation of the number with the share of annotations outside the "
                                "vocabulary is –, and with the number of the order of frequency +1.00.")


def test_little_is_said_where_there_is_little():
    few = sentences({"Abbey": 0.5, "Bank": 0.75}, ["Bank"])
    assert few["mean"].endswith("It is the mean over 2 providers; with fewer than 8 there is no interval for it.")
    assert few["outer"] == "The outer test has Bank (0.75, place 1 of 2). The mean of all providers is 0.62."
    assert sentences({"Abbey": 0.5})["range"] == "A single provider says nothing about the next."
    assert sentences({})["mean"] == "These data name fewer than two providers, so none can be held out."


def test_what_was_computed_earlier_is_named_with_its_date():
    assert describe_earlier({}) == "All models were computed with this page."
    kept = {model: next_museum_of({"Abbey": {"materials": 0.5}}, model) for model in ("multi_label", "softmax", "mine")}
    said = describe_earlier(kept)
    assert said.startswith("The folds of `multi_label` (20") and ", `softmax` (20" in said and ") and `mine` (20" in said
