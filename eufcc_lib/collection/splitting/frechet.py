"""The distance of each provider's images from all images, and the two providers of the outer test.

The Fréchet distance between two normal distributions fitted to features of a backbone (Heusel et
al., 2017), and the choice that section 3 of the paper ("Dataset Splits") makes with it. Features
are a plain matrix, from any backbone.

A warning for small collections: a few images are always far from the whole, since they cannot span the space
of the features. With hardly more images than dimensions, a ranking by distance is mostly one by size; rank
`first_components` instead.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.special import entr

from ...core.errors import UserError, unknown
from ...core.numbers import percent
from ...data.records import Records

LOW, HIGH = .02, .05
"""Smallest and largest share of all images that an outer provider holds (paper section 3)."""

DIVERSITY = 2.0
"""Effective number of kinds of objects that an outer provider needs. The paper says 'not exclusively from a
single category (e.g., stamps)'; below 2 there is less variety than in two kinds of the same size."""

SECOND = ("farthest", "nearest")
"""Ways to choose the second provider by its distance to the first; the paper's sentence lacks the word."""

_BLOCK = 4096  # rows converted to float64 at a time


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Mean float64 (D,), and a factor F float64 (D, R) of the covariance F Fᵀ, which is zero for one image."""

    mean: np.ndarray
    factor: np.ndarray


@dataclass(frozen=True, eq=False)
class OuterChoice:
    """The two providers of the outer test.

    Attributes:
        names: the first and the second.
        table: that of `rank_providers`, with the columns `to_first` (the distance to the first
            provider, missing where it does not matter) and `why` (the reason for or against each).
    """

    names: tuple[str, str]
    table: pd.DataFrame


def fit_gaussian(features: np.ndarray) -> Gaussian:
    """Mean and covariance (over n - 1) of features (N, D).

    Raises:
        UserError: there are no rows, it is not a matrix, or a number is not finite.
    """
    if np.ndim(features) != 2 or not len(features):
        raise UserError(f"Features: found an array of shape {np.shape(features)}; expected images x features.")
    mean, scatter = np.mean(features, axis=0, dtype=np.float64), 0.0
    if not np.isfinite(mean).all():
        row = int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])
        raise UserError(f"Features, row {row}: found a value that is not finite; expected finite numbers.")
    if len(features) <= len(mean):  # the centred images are themselves a factor of their covariance, and a small one
        return Gaussian(mean, (features - mean).T / np.sqrt(max(len(features) - 1, 1)))
    for start in range(0, len(features), _BLOCK):
        centred = features[start:start + _BLOCK] - mean
        scatter += centred.T @ centred
    return Gaussian(mean, _factor(scatter / (len(features) - 1)))


def first_components(features: np.ndarray, dimensions: int) -> np.ndarray:
    """float64 (N, dimensions): the features along their first principal components, centred.

    A covariance needs more images than dimensions: with a few hundred images per provider, the distance in
    a thousand dimensions mostly shows how few they are.

    Raises:
        UserError: `dimensions` is not between 1 and the smaller of N and D.
    """
    images, most = len(features), min(np.shape(features))
    if not 1 <= dimensions <= most:
        raise UserError(f"dimensions={dimensions!r}: expected 1 to {most}, as there are {images} images.")
    fitted = fit_gaussian(features)
    _, vectors = eigh(fitted.factor @ fitted.factor.T, subset_by_index=(np.shape(features)[1] - dimensions, np.shape(features)[1] - 1))
    vectors = vectors[:, ::-1]
    # The sign of a component is arbitrary; the largest entry is made positive.
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(dimensions)])
    return (np.asarray(features, np.float64) - fitted.mean) @ vectors


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """The squared Fréchet distance of two normal distributions, known as FID.

    |mean1 - mean2|² + tr(cov1) + tr(cov2) - 2 tr((cov1 cov2)^½). With cov1 = F Fᵀ and cov2 = G Gᵀ the last
    trace is the sum of the singular values of Fᵀ G, so that covariances of fewer images than dimensions are no
    special case.
    """
    product = one.factor.T @ other.factor
    roots = np.linalg.svd(product, compute_uv=False).sum() if product.size else 0.0
    traces = np.square(one.factor).sum() + np.square(other.factor).sum()
    return max(float(np.square(one.mean - other.mean).sum() + traces - 2 * roots), 0.0)


def object_kinds(records: Records, facet: str = "objectTypes", level: int = 2) -> csr_array:
    """Kinds of objects for the diversity check: bool (N, K), the distinct beginnings of the annotated paths.

    Args:
        records: N records.
        facet: whose paths.
        level: number of tags from the top of a path that make a kind; a shorter path is also a kind.
    """
    codes, cells = records.cells(facet)
    kinds = [{path[:level] for path in paths} for paths in records.distinct_paths(facet)]
    index = {kind: column for column, kind in enumerate(sorted(set().union(*kinds)))}
    entries = [(cell, index[kind]) for cell, of_cell in enumerate(kinds) for kind in of_cell]
    places = np.array(entries, np.int32).reshape(-1, 2).T
    return csr_array((np.ones(len(entries), bool), tuple(places)), shape=(len(cells), len(index)))[codes]


def rank_providers(features: np.ndarray, providers: np.ndarray, kinds: csr_array, low: float = LOW,
                   high: float = HIGH, diversity: float = DIVERSITY) -> pd.DataFrame:
    """Every provider's distance to the whole and whether it could be an outer one, farthest first.

    The whole includes the provider itself, as in the paper.

    Args:
        features: (N, D), finite.
        providers: the keeper of each of the N images.
        kinds: (N, K), the kinds of object of each image (see `object_kinds`), of equal weight.
        low, high: smallest and largest share of all images of an outer provider.
        diversity: effective number of kinds that an outer provider needs.
    Returns:
        One row per provider, by distance, ties by name: provider, images, share, kinds (distinct), diversity
        (exp of the entropy of its kinds, their effective number), distance, sized and diverse (whether share and
        diversity suffice), eligible (both).
    Raises:
        UserError: the arguments differ in N, features are not finite, or not 0 <= low <= high <= 1.
    """
    features, kinds = np.asarray(features), csr_array(kinds).astype(np.int64)
    lengths = {"features": len(features), "providers": len(providers), "kinds": kinds.shape[0]}
    if len(set(lengths.values())) > 1:
        raise UserError(f"Found {', '.join(f'{number} rows of {name}' for name, number in lengths.items())}; expected "
                        "as many of each as there are images.")
    if not 0 <= low <= high <= 1:
        raise UserError(f"low={low!r}, high={high!r}: expected shares with 0 <= low <= high <= 1.")
    names, of_name = np.unique(np.asarray(providers).astype(str), return_inverse=True)
    whole, found = fit_gaussian(features), []
    for number, name in enumerate(names.tolist()):
        members = np.flatnonzero(of_name == number)
        present, variety = _variety(kinds[members])
        share = len(members) / len(features)
        # 5 % of 3,200 must not fail by rounding.
        sized = bool(low - 1e-12 <= share <= high + 1e-12)
        distance = frechet_distance(whole, fit_gaussian(features[members]))
        found.append((name, len(members), share, present, variety, distance, sized, variety >= diversity))
    table = pd.DataFrame(found, columns=["provider", "images", "share", "kinds", "diversity", "distance", "sized", "diverse"])
    table["eligible"] = table["sized"] & table["diverse"]
    return table.sort_values(["distance", "provider"], ascending=[False, True], ignore_index=True)


def choose_outer(features: np.ndarray, providers: np.ndarray, kinds: csr_array, second: str = "farthest",
                 low: float = LOW, high: float = HIGH, diversity: float = DIVERSITY) -> OuterChoice:
    """The eligible provider farthest from the whole, and the one farthest from it (or nearest to it).

    Paper section 3, "Dataset Splits". The paper requires diversity of the first provider only; here of both,
    or half of the test could be of one kind.

    Args:
        second: `farthest` or `nearest`; the other arguments are those of `rank_providers`.
    Raises:
        UserError: fewer than two providers are eligible, and as `rank_providers`.
    """
    if second not in SECOND:
        raise unknown("way to choose the second provider", second, SECOND)
    table = rank_providers(features, providers, kinds, low, high, diversity)
    eligible = table.loc[table["eligible"], "provider"].tolist()
    if len(eligible) < 2:
        raise UserError(f"{len(eligible)} provider(s) hold {percent(low, 2)} to {percent(high, 2)} of the images and are as "
                        f"diverse as {diversity:g} kinds of object; expected two or more. The nearest shares are "
                        f"{_nearest_shares(table, low, high)}: change `low`, `high` or `diversity`.")
    features, providers = np.asarray(features), np.asarray(providers)
    first, *others = eligible
    fitted = fit_gaussian(features[providers == first])
    distances = {name: frechet_distance(fitted, fit_gaussian(features[providers == name])) for name in others}
    best = (max if second == "farthest" else min)(distances.values())
    other = min(name for name, distance in distances.items() if distance == best)
    table["to_first"] = table["provider"].map(distances)
    table["why"] = [_why(row, first, other, second, low, high, diversity) for row in table.itertuples()]
    return OuterChoice((first, other), table)


def _factor(covariance: np.ndarray) -> np.ndarray:
    """F (D, rank) with F Fᵀ the covariance; eigenvalues that are rounding errors are left out."""
    values, vectors = eigh(covariance, driver="evd")
    kept = values > max(values[-1], 0) * len(values) * np.finfo(np.float64).eps
    return vectors[:, kept] * np.sqrt(values[kept])


def _variety(kinds: csr_array) -> tuple[int, float]:
    """The number of kinds, and the exponential of their entropy; 0 and 0.0 where there are none."""
    weights = kinds.T @ (1 / np.maximum(kinds.sum(axis=1), 1))
    return np.count_nonzero(weights), float(np.exp(entr(weights / weights.sum()).sum())) if weights.any() else 0.0


def _nearest_shares(table: pd.DataFrame, low: float, high: float) -> str:
    """The providers whose shares are nearest to the interval, for a message."""
    outside = np.maximum(low - table["share"], 0) + np.maximum(table["share"] - high, 0)
    nearest = table.loc[outside.sort_values(kind="stable").index[:4]]
    return ", ".join(f"{row.provider!r} {percent(row.share, 2)} (diversity {row.diversity:.1f})"
                     for row in nearest.itertuples())


def _why(row, first: str, other: str, second: str, low: float, high: float, diversity: float) -> str:
    if row.provider == first:
        return "first: the farthest from the whole of those that are eligible"
    if row.provider == other:
        return f"second: the {second} {'from' if second == 'farthest' else 'to'} the first of those that are eligible"
    reasons = []
    if not row.sized:
        reasons.append(f"holds {percent(row.share, 2)}, not {percent(low, 2)} to {percent(high, 2)}")
    if not row.diverse:
        reasons.append(f"as diverse as {row.diversity:.1f} kinds, not {diversity:g}")
    return "; ".join(reasons) or ("eligible, but nearer" if second == "farthest" else "eligible, but farther")
