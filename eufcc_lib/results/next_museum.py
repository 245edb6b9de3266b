"""How models do on museums that they have not seen: the numbers of each held-out provider, and what they say together.

`results/DATA/next_museum/MODEL.json` has one line per provider. `training.providers` writes it.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..core import paths
from ..core.errors import UserError
from ..core.facets import FACET_NAMES, FACETS
from ..core.numbers import percent
from ..data.dataset import Dataset
from ..metrics.bootstrap import mean_intervals
from ..metrics.evaluation import MetricsRow, metric_ranges
from .estimates import Bounds, Estimate
from .files import file_name
from .paper import Metric
from .provenance import Provenance, portable


@dataclass(frozen=True)
class HeldOut:
    """A provider, and the numbers of a model that was trained without it.

    Attributes:
        fold: number of its group, from 1; the providers of a group are held out together.
        identity: 16 hex digits of everything that the numbers depend on, see `training.identity`.
        vocabulary_hash: of the tags that were ranked, counted in this fold's training images.
        training_images, validation_images: of the other providers.
        images: of this provider, as far as they could be read.
        annotations: by facet its annotations (image, tag), those outside the vocabulary included.
        seconds: of the fold, from its first image to its scores; those of the members that a model is made of are included.
        rows: its metrics, facet by facet; empty where the other providers have no tag with enough images.
    """

    provider: str
    fold: int
    identity: str
    vocabulary_hash: str
    training_images: int
    validation_images: int
    images: int
    annotations: dict
    seconds: float
    rows: tuple[MetricsRow, ...]


@dataclass(frozen=True)
class NextMuseum:
    """A model's numbers on every provider, each held out once.

    Attributes:
        run: the origin of the numbers; its vocabulary hash is empty, as each fold has its own.
        folds: number of groups of providers.
        unknown: images without a provider, which are in no fold.
        held_out: by fold, then by name.
    """

    run: Provenance
    folds: int
    unknown: int
    held_out: tuple[HeldOut, ...]


@dataclass(frozen=True)
class Spread:
    """One metric over the providers that have it.

    Attributes:
        providers: by name, best first; their intervals are over objects.
        mean: over providers, each with the same weight, whatever its number of images.
        interval: its 95 % interval over providers; None with fewer than `bootstrap.FEWEST_UNITS`.
        higher_is_better: of the metric.
    """

    providers: dict[str, Estimate]
    mean: float
    interval: Bounds | None
    higher_is_better: bool

    @property
    def worst(self) -> str:
        """The provider with the worst number."""
        return list(self.providers)[-1]

    @property
    def range(self) -> Bounds:
        """The lowest and the highest number."""
        values = [estimate.value for estimate in self.providers.values()]
        return min(values), max(values)

    @property
    def chance(self) -> float:
        """The probability that the next provider lies within the range of these n: (n - 1) / (n + 1).

        Of n + 1 numbers that could have come in any order, the last is as likely to take any place as any other.
        """
        return (len(self.providers) - 1) / (len(self.providers) + 1)


def next_museum_path(data: str, model: str) -> Path:
    """`results/DATA/next_museum/MODEL.json`: a folder of its own, as other files in results/DATA are runs."""
    return paths.RESULTS / file_name("data", data) / "next_museum" / f"{file_name('model', model)}.json"


def write_next_museum(result: NextMuseum) -> Path:
    """Write the file, with one line per provider, and return its path.

    Raises:
        UserError: it cannot be written.
    """
    path = next_museum_path(result.run.data, result.run.model)
    run = json.dumps(portable(dataclasses.asdict(result.run)), indent=1, ensure_ascii=False, allow_nan=False)
    lines = ",\n".join(" " + json.dumps(portable(dataclasses.asdict(held)), ensure_ascii=False, allow_nan=False)
                       for held in result.held_out)
    try:
        with paths.atomic(path) as temporary:
            temporary.write_text(f'{{"run": {run},\n"folds": {result.folds},\n"unknown": {result.unknown},\n'
                                 f'"held_out": [\n{lines}\n]}}\n', encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}); the folds before are kept.") from None
    return path


def read_next_museum(data: str, model: str) -> NextMuseum | None:
    """A model's kept numbers; None where there is no file, or one that this version did not write."""
    return _read(next_museum_path(data, model))


def read_held_out(data: str, model: str) -> dict[str, HeldOut]:
    """The providers in the file, by name; none where there is no file, or one that this version did not write."""
    result = read_next_museum(data, model)
    return {held.provider: held for held in result.held_out} if result else {}


def read_earlier(data: str, results: Mapping[str, NextMuseum]) -> dict[str, NextMuseum]:
    """Further models whose numbers are kept, by name: those of all folds, measured on the same images and tags as `results`.

    For rows that take hours: `eufcc next-museum` computes them once, and the chapter shows them beside its own. A line names
    those that cannot stand beside them.
    """
    found = {path.stem: _read(path) for path in sorted(next_museum_path(data, "any").parent.glob("*.json")) if path.stem not in results}
    alike = set(map(_measured, results.values()))
    others = [model for model, result in found.items() if result is None or {_measured(result)} != alike]
    if others:
        print(f"Kept numbers of other images, tags or folds are left out: {', '.join(others)}. `eufcc next-museum` computes them again.")
    return {model: result for model, result in found.items() if model not in others}


def _measured(result: NextMuseum) -> tuple:
    """What two models' numbers must share to stand beside each other."""
    return tuple(sorted((held.provider, held.vocabulary_hash, held.training_images, held.images) for held in result.held_out))


def _read(path: Path) -> NextMuseum | None:
    """None where there is no file, or one that this version did not write."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        held_out = (HeldOut(**{**held, "rows": tuple(MetricsRow(**row) for row in held["rows"])}) for held in content["held_out"])
        return NextMuseum(**{**content, "run": Provenance(**content["run"]), "held_out": tuple(held_out)})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def find_spread(result: NextMuseum, facet: str, metric: Metric) -> Spread | None:
    """A metric in a facet over the providers; None where no provider has it.

    A provider with fewer than `bootstrap.FEWEST_UNITS` objects in the facet is left out, for its number is mostly chance.
    That is also why there is no mean over facets here: one facet with two objects would decide it.

    The interval of the mean is the studentised bootstrap over providers, each one unit. It assumes museums that are drawn
    independently, and folds that are independent too, which they are not: any two models share most of their training
    images. Where one provider more or less hardly changes a model, that matters little (Bayle et al. 2020); a test
    simulates how little.
    """
    rows = {held.provider: row for held in result.held_out for row in held.rows
            if row.facet == facet and row.interval.get(metric.name) is not None}
    if not rows:
        return None
    sign = -1 if metric.higher_is_better else 1
    best_first = sorted(rows, key=lambda provider: (sign * getattr(rows[provider], metric.name), provider))
    estimates = {provider: Estimate(getattr(rows[provider], metric.name), tuple(rows[provider].interval[metric.name]))
                 for provider in best_first}
    values = np.array([estimate.value for estimate in estimates.values()])
    lowest, highest = zip(*(metric_ranges(row.tags)[metric.name] for row in rows.values()), strict=True)
    interval = mean_intervals({metric.name: values}, {metric.name: (min(lowest), max(highest))}, np.arange(len(values)))[metric.name]
    return Spread(estimates, float(values.mean()), interval and tuple(interval), metric.higher_is_better)


def main_facet(results: Mapping[str, NextMuseum]) -> str:
    """The facet in which most images were measured for the first model; `UserError` where there is no model."""
    if not results:
        raise UserError("Parameter 'models' names no model; expected one or more, such as 'multi_label frequency'.")
    rows = [row for held in next(iter(results.values())).held_out for row in held.rows]
    return max(FACET_NAMES, key=lambda facet: sum(row.images for row in rows if row.facet == facet))


def share_outside(held: HeldOut, facet: str) -> float:
    """The share of a provider's annotations in a facet whose tag too few images of the others have; NaN without annotations."""
    outside = sum(row.tags_outside_vocabulary for row in held.rows if row.facet == facet)
    return outside / held.annotations[facet] if held.rows and held.annotations.get(facet) else math.nan


def outer_providers(dataset: Dataset) -> list[str]:
    """The providers of the outer test that are in no other split: whom the data set's authors held out."""
    others = {name for split, records in dataset.records.items() if split != "test_ood" for name in records.providers}
    outer = dataset.records["test_ood"].providers if "test_ood" in dataset.records else ()
    return sorted({name for name in outer if name} - others)


def next_museum_frame(results: Mapping[str, NextMuseum], facet: str, metric: Metric) -> pd.DataFrame:
    """One row per provider, best first for the first model: its images with the facet, the share of its annotations outside the
    vocabulary, and each model's number with its interval over objects; a dash for fewer objects than an interval needs."""
    spreads = {model: find_spread(result, facet, metric) for model, result in results.items()}
    held_out = {held.provider: held for result in reversed(results.values()) for held in result.held_out}
    order = {provider: None for spread in spreads.values() if spread for provider in spread.providers}
    rows = {}
    for provider in [*order, *(name for name in held_out if name not in order)]:
        held = held_out[provider]
        rows[provider] = {"images": sum(row.images for row in held.rows if row.facet == facet),
                          "annotations outside": percent(share, 1) if (share := share_outside(held, facet)) >= 0 else "–"}
        for model, spread in spreads.items():
            rows[provider][model] = _text(spread and spread.providers.get(provider), metric)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("held-out provider")


def spread_frame(results: Mapping[str, NextMuseum], metric: Metric) -> pd.DataFrame:
    """One row per facet and model: providers, their mean with its interval, the worst, and the range from the lowest to the
    highest, in which the next provider lies with the probability in the last column."""
    rows = {}
    for facet in FACETS:
        for model, result in results.items():
            if spread := find_spread(result, facet.name, metric):
                rows[facet.title(), model] = {
                    "providers": len(spread.providers), "mean": _text(Estimate(spread.mean, spread.interval), metric),
                    "worst": spread.worst, "range": " to ".join(f"{end:.{metric.decimals}f}" for end in spread.range),
                    "next museum within it": percent(spread.chance)}
    columns = ["providers", "mean", "worst", "range", "next museum within it"]
    return pd.DataFrame(list(rows.values()), pd.MultiIndex.from_tuples(rows, names=["facet", "model"]) if rows else None, columns)


def _text(estimate: Estimate | None, metric: Metric) -> str:
    if estimate is None:
        return "–"
    number = f".{metric.decimals}f"
    bounds = f" [{estimate.objects[0]:{number}}, {estimate.objects[1]:{number}}]" if estimate.objects else ""
    return f"{estimate.value:{number}}{bounds}"
