"""Adapting to a batch: against the equations as loops, and where the true priors are known."""

import math

import numpy as np
import pytest
from conftest import draw_records
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.metrics.ranking import r_precision, rank_relevant
from eufcc_lib.models.priors import BOUND, PSEUDO_IMAGES, ROUNDS, TOLERANCE, adapt_to_batches, estimate_prior
from eufcc_lib.models.registry import get_model_spec
from eufcc_lib.results.scores import new_scores
from eufcc_lib.training.untrained import combine_scores


def naive(logits, training_prior) -> list[float]:
    """Equations 2.4 and 2.9 as they are printed, with probabilities, one image and tag after the other, and the pseudo-images."""
    training = [min(max(share, BOUND), 1 - BOUND) for share in training_prior]
    prior = list(training)
    for _ in range(ROUNDS):
        before = list(prior)
        for tag, old in enumerate(training):
            total = PSEUDO_IMAGES * old
            for row in logits:
                trained = 1 / (1 + math.exp(-row[tag]))
                yes, no = before[tag] / old * trained, (1 - before[tag]) / (1 - old) * (1 - trained)
                total += yes / (yes + no)
            prior[tag] = total / (len(logits) + PSEUDO_IMAGES)
        if all(abs(new - old) <= TOLERANCE for new, old in zip(prior, before)):
            break
    return prior


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.lists(st.floats(0, 1), min_size=1, max_size=3), st.integers(0, 2 ** 32), st.sampled_from([0.1, 3.0, 12.0]))
def test_the_prior_is_that_of_the_equations(images, training_prior, seed, spread):
    logits = np.random.default_rng(seed).normal(0, spread, (images, len(training_prior))).astype(np.float32)
    np.testing.assert_allclose(estimate_prior(logits, np.array(training_prior)), naive(logits.tolist(), training_prior), atol=1e-6)


def draw_batch(prior, training_prior, images, seed=0):
    """A calibrated model's logits, and the true tags: what is seen of a tag is normal, around 1 where it is there, else around -1."""
    rng = np.random.default_rng(seed)
    there = rng.random((images, len(prior))) < prior
    seen = rng.normal(np.where(there, 1, -1), 1)
    return (2 * seen + np.log(training_prior / (1 - training_prior))).astype(np.float32), there


def log_loss(logits, there):
    return np.logaddexp(0, np.where(there, -logits, logits)).mean()


def test_the_true_priors_are_found_and_the_answers_improve():
    training_prior, prior = np.array([0.5, 0.3, 0.1, 0.02, 0.2]), np.array([0.05, 0.3, 0.6, 0.2, 0.01])
    logits, there = draw_batch(prior, training_prior, 4000)
    np.testing.assert_allclose(estimate_prior(logits, training_prior), there.mean(axis=0), atol=0.02)
    adapted = adapt_to_batches(logits, training_prior, np.zeros(4000, int))
    assert log_loss(adapted, there) < 0.8 * log_loss(logits, there)
    before, after = (np.nanmean(r_precision(rank_relevant(scores, csr_array(there)))) for scores in (logits, adapted))
    assert after > before + 0.05
    assert np.abs(adapted - logits)[:, 1].max() < 0.2, "the second tag is as frequent as in training"


def test_batches_do_not_touch_each_other_and_their_order_does_not_matter():
    prior, rng = np.array([0.5, 0.1, 0.3]), np.random.default_rng(1)
    batches = rng.permutation(np.repeat([0, 7, 3, -1], [200, 400, 2, 50]))
    logits = draw_batch(np.array([0.1, 0.5, 0.3]), prior, len(batches))[0]
    adapted = adapt_to_batches(logits, prior, batches)
    assert adapted.dtype == np.float32
    for batch, least, most in ((0, 1.5, 3), (7, 1.5, 3), (3, 0, 0.5), (-1, 0, 0)):  # two photographs say little; the last are no batch
        own = batches == batch
        np.testing.assert_array_equal(adapted[own], adapt_to_batches(logits[own], prior, np.full(own.sum(), batch)))
        shifts = adapted[own] - logits[own]
        np.testing.assert_allclose(shifts, np.broadcast_to(shifts[0], shifts.shape), atol=1e-5)
        assert least <= np.abs(shifts).max() <= most
    order = rng.permutation(len(batches))
    np.testing.assert_allclose(adapt_to_batches(logits[order], prior, batches[order]), adapted[order], atol=1e-5)


@pytest.mark.parametrize("shape", [(0, 2), (3, 0)])
def test_no_image_and_no_tag(shape):
    assert adapt_to_batches(np.zeros(shape, np.float32), np.full(shape[1], 0.5), np.zeros(shape[0], int)).shape == shape


def test_a_provider_is_adapted_to_its_own_readable_photographs_of_the_split(own_paths):
    train = [{"materials": "clay"}] * 6 + [{"materials": "gold"}] * 2 + [{"objectTypes": "cup"}] * 8  # half says no material
    tests = [{"provider": name} for name in ("North", "South", "") for _ in range(4)]
    draw_records(own_paths / "museums", {"train": train, "test_id": tests, "test_ood": tests[:4]}, pictures=False)
    dataset, rng = open_dataset(str(own_paths / "museums"), minimum=2), np.random.default_rng(0)
    rows = {"test_id": np.arange(1, 12), "test_ood": np.arange(4)}  # the first could not be read
    logits = {split: rng.normal(0, 2, (len(part), 2)).astype(np.float32) for split, part in rows.items()}
    members = {split: [new_scores(dataset, "multi_label", split, rows[split], {"materials": logits[split]})] for split in rows}
    scores, chosen = combine_scores(get_model_spec("multi_label_adapted"), list(members), members.get, "")
    assert chosen == {} and not scores["test_id"].evaluated[0]
    prior = np.array([{"clay": 0.75, "gold": 0.25}[name] for name in dataset.vocabulary["materials"].names])
    batches = {"test_id": np.repeat([0, 1, -1], [3, 4, 4]), "test_ood": np.zeros(4, int)}
    for split, part in rows.items():
        np.testing.assert_array_equal(scores[split].values["materials"][part], adapt_to_batches(logits[split], prior, batches[split]))
