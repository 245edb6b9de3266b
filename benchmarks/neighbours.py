"""The exact nearest neighbours of 30,000 images among 340,000, with 1,024 features.

    python benchmarks/neighbours.py            prints ratios to the products of features alone
    python benchmarks/neighbours.py --write    also keeps them for the book

A part of the images is searched, and the time is scaled up: every image costs the same. The memory is what the
search adds to the features, which take 1.4 GB.
"""

import argparse
import importlib
import resource
import sys
from functools import partial

import numpy as np
import torch
from report import best_seconds, report

from eufcc_lib.core.hardware import usable_cores
from eufcc_lib.models.neighbours import directions, find_nearest

IMAGES, TRAINING, FEATURES, NEIGHBOURS = 30_000, 340_000, 1_024, 100
PART = 256
"""Images that are searched."""

TURNS = 2
"""Times that each method is measured, in turns, as other work on the machine comes and goes; the fastest counts."""

BLOCK = 16_384
"""Training images whose products are computed at once, as the library does."""

ANNOTATED = {"object types": 0.9, "materials": 0.6, "classifications": 0.3, "subjects": 0.1}
"""Shares of images that may vote, by facet."""


def draw(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Directions of the training images (M, D) and of the images (N, D), around a hundred centres."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((100, FEATURES), dtype=np.float32)
    parts = []
    for count in (TRAINING, PART):
        values = random.standard_normal((count, FEATURES), dtype=np.float32)
        for start in range(0, count, BLOCK):  # whole, the centres would take as much memory again
            part = values[start:start + BLOCK]
            part += centres[random.integers(0, 100, len(part))]
        parts.append(directions(torch.from_numpy(values), torch.zeros(FEATURES)))
    return tuple(parts)


def multiply(images: torch.Tensor, memory: torch.Tensor) -> None:
    """The products alone, which are not kept."""
    for start in range(0, len(memory), BLOCK):
        images @ memory[start:start + BLOCK].T


def with_numpy(images: torch.Tensor, memory: torch.Tensor) -> np.ndarray:
    """The same by argpartition, for 64 images at a time: more would not fit into memory."""
    found = []
    for part in np.array_split(images.numpy(), max(len(images) // 64, 1)):
        similar = part @ memory.numpy().T
        rows = np.argpartition(-similar, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        order = np.argsort(-np.take_along_axis(similar, rows, 1), axis=1, kind="stable")
        found.append(np.take_along_axis(rows, order, 1))
    return np.concatenate(found)


def scikit_learn_peer(module, memory: torch.Tensor):
    """Distances of directions order images as their cosines do."""
    fitted = module.NearestNeighbors(n_neighbors=NEIGHBOURS, algorithm="brute").fit(memory.numpy())
    return lambda images: fitted.kneighbors(images.numpy(), return_distance=False)


def peak() -> float:
    """The most memory that this process has used, in GB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1e9 if sys.platform == "darwin" else 1e6)


@torch.inference_mode()
def main(write: bool) -> None:
    """Time everything in one run, check that all find the same images, and print the ratios."""
    torch.set_num_threads(usable_cores())
    memory, images = draw()
    everyone = {"any": np.ones(TRAINING, bool)}
    random = np.random.default_rng(1)
    facets = {facet: random.random(TRAINING) < share for facet, share in ANNOTATED.items()}
    methods = {
        "base": partial(multiply, images, memory),
        "eufcc_lib, one list of neighbours": partial(find_nearest, images, memory, everyone, NEIGHBOURS),
        "eufcc_lib, a list for each of four facets": partial(find_nearest, images, memory, facets, NEIGHBOURS),
        "numpy, argpartition": partial(with_numpy, images, memory)}
    before = peak()
    expected = methods["eufcc_lib, one list of neighbours"]()["any"].rows
    methods["eufcc_lib, a list for each of four facets"]()
    print(f"The search takes {peak() - before:.2f} GB beside the features.")
    try:
        methods["scikit-learn, brute force"] = partial(scikit_learn_peer(importlib.import_module("sklearn.neighbors"), memory), images)
    except ImportError:
        print("scikit-learn is not installed: left out (pip install -r benchmarks/requirements.txt)")
    for title, search in list(methods.items())[3:]:
        differ = np.mean(search() != expected)
        assert differ < 1e-3, f"{title} finds other images in {differ:.1%} of all places"  # last digits decide near ties
    turns = [{title: best_seconds(work, runs=1, warm=False) for title, work in methods.items()} for _ in range(TURNS)]
    seconds = {title: min(turn[title] for turn in turns) * IMAGES / PART for title in methods}
    report("neighbours", f"The {NEIGHBOURS} nearest of {TRAINING:,} images for {IMAGES:,}, {FEATURES:,} features, float32 ({PART} measured)",
           "the products of features alone", seconds.pop("base"), seconds, ("numpy", "torch", "scikit-learn"), write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/neighbours.json")
    main(parser.parse_args().write)
