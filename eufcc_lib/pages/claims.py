"""The paper's claims for the chapter that reads its tables: the verdicts, and the comparisons against each."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from ..core.facets import get_facet
from ..models.registry import get_model_spec
from ..results.claims import (
    CLAIMS,
    EQUAL,
    MISSING,
    RIGHT,
    UNDECIDED,
    WRONG,
    Claim,
    Finding,
    check_printed,
    check_runs,
    get_claim,
)
from ..results.files import RunResult, data_name, read_results
from ..results.paired import UnitNumbers, read_unit_numbers
from ..results.paper import MEAN, METHODS, TEST_SPLITS
from .render import Page, render

_TITLES = {method.name: method.title for method in METHODS}


@dataclass(frozen=True)
class Runs:
    """The finished runs on a data set, as claims are checked on them.

    Attributes:
        data: the data set's name.
        results: by model.
        over: `objects` or `providers`, the units of the tests.
        numbers: by model, for those whose images' metrics were kept; see `results.paired.read_unit_numbers`.
        language: of the facets' titles.
    """

    data: str
    results: dict[str, RunResult]
    over: str
    numbers: dict[str, UnitNumbers]
    language: str = "en"

    def check(self, claim: Claim) -> Finding:
        """The claim on these runs."""
        return check_runs(claim, self.results, self.over, self.numbers)


def read_runs(data: str, over: str = "objects", language: str = "en") -> Runs:
    """The runs on a data set, with what their units add to each number, read once for all claims.

    Args:
        data: its name, which results are filed under.
    Raises:
        UserError: `over` is neither `objects` nor `providers`.
    """
    results = read_results(data)
    return Runs(data_name(data), results, over, read_unit_numbers(results, over), language)


def show_claim(name: str, runs: Runs) -> Page:
    """A claim of `claims.CLAIMS` by name, on the printed numbers and on the runs, and what speaks against it."""
    claim = get_claim(name)
    found = check_printed(claim), runs.check(claim)
    reduction = _reductions(claim, runs.results)
    text = (f"{claim.text} {f'{reduction} ' if reduction else ''}In print: {summary(found[0])}. "
            f"On {runs.data}: {summary(found[1])}.")
    return render("claim", text, claim=claim, heads=_heads(claim),
                  reduction=reduction,
                  places=[_place("paper", "In print", found[0], runs.language),
                          _place(runs.data, f"On {runs.data}", found[1], runs.language)])


def list_claims(runs: Runs) -> pd.DataFrame:
    """One row per claim: its verdict in print and on the runs."""
    rows = [(claim.text, claim.source, summary(check_printed(claim)), summary(runs.check(claim))) for claim in CLAIMS]
    return pd.DataFrame(rows, columns=["claim", "section", "paper", runs.data]).set_index("claim")


def claim_numbers(runs: Runs) -> dict[str, int]:
    """Counts for prose: claims by verdict, as `paper_VERDICT` and `runs_VERDICT`; in print `CLAIM_right` and so on."""
    numbers = {"claims": len(CLAIMS), "results": len(runs.results), "paired": len(runs.numbers)}
    words = {"holds": "hold", "fails": "fail", UNDECIDED: "undecided", MISSING: "not_run"}
    numbers |= {f"{where}_{word}": 0 for where in ("paper", "runs") for word in words.values()}
    for claim in CLAIMS:
        found = check_printed(claim)
        for where, finding in (("paper", found), ("runs", runs.check(claim))):
            numbers[f"{where}_{words[finding.verdict.split(',')[0]]}"] += 1
        numbers |= {f"{claim.name}_{outcome}": found.count(outcome) for outcome in (RIGHT, EQUAL, WRONG)}
        numbers[f"{claim.name}_made"] = found.made
    return numbers


def summary(finding: Finding) -> str:
    """The verdict and its counts, `fails: 48 right, 16 equal, 4 wrong`."""
    counts = [f"{finding.count(outcome)} {outcome}" for outcome in (RIGHT, EQUAL, UNDECIDED, WRONG, MISSING)
              if finding.count(outcome)]
    return f"{finding.verdict}: {', '.join(counts)}" if finding.made else finding.verdict


def _reductions(claim: Claim, results: dict[str, RunResult]) -> str:
    """Where only multi-label models are compared, which reduction their runs were trained with; else nothing.

    It decides how much each facet counts in a shared network.
    """
    ways = {}
    for model in dict.fromkeys(model for pair in claim.pairs for model in pair):
        if get_model_spec(model).objective != "multi_label":
            return ""
        if model in results:
            ways.setdefault(results[model].run.recipe.get("reduction", "mean"), []).append(_TITLES[model])
    return " ".join(f"Trained on the {way} over the tags: {', '.join(models)}." for way, models in ways.items())


def _place(name: str, title: str, finding: Finding, language: str) -> dict[str, object]:
    """What the template shows of a claim in print, or on the runs."""
    metrics, by_column = _by_column(finding, language)
    return {"name": name, "title": title, "verdict": finding.verdict, "made": finding.made,
            "counts": [finding.count(*outcomes) for outcomes in ((RIGHT,), (EQUAL, UNDECIDED), (WRONG,), (MISSING,))],
            "metrics": metrics, "by_column": by_column, "wrong": _one_by_one(finding)}


def _by_column(finding: Finding, language: str) -> tuple[list[str], list[tuple[str, list[tuple[int, int]]]]]:
    """Metrics, and for each facet how many comparisons in each metric are wrong, and were made."""
    made, wrong = Counter(), Counter()
    for comparison in finding.comparisons:
        if comparison.outcome != MISSING:
            place = comparison.column
            row = TEST_SPLITS[place.split] if place.facet == MEAN else get_facet(place.facet).title(language)
            made[row, place.metric.short_title] += 1
            wrong[row, place.metric.short_title] += comparison.outcome == WRONG
    rows, metrics = (list(dict.fromkeys(names)) for names in zip(*made)) if made else ((), ())
    return metrics, [(row, [(wrong[row, metric], made[row, metric]) for metric in metrics]) for row in rows]


def _heads(claim: Claim) -> dict[str, list[str]]:
    """Above the comparisons; a claim on both test sets sets a model beside itself."""
    return {"texts": ["method", "where", "metric"] if claim.kind == "inner"
            else ["said to be better", "than", "where", "metric"],
            "numbers": {"inner": ["Inner", "Outer"], "fall": ["its change", "the other's"]}.get(
                claim.kind, ["its value", "the other's"])}


def _one_by_one(finding: Finding) -> list[tuple[list[str], list[str]]]:
    """Every comparison against the claim: its texts and its two numbers."""
    kind = finding.claim.kind
    rows = []
    for found in finding.comparisons:
        if found.outcome == WRONG:
            place = found.column
            where = f"{TEST_SPLITS[place.split]}, mean" if place.facet == MEAN else get_facet(place.facet).key
            methods = [found.better] if kind == "inner" else [found.better, found.worse]
            number = f"{'+' * (kind == 'fall')}.{place.metric.decimals}f"  # a change with its sign
            rows.append(([*(_TITLES[method] for method in methods), where, place.metric.short_title],
                         [f"{side.value:{number}}".replace("-", "−") for side in (found.first, found.second)]))
    return rows
