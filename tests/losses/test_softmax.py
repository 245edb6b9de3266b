"""Flat softmax: the drawn tag, the weighted cross-entropy, weights by frequency."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from eufcc_lib.core.errors import UserError
from eufcc_lib.losses.softmax import draw_tags, softmax_loss
from eufcc_lib.losses.weighting import WEIGHTINGS, frequency_weights
from eufcc_lib.models.objectives import Softmax


def naive_loss(logits, tags, weights):
    """The formula: minus the weighted log-probability of each image's tag, over the images with one."""
    total, images = logits.sum() * 0, 0
    for row, tag in zip(logits, tags):
        if tag >= 0:
            total = total - weights[tag] * (row[tag] - torch.logsumexp(row, 0))
            images += 1
    return total / max(images, 1)


def with_gradient(loss, logits, *arguments):
    logits = logits.detach().clone().requires_grad_()
    value = loss(logits, *arguments)
    return value.detach(), torch.autograd.grad(value, logits)[0]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 6), st.integers(1, 9), st.booleans(), st.sampled_from([1.0, 60.0]), st.integers(0, 2 ** 32))
def test_loss_and_gradient_equal_the_loops(images, tags, weighted, spread, seed):
    rng = np.random.default_rng(seed)
    logits = torch.from_numpy(rng.normal(0, spread, (images, tags)).astype(np.float32))
    drawn = torch.from_numpy(rng.integers(-1, tags, images))
    weights = torch.from_numpy(rng.uniform(0.1, 10, tags).astype(np.float32)) if weighted else None
    value, gradient = with_gradient(softmax_loss, logits, drawn, weights)
    ones = torch.ones(tags) if weights is None else weights
    expected = with_gradient(naive_loss, logits.double(), drawn, ones.double())
    assert_close((value.double(), gradient.double()), expected, rtol=1e-5, atol=1e-5)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 12), st.integers(0, 2 ** 32), st.booleans())
def test_every_relevant_tag_is_equally_likely(relevant, seed, as_bool):
    tags = np.sort(np.random.default_rng(seed).permutation(20)[:relevant])
    labels = torch.zeros(50 * max(relevant, 1), 20, dtype=torch.bool if as_bool else torch.float32)
    labels[:, tags] = 1
    drawn = draw_tags(labels, (torch.arange(len(labels)) + 0.5) / len(labels))
    if not relevant:
        assert (drawn == -1).all()
    else:
        assert drawn.unique(return_counts=True)[1].tolist() == [50] * relevant
        assert drawn.unique().tolist() == tags.tolist()


def test_largest_and_smallest_number_draw_the_last_and_the_first_tag():
    labels = torch.ones(64, 64).tril()
    assert draw_tags(labels, torch.full((64,), 1 - 2 ** -24)).tolist() == list(range(64))
    assert draw_tags(labels, torch.zeros(64)).tolist() == [0] * 64


def test_tag_is_drawn_anew_each_step_and_again_with_the_same_seed():
    labels, generator = torch.ones(200, 9), torch.Generator().manual_seed(0)
    first, second = (draw_tags(labels, torch.rand(200, generator=generator)) for _ in range(2))
    assert (first != second).any()
    again = torch.rand(200, generator=torch.Generator().manual_seed(0))
    assert torch.equal(first, draw_tags(labels, again))


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 6), st.booleans())
def test_without_numbers_to_draw_by_the_loss_is_the_mean_over_the_tags(seed, images, tags, weighted):
    rng = np.random.default_rng(seed)
    logits, labels = torch.from_numpy(rng.normal(0, 3, (images, tags))), torch.from_numpy(rng.uniform(size=(images, tags)) < 0.5)
    objective = Softmax(None, None)
    objective.weights = torch.from_numpy(rng.uniform(0.1, 10, tags)) if weighted else None
    own = [[softmax_loss(row[None], torch.tensor([tag]), objective.weights) for tag in torch.nonzero(true).flatten()]
           for row, true in zip(logits, labels)]
    means = [sum(losses) / len(losses) for losses in own if losses]
    assert_close(objective(logits, labels, None), torch.stack(means).mean() if means else torch.tensor(0.0).double())


def test_facet_without_tags_draws_none_and_costs_nothing():
    drawn = draw_tags(torch.zeros(3, 0), torch.zeros(3))
    assert drawn.tolist() == [-1, -1, -1]
    assert softmax_loss(torch.zeros(3, 0), drawn) == 0


def test_batch_without_the_facet_has_loss_and_gradient_zero():
    value, gradient = with_gradient(softmax_loss, torch.ones(3, 4), torch.tensor([-1, -1, -1]))
    assert value == 0 and not gradient.any()


def test_shares_of_a_batch_add_up_to_the_batch():
    logits = torch.randn(4, 5, generator=torch.Generator().manual_seed(1))
    tags, weights = torch.tensor([1, -1, 4, 0]), torch.tensor([1.0, 2, 3, 4, 5])
    shares = [softmax_loss(logits[part], tags[part], weights, count=3) for part in (slice(1), slice(1, 4))]
    assert_close(sum(shares), softmax_loss(logits, tags, weights))


def test_extreme_logits_stay_finite():
    value, gradient = with_gradient(softmax_loss, torch.tensor([[1e4, -1e4]]), torch.tensor([1]))
    assert value == 2e4 and gradient.tolist() == [[1, -1]]


def test_half_precision_logits_are_computed_in_float32():
    logits = torch.randn(2, 5, generator=torch.Generator().manual_seed(2)).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        loss = softmax_loss(logits, torch.tensor([0, 3]))
    assert loss.dtype == torch.float32
    assert loss == softmax_loss(logits.float(), torch.tensor([0, 3]))


def test_inverse_frequency_gives_every_tag_the_same_say():
    images = np.array([10, 20, 40, 50])
    weights = frequency_weights(images).numpy()
    assert images * weights == pytest.approx([30] * 4)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30), st.sampled_from(list(WEIGHTINGS)),
       st.sampled_from([1.0, 10.0, 1000.0]), st.integers(1, 4))
def test_weights_have_mean_one_over_the_images_of_each_group_and_fall_with_frequency(images, weighting, limit, groups):
    images, group = np.array(images), np.arange(len(images)) % groups - 1
    weights = frequency_weights(images, group, weighting, limit).double().numpy()
    assert np.isfinite(weights).all() and (weights > 0).all()
    for number in np.unique(group):
        n, w = np.maximum(images, 1)[group == number], weights[group == number]
        assert (n * w).sum() == pytest.approx(n.sum(), rel=1e-5)
        assert limit * (1 + 1e-6) >= w.max() and w.min() >= (1 - 1e-6) / limit
        order = np.argsort(n, kind="stable")
        assert (np.diff(w[order]) <= 1e-6 * w.max()).all()
        if len(w) == 1:
            assert w == pytest.approx(1)


def test_vocabulary_without_counts_weighs_every_tag_one():
    for weighting in WEIGHTINGS:
        assert frequency_weights(np.zeros(5, np.int64), weighting=weighting).tolist() == [1] * 5


def test_weightings_by_hand():
    images = np.array([1, 4])
    assert frequency_weights(images, weighting="inverse_sqrt").tolist() == pytest.approx([5 / 3, 5 / 6])
    ratio = frequency_weights(images, weighting="effective")
    assert float(ratio[0] / ratio[1]) == pytest.approx((1 - 0.999 ** 4) / (1 - 0.999), rel=1e-5)


def test_unknown_weighting_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match="Unknown weighting 'log'. Known weightings: effective, inverse, inverse_sqrt."):
        frequency_weights(np.ones(2), weighting="log")
