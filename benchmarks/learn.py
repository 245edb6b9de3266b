"""What learning from a museum's first records gains on its other records, where the model never saw that museum.

    python benchmarks/learn.py DATA PROVIDER...

For each provider a model is trained on the records of all others. A cataloguer is simulated: of the ten tags that are
shown in a facet that the record has, those on record are accepted and the others rejected; tags on record that are not
shown are entered. New heads learn from 100 and from 300 of these records, and all are measured on the same records beyond
the 300, or on half of them where the museum has fewer. Nothing is kept but features of images.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch

from eufcc_lib.assistant.held_back import compare
from eufcc_lib.assistant.learning import Lesson, Parent, learn_from, logits_of
from eufcc_lib.assistant.predictor import JUDGE
from eufcc_lib.assistant.simulate import decide
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.data.dataset import Dataset
from eufcc_lib.data.labels import count_vocabulary
from eufcc_lib.data.records import COLUMNS, OBJECT, Records
from eufcc_lib.models.features import FeatureLoader, Features, load_features
from eufcc_lib.models.registry import get_model_spec
from eufcc_lib.training.checkpoints import Checkpoint, TrainedModel
from eufcc_lib.training.loop import Batches, find_machine, fit
from eufcc_lib.training.networks import model_of
from eufcc_lib.training.recipes import fit_recipe, get_recipe

SIZES = (100, 300)


def main() -> None:
    data, *providers = sys.argv[1:]
    dataset, recipe = open_dataset(data), get_recipe("mini")
    tables = [part.table for part in dataset.records.values()]
    further = [OBJECT] if all(OBJECT in table.column_names for table in tables) else []
    records = Records(pa.concat_tables([table.select([*COLUMNS, *further]) for table in tables]))
    whole = Dataset(dataset.name, dataset.root, {"train": records}, dataset.vocabulary, "")
    model = model_of(get_model_spec(JUDGE), whole, recipe, 0)
    features = load_features(model.backbone, whole, "train", model.backbone.transform(recipe.image_size, recipe.crop), torch.device("cpu"))
    for provider in providers:
        for row in measure(whole, features, recipe, provider):
            print(json.dumps(row, ensure_ascii=False), flush=True)


def measure(whole: Dataset, features: Features, recipe, provider: str):
    """The rows of one provider, one per size, facet and metric."""
    records = whole.split("train")
    own = np.flatnonzero(records.providers == provider)
    others = np.flatnonzero(records.providers != provider)
    seen = records.take(others)
    base = Dataset(whole.name, whole.root, {"train": seen}, count_vocabulary(seen), "")
    parent = train(base, take(features, others), recipe)
    objects = records.objects[own]
    names, code = np.unique(objects, return_inverse=True)
    place = np.random.default_rng(0).permutation(len(names))
    own = own[np.argsort(place[code], kind="stable")]  # in a random order in which photographs of one object follow each other
    last = min(max(SIZES), len(own) // 2)
    scores = logits_of(parent.trained.model, take(features, own))
    lessons = [lesson(records, row, {facet: found[number] for facet, found in scores.items()}, base.vocabulary)
               for number, row in enumerate(own)]
    rest = own[last:]
    for size in SIZES:
        size = min(size, last)
        learned = learn_from(parent, take(features, others), lessons[:size], take(features, own[:size]), [], take(features, rest[:0]))
        found = compare(lessons[last:], (logits_of(parent.trained.model, take(features, rest)), base.vocabulary),
                        (logits_of(learned.model, take(features, rest)), learned.vocabulary))
        for row in found.to_dict("records"):
            yield {"provider": provider, "records": size, "seconds": round(learned.seconds, 1),
                   "own": sum(map(len, learned.own.values()))} | row


def train(base: Dataset, features: Features, recipe) -> Parent:
    """The model of all other providers."""
    recipe = fit_recipe(recipe, len(features.rows))
    model = model_of(get_model_spec(JUDGE), base, recipe, 0)
    labels = {facet: base.labels("train")[facet].matrix for facet in model.learner.objectives}
    with tempfile.TemporaryDirectory() as folder:
        fit(model.learner, Batches(FeatureLoader(features, recipe.batch_size, shuffle=True), labels), None, recipe, 0,
            find_machine(recipe.precision), Checkpoint(Path(folder), {}), quiet=True)
    transform = model.backbone.transform(recipe.image_size, recipe.crop)
    return Parent(base.name, TrainedModel(model, base.vocabulary, transform), base, recipe, "")


def lesson(records, row: int, scores, vocabulary) -> Lesson:
    """What the simulated cataloguer decides about one record."""
    marks = {facet: decide(scores[facet] if facet in scores else np.zeros(0), vocabulary[facet], set(records.tags(facet, row)))
             for facet in vocabulary.taxonomies}
    return Lesson(Path(), str(records.objects[row]), marks, {facet: records.paths(facet, row) for facet in vocabulary.taxonomies})


def take(features: Features, rows: np.ndarray) -> Features:
    """The features of some rows, as if there were no others."""
    return replace(features, values=features.values[torch.from_numpy(rows)], rows=torch.arange(len(rows)))


if __name__ == "__main__":
    main()
