"""Learn from sessions: new heads on the frozen features of `multi_label`, from its data set's records and from decisions.

An accepted tag is there, with those above it; a rejected one is not, nor are those below it. What nobody decided is left
out of the loss: a cataloguer who passes over a suggestion says nothing about it. A third of the images is held back to
measure what was learned, see `held_back`, and to calibrate the probabilities.
"""

import dataclasses
import hashlib
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_array
from scipy.special import expit

from ..collection.sources import open_dataset
from ..core import paths
from ..core.errors import UserError
from ..core.facets import FACET_NAMES, FACETS, get_facet
from ..core.text import listed
from ..data.dataset import Dataset
from ..data.labels import arrange_vocabulary, label_matrices
from ..data.records import COLUMNS, ID, OBJECT, Records
from ..data.records_csv import records_from_columns
from ..data.taxonomy import Taxonomy, Vocabulary, format_paths
from ..models.backbones import hash_weights
from ..models.factory import Model, create_model
from ..models.features import Features, file_features, load_features
from ..models.registry import get_model_spec
from ..results.files import file_name
from ..results.promises import CHOSEN_ON
from ..results.provenance import Provenance, portable, provenance
from ..results.scores import Scores
from ..training.checkpoints import Checkpoint, TrainedModel, read_identity, read_model, run_folder
from ..training.decided import train_decided
from ..training.identity import hash_identity
from ..training.inputs import open_features
from ..training.recipes import Recipe, fit_recipe
from .likeness import keep_memory
from .predictor import JUDGE
from .promised import commit_of, make_promises
from .session import session_folder
from .state import ACCEPTED
from .store import Store, is_session

OWN_IMAGES = 5
"""A word that the vocabulary lacks becomes a tag if so many images to learn from have it."""

ENOUGH = 50
"""Probabilities of a facet are calibrated if so many images that were held back have a decision in it."""

LINEAGE = "lineage.json"
"""What a kept model came from and what it achieves; beside its checkpoint."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What was decided about one image.

    Attributes:
        file: the image.
        unit: the object that it shows; photographs of one are learned from together, or held back together.
        marks: by facet, whether each decided tag is there.
        paths: by facet, the paths of the record that was opened for it.
    """

    file: Path
    unit: str
    marks: Mapping[str, Mapping[str, bool]]
    paths: Mapping[str, tuple[tuple[str, ...], ...]]

    @property
    def held_back(self) -> bool:
        """Whether it is one of the third that is not learned from: always the same, whatever else is in the session."""
        return int(hashlib.sha256(self.unit.encode()).hexdigest()[:8], 16) % 3 == 0

    def accepted(self, facet: str) -> set[str]:
        """The names of the tags that were accepted."""
        return {name for name, there in self.marks.get(facet, {}).items() if there}


@dataclass(frozen=True, eq=False)
class Parent:
    """The model that new heads are made for, and what it learned from."""

    data: str
    trained: TrainedModel
    dataset: Dataset
    recipe: Recipe
    hash: str


@dataclass(frozen=True, eq=False)
class Learned:
    """What came of learning.

    Attributes:
        model, vocabulary: the new one.
        own: by facet, the words that became tags.
        temperatures: by facet, what the logits were divided by; none where too few images were held back.
        seconds: of training.
        features: float32 (n, D), of the images that were held back.
        held: their lessons.
    """

    model: Model
    vocabulary: Vocabulary
    recipe: Recipe
    own: dict[str, list[str]]
    temperatures: dict[str, float]
    seconds: float
    features: Features
    held: list[Lesson]


def read_lessons(sessions: Sequence[str], root: Path | None = None) -> list[Lesson]:
    """The images of some sessions with a decision; of one that is in several, a later session decides.

    Raises:
        UserError: no such session, or none with a decision.
    """
    found: dict[str, Lesson] = {}
    for name in sessions:
        folder = session_folder(name, root)
        if not is_session(folder):
            raise UserError(f"There is no session {name!r} in {folder.parent}.")
        store = Store(folder)
        try:
            state, marks = store.state, defaultdict(lambda: defaultdict(dict))
            for decision in state.decisions():
                marks[decision.image][decision.facet][decision.tag] = decision.mark == ACCEPTED
            for image, decided in marks.items():
                digest, before = state.images[image].digest, found.get(state.images[image].digest)
                both = {facet: {**(before.marks.get(facet, {}) if before else {}), **decided.get(facet, {})} for facet in FACET_NAMES}
                found[digest] = Lesson(folder / "images" / state.images[image].file, state.record(image).get(OBJECT) or digest,
                                       both, {facet: state.paths(image, facet) for facet in FACET_NAMES})
        finally:
            store.close()
    if not found:
        raise UserError(f"Nothing is decided in {', '.join(sessions)}, so there is nothing to learn.")
    return list(found.values())


def open_parent(data: str) -> Parent:
    """The `multi_label` model of a data set, with the records that it was trained on.

    Raises:
        UserError: there is none; its backbone was trained too; or the data set has other tags by now.
    """
    dataset = open_dataset(data)
    trained = read_model(dataset.name, JUDGE)
    if trained is None:
        raise UserError(f"There is no trained {JUDGE!r} model of {dataset.name!r} to learn on from; train it first.")
    if not trained.model.frozen:
        raise UserError(f"The backbone of {JUDGE!r} of {dataset.name!r} was trained with its heads; expected a frozen one, as of the "
                        "recipes 'mini' and 'probe', on whose features new heads are trained in seconds.")
    if trained.vocabulary.hash != dataset.vocabulary.hash:
        raise UserError(f"{JUDGE!r} was trained on other tags than {dataset.name!r} has now; train it again.")
    identity = hash_weights(trained.model.learner)
    return Parent(dataset.name, trained, dataset, Recipe(**read_identity(dataset.name, JUDGE)["recipe"]),
                  hashlib.sha256(repr([(trained.model.backbone.hash, identity)]).encode()).hexdigest()[:16])


def learn(parent: Parent, lessons: Sequence[Lesson], seed: int = 0) -> Learned:
    """Train new heads on the parent's records and on two thirds of the lessons.

    Raises:
        UserError: an image of the data set or of a session cannot be read, or no lesson is left to learn from.
    """
    taught, held = ([lesson for lesson in lessons if lesson.held_back == side] for side in (False, True))
    if not taught:
        raise UserError("All images with a decision are among the third that is held back; expected more images.")
    device, model = torch.device("cpu"), parent.trained.model
    known, _ = open_features(parent.dataset, ["train"], model.backbone, parent.recipe, device)
    features = file_features(model.backbone, [str(lesson.file) for lesson in [*taught, *held]], parent.trained.transform, device)
    if features.broken:
        raise UserError(next(iter(features.broken.values())))
    first, rest = (Features(values, torch.arange(len(values)), {}) for values in features.values.split([len(taught), len(held)]))
    return learn_from(parent, known["train"], taught, first, held, rest, seed)


def learn_from(parent: Parent, known: Features, taught: Sequence[Lesson], features: Features, held: Sequence[Lesson], rest: Features,
               seed: int = 0) -> Learned:
    """`learn` from features: `known` of the training split, `features` of the images to learn from, `rest` of those held back."""
    own = find_own_words(taught, parent.trained.vocabulary)
    vocabulary = extend_vocabulary(parent.dataset.split("train"), parent.trained.vocabulary, taught, own)
    records = {facet: found.matrix for facet, found in label_matrices(parent.dataset.split("train"), vocabulary).items()
               if len(vocabulary[facet])}
    decisions = {facet: decided_labels(taught, vocabulary[facet], own[facet]) for facet in records}
    recipe = fit_recipe(dataclasses.replace(parent.recipe, select="last"), len(known.rows) + len(taught))
    settings = {name: getattr(recipe, name) for name in ("backbone", "weights", "frozen", "image_size", "reduction")}
    model = create_model(get_model_spec(JUDGE), vocabulary, {facet: tree.images for facet, tree in vocabulary.taxonomies.items()},
                         seed=seed, **settings)
    history = train_decided(model, (known, records), (features, decisions), recipe, seed)
    model.learner.eval()
    temperatures = calibrate(model, rest, held, vocabulary, own)
    return Learned(model, vocabulary, recipe, own, temperatures, sum(row["seconds"] for row in history), rest, list(held))


def find_own_words(lessons: Iterable[Lesson], vocabulary: Vocabulary) -> dict[str, list[str]]:
    """By facet the accepted words that the vocabulary lacks, on at least `OWN_IMAGES` images."""
    counts = {facet: Counter() for facet in FACET_NAMES}
    for lesson in lessons:
        for facet in FACET_NAMES:
            counts[facet].update(lesson.accepted(facet) - set(vocabulary[facet].index))
    return {facet: sorted(name for name, images in found.items() if images >= OWN_IMAGES) for facet, found in counts.items()}


def extend_vocabulary(records: Records, vocabulary: Vocabulary, lessons: Sequence[Lesson], own: Mapping[str, Sequence[str]]) -> Vocabulary:
    """The vocabulary with own words, each below what stands above it on the records that were opened, else at the top."""
    columns = {column: [""] * len(lessons) for column in COLUMNS}
    columns[ID] = [str(number) for number in range(len(lessons))]
    for facet in FACETS:
        columns[facet.column] = [format_paths(_paths(lesson, vocabulary[facet.name])) for lesson in lessons]
    both = Records(pa.concat_tables([part.table.select(COLUMNS) for part in (records, records_from_columns(columns))]))
    return arrange_vocabulary(both, {facet: {*vocabulary[facet].names, *own[facet]} for facet in FACET_NAMES})


def decided_labels(lessons: Sequence[Lesson], taxonomy: Taxonomy, own: Iterable[str] = ()) -> csr_array:
    """int8 (N, C): 1 where a tag was accepted, or one below it; -1 where it was rejected, or one above it.

    Nobody can reject an own word, as it is never suggested. So where an image has accepted tags in the facet, own words
    that it was not given count as absent, as in a record. Otherwise they would come to mean "a photograph of this museum".
    """
    labels = np.zeros((len(lessons), len(taxonomy)), np.int8)
    words = [taxonomy.index[name] for name in own]
    for row, lesson in zip(labels, lessons, strict=True):
        marks = lesson.marks.get(taxonomy.facet, {})
        there = [[taxonomy.index[name] for name, mark in marks.items() if mark == side and name in taxonomy.index] for side in (False, True)]
        for tag in there[0]:
            end = tag + 1
            while end < len(taxonomy) and taxonomy.depth[end] > taxonomy.depth[tag]:  # in preorder what is below follows
                end += 1
            row[tag:end] = -1
        if any(marks.values()):
            row[words] = -1
        for tag in there[1]:
            while tag >= 0:
                row[tag], tag = 1, int(taxonomy.parent[tag])
    return csr_array(labels)


@torch.inference_mode()
def logits_of(model: Model, features: Features) -> dict[str, np.ndarray]:
    """float32 (n, C) by facet."""
    return {facet: values.numpy() for facet, values in model.learner.scores(features.values).items()}


def calibrate(model: Model, features: Features, lessons: Sequence[Lesson], vocabulary: Vocabulary,
              own: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Divide each facet's logits by the temperature under which held-back decisions are likeliest (Guo et al. 2017).

    A head is linear, so its weights are divided and the model needs no further part. The order of tags stays.

    Returns:
        the temperatures of the facets with decisions on at least `ENOUGH` images, some of each kind.
    """
    found = {}
    for facet, logits in (logits_of(model, features) if len(lessons) else {}).items():
        decided = decided_labels(lessons, vocabulary[facet], own[facet]).toarray()
        place = decided != 0
        if place.any(axis=1).sum() < ENOUGH or len(np.unique(decided[place])) < 2:
            continue
        signed = (decided * logits)[place].astype(np.float64)
        best = minimize_scalar(lambda power, signed=signed: -np.log(np.maximum(expit(signed / np.exp(power)), 1e-12)).mean(),
                               bounds=(-2, 2), method="bounded")
        found[facet] = float(np.exp(best.x))
        with torch.no_grad():
            for part in model.learner.network.layers[facet].parameters():
                part /= found[facet]
    return found


def check_name(data: str, name: str) -> Path:
    """The folder of a new model of that name; `UserError` if the name is none for a folder, or is taken."""
    if not name:
        raise UserError("The new model has no name; expected one.")
    folder = run_folder(file_name("data", f"{data}-{name}"), JUDGE)
    if folder.parent.exists():
        raise UserError(f"checkpoints/{folder.parent.name} is there already; expected another name than {name!r}.")
    return folder


def describe(parent: Parent, learned: Learned, sessions: Sequence[str], lessons: Sequence[Lesson], measured: pd.DataFrame) -> dict:
    """Where a new model comes from, and what it achieves, for `keep`."""
    marks = [mark for lesson in lessons if not lesson.held_back for decided in lesson.marks.values() for mark in decided.values()]
    return {"parent": {"data": parent.data, "model": JUDGE, "hash": parent.hash, "vocabulary": parent.trained.vocabulary.hash},
            "sessions": list(sessions), "images": len(lessons) - len(learned.held), "held_back": len(learned.held),
            "accepted": sum(marks), "rejected": len(marks) - sum(marks), "own_words": learned.own,
            "temperatures": learned.temperatures, "measured": measured.to_dict("records")}


def say_learned(lessons: Sequence[Lesson], learned: Learned) -> list[str]:
    """What was learned from, and which words became tags, in sentences."""
    words = [name for names in learned.own.values() for name in names]
    return [f"Learned from {len(lessons) - len(learned.held):,} images in {learned.seconds:.0f} s; {len(learned.held):,} were held back.",
            f"New tags: {listed(words)}." if words else "No word outside the vocabulary was used often enough to become a tag."]


def tell_calibrated(learned: Learned) -> str:
    """Which facets' probabilities were calibrated, in a sentence."""
    if not learned.temperatures:
        return f"No facet has {ENOUGH} images with decisions that were held back, so probabilities are not calibrated."
    parts = [f"{get_facet(facet).title().lower()} (temperature {value:.2f})" for facet, value in learned.temperatures.items()]
    return f"Probabilities were calibrated on the images that were held back in {listed(parts)}."


def keep(learned: Learned, parent: Parent, name: str, lineage: Mapping) -> Path:
    """Keep the new model as that of the data set `DATA-NAME`, which `eufcc assistant --data DATA-NAME` takes; returns its folder.

    Raises:
        UserError: the name is none for a folder, or is taken.
    """
    return write(learned, parent, lineage, check_name(parent.data, name))


def keep_tried(tried: Path, data: str, name: str) -> Path:
    """`keep` of what was written to another folder; errors as there, and where nothing is there."""
    folder = check_name(data, name)
    if not (tried / LINEAGE).is_file():  # written last
        raise UserError(f"There is no new model in {tried}; learn first.")
    half = folder.parent.with_name(f".{folder.parent.name}.part")
    try:
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(tried, half / folder.name)
        half.rename(folder.parent)  # a whole model or none
    except OSError as error:
        raise UserError(f"{folder.parent} cannot be written ({error.strerror or error}); what was learned is still there.") from None
    return folder


def write(learned: Learned, parent: Parent, lineage: Mapping, folder: Path) -> Path:
    """Write the new model into a folder, with what is promised of it, what it remembers and where it comes from; returns that."""
    identity = {"model": JUDGE, "data": parent.data, "recipe": dataclasses.asdict(learned.recipe), "vocabulary": learned.vocabulary.hash,
                "lineage": portable(lineage)}
    checkpoint = Checkpoint(folder, identity)
    checkpoint.model = learned.model.description
    checkpoint.save({"learner": learned.model.learner}, [{"epoch": epoch + 1} for epoch in range(learned.recipe.epochs)])
    checkpoint.curve.unlink()
    run = provenance(JUDGE, parent.data, images={"train": lineage["images"]}, vocabulary_hash=learned.vocabulary.hash,
                     recipe=learned.recipe, seconds=learned.seconds)
    _furnish(folder, checkpoint.identity, run, learned, parent)
    with paths.atomic(folder / LINEAGE) as temporary:
        temporary.write_text(json.dumps(portable({"run": dataclasses.asdict(run), "lineage": lineage}), indent=1, ensure_ascii=False)
                             + "\n", encoding="utf-8")
    return folder


def _furnish(folder: Path, identity: Mapping, run: Provenance, learned: Learned, parent: Parent) -> None:
    """What lies beside a checkpoint, for `load_predictor`: it is found on the records of the parent, of which none was decided on."""
    dataset, model, digest = dataclasses.replace(parent.dataset, vocabulary=learned.vocabulary), learned.model, hash_identity(identity)
    keep_memory(folder, digest, lambda: dataset, TrainedModel(model, learned.vocabulary, parent.trained.transform, identity))
    if CHOSEN_ON not in dataset.records:
        return
    features = load_features(model.backbone, dataset, CHOSEN_ON, parent.trained.transform, torch.device("cpu"), on_broken="skip")
    rows, records = features.rows.numpy(), len(dataset.split(CHOSEN_ON))
    values = {}
    for facet, logits in logits_of(model, features).items():
        values[facet] = np.full((records, logits.shape[1]), np.nan, np.float32)
        values[facet][rows] = logits
    make_promises(folder, digest, commit_of(run), {CHOSEN_ON: Scores(dataset, JUDGE, CHOSEN_ON, values, np.isin(np.arange(records), rows))})


def _paths(lesson: Lesson, taxonomy: Taxonomy) -> list[tuple[str, ...]]:
    """The accepted tags as paths, each as the record has it, else as the tree does, else at the top."""
    accepted = lesson.accepted(taxonomy.facet)
    written = [path for path in lesson.paths.get(taxonomy.facet, ()) if accepted.issuperset(path)]
    covered = {name for path in written for name in path}
    rest = [taxonomy.path(taxonomy.index[name]) if name in taxonomy.index else (name,) for name in sorted(accepted - covered)]
    return list(dict.fromkeys([*written, *rest]))
