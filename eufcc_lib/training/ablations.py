"""Ablations: one model with several settings, vocabularies or gaps in its records side by side, without keeping results.

For the chapters on the decisions that the paper leaves open and on missing tags; the settings are those of `recipes`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from ..collection.sources import open_dataset
from ..core.facets import FACET_NAMES, get_facet
from ..data.dataset import Dataset
from ..data.images.loader import find_missing
from ..data.labels import Labels
from ..data.records import SPLIT_TITLES
from ..data.taxonomy import Taxonomy, Vocabulary, unfold
from ..metrics.evaluation import MetricsRow
from ..models.frequency import class_counts
from ..models.registry import get_model_spec
from ..models.vision import tagged
from ..results.judgeable import evaluated_splits, judgeable_facets, read_evaluated
from ..results.missing_tags import Trial, measure_trial
from ..results.scores import Scores
from .recipes import SELECTIONS, Recipe, get_recipe
from .run import try_model

TESTS = ("test_id", "test_ood")

OWN_TAGS, COMMON_TAGS = "each its own tags", "the tags that all have"


def compare_settings(model: str, dataset: Dataset, settings: Iterable[Mapping], recipe: str = "mini",
                     seed: int = 0) -> pd.DataFrame:
    """R-Precision of a model under several settings: one row per setting, columns test set and facet.

    Where no test set can judge the model nothing is trained, a line says so, and there is no column.

    Args:
        settings: overrides of the recipe, and `seed`, the run's.
        recipe: the name of the recipe.
    """
    rows, tested = {}, _is_tested(dataset, model)
    for given in settings:
        overrides = {name: value for name, value in given.items() if name != "seed"}
        chosen = _recipe(model, dataset, recipe, **overrides)
        label = ", ".join(f"{name} = {value}" for name, value in given.items()) or "baseline"
        trial = try_model(model, dataset, chosen, given.get("seed", seed)) if tested else {}
        rows[label] = [row for scores in trial.values() for row in scores.measure()]
    return _frame(rows)


def list_selections(dataset: Dataset) -> list[dict[str, str]]:
    """The values of `select` to compare; without a validation split the last epoch alone."""
    if "val" in dataset.records:
        return [{"select": way} for way in SELECTIONS]
    print(f"{dataset.name} has no validation split, by which the best epoch would be known.")
    return [{"select": "last"}]


def open_vocabularies(data: str) -> dict[str, Dataset]:
    """The data set with the tags of its training split and, if it has label files, with theirs."""
    counted = open_dataset(data)
    if not (counted.root / "labels").is_dir():
        print(f"{counted.name} has no label files, so it has one vocabulary.")
        return {"training split": counted}
    return {"training split": counted, "label files": open_dataset(data, vocabulary="labels")}


def compare_tags(datasets: Mapping[str, Dataset], language: str = "en") -> pd.DataFrame:
    """Vocabularies of one data set, with one row per facet.

    Columns by vocabulary are its tags, the tags with several parents, and the training images of the rarest tag; one
    more is the number of tags that all vocabularies contain.
    """
    rows = {}
    for facet in FACET_NAMES:
        trees = {name: dataset.vocabulary[facet] for name, dataset in datasets.items()}
        images = {name: class_counts(dataset, [facet])[facet] for name, dataset in datasets.items()}
        rows[get_facet(facet).title(language)] = (
            {("tags", name): len(tree) for name, tree in trees.items()} | {("tags", "in all"): len(_common_tags(datasets, facet))}
            | {("with several parents", name): _count_several_parents(tree) for name, tree in trees.items()}
            | {("fewest training images", name): min(counts, default=0) for name, counts in images.items()})
    return pd.DataFrame.from_dict(rows, orient="index")


def compare_vocabularies(model: str, datasets: Mapping[str, Dataset], recipe: str = "mini", seed: int = 0) -> pd.DataFrame:
    """R-Precision under several vocabularies, with the number of ranked tags and of annotations left out of the tests.

    Rows are in two groups: `OWN_TAGS`, where each vocabulary is a separate task, and `COMMON_TAGS`, where each model
    ranks only the tags that every vocabulary contains, so that rows are comparable. A vocabulary without any tag for the
    model is left out, and a line says so. Where no test set can judge the model, see `compare_settings`.
    """
    for name, dataset in datasets.items():
        if not tagged(get_model_spec(model), dataset.vocabulary):
            print(f"{name}: no tag is left to learn.")
    datasets = {name: dataset for name, dataset in datasets.items()
                if tagged(get_model_spec(model), dataset.vocabulary)} or datasets
    chosen = _recipe(model, dataset, recipe)
    trials = {name: [scores for split, scores in try_model(model, dataset, chosen, seed).items() if split in TESTS]
              if _is_tested(dataset, model) else [] for name, dataset in datasets.items()}
    rows = {(OWN_TAGS, name): [row for scores in trial for row in scores.measure()] for name, trial in trials.items()}
    rows |= {(COMMON_TAGS, name): [row for scores in trial for row in _measure_common(scores, datasets)]
             for name, trial in trials.items()}
    frame = _frame(rows)
    frame["tags", "ranked"] = [sum(row.tags for row in given if row.split == given[0].split) for given in rows.values()]
    frame["annotations", "left out"] = [sum(row.tags_outside_vocabulary for row in given) for given in rows.values()]
    return frame


def try_hidden(models: Iterable[str], datasets: Mapping[float, Dataset], recipe: str = "mini",
               seed: int = 0) -> dict[tuple[str, float], dict[str, Trial]]:
    """Train each model with each share of the known tags hidden, and measure it on the test sets.

    Where no test set can judge the models nothing is trained, a line says so, and there is no entry.

    Args:
        datasets: by share, see `data.hiding.hide_tags`. Those with a finished run of this recipe and seed, most likely the
            one without hidden tags, are not trained again.
    """
    found = {}
    for model, (share, dataset) in product(models, datasets.items()):
        if found or _is_tested(dataset, model):
            trial = try_model(model, dataset, _recipe(model, dataset, recipe), seed)
            found[model, share] = {split: measure_trial(scores) for split, scores in trial.items() if split in TESTS}
        else:  # the tests are the same for all
            break
    return found


def compare_rounding(model: str, dataset: Dataset, split: str) -> pd.DataFrame:
    """R-Precision and the share of tied tags when a finished run is ranked by probabilities with fewer digits.

    Args:
        split: see `results.judgeable.choose_split`.
    Raises:
        UserError: the model was not trained on this data.
    """
    scores = read_evaluated(dataset, model, split)
    ways = {"logits, float32": lambda values: values,
            "probabilities, float32": _sigmoid,
            "probabilities, float16": lambda values: _sigmoid(values).astype(np.float16),
            "probabilities, two decimals": lambda values: _sigmoid(values).round(2)}
    rows = {}
    for name, way in ways.items():
        rounded = {facet: way(values).astype(np.float32) for facet, values in scores.values.items()}
        for row in replace(scores, values=rounded).measure():
            rows.setdefault(name, {})[("R-precision", get_facet(row.facet).key)] = row.r_precision
            rows[name][("tied", get_facet(row.facet).key)] = row.relevant_tags_tied
    return pd.DataFrame.from_dict(rows, orient="index").sort_index(axis=1, level=0, sort_remaining=False).round(3)


def count_levels(vocabulary: Vocabulary, language: str = "en") -> pd.DataFrame:
    """Per facet its tags, the levels of its tree, and those with a single tag."""
    rows = {}
    for facet, tree in vocabulary.taxonomies.items():
        levels = np.bincount(tree.depth)
        rows[get_facet(facet).title(language)] = {"tags": len(tree), "levels": len(levels),
                                                  "with one tag": int((levels == 1).sum())}
    return pd.DataFrame.from_dict(rows, orient="index")


def count_places(vocabulary: Vocabulary, language: str = "en") -> pd.DataFrame:
    """Per facet its tags, the tags with several parents, and the places of all tags (`taxonomy.unfold`)."""
    rows = {get_facet(facet).title(language): {"tags": len(tree), "with several parents": _count_several_parents(tree),
                                       "places": len(unfold(tree)[1])}
            for facet, tree in vocabulary.taxonomies.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def compare_ranges(frames: Mapping[str, pd.DataFrame], dataset: Dataset) -> pd.DataFrame:
    """The range of R-Precision under each choice: its highest value minus its lowest.

    Args:
        frames: by the name of the choice, one row per setting, columns as in `compare_settings` or more.
    Returns:
        One row per choice; columns test set, facet and the number of images that each value is a mean over. NaN for a
        choice with a single row.
    """
    images = {(SPLIT_TITLES[split], get_facet(facet).key): np.count_nonzero(np.diff(labels.matrix.indptr))
              for split in TESTS if split in dataset.records for facet, labels in dataset.labels(split).items()}
    rows = {}
    for name, frame in frames.items():
        values = frame[[column for column in frame.columns if column in images]]
        spread = (values.max() - values.min()) if len(values) > 1 else values.max() * math.nan
        rows[name] = {(*column, images[column]): value for column, value in spread.items()}
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    ranges = _table(rows, pd.MultiIndex.from_frame(pd.DataFrame(columns, columns=["test set", "facet", "images"])))
    ranges.attrs["images"] = {column: column[2] for column in columns}
    return ranges


def _is_tested(dataset: Dataset, model: str) -> bool:
    """Whether a test set can judge the model; a line says so where none can."""
    facets = get_model_spec(model).facets
    tested = any(split in TESTS and set(facets).intersection(judgeable_facets(dataset, split))
                 for split in evaluated_splits(dataset, model))
    if not tested:
        print(f"{dataset.name} has no test image by which {model!r} could be judged, so nothing is compared.")
    return tested


def _count_several_parents(tree: Taxonomy) -> int:
    return sum(len(set(parents) - {tag}) > 1 for tag, parents in enumerate(tree.parents))


def _common_tags(datasets: Mapping[str, Dataset], facet: str) -> set[str]:
    return set.intersection(*(set(dataset.vocabulary[facet].names) for dataset in datasets.values()))


def _measure_common(scores: Scores, among: Mapping[str, Dataset]) -> list[MetricsRow]:
    """The metrics over only the tags that all vocabularies contain."""
    tags = {facet: sorted(map(scores.taxonomy(facet).index.get, _common_tags(among, facet))) for facet in scores.values}
    common = replace(scores, values={facet: values[:, tags[facet]] for facet, values in scores.values.items()})
    return common.measure({facet: _keep_tags(scores.labels(facet), kept) for facet, kept in tags.items()})


def _keep_tags(labels: Labels, tags: list[int]) -> Labels:
    """The labels of some tags; annotations with the others count as outside."""
    matrix = labels.matrix[:, tags]
    matrix.sort_indices()
    return Labels(labels.facet, matrix, labels.outside + np.diff(labels.matrix.indptr) - np.diff(matrix.indptr))


def _recipe(model: str, dataset: Dataset, recipe: str, **overrides) -> Recipe:
    """The recipe; where images are missing it leaves them out, as the runs did that a trial is compared with."""
    missing = find_missing([path for split in dataset.records for path in dataset.image_paths(split).texts()])
    return get_recipe(recipe, get_model_spec(model).settings, **({"on_broken": "skip"} if missing else {}) | overrides)


def _frame(rows: Mapping[object, list[MetricsRow]]) -> pd.DataFrame:
    """R-Precision, one row per name; columns in the order of the splits and the facets.

    NaN where a facet has a single tag, which heads every list. `attrs["images"]` says by column over how many images a number
    is at least, see `pages.plain_tables`.
    """
    order = [(SPLIT_TITLES[split], get_facet(facet).key) for split in TESTS for facet in FACET_NAMES]
    values, images = {}, {}
    for name, given in rows.items():
        found = values.setdefault(name, {})
        for row in given:
            if row.split in TESTS:
                column = (SPLIT_TITLES[row.split], get_facet(row.facet).key)
                found[column] = row.r_precision if row.tags > 1 else math.nan
                images[column] = min(row.images, images.get(column, row.images))
    columns = pd.DataFrame([column for column in order if column in images], columns=["test set", "facet"])
    frame = _table(values, pd.MultiIndex.from_frame(columns, names=[None, None])).round(3)
    frame.attrs["images"] = images
    return frame


def _table(rows: Mapping, columns: pd.Index) -> pd.DataFrame:
    """Also without any column; numbers that a row lacks are NaN."""
    values = [[row.get(column, math.nan) for column in columns] for row in rows.values()]
    return pd.DataFrame(values, pd.Index(list(rows)), columns, dtype=float)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-values.astype(np.float64)))).astype(np.float32)
