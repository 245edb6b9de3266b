"""Losses against the formula written as plain loops: value and gradient."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import one_hot

from eufcc_lib.losses.asymmetric import FOCUS, MARGIN, asymmetric_loss
from eufcc_lib.losses.multi_label import decided_loss, multi_label_loss
from eufcc_lib.models.objectives import MultiLabel, MultiLabelSum


def naive(logits, labels) -> float:
    """The paper's formula (with its missing minus), tag by tag and image by image, in Python's floats."""
    per_image = []
    for scores, relevant in zip(logits, labels):
        if not any(relevant):
            continue
        terms = []
        for score, is_relevant in zip(scores, relevant):
            probability = 1 / (1 + math.exp(-score))
            terms.append(-math.log(probability) if is_relevant else -math.log(1 - probability))
        per_image.append(sum(terms) / len(terms))
    return sum(per_image) / len(per_image) if per_image else 0.0


def naive_gradient(logits, labels, step: float = 1e-6, formula=naive) -> list[list[float]]:
    """Central differences of the formula."""
    gradient = []
    for image in range(len(logits)):
        gradient.append([])
        for tag in range(len(logits[0])):
            up, down = ([list(row) for row in logits] for _ in range(2))
            up[image][tag] += step
            down[image][tag] -= step
            gradient[-1].append((formula(up, labels) - formula(down, labels)) / (2 * step))
    return gradient


@st.composite
def batches(draw):
    images, tags = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    logits = draw(st.lists(st.lists(st.floats(-8, 8), min_size=tags, max_size=tags), min_size=images, max_size=images))
    labels = draw(st.lists(st.lists(st.booleans(), min_size=tags, max_size=tags), min_size=images, max_size=images))
    return logits, labels


@given(batches())
@settings(deadline=None, max_examples=60)
def test_loss_and_gradient_are_those_of_the_formula(batch):
    logits, labels = batch
    tensor = torch.tensor(logits, dtype=torch.float32, requires_grad=True)
    loss = multi_label_loss(tensor, torch.tensor(labels))
    loss.backward()
    assert loss.item() == pytest.approx(naive(logits, labels), abs=1e-5)
    np.testing.assert_allclose(tensor.grad.numpy(), naive_gradient(logits, labels), atol=1e-5)


@given(batches())
@settings(deadline=None, max_examples=20)
def test_the_sum_over_the_tags_is_the_mean_times_their_number(batch):
    logits, labels = map(torch.tensor, batch)
    summed = multi_label_loss(logits, labels, reduction="sum")
    assert summed.item() == pytest.approx(labels.shape[1] * multi_label_loss(logits, labels).item(), rel=1e-5)


def pulls(reduction: str) -> dict[int, float]:
    """How hard facets of 7 and 300 tags pull at a layer that they share: the norms of their gradients on its weights.

    Each image has one tag. The heads have learned how seldom each tag is, and nothing else yet.
    """
    generator = torch.Generator().manual_seed(0)
    images, shared = torch.randn(2000, 16, generator=generator), torch.eye(16, requires_grad=True)
    norms = {}
    for tags in (7, 300):
        labels = one_hot(torch.randint(tags, (2000,), generator=generator), tags).bool()
        logits = images @ shared @ torch.randn(16, tags, generator=generator) / 100 - math.log(tags - 1)
        loss = multi_label_loss(logits, labels, reduction=reduction)
        norms[tags] = torch.autograd.grad(loss, shared)[0].norm().item()
    return norms


def test_absent_tags_once_learned_a_facet_pulls_by_one_over_its_tags_with_the_mean_and_like_others_with_the_sum():
    mean, summed = pulls("mean"), pulls("sum")
    assert 20 < mean[7] / mean[300] < 80  # 300 / 7 = 43
    assert 0.5 < summed[7] / summed[300] < 2


def test_the_objective_takes_the_reduction_of_the_recipe_and_the_model_of_the_sum_has_its_own():
    logits, labels = torch.zeros(1, 3), torch.tensor([[True, False, False]])
    losses = [objective(None, None, reduction="mean")(logits, labels, None).item() for objective in (MultiLabel, MultiLabelSum)]
    assert losses == pytest.approx([math.log(2), 3 * math.log(2)])
    assert MultiLabel(None, None, reduction="sum")(logits, labels, None).item() == pytest.approx(losses[1])


def test_an_image_without_the_facet_contributes_nothing():
    logits = torch.tensor([[0.0, 2.0], [50.0, -50.0]], requires_grad=True)
    loss = multi_label_loss(logits, torch.tensor([[False, True], [False, False]]))
    loss.backward()
    assert loss.item() == pytest.approx((math.log(2) + math.log(1 + math.exp(-2))) / 2)
    assert logits.grad[1].tolist() == [0, 0]


def test_a_batch_without_the_facet_gives_zero_and_no_gradient():
    logits = torch.full((3, 4), 7.0, requires_grad=True)
    loss = multi_label_loss(logits, torch.zeros(3, 4, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0 and not logits.grad.any()


def test_parts_of_a_batch_divided_by_its_images_add_up_to_the_whole():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(10, 7, generator=generator)
    labels = torch.rand(10, 7, generator=generator) < 0.15
    images = labels.any(1).sum()
    parts = [multi_label_loss(logits[part], labels[part], images) for part in (slice(0, 3), slice(3, 10))]
    assert 0 < images < 10
    assert sum(parts).item() == pytest.approx(multi_label_loss(logits, labels).item(), abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_loss_is_computed_in_float32_whatever_the_logits_are_in(dtype):
    logits, labels = torch.tensor([[9.0, -3.5, 0.25]]), torch.tensor([[True, False, False]])
    with torch.autocast("cpu", torch.bfloat16):
        loss = multi_label_loss(logits.to(dtype), labels)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(naive(logits.tolist(), labels.tolist()), abs=1e-6)


def test_logits_of_any_size_give_a_finite_loss():
    logits = torch.tensor([[1e4, -1e4]], requires_grad=True)
    loss = multi_label_loss(logits, torch.tensor([[False, True]]))
    loss.backward()
    assert loss.item() == 1e4 and logits.grad.isfinite().all()


def test_scores_keep_apart_what_the_sigmoid_would_round_to_one():
    scores = MultiLabel(None, None).scores(torch.tensor([[40.0, 41.0]], dtype=torch.bfloat16))
    assert scores.dtype == torch.float32
    assert scores[0, 0] < scores[0, 1]
    assert torch.sigmoid(scores)[0, 0] == torch.sigmoid(scores)[0, 1]


def naive_asymmetric(logits, labels) -> float:
    """Ridnik et al., equations 5 to 7: a present tag costs -log p, an absent one by what exceeds the margin."""
    total, images = 0.0, 0
    for scores, relevant in zip(logits, labels):
        if any(relevant):
            images += 1
            for score, is_relevant in zip(scores, relevant):
                probability = 1 / (1 + math.exp(-score))
                shifted = max(probability - MARGIN, 0)
                total -= math.log(probability) if is_relevant else shifted ** FOCUS * math.log(1 - shifted)
    return total / max(images, 1)


@given(batches())
@settings(deadline=None, max_examples=60)
def test_asymmetric_loss_and_gradient_are_those_of_the_formula(batch):
    logits, labels = batch
    tensor = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    loss = asymmetric_loss(tensor, torch.tensor(labels))
    loss.backward()
    assert loss.item() == pytest.approx(naive_asymmetric(logits, labels), abs=1e-5)
    expected = naive_gradient(logits, labels, formula=naive_asymmetric)
    np.testing.assert_allclose(tensor.grad.numpy(), expected, atol=1e-5)


def test_asymmetric_loss_forgives_an_absent_tag_that_is_surely_absent():
    labels = torch.tensor([[True, False]])
    sure, unsure = (asymmetric_loss(torch.tensor([[2.0, absent]]), labels) for absent in (-4.0, 1.0))
    assert sure.item() == pytest.approx(math.log(1 + math.exp(-2)))
    assert unsure > sure


def naive_decided(logits, decisions) -> float:
    per_image = []
    for scores, marks in zip(logits, decisions):
        if any(marks):
            terms = [math.log1p(math.exp(-mark * score)) for score, mark in zip(scores, marks) if mark]
            per_image.append(sum(terms) / len(marks))
    return sum(per_image) / len(per_image) if per_image else 0.0


@given(batches(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_decided_loss_is_that_of_its_formula(batch, random):
    logits = batch[0]
    decisions = [[random.choice((-1, 0, 1)) for _ in row] for row in logits]
    tensor = torch.tensor(logits, dtype=torch.float32, requires_grad=True)
    loss = decided_loss(tensor, torch.tensor(decisions, dtype=torch.int8))
    loss.backward()
    assert loss.item() == pytest.approx(naive_decided(logits, decisions), abs=1e-5)
    np.testing.assert_allclose(tensor.grad.numpy(), naive_gradient(logits, decisions, formula=naive_decided), atol=1e-5)


@given(batches())
@settings(deadline=None, max_examples=20)
def test_with_every_tag_decided_it_is_the_multi_label_loss(batch):
    logits, labels = map(torch.tensor, batch)
    labels[~labels.any(1), 0] = True  # else the image has no record there, while all its tags are decided
    torch.testing.assert_close(decided_loss(logits, 2 * labels.int() - 1), multi_label_loss(logits, labels))
