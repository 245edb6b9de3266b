"""How the chapter on reading the tables shows a claim: its verdicts, and the comparisons that speak against it."""

import html
from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from ..core.facets import get_facet
from ..data.dataset import Dataset
from ..results.claims import (
    CLAIMS,
    EQUAL,
    MISSING,
    RIGHT,
    UNDECIDED,
    WRONG,
    Claim,
    Comparison,
    Finding,
    check_printed,
    check_runs,
    get_claim,
)
from ..results.estimates import Estimate
from ..results.files import RunResult, data_name, read_results
from ..results.paired import Draws, resample_runs
from ..results.paper import MEAN, METHODS, TEST_SPLITS, Metric
from .tables import TABLE_CSS

_TITLES = {method.model: method.title for method in METHODS}


@dataclass(frozen=True)
class Verdicts:
    """A claim on the printed numbers and on the runs on `data`; a notebook shows it as HTML."""

    data: str
    printed: Finding
    runs: Finding
    language: str = "en"

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("", "verdict", "right", "neither", "wrong", "not run"))
        lines = "".join(_verdict_line(title, finding) for title, finding in
                        (("paper", self.printed), (self.data, self.runs)))
        claim = self.printed.claim
        return (f'<style>{TABLE_CSS}{_CSS}</style><div class="eufcc-claim"><p><em>{html.escape(claim.text)}</em> '
                f'<small>(section {claim.source})</small></p>'
                f'{_scrolling("verdicts", f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody>")}'
                f'{_against("In print", self.printed, self.language)}'
                f'{_against(f"On {self.data}", self.runs, self.language)}</div>')


@dataclass(frozen=True)
class Runs:
    """The finished runs on a data set, as claims are checked on them.

    Attributes:
        data: the data set's name.
        results: by model.
        over: `images` or `providers`, whose intervals decide.
        draws: by model, for those whose scores are at hand; see `pairing.resample_runs`.
        language: of the facets' titles.
    """

    data: str
    results: dict[str, RunResult]
    over: str
    draws: dict[str, Draws]
    language: str = "en"

    def check(self, claim: Claim) -> Finding:
        """The claim on these runs."""
        return check_runs(claim, self.results, self.over, self.draws)


def read_runs(data: str, dataset: Dataset | None = None, over: str = "images", language: str = "en") -> Runs:
    """The runs on a data set, their images resampled once for all claims.

    Args:
        data: its name, which results are filed under.
        dataset: the data set, if it is at hand: with it and the kept scores models are compared image by image.

    Raises:
        UserError: `over` is neither `images` nor `providers`.
    """
    results = read_results(data)
    return Runs(data_name(data), results, over, resample_runs(dataset, results, over), language)


def show_claim(name: str, runs: Runs) -> Verdicts:
    """A claim of `claims.CLAIMS` by name, on the printed numbers and on the runs."""
    claim = get_claim(name)
    return Verdicts(runs.data, check_printed(claim), runs.check(claim), runs.language)


def list_claims(runs: Runs) -> pd.DataFrame:
    """One line a claim: what became of it in print and on the runs."""
    rows = [(claim.text, claim.source, _summary(check_printed(claim)), _summary(runs.check(claim))) for claim in CLAIMS]
    return pd.DataFrame(rows, columns=["claim", "section", "paper", runs.data]).set_index("claim")


def claim_numbers(runs: Runs) -> dict[str, int]:
    """Counts for prose: claims by verdict, as `paper_VERDICT` and `runs_VERDICT`; in print `CLAIM_right` and so on."""
    numbers = {"claims": len(CLAIMS), "results": len(runs.results), "paired": len(runs.draws)}
    words = {"holds": "hold", "fails": "fail", UNDECIDED: "undecided", MISSING: "not_run"}
    numbers |= {f"{where}_{word}": 0 for where in ("paper", "runs") for word in words.values()}
    for claim in CLAIMS:
        found = check_printed(claim)
        for where, finding in (("paper", found), ("runs", runs.check(claim))):
            numbers[f"{where}_{words[finding.verdict.split(',')[0]]}"] += 1
        numbers |= {f"{claim.name}_{outcome}": found.count(outcome) for outcome in (RIGHT, EQUAL, WRONG)}
        numbers[f"{claim.name}_made"] = found.made
    return numbers


def _summary(finding: Finding) -> str:
    """The verdict and its counts, `fails: 48 right, 16 equal, 4 wrong`."""
    counts = [f"{finding.count(outcome)} {outcome}" for outcome in (RIGHT, EQUAL, UNDECIDED, WRONG, MISSING)
              if finding.count(outcome)]
    return f"{finding.verdict}: {', '.join(counts)}" if finding.made else finding.verdict


def _verdict_line(title: str, finding: Finding) -> str:
    cells = "".join(f"<td>{finding.count(*outcomes) or '–'}</td>"
                    for outcomes in ((RIGHT,), (EQUAL, UNDECIDED), (WRONG,), (MISSING,)))
    return f'<tr><th scope="row">{html.escape(title)}</th><td><b>{finding.verdict}</b></td>{cells}</tr>'


def _against(place: str, finding: Finding, language: str) -> str:
    """The wrong comparisons, folded up: how many in each column, then one by one."""
    wrong = [comparison for comparison in finding.comparisons if comparison.outcome == WRONG]
    if not wrong:
        return ""
    return (f"<details><summary>{html.escape(place)}, {len(wrong)} of {finding.made} speak against it</summary>"
            f"{_by_column(finding, language)}{_one_by_one(finding, wrong)}</details>")


def _by_column(finding: Finding, language: str) -> str:
    """`3 / 12` for each metric and facet: wrong ones, of those made."""
    counts: dict[tuple[str, Metric], list[int]] = defaultdict(lambda: [0, 0])
    for comparison in finding.comparisons:
        if comparison.outcome != MISSING:
            place = comparison.column
            row = TEST_SPLITS[place.split] if place.facet == MEAN else get_facet(place.facet).title(language)
            counts[row, place.metric][0] += comparison.outcome == WRONG
            counts[row, place.metric][1] += 1
    rows, metrics = (list(dict.fromkeys(side)) for side in zip(*counts, strict=True))
    heads = "".join(f'<th scope="col">{metric.short_title}</th>' for metric in metrics)
    lines = "".join(f'<tr><th scope="row">{row}</th>' + "".join(
        f"<td>{wrong} / {made}</td>" for wrong, made in (counts[row, metric] for metric in metrics)) + "</tr>"
        for row in rows)
    return _scrolling("wrong of those compared", f'<thead><tr><th scope="col">wrong / compared</th>{heads}</tr></thead>'
                                                 f"<tbody>{lines}</tbody>")


def _one_by_one(finding: Finding, wrong: list[Comparison]) -> str:
    """A line a comparison; a claim on both test sets sets a model beside itself."""
    itself = finding.claim.kind == "inner"
    texts = ["method", "where", "metric"] if itself else ["said to be better", "than", "where", "metric"]
    numbers = {"inner": ["Inner", "Outer"], "fall": ["its change", "the other's"]}.get(
        finding.claim.kind, ["its value", "the other's"])
    heads = "".join(f'<th scope="col" class="text">{head}</th>' for head in texts) + "".join(
        f'<th scope="col">{head}</th>' for head in numbers)
    lines = []
    for found in wrong:
        others = ([] if itself else [_TITLES[found.worse]]) + [_where(found), found.column.metric.short_title]
        lines.append(f'<tr><th scope="row">{_TITLES[found.better]}</th>'
                     + "".join(f'<td class="text">{text}</td>' for text in others)
                     + "".join(f"<td>{_number(finding, found, side)}</td>" for side in (found.first, found.second))
                     + "</tr>")
    return _scrolling("comparisons against the claim", f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody>")


def _where(found: Comparison) -> str:
    return f"{TEST_SPLITS[found.column.split]}, mean" if found.column.facet == MEAN else get_facet(found.column.facet).key


def _number(finding: Finding, found: Comparison, estimate: Estimate) -> str:
    """As the metric is printed; a change with its sign."""
    decimals = found.column.metric.decimals
    return (f"{estimate.value:+.{decimals}f}" if finding.claim.kind == "fall"
            else f"{estimate.value:.{decimals}f}").replace("-", "−")


def _scrolling(label: str, table: str) -> str:
    return (f'<div class="eufcc-table" role="region" tabindex="0" aria-label="{label}"><table class="cells">{table}'
            "</table></div>")


_CSS = """
div.eufcc-claim p{margin:.25rem 0}
div.eufcc-claim summary{cursor:pointer}
div.eufcc-claim div.eufcc-table{margin:.5rem 0}
div.eufcc-claim .cells .text{text-align:left}
div.eufcc-claim .cells tbody td,div.eufcc-claim .cells thead th,div.eufcc-claim .cells tbody th{white-space:normal}
@media (max-width:600px){div.eufcc-claim .cells th,div.eufcc-claim .cells td{padding:.25rem .2rem;font-size:.72rem}}
"""
