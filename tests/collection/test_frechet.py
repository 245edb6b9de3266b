"""Distances of providers on cases one can work out, and against the textbook's root of a product."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.sparse import csr_array

from eufcc_lib.collection.splitting import frechet
from eufcc_lib.collection.splitting.frechet import (
    Gaussian,
    choose_outer,
    first_components,
    fit_gaussian,
    frechet_distance,
    object_kinds,
    rank_providers,
)
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import records_from_columns


def reference(mean1, cov1, mean2, cov2):
    """The definition, with the root of a matrix that is not symmetric."""
    return float(np.square(mean1 - mean2).sum() + np.trace(cov1 + cov2 - 2 * np.real(sqrtm(cov1 @ cov2))))


def draw(seed, images, dimensions, scale=1.0, mean=0.0):
    random = np.random.default_rng(seed)
    mixed = random.standard_normal((images, dimensions)) @ random.standard_normal((dimensions, dimensions))
    return mean + scale * mixed


def distance(one, other):
    return frechet_distance(fit_gaussian(one), fit_gaussian(other))


def covariance(features):
    factor = fit_gaussian(features).factor
    return factor @ factor.T


def between(mean1, cov1, mean2, cov2):
    """The distance of two distributions given by their covariances."""
    return frechet_distance(Gaussian(mean1, frechet._factor(cov1)), Gaussian(mean2, frechet._factor(cov2)))


def test_identical_sets_are_at_distance_zero():
    features = draw(0, 400, 30)
    assert distance(features, features) == pytest.approx(0, abs=1e-9 * np.trace(np.cov(features.T)))


def test_shifted_set_is_as_far_as_its_mean():
    features = draw(1, 100, 4)
    assert distance(features, features + [3, 4, 0, 0]) == pytest.approx(25, rel=1e-9)


def test_in_one_dimension_means_and_deviations_are_subtracted_and_squared():
    assert between(np.array([1.]), np.array([[4.]]), np.array([3.]), np.array([[25.]])) == pytest.approx(4 + 9)


def test_without_correlation_dimensions_add_up():
    found = between(np.zeros(3), np.diag([1., 4., 9.]), np.zeros(3), np.diag([4., 16., 0.]))
    assert found == pytest.approx(1 + 4 + 9)


def test_covariance_of_few_images_is_no_special_case():
    # Along the first axis 1 against 4, nothing elsewhere: the root of the product is the root of a singular matrix.
    flat = np.zeros((5, 5))
    flat[0, 0] = 1
    assert between(np.zeros(5), flat, np.zeros(5), 4 * flat) == pytest.approx(1)
    assert between(np.zeros(5), np.zeros((5, 5)), np.zeros(5), np.zeros((5, 5))) == 0
    assert between(np.zeros(5), flat, np.zeros(5), np.zeros((5, 5))) == pytest.approx(1)


def test_few_images_in_many_dimensions_are_as_far_as_in_the_few_they_span():
    """Ten images of 100 numbers, moved by a rotation out of a space of 12: the distance cannot change."""
    one, other = draw(2, 10, 12), draw(3, 9, 12)
    rotation, _ = np.linalg.qr(np.random.default_rng(4).standard_normal((100, 100)))
    assert distance(one @ rotation[:12], other @ rotation[:12]) == pytest.approx(distance(one, other), rel=1e-9)


@pytest.mark.parametrize("noise", [1e-6, 1e-9, 0])
def test_nearly_singular_covariances_give_finite_distances_near_that_of_the_singular(noise):
    one, other = draw(5, 200, 8), draw(6, 200, 8, scale=2)
    random = np.random.default_rng(7)
    wide = [np.hstack([part, noise * random.standard_normal((200, 40))]) for part in (one, other)]
    assert distance(*wide) == pytest.approx(distance(one, other), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), dimensions=st.integers(1, 24), scale=st.floats(0.2, 5), shift=st.floats(-3, 3))
def test_distance_equals_the_textbook_and_is_symmetric(seed, dimensions, scale, shift):
    random = np.random.default_rng(seed)
    parts = []
    for factor in (1, scale):
        rotation, _ = np.linalg.qr(random.standard_normal((dimensions, dimensions)))
        spectrum = factor * random.uniform(.1, 10, dimensions)
        parts.append((random.standard_normal(dimensions) + shift, rotation * spectrum @ rotation.T))
    expected = reference(*parts[0], *parts[1])
    size = np.trace(parts[0][1] + parts[1][1])  # what is subtracted; a distance of nothing has no relative error
    assert between(*parts[0], *parts[1]) == pytest.approx(expected, rel=1e-6, abs=1e-10 * size)
    assert between(*parts[1], *parts[0]) == pytest.approx(expected, rel=1e-6, abs=1e-10 * size)


@pytest.mark.parametrize("mean", [0., 1e7])
def test_gaussian_has_the_mean_and_covariance_also_far_from_zero(monkeypatch, mean):
    monkeypatch.setattr(frechet, "_BLOCK", 7)
    features = draw(8, 60, 5, mean=mean)
    found = fit_gaussian(features)
    np.testing.assert_allclose(found.mean, features.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.factor @ found.factor.T, np.cov(features - mean, rowvar=False), rtol=1e-6, atol=1e-6)


def test_matrix_is_read_in_blocks_of_double_precision(monkeypatch):
    monkeypatch.setattr(frechet, "_BLOCK", 7)
    features = draw(9, 50, 4).astype(np.float32)
    expected = np.cov(features.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(covariance(features), expected, rtol=1e-12)


def test_one_image_has_no_spread():
    assert not fit_gaussian(np.array([[1., 2.]])).factor.any()


@pytest.mark.parametrize(("features", "sentence"), [
    (np.zeros((0, 3)), "shape .0, 3.; expected images x features"),
    (np.zeros(3), "shape .3,."),
    (np.array([[1., 2.], [np.nan, 1.]]), "row 1: found a value that is not finite"),
])
def test_features_that_are_no_matrix_of_numbers_are_refused(features, sentence):
    with pytest.raises(UserError, match=sentence):
        fit_gaussian(features)


PLACES = {"near": 0, "east": 12, "west": -8, "far": 20, "stamps": 30, "large": 0}
SIZES = {"near": 40, "east": 30, "west": 40, "far": 5, "stamps": 30, "large": 855}


@pytest.fixture
def museum():
    """1,000 images of six providers, each at its place on a line; `stamps` has one kind, the others four."""
    random = np.random.default_rng(10)
    providers = np.repeat(list(SIZES), list(SIZES.values()))
    features = random.standard_normal((1000, 6))
    features[:, 0] += [PLACES[name] for name in providers]
    kinds = np.where(providers == "stamps", 0, np.arange(1000) % 4)
    order = random.permutation(1000)
    return features[order], providers[order], csr_array(np.eye(4, dtype=bool)[kinds[order]])


def test_providers_are_ranked_by_distance_to_the_whole(museum):
    table = rank_providers(*museum).set_index("provider")
    assert table.index[:3].tolist() == ["stamps", "far", "east"]
    assert table["images"].to_dict() == SIZES
    assert table.loc["east", ["share", "kinds", "sized", "diverse"]].tolist() == [.03, 4, True, True]
    assert table.loc["east", "diversity"] == pytest.approx(4, rel=.01)
    assert table.loc["stamps", ["kinds", "diversity"]].tolist() == [1, 1]
    assert table.loc["stamps", ["sized", "diverse", "eligible"]].tolist() == [True, False, False]
    assert table.loc[["far", "large"], "sized"].tolist() == [False, False]


def test_every_distance_is_that_of_the_two_distributions(museum):
    """Also of a provider with fewer images than dimensions, which takes another way."""
    features, providers, _ = museum
    for name, found in rank_providers(*museum).set_index("provider")["distance"].items():
        own = features[providers == name]
        expected = reference(features.mean(axis=0), covariance(features), own.mean(axis=0), covariance(own))
        assert found == pytest.approx(expected, rel=1e-6), name


@pytest.mark.parametrize(("second", "names"), [("farthest", ("east", "west")), ("nearest", ("east", "near"))])
def test_outer_providers_are_the_farthest_and_that_by_its_distance_to_it(museum, second, names):
    choice = choose_outer(*museum, second=second)
    why = choice.table.set_index("provider")["why"]
    assert choice.names == names
    assert why[names[0]].startswith("first") and why[names[1]].startswith(f"second: the {second}")
    assert why["stamps"] == "as diverse as 1.0 kinds, not 2"
    assert why["far"] == "holds 0.5 %, not 2 % to 5 %"
    assert why["large"] == "holds 85.5 %, not 2 % to 5 %"
    assert choice.table["to_first"].notna().sum() == 2  # of the eligible others


def test_choice_does_not_depend_on_the_order_of_the_images(museum):
    features, providers, kinds = museum
    order = np.random.default_rng(11).permutation(1000)
    assert choose_outer(features[order], providers[order], kinds[order]).names == choose_outer(*museum).names


def test_share_on_the_bound_is_within_it(museum):
    sized = rank_providers(*museum, low=.03, high=.04).set_index("provider")["sized"]
    assert sized[["east", "west", "near"]].all() and not sized["far"]


def test_too_few_eligible_providers_are_told_with_the_nearest_shares(museum):
    with pytest.raises(UserError, match="0 provider.* hold 10 % to 20 % .*'near' 4 %"):
        choose_outer(*museum, low=.1, high=.2)


def test_few_images_are_far_by_chance_and_less_so_in_few_components():
    """`few` holds five images like all others, in 40 dimensions; `moved` is the one that differs."""
    random = np.random.default_rng(12)
    features = random.standard_normal((605, 40))
    providers = np.array(["few"] * 5 + ["moved"] * 100 + ["usual"] * 500)
    features[providers == "moved", 0] += 2
    kinds = csr_array(np.ones((605, 1), bool))
    assert rank_providers(features, providers, kinds)["provider"].tolist()[:2] == ["few", "moved"]
    assert rank_providers(first_components(features, 2), providers, kinds)["provider"].tolist()[:2] == ["moved", "few"]


@pytest.mark.parametrize(("change", "sentence"), [
    ({"second": "middle"}, "middle.*farthest, nearest"),
    ({"low": .5, "high": .2}, "0 <= low <= high <= 1"),
])
def test_parameters_that_make_no_sense_are_refused(museum, change, sentence):
    with pytest.raises(UserError, match=sentence):
        choose_outer(*museum, **change)


def test_parts_of_different_length_are_refused(museum):
    features, providers, kinds = museum
    with pytest.raises(UserError, match="1000 rows of features, 999 rows of providers"):
        rank_providers(features, providers[1:], kinds)


def make_records(*cells):
    columns = {column: [""] * len(cells) for column in COLUMNS}
    columns["idInSource"] = [f"x_{number}" for number in range(len(cells))]
    columns["objectTypes.hierarchy"] = list(cells)
    return records_from_columns(columns)


def test_kinds_are_the_beginnings_of_paths():
    records = make_records("coin", "tool | spoon | soup spoon", "tool | spoon | tea spoon $ tool | fork", "", "coin")
    kinds = object_kinds(records).toarray()
    assert kinds.astype(int).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 1], [0, 0, 0], [1, 0, 0]]
    assert object_kinds(records, level=1).shape == (5, 2)


def test_diversity_is_the_number_of_kinds_of_equal_size_that_would_be_as_varied():
    features, providers = np.arange(8.)[:, None], np.array(["mixed"] * 4 + ["bare"] + ["plain"] * 3)
    # Of `mixed` an image of two kinds counts for both in halves: 2, 1.5 and 0.5 of 4 images.
    kinds = csr_array(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]],
                               bool))
    table = rank_providers(features, providers, kinds).set_index("provider")
    shares = np.array([.5, .375, .125])
    assert table.loc["mixed", "diversity"] == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert table.loc["plain", ["kinds", "diversity"]].tolist() == [1, 1]
    assert table.loc["bare", ["kinds", "diversity", "diverse"]].tolist() == [0, 0, False]


def test_first_components_keep_the_most_of_the_variance():
    random = np.random.default_rng(0)
    features = random.normal(size=(200, 6)) * [9, 1, 5, .1, 3, .1] + 7
    found = first_components(features, 3)
    centred = features - features.mean(axis=0)
    expected = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(np.abs(found), np.abs(centred @ expected.Vh[:3].T))
    assert np.allclose(found.var(axis=0), expected.S[:3] ** 2 / 200)
    for wrong in (0, 7):
        with pytest.raises(UserError, match="expected 1 to 6"):
            first_components(features, wrong)
