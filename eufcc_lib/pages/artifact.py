"""The artifact appendix: what it takes to repeat the project at three levels, and what should come out.

Everything is read from the runs of this checkout, or quoted from the paper with its section; what nobody has measured is
said to be so.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..collection.http import duration
from ..collection.sources import LAPTOP
from ..collection.subset import SIZES, THUMBNAIL_BYTES
from ..core import paths
from ..core.numbers import thousands
from ..data.official_counts import INNER_IMAGES
from ..data.paper_counts import IMAGES, OUTER_PROVIDERS
from ..models.registry import MODELS
from ..results.claims import CLAIMS, Claim, check_printed
from ..results.estimates import find_estimate
from ..results.files import RunResult, data_name, read_results
from ..results.paper import METHODS, METRICS, TRAINING_DEVICE, TRAINING_HOURS, Column, columns, printed
from .claims import read_runs, summary
from .lists import list_runs

NOT_MEASURED = "not measured"

_RATE = 10.0  # thumbnails per second, the default of `eufcc thumbnails`


@dataclass(frozen=True)
class Level:
    """One of the ways to repeat the project.

    Attributes:
        title: how long it takes, in words.
        data: the data set's name.
        commands: what to type.
        images: to fetch; 0 where the data are drawn or at hand.
    """

    title: str
    data: str
    commands: str
    images: int = 0


LEVELS = (
    Level("minutes on a laptop", "mini", "make book"),
    Level("hours on one GPU", LAPTOP, f"eufcc fetch eufcc340k --subset laptop; eufcc train MODEL --data {LAPTOP} --recipe paper "
          "--set on_broken=skip", SIZES["train"] + SIZES["val"] + OUTER_PROVIDERS * SIZES["test_ood"] + INNER_IMAGES),
    Level("days on four GPUs", "eufcc340k", "eufcc fetch; eufcc thumbnails data/eufcc340k/SPLIT.csv data/eufcc340k; eufcc train MODEL "
          "--data eufcc340k --recipe paper --set on_broken=skip --processes 4", IMAGES),
)
"""How long the trainings take is known of the first from its runs, and of the last from the paper."""


def choose_levels(data: str) -> tuple[Level, ...]:
    """The levels, and before them this data set, where it is none of theirs."""
    name = data_name(data)
    if name in {level.data for level in LEVELS}:
        return LEVELS
    return (Level("this copy of the book", name, f"make book DATA={name}"), *LEVELS)


def describe_levels(data: str, runs: str) -> pd.DataFrame:
    """What each level needs and takes, a column per level.

    Args:
        data: the data set of the executed notebooks.
        runs: their folder.
    """
    levels = choose_levels(data)
    pages = list_runs(runs)
    described = {level.title: _describe(level, read_results(level.data), pages if level.data == data_name(data) else None)
                 for level in levels}
    return pd.DataFrame(described).rename_axis("")


def _describe(level: Level, results: dict[str, RunResult], pages: pd.DataFrame | None) -> dict[str, str]:
    fetched = (f"{level.images:,} images, about {level.images * THUMBNAIL_BYTES / 1e9:.1f} GB, "
               f"{duration(level.images / _RATE)} at {_RATE:g} per second" if level.images else "nothing")
    kept = {folder.name: _size(folder / level.data) for folder in (paths.DATA, paths.CHECKPOINTS)}
    return {
        "data": level.data, "commands": level.commands, "to fetch": fetched,
        "on disk": ", ".join(f"{name}/ {size / 1e9:.2f} GB" for name, size in kept.items() if size) or NOT_MEASURED,
        "machine": "; ".join(sorted({result.run.device for result in results.values()}))
        or (f"{TRAINING_DEVICE} (paper)" if level.data == "eufcc340k" else NOT_MEASURED),
        "training": _training(level, results),
        "pages of the book": f"{len(pages)} in {duration(pages['seconds'].sum())}" if pages is not None and len(pages)
        else NOT_MEASURED}


def _training(level: Level, results: dict[str, RunResult]) -> str:
    """How long the trainings took, here or in the paper."""
    seconds = [result.run.seconds for result in results.values() if result.run.seconds]
    if seconds:
        return f"{len(seconds)} model{'s' * (len(seconds) > 1)} in {duration(sum(seconds))}"
    if level.data != "eufcc340k":
        return NOT_MEASURED
    families = [MODELS[method.name].family for method in METHODS if MODELS[method.name].objective]
    low, high = (sum(TRAINING_HOURS[family][side] for family in families) / 24 for side in (0, 1))
    return f"{len(families)} models in {low:.0f} to {high:.0f} days (paper, section 5.2)"


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; 0 if it is not there."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def list_expected(data: str) -> pd.DataFrame:
    """The mean R-precision over the facets that each method should reach at each level, on the inner and the outer test.

    A number of a run comes with its tolerance: how far its 95 % interval over objects reaches, the farther side. On the same
    machine, with the same seed, the number itself comes out. Printed numbers have no tolerance.
    """
    places = [place for place in columns(3) if place.metric == METRICS[0]]
    found = {}
    for level in choose_levels(data):
        results = read_results(level.data)
        for place in places:
            column = (level.title, "inner" if place.split == "test_id" else "outer")
            found[column] = {method.title: _expected(level, results, method.name, place) for method in METHODS}
    return pd.DataFrame(found).rename_axis("method")


def _expected(level: Level, results: dict[str, RunResult], model: str, place: Column) -> str:
    estimate = find_estimate(results, model, place)
    if estimate:
        reach = max(abs(bound - estimate.value) for bound in estimate.objects) if estimate.objects else None
        return f"{estimate.value:.2f}" + (f" ± {reach:.2f}" if reach is not None else "")
    cell = printed(model, place.split, place.facet, place.metric.name).text if level.data == "eufcc340k" else None
    return f"{cell} (paper)" if cell else NOT_MEASURED if not results and level.data != "eufcc340k" else "–"


def list_expected_claims(data: str) -> pd.DataFrame:
    """The verdict on each claim of the paper that is to be expected at each level: of the runs there, or else of the print.

    The tolerance of a verdict is its test: a comparison counts only where chance alone would hardly make it.
    """
    levels = choose_levels(data)
    runs = {level.data: read_runs(level.data) for level in levels if read_results(level.data)}

    def verdict(claim: Claim, level: Level) -> str:
        if level.data in runs:
            return summary(runs[level.data].check(claim))
        return f"{summary(check_printed(claim))} (paper)" if level.data == "eufcc340k" else NOT_MEASURED

    rows = [(claim.text, claim.source, *(verdict(claim, level) for level in levels)) for claim in CLAIMS]
    return pd.DataFrame(rows, columns=["claim", "section", *(level.title for level in levels)]).set_index("claim")


def artifact_numbers(data: str) -> dict[str, str]:
    """For prose: the models run on the data, the seconds they took, and the claims checked."""
    results = read_results(data)
    return {"models": str(len(results)), "training": duration(sum(result.run.seconds or 0 for result in results.values())),
            "claims": str(len(CLAIMS)), "laptop_images": thousands(LEVELS[1].images)}
