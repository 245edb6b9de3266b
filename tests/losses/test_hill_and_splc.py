"""The losses for missing tags against their formulas written as plain loops: value and gradient."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from test_losses import batches, naive_gradient

from eufcc_lib.losses.hill import FOCUS, MARGIN, WEIGHT, hill_loss
from eufcc_lib.losses.splc import THRESHOLD, splc_loss
from eufcc_lib.models.objectives import OBJECTIVES, begin_epoch
from eufcc_lib.models.registry import MODELS
from eufcc_lib.models.tag_costs import tag_costs
from eufcc_lib.results.missing_tags import LOSSES


def sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def naive_present(score: float) -> float:
    """A focal loss, of which the margin is taken off before."""
    probability = sigmoid(score)
    return -(1 - probability) ** FOCUS * math.log(probability)


def naive_hill(logits, labels) -> float:
    per_image = []
    for scores, relevant in zip(logits, labels):
        if any(relevant):
            terms = [naive_present(score - MARGIN) if is_relevant else (WEIGHT - sigmoid(score)) * sigmoid(score) ** 2
                     for score, is_relevant in zip(scores, relevant)]
            per_image.append(sum(terms) / len(terms))
    return sum(per_image) / len(per_image) if per_image else 0.0


def naive_splc(logits, labels) -> float:
    per_image = []
    for scores, relevant in zip(logits, labels):
        if not any(relevant):
            continue
        total = 0.0
        for score, is_relevant in zip(scores, relevant):
            if is_relevant:
                total += naive_present(score - MARGIN)
            elif sigmoid(score) > THRESHOLD:
                total += naive_present(score)
            else:
                total += naive_present(-score)  # of the answer no
        per_image.append(total / len(scores))
    return sum(per_image) / len(per_image) if per_image else 0.0


@pytest.mark.parametrize(("loss", "formula"), [(hill_loss, naive_hill), (splc_loss, naive_splc)], ids=["hill", "splc"])
@given(batch=batches())
@settings(max_examples=40)
def test_loss_and_gradient_are_those_of_the_formula(loss, formula, batch):
    logits, labels = batch
    assume(all(abs(sigmoid(score) - THRESHOLD) > 1e-4 for scores in logits for score in scores))  # splc jumps there
    tensor = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    value = loss(tensor, torch.tensor(labels))
    value.backward()
    assert value.item() == pytest.approx(formula(logits, labels), abs=1e-9)
    np.testing.assert_allclose(tensor.grad.numpy(), naive_gradient(logits, labels, formula=formula), atol=1e-6)
    summed = loss(torch.tensor(logits), torch.tensor(labels), None, "sum").item()
    assert summed == pytest.approx(len(logits[0]) * formula(logits, labels), abs=1e-4)


@pytest.mark.parametrize("loss", [hill_loss, splc_loss])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_loss_and_gradient_are_finite_at_any_logit_and_in_float32_whatever_the_logits_are_in(loss, dtype):
    logits = torch.tensor([[1e4, -1e4, 1e4, -1e4, 0.0]]).to(dtype).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(logits, torch.tensor([[True, True, False, False, False]]))
    value.backward()
    assert value.dtype == torch.float32 and value.isfinite() and logits.grad.isfinite().all()


@pytest.mark.parametrize("loss", [hill_loss, splc_loss])
def test_an_image_without_the_facet_contributes_nothing_and_parts_of_a_batch_add_up(loss):
    logits = torch.tensor([[0.5, 2.0], [50.0, -50.0], [-1.0, 3.0]], requires_grad=True)
    labels = torch.tensor([[False, True], [False, False], [True, False]])
    whole, parts = loss(logits, labels), [loss(logits[part], labels[part], 2) for part in (slice(0, 2), slice(2, 3))]
    assert sum(parts).item() == pytest.approx(whole.item())
    whole.backward()
    assert logits.grad[1].tolist() == [0, 0] and logits.grad[0].all()
    assert loss(logits[1:2], labels[1:2]).item() == 0


def test_the_record_is_believed_in_the_first_epoch_and_on_validation():
    objective, logits, labels = OBJECTIVES["splc"](None, None), torch.tensor([[1.0, 3.0]]), torch.tensor([[True, False]])
    believed, corrected = (splc_loss(logits, labels, corrected=later).item() for later in (False, True))
    assert believed > 10 * corrected, "a probability of 0.95 that counts as wrong, or as right"
    for epoch, expected in enumerate((believed, corrected, corrected)):
        begin_epoch(torch.nn.ModuleList([objective]), epoch)
        assert objective.train()(logits, labels, None).item() == pytest.approx(expected)
        assert objective.eval()(logits, labels, None).item() == pytest.approx(believed)
    assert not objective.state_dict(), "a checkpoint needs no more than before"


def test_an_absent_tag_that_the_model_is_sure_of_is_pushed_as_each_loss_says():
    pushes = {model: tag_costs(MODELS[model].objective, np.array([0.3, 0.9]), on_record=False)[1] for model in LOSSES}
    assert pushes["multi_label"] == pytest.approx([-0.3, -0.9])
    assert pushes["hill"] == pytest.approx([-3 * (p * (1 - p)) ** 2 for p in (0.3, 0.9)]), "as its module says"
    assert pushes["asymmetric"][0] == pytest.approx(0, abs=0.02) and pushes["asymmetric"][1] < -0.5
    assert pushes["splc"][0] < 0 < pushes["splc"][1]


def test_a_tag_on_record_is_pushed_up_by_every_loss_and_costs_nothing_once_certain():
    for model in LOSSES:
        costs, pushes = tag_costs(MODELS[model].objective, np.array([0.1, 0.5, 1 - 1e-9]), on_record=True)
        assert (np.diff(costs) < 0).all() and (pushes[:2] > 0).all() and costs[2] == pytest.approx(0, abs=1e-6), model
    assert np.isnan(tag_costs("hill", np.array([np.nan]), on_record=True)).all()
