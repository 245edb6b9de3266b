"""What a choice changes: one model tried with several settings, side by side, leaving no results behind.

For the chapter on the decisions that the paper leaves open; the settings themselves are `recipes`.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from .datasets import Dataset
from .facets import FACET_NAMES, get_facet
from .labels import Labels
from .metrics import MetricsRow, evaluate
from .models import get_model_spec
from .recipes import get_recipe
from .records import SPLIT_TITLES
from .results import load_scores
from .taxonomy import Vocabulary, unfold
from .training import try_model

TESTS = ("test_id", "test_ood")


def compare_settings(model: str, dataset: Dataset, settings: Iterable[Mapping], recipe: str = "mini",
                     seed: int = 0) -> pd.DataFrame:
    """R-Precision of a model under several settings: a row a setting, columns test set and facet.

    Args:
        settings: overrides of the recipe; `seed` among them is the run's.
        recipe: what they override.
    """
    rows = {}
    for given in settings:
        overrides = {name: value for name, value in given.items() if name != "seed"}
        chosen = get_recipe(recipe, get_model_spec(model).family, **overrides)
        label = ", ".join(f"{name} = {value}" for name, value in given.items()) or "as it is"
        rows[label] = _tests(try_model(model, dataset, chosen, given.get("seed", seed)))
    return _frame(rows)


def compare_vocabularies(model: str, datasets: Mapping[str, Dataset], recipe: str = "mini", seed: int = 0) -> pd.DataFrame:
    """The same under several vocabularies, by their names; also how many tags are ranked and left out of the tests."""
    chosen = get_recipe(recipe, get_model_spec(model).family)
    results = {name: try_model(model, dataset, chosen, seed) for name, dataset in datasets.items()}
    frame = _frame({name: _tests(rows) for name, rows in results.items()})
    tested = {name: [row for row in rows if row.split in TESTS] for name, rows in results.items()}
    frame[("tags", "ranked")] = [sum(row.tags for row in rows if row.split == rows[0].split) for rows in tested.values()]
    frame[("annotations", "left out")] = [sum(row.tags_outside_vocabulary for row in rows) for rows in tested.values()]
    return frame


def compare_rounding(model: str, dataset: Dataset, split: str = "test_id") -> pd.DataFrame:
    """What ranking on probabilities in fewer digits does to a finished run: R-Precision and the share of tied tags.

    Raises:
        UserError: the model was not trained on this data.
    """
    scores = load_scores(dataset.name, model, split, dataset.split(split).ids, dataset.vocabulary.hash)
    ways = {"logits, float32": lambda values: values,
            "probabilities, float32": _sigmoid,
            "probabilities, float16": lambda values: _sigmoid(values).astype(np.float16),
            "probabilities, two decimals": lambda values: _sigmoid(values).round(2)}
    rows = {}
    for name, way in ways.items():
        for row in _evaluate_kept({facet: way(values).astype(np.float32) for facet, values in scores.items()}, dataset, split):
            rows.setdefault(name, {})[("R-Precision", get_facet(row.facet).key)] = row.r_precision
            rows[name][("tied", get_facet(row.facet).key)] = row.relevant_tags_tied
    return pd.DataFrame.from_dict(rows, orient="index").sort_index(axis=1, level=0, sort_remaining=False).round(3)


def count_places(vocabulary: Vocabulary) -> pd.DataFrame:
    """For each facet its tags, those with several parents, and the places of all tags (`taxonomy.unfold`)."""
    rows = {get_facet(facet).title(): {"tags": len(tree), "with several parents": sum(len(set(parents) - {tag}) > 1
                                       for tag, parents in enumerate(tree.parents)), "places": len(unfold(tree)[1])}
            for facet, tree in vocabulary.taxonomies.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def spread(frame: pd.DataFrame) -> float:
    """The largest difference that the choice makes in any test set and facet."""
    values = frame[[column for column in frame.columns if column[0] in set(SPLIT_TITLES.values())]]
    return float((values.max() - values.min()).max())


def _evaluate_kept(scores: Mapping[str, np.ndarray], dataset: Dataset, split: str) -> list[MetricsRow]:
    """The metrics of kept scores, without the images that could not be read."""
    read = np.flatnonzero(~np.any([np.isnan(values).any(1) for values in scores.values()], axis=0))
    labels = {facet: Labels(facet, kept.matrix[read], kept.outside[read]) for facet, kept in dataset.labels(split).items()}
    return evaluate({facet: values[read] for facet, values in scores.items()}, labels, "rounded", dataset.name, split)


def _tests(rows: Iterable[MetricsRow]) -> dict[tuple[str, str], float]:
    return {(SPLIT_TITLES[row.split], get_facet(row.facet).key): row.r_precision for row in rows if row.split in TESTS}


def _frame(rows: Mapping[str, Mapping[tuple[str, str], float]]) -> pd.DataFrame:
    """A row a name; columns in the order of the splits and the facets."""
    order = [(SPLIT_TITLES[split], get_facet(facet).key) for split in TESTS for facet in FACET_NAMES]
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame = frame[[column for column in order if column in frame.columns]].round(3)
    frame.columns = pd.MultiIndex.from_tuples(frame.columns)
    return frame


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-values.astype(np.float64)))).astype(np.float32)
