"""Hierarchical softmax: the loss and its gradient against the formula written as loops."""

from collections import defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from eufcc_lib.data.taxonomy import TOP, Taxonomy, arrange_tree, unfold
from eufcc_lib.losses.hsoftmax import (
    Places,
    hsoftmax_loss,
    hsoftmax_losses,
    hsoftmax_scores,
    level_groups,
    sibling_groups,
)
from eufcc_lib.losses.weighting import frequency_weights
from eufcc_lib.models.objectives import AdjustedSiblingSoftmax, LevelSoftmax, SiblingSoftmax, count_outputs

KINDS = {"nodes": sibling_groups, "levels": level_groups}


def tree(text: str) -> Taxonomy:
    """The taxonomy of some edges: `tree("a a/b a/c")`; one image for each time an edge is named."""
    edges, images = defaultdict(lambda: defaultdict(int)), defaultdict(int)
    for word in text.split():
        *parents, name = word.split("/")
        edges[name][parents[-1] if parents else TOP] += 1
        images[name] += 1
    return arrange_tree("materials", edges, images)


# The tree of the paper's Figures 8, 10 and 11, as far as their text tells it, and label "122" with its ancestors.
FIGURE = tree("0 0/00 0/01 0/02 1 1/10 1/11 1/12 12/120 12/121 12/122 2 2/20 2/21")


def labels_of(taxonomy: Taxonomy, *images: str) -> torch.Tensor:
    return torch.tensor([[float(name in image.split()) for name in taxonomy.names] for image in images])


def naive_groups(taxonomy: Taxonomy, kind: str) -> list[list[int]]:
    if kind == "nodes":
        return [list(taxonomy.roots)] + [list(taxonomy.children(tag)) for tag in range(len(taxonomy))]
    return [[tag for tag in range(len(taxonomy)) if len(taxonomy.path(tag)) == level + 1]
            for level in range(len(taxonomy))]


def naive_loss(logits, labels, groups, weights):
    """The formula: for each image and group, minus the weighted mean log-probability of its relevant tags."""
    total, images = logits.sum() * 0, 0
    for image in range(len(logits)):
        images += bool(labels[image].any())
        for tags in groups:
            relevant = [tag for tag in tags if labels[image, tag]]
            for tag in relevant:
                log_probability = logits[image, tag] - torch.logsumexp(logits[image, tags], 0)
                total = total - weights[tag] * log_probability / len(relevant)
    return total / max(images, 1)


def with_gradient(loss, logits, *arguments, **options):
    logits = logits.detach().clone().requires_grad_()
    value = loss(logits, *arguments, **options)
    return value.detach(), torch.autograd.grad(value, logits)[0]


@st.composite
def trees(draw, most=14):
    """Random trees in which some tags were annotated under a second parent or under themselves."""
    edges = defaultdict(lambda: defaultdict(int))
    for tag in range(draw(st.integers(1, most))):
        for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
            parent = draw(st.integers(-1, tag))
            edges[f"t{tag:02}"][TOP if parent < 0 else f"t{parent:02}"] += draw(st.integers(1, 3))
    return arrange_tree("materials", edges, {name: draw(st.integers(0, 2000)) for name in edges})


@settings(deadline=None, max_examples=60)
@given(st.data(), trees(), st.sampled_from(list(KINDS)), st.integers(0, 5), st.booleans(), st.booleans(),
       st.sampled_from([0.3, 3.0, 60.0]))
def test_loss_and_gradient_equal_the_loops(data, taxonomy, kind, images, weighted, as_bool, spread):
    rng = np.random.default_rng(data.draw(st.integers(0, 2 ** 32)))
    logits = torch.from_numpy(rng.normal(0, spread, (images, len(taxonomy))).astype(np.float32))
    labels = torch.from_numpy(rng.random((images, len(taxonomy))) < data.draw(st.sampled_from([0, 0.1, 0.4, 1])))
    weights = torch.from_numpy(rng.uniform(0.1, 10, len(taxonomy)).astype(np.float32)) if weighted else None
    value, gradient = with_gradient(hsoftmax_loss, logits, labels if as_bool else labels.float(),
                                    KINDS[kind](taxonomy), weights)
    ones = torch.ones(len(taxonomy)) if weights is None else weights
    expected, expected_gradient = with_gradient(
        naive_loss, logits.double(), labels, naive_groups(taxonomy, kind), ones.double())
    assert value.dtype == gradient.dtype == torch.float32
    assert_close(value.double(), expected, rtol=1e-5, atol=1e-5)
    assert_close(gradient.double(), expected_gradient, rtol=1e-5, atol=1e-5)


@settings(deadline=None, max_examples=30)
@given(trees(), st.sampled_from(list(KINDS)), st.booleans(), st.integers(0, 2 ** 32))
def test_scores_equal_the_loops(taxonomy, kind, along_path, seed):
    logits = torch.from_numpy(np.random.default_rng(seed).normal(0, 5, (3, len(taxonomy))).astype(np.float32))
    scores = hsoftmax_scores(logits, KINDS[kind](taxonomy), along_path)
    for image, row in enumerate(logits.double()):
        own = {tag: row[tag] - torch.logsumexp(row[tags], 0) for tags in naive_groups(taxonomy, kind) for tag in tags}
        for tag in range(len(taxonomy)):
            path = [taxonomy.index[name] for name in taxonomy.path(tag)] if along_path else [tag]
            assert scores[image, tag] == pytest.approx(float(sum(own[step] for step in path)), rel=1e-5, abs=1e-5)


def test_term_122_touches_the_cross_entropies_of_root_1_and_12():
    groups = sibling_groups(FIGURE)
    _, gradient = with_gradient(hsoftmax_loss, torch.zeros(1, len(FIGURE)), labels_of(FIGURE, "1 12 122"), groups)
    touched = {name for name, slope in zip(FIGURE.names, gradient[0]) if slope}
    assert touched == {"0", "1", "2", "10", "11", "12", "120", "121", "122"}


def test_equal_logits_cost_the_log_of_each_touched_group():
    loss = hsoftmax_loss(torch.zeros(1, len(FIGURE)), labels_of(FIGURE, "1 12 122"), sibling_groups(FIGURE))
    assert float(loss) == pytest.approx(3 * np.log(3))
    loss = hsoftmax_loss(torch.zeros(1, len(FIGURE)), labels_of(FIGURE, "1 12 122"), level_groups(FIGURE))
    assert float(loss) == pytest.approx(np.log(3) + np.log(8) + np.log(3))


def test_two_relevant_siblings_are_asked_for_one_half_each():
    taxonomy = tree("a b c")
    _, gradient = with_gradient(hsoftmax_loss, torch.zeros(1, 3), labels_of(taxonomy, "a c"), sibling_groups(taxonomy))
    assert_close(gradient, torch.tensor([[1 / 3 - 1 / 2, 1 / 3, 1 / 3 - 1 / 2]]))


def test_annotation_that_stops_at_an_inner_tag_asks_nothing_below_it():
    _, gradient = with_gradient(hsoftmax_loss, torch.randn(1, len(FIGURE), generator=torch.Generator().manual_seed(0)),
                                labels_of(FIGURE, "1 12"), sibling_groups(FIGURE))
    assert not gradient[0, [FIGURE.index[name] for name in ("120", "121", "122")]].any()


def test_only_child_has_probability_one_and_costs_nothing():
    taxonomy = tree("a a/b")
    logits, groups = torch.tensor([[3.0, -7.0]]), sibling_groups(taxonomy)
    value, gradient = with_gradient(hsoftmax_loss, logits, torch.ones(1, 2), groups)
    assert value == 0 and not gradient.any()
    assert hsoftmax_scores(logits, groups, along_path=True).tolist() == [[0, 0]]


def test_tag_annotated_under_another_parent_counts_in_the_group_of_its_tree_parent():
    taxonomy = tree("a b a/c a/c b/c a/d b/e b/f")
    _, gradient = with_gradient(hsoftmax_loss, torch.zeros(1, len(taxonomy)), labels_of(taxonomy, "b c"),
                                sibling_groups(taxonomy))
    slopes = {name: round(float(slope), 3) for name, slope in zip(taxonomy.names, gradient[0])}
    assert slopes == {"a": 0.5, "b": -0.5, "c": -0.5, "d": 0.5, "e": 0, "f": 0}


@pytest.mark.parametrize("kind", KINDS)
def test_tree_of_depth_eight(kind):
    chain = "/".join("abcdefgh")
    steps = [chain[:2 * depth + 1] for depth in range(8)]
    taxonomy = tree(" ".join([*steps, *(step + "'" for step in steps)]))
    assert taxonomy.depth.max() == 7
    logits = torch.randn(2, len(taxonomy), generator=torch.Generator().manual_seed(1))
    labels = labels_of(taxonomy, "a b c d e f g h", "a b c d e f g h'")
    value, gradient = with_gradient(hsoftmax_loss, logits, labels, KINDS[kind](taxonomy))
    expected = with_gradient(naive_loss, logits.double(), labels, naive_groups(taxonomy, kind), torch.ones(16))
    assert_close((value.double(), gradient.double()), expected, rtol=1e-5, atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(trees(), st.sampled_from([SiblingSoftmax, LevelSoftmax]), st.sampled_from([0.0, 3.0, 60.0, 1e4]), st.integers(0, 2 ** 32))
def test_by_default_no_tag_is_ranked_above_its_parent_and_every_score_is_finite(taxonomy, objective, spread, seed):
    logits = torch.from_numpy(np.random.default_rng(seed).normal(0, spread, (4, len(taxonomy))).astype(np.float32))
    scores = objective(taxonomy, taxonomy.images).scores(logits)
    assert scores.isfinite().all() and (scores <= 0).all()
    place = scores.argsort(dim=1, descending=True, stable=True).argsort(dim=1)  # ties in the order of the tree
    for tag, parent in enumerate(taxonomy.parent.tolist()):
        assert parent < 0 or ((scores[:, tag] <= scores[:, parent]) & (place[:, parent] < place[:, tag])).all()


@settings(deadline=None, max_examples=60)
@given(trees(), st.sampled_from([SiblingSoftmax, LevelSoftmax]), st.sampled_from([0.0, 3.0, 1e4]), st.integers(0, 2 ** 32))
def test_a_tag_with_several_places_is_at_most_as_probable_as_its_parents_together(taxonomy, objective, spread, seed):
    model = objective(taxonomy, taxonomy.images, tree="places")
    logits = np.random.default_rng(seed).normal(0, spread, (4, len(model.places.tag))).astype(np.float32)
    scores = model.scores(torch.from_numpy(logits))
    assert scores.isfinite().all()
    probabilities = scores.double().exp()
    assert (probabilities <= 1 + 1e-5).all()
    for tag, parents in enumerate(taxonomy.parents):
        above = sorted({*parents, int(taxonomy.parent[tag])} - {tag})
        assert above[0] < 0 or (probabilities[:, tag] <= probabilities[:, above].sum(1) + 1e-5).all()


def test_within_its_level_a_tag_that_is_alone_there_comes_first_in_every_list():
    taxonomy = tree("a a/c c/e b b/d")
    logits = torch.randn(20, 5, generator=torch.Generator().manual_seed(2))
    within, along = (LevelSoftmax(taxonomy, taxonomy.images, level_scores=way).scores(logits) for way in ("level", "path"))
    assert (within.argmax(1) == taxonomy.index["e"]).all() and (within[:, taxonomy.index["e"]] == 0).all()
    assert not (along.argmax(1) == taxonomy.index["e"]).any()
    assert torch.equal(along, LevelSoftmax(taxonomy, taxonomy.images).scores(logits)), "the default"


@pytest.mark.parametrize("images", [0, 3])
def test_batch_without_the_facet_has_loss_and_gradient_zero(images):
    shape = images, len(FIGURE)
    value, gradient = with_gradient(hsoftmax_loss, torch.ones(shape), torch.zeros(shape), sibling_groups(FIGURE))
    assert value == 0 and gradient.shape == shape and not gradient.any()


def test_images_without_the_facet_do_not_dilute_the_mean():
    groups, labels = sibling_groups(FIGURE), labels_of(FIGURE, "1 12", "0 00")
    logits = torch.randn(4, len(FIGURE), generator=torch.Generator().manual_seed(3))
    padded = torch.cat([labels, torch.zeros(2, len(FIGURE))])
    assert_close(hsoftmax_loss(logits, padded, groups), hsoftmax_loss(logits[:2], labels, groups))


def test_shares_of_a_batch_add_up_to_the_batch():
    groups, labels = sibling_groups(FIGURE), labels_of(FIGURE, "1 12", "", "0 00", "2 20 1")
    logits = torch.randn(4, len(FIGURE), generator=torch.Generator().manual_seed(4))
    shares = [hsoftmax_loss(logits[part], labels[part], groups, count=3) for part in (slice(1), slice(1, 4))]
    assert_close(sum(shares), hsoftmax_loss(logits, labels, groups))
    assert_close(hsoftmax_losses(logits, labels, groups).sum() / 3, hsoftmax_loss(logits, labels, groups))


def test_facet_without_tags_has_loss_zero():
    taxonomy = arrange_tree("subjects", {})
    value, gradient = with_gradient(hsoftmax_loss, torch.zeros(2, 0), torch.zeros(2, 0), sibling_groups(taxonomy))
    assert value == 0 and gradient.shape == (2, 0)
    assert hsoftmax_scores(torch.zeros(2, 0), sibling_groups(taxonomy), along_path=True).shape == (2, 0)


def test_extreme_logits_stay_finite_and_right():
    logits = torch.tensor([[1e4, -1e4, 1e4, -1e4, 0.0]])
    taxonomy = tree("a b a/c a/d a/e")
    labels = labels_of(taxonomy, "b d")
    order = [taxonomy.index[name] for name in "abcde"]
    value, gradient = with_gradient(hsoftmax_loss, logits[:, np.argsort(order)], labels, sibling_groups(taxonomy))
    assert float(value) == pytest.approx(4e4)
    assert gradient[0, order].tolist() == [1, -1, 1, -1, 0]
    scores = hsoftmax_scores(logits[:, np.argsort(order)], sibling_groups(taxonomy), along_path=True)
    assert scores[0, order].tolist() == [0, -2e4, 0, -2e4, -1e4]


def test_half_precision_logits_are_computed_in_float32():
    logits = torch.randn(2, len(FIGURE), generator=torch.Generator().manual_seed(5)).bfloat16().requires_grad_()
    labels, groups = labels_of(FIGURE, "1 12", "0 00"), sibling_groups(FIGURE)
    with torch.autocast("cpu", torch.bfloat16):
        loss = hsoftmax_loss(logits, labels, groups)
    assert loss.dtype == torch.float32
    assert torch.equal(loss, hsoftmax_loss(logits.float(), labels, groups))
    loss.backward()
    assert logits.grad.dtype == torch.bfloat16


def test_logits_labels_and_weights_are_left_as_they_were():
    # A transposed view is contiguous once transposed back, so nothing stands between it and an in-place step.
    logits = torch.randn(len(FIGURE), 2, generator=torch.Generator().manual_seed(6)).t()
    labels, weights = labels_of(FIGURE, "1 12", "0 00").t().contiguous().t(), torch.full((len(FIGURE),), 2.0)
    before = logits.clone(), labels.clone(), weights.clone()
    with_gradient(hsoftmax_loss, logits, labels, sibling_groups(FIGURE), weights)
    hsoftmax_loss(logits, labels, sibling_groups(FIGURE), weights)
    hsoftmax_scores(logits, sibling_groups(FIGURE), along_path=True)
    assert all(torch.equal(*pair) for pair in zip(before, (logits, labels, weights)))


def test_labels_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="labels"):
        hsoftmax_loss(torch.zeros(2, len(FIGURE)), torch.zeros(1, len(FIGURE)), sibling_groups(FIGURE))


def test_groups_and_their_sizes():
    taxonomy = tree("a b a/c a/d c/e")
    assert sibling_groups(taxonomy).size.tolist() == [2, 2, 1]
    assert level_groups(FIGURE).size.tolist() == [3, 8, 3]
    of_name = dict(zip(FIGURE.names, sibling_groups(FIGURE).group.tolist()))
    assert {name: of_name[name] for name in ("2", "01", "11", "121", "21")} == {"2": 0, "01": 1, "11": 2, "121": 3, "21": 4}


def test_groups_follow_their_model_and_stay_out_of_its_checkpoint():
    model = torch.nn.Sequential(sibling_groups(FIGURE))
    assert all(buffer.is_meta for buffer in model.to("meta").buffers()) and not model.state_dict()


def test_each_image_has_a_gradient_of_its_own():
    labels, slopes = labels_of(FIGURE, "1 12", "0 00", "2"), torch.tensor([2.0, -1.0, 0.0])
    logits = torch.randn(3, len(FIGURE), generator=torch.Generator().manual_seed(8), requires_grad=True)
    losses = hsoftmax_losses(logits, labels, sibling_groups(FIGURE))
    gradient, = torch.autograd.grad(losses, logits, slopes)
    for image, slope in enumerate(slopes):
        one = slice(image, image + 1)
        _, expected = with_gradient(hsoftmax_loss, logits[one], labels[one], sibling_groups(FIGURE))
        assert_close(gradient[one], slope * expected)


def test_weights_are_those_of_the_sibling_group():
    taxonomy = tree("a a a b a/c a/c a/d")
    weights = frequency_weights(taxonomy.images, taxonomy.parent)
    by_name = dict(zip(taxonomy.names, weights.tolist()))
    assert by_name == pytest.approx({"a": 4 / 6, "b": 2, "c": 3 / 4, "d": 3 / 2})


COMB = tree("accessory accessory/comb accessory/comb tool tool/comb tool/comb/tooth")


def test_a_tag_has_a_place_below_each_of_its_parents():
    places, tag = unfold(COMB)
    assert places.names == ("accessory", "accessory | comb", "accessory | comb | tooth", "tool", "tool | comb",
                            "tool | comb | tooth")
    assert [COMB.names[number] for number in tag] == ["accessory", "comb", "tooth", "tool", "comb", "tooth"]
    assert places.parent.tolist() == [-1, 0, 1, -1, 3, 4]


@settings(deadline=None, max_examples=60)
@given(trees())
def test_places_are_the_ways_down_that_pass_no_tag_twice(taxonomy):
    def ways(path):
        yield path
        for tag, parents in enumerate(taxonomy.parents):
            if path[-1] in {*parents, int(taxonomy.parent[tag])} and tag not in path:
                yield from ways((*path, tag))
    tops = [tag for tag, parents in enumerate(taxonomy.parents) if -1 in parents or taxonomy.parent[tag] < 0]
    places, tag = unfold(taxonomy)
    expected = [" | ".join(taxonomy.names[step] for step in path) for top in tops for path in ways((top,))]
    assert sorted(places.names) == sorted(expected)
    assert set(tag.tolist()) == set(range(len(taxonomy)))
    assert all(parent < place for place, parent in enumerate(places.parent.tolist()))


def test_a_place_is_relevant_where_all_above_it_is():
    places = Places(COMB)
    groups = sibling_groups(places.tree)
    at = places.labels(labels_of(COMB, "tool comb", "comb", "accessory", "tool accessory comb", ""), groups)
    found = [[places.tree.names[place] for place in row.nonzero().ravel().tolist()] for row in at]
    assert found == [["tool", "tool | comb"], ["accessory | comb", "tool | comb"], ["accessory"],
                     ["accessory", "accessory | comb", "tool", "tool | comb"], []]


@settings(deadline=None, max_examples=40)
@given(trees(), st.integers(0, 2 ** 32))
def test_a_tag_s_score_is_the_log_of_the_sum_over_its_places(taxonomy, seed):
    places = Places(taxonomy)
    scores = torch.randn(3, len(places.tag), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    naive = torch.stack([scores[:, places.tag == tag].exp().sum(1).log() for tag in range(len(taxonomy))], dim=1)
    assert_close(places.scores(scores), naive)


def test_without_second_parents_places_change_nothing():
    images = np.arange(len(FIGURE)) + 1
    one, many = (SiblingSoftmax(FIGURE, images, tree=tree) for tree in ("parent", "places"))
    logits = torch.randn(4, len(FIGURE), generator=torch.Generator().manual_seed(0))
    labels, uniform = labels_of(FIGURE, "1 12 122", "0", "", "2 20").bool(), torch.zeros(4)
    assert count_outputs("hsoftmax_nodes", FIGURE, "places") == len(FIGURE)
    assert_close(many(logits, labels, uniform), one(logits, labels, uniform))
    assert_close(many.scores(logits), one.scores(logits))


@settings(deadline=None, max_examples=40)
@given(trees(), st.sampled_from(["parent", "places"]), st.integers(0, 2 ** 32))
def test_adjusted_logits_are_those_plus_the_log_prior_among_siblings(taxonomy, kind, seed):
    objective = AdjustedSiblingSoftmax(taxonomy, taxonomy.images, tree=kind)
    nodes, tags = unfold(taxonomy) if kind == "places" else (taxonomy, np.arange(len(taxonomy)))
    rng = np.random.default_rng(seed)
    logits = torch.from_numpy(rng.normal(0, 3, (3, len(nodes))).astype(np.float32))
    labels = torch.from_numpy(rng.random((3, len(taxonomy))) < 0.4)
    adjusted = logits.double()
    for siblings in naive_groups(nodes, "nodes"):
        counts = [taxonomy.images[tags[node]] + 1 for node in siblings]  # smoothed
        for node, count in zip(siblings, counts):
            adjusted[:, node] += np.log(count / sum(counts))
    at = objective.places.labels(labels, objective.groups) if kind == "places" else labels
    expected = naive_loss(adjusted, at, naive_groups(nodes, "nodes"), torch.ones(len(nodes)))
    expected = expected * max(at.any(1).sum(), 1) / max(labels.any(1).sum(), 1)
    assert_close(objective(logits, labels, None).double(), expected, rtol=1e-5, atol=1e-5)
    plain = SiblingSoftmax(taxonomy, taxonomy.images, tree=kind)
    assert_close(objective.scores(logits), plain.scores(logits))


def test_with_the_adjustment_learned_the_rare_sibling_is_as_likely_as_the_frequent_one():
    """Where an image says nothing, the best logits undo the priors, so that the scores are those of a balanced posterior."""
    taxonomy = tree(" ".join(["a"] * 9 + ["b"]))
    objective, logits = AdjustedSiblingSoftmax(taxonomy, taxonomy.images), torch.zeros(1, 2, requires_grad=True)
    labels = torch.eye(2)[[0] * 10 + [1] * 2].bool()  # as often as the smoothed counts say
    (gradient,) = torch.autograd.grad(objective(logits.expand(12, 2), labels, None), logits)
    assert_close(gradient, torch.zeros(1, 2), rtol=0, atol=1e-6)
    assert_close(objective.scores(logits.detach()), torch.full((1, 2), -np.log(2.0)).float())


@pytest.mark.slow
def test_compiles_in_one_piece():
    labels, groups = labels_of(FIGURE, "1 12", "0 00"), sibling_groups(FIGURE)
    logits = torch.randn(2, len(FIGURE), generator=torch.Generator().manual_seed(7))
    compiled = torch.compile(hsoftmax_loss, fullgraph=True, backend="aot_eager")
    assert_close(with_gradient(compiled, logits, labels, groups), with_gradient(hsoftmax_loss, logits, labels, groups))
