"""Ranking metrics beside their peers: from scores and labels to R-Precision, Acc@k and ranks.

    python benchmarks/ranking.py            prints ratios to reading the scores once
    python benchmarks/ranking.py --write    also keeps them for the book

Peers that were found slow are timed on a part of the images, and their time is scaled up;
turning arrays into the dictionaries that some of them want is not counted.
"""

import argparse
import importlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from report import best_seconds, report
from scipy.sparse import csr_array

from eufcc_lib.core.hardware import usable_cores
from eufcc_lib.metrics.ranking import accuracy_at, average_rank_position, r_precision, rank_relevant

IMAGES, TAGS = 30_000, 910
PART = 1_500
"""Images on which the slow peers are timed."""


def draw(images: int, tags: int, seed: int = 0) -> tuple[np.ndarray, csr_array]:
    """Scores float32 (N, C) that know a little, and labels (N, C) with 1 to 7 tags an image, 4 on average."""
    random = np.random.default_rng(seed)
    scores = random.standard_normal((images, tags), dtype=np.float32)
    relevant = random.integers(1, 8, images)
    chosen = [np.sort(random.choice(tags, count, replace=False)) for count in relevant]
    indptr = np.concatenate([[0], np.cumsum(relevant)])
    labels = csr_array((np.ones(indptr[-1], bool), np.concatenate(chosen), indptr), shape=scores.shape)
    scores[np.repeat(np.arange(images), relevant), labels.indices] += 2
    return scores, labels


def ours(scores: np.ndarray, labels: csr_array) -> np.ndarray:
    """The library: four metrics of every image, averaged."""
    ranks = rank_relevant(scores, labels)
    return np.array([r_precision(ranks).mean(), accuracy_at(ranks, 1).mean(), accuracy_at(ranks, 10).mean(),
                     average_rank_position(ranks).mean()])


def python_loop(scores: np.ndarray, labels: csr_array) -> np.ndarray:
    """The same as one would first write it: sort each image, look up its tags."""
    found = []
    for row, start, stop in zip(scores, labels.indptr[:-1], labels.indptr[1:], strict=True):
        position = np.empty(len(row), np.int64)
        position[np.argsort(-row, kind="stable")] = np.arange(1, len(row) + 1)
        own = position[labels.indices[start:stop]]
        found.append(((own <= len(own)).mean(), (own <= 1).any(), (own <= 10).any(), own.mean()))
    return np.mean(found, axis=0)


def read_once(scores: np.ndarray, pool: ThreadPoolExecutor) -> None:
    """Read every score once, on all cores, and do next to nothing with it."""
    list(pool.map(np.max, np.array_split(scores, usable_cores())))


def torchmetrics_peer(module, scores, labels):
    """R-Precision alone; each further metric costs as much again."""
    metric = module.RetrievalRPrecision()
    target = torch.from_numpy(labels.toarray()).flatten()
    images = torch.arange(len(scores)).repeat_interleave(scores.shape[1])
    predicted = torch.from_numpy(scores).flatten()
    return lambda: float(metric(predicted, target, indexes=images))


def ranx_peer(module, scores, labels):
    """R-Precision and hit rate at 1 and 10."""
    relevant, ranked = _as_dictionaries(scores, labels)
    relevant, ranked = module.Qrels(relevant), module.Run(ranked)
    names = ["r-precision", "hit_rate@1", "hit_rate@10"]
    return lambda: module.evaluate(relevant, ranked, names)["r-precision"]


def pytrec_eval_peer(module, scores, labels):
    """R-Precision and success at 1 and 10."""
    relevant, ranked = _as_dictionaries(scores, labels)
    evaluator = module.RelevanceEvaluator(relevant, {"Rprec", "success_1,10"})
    return lambda: np.mean([image["Rprec"] for image in evaluator.evaluate(ranked).values()])


def scikit_learn_peer(module, scores, labels):
    """Coverage error (the worst rank of an image's tags), the nearest it has."""
    target = labels.toarray()
    return lambda: module.coverage_error(target, scores) and None


PEERS = {
    "torchmetrics, R-Precision only": ("torchmetrics.retrieval", torchmetrics_peer),
    "ranx, R-Precision and hits": ("ranx", ranx_peer),
    "pytrec_eval, R-Precision and hits": ("pytrec_eval", pytrec_eval_peer),
    "scikit-learn, coverage error only": ("sklearn.metrics", scikit_learn_peer),
}


def main(write: bool) -> None:
    """Time everything in one run, check that those who can agree do, and print the ratios."""
    scores, labels = draw(IMAGES, TAGS)
    part, part_labels = scores[:PART], labels[:PART]
    torch.set_num_threads(usable_cores())
    tensor = torch.from_numpy(scores)
    fast = {"base": lambda: read_once(scores, pool), "eufcc_lib, ranks": lambda: rank_relevant(scores, labels),
            "eufcc_lib, ranks and all four metrics": lambda: ours(scores, labels)}
    with ThreadPoolExecutor(usable_cores()) as pool:
        # In turns, for a few milliseconds are easily disturbed and the ratio needs all at their best.
        turns = [{name: best_seconds(work) for name, work in fast.items()} for _ in range(10)]
    best = {name: min(turn[name] for turn in turns) for name in fast}
    base = best.pop("base")
    seconds = best | {
        "torch argsort, stable": best_seconds(lambda: tensor.argsort(dim=1, descending=True, stable=True), runs=2),
        "numpy argsort, stable": best_seconds(lambda: np.argsort(-scores, axis=1, kind="stable"), runs=2),
        "Python loop over images, all four metrics":
            best_seconds(lambda: python_loop(part, part_labels), runs=2) * IMAGES / PART,
    }
    expected = ours(part, part_labels)
    np.testing.assert_allclose(python_loop(part, part_labels), expected, rtol=1e-6)
    for title, (package, prepare) in PEERS.items():
        try:
            module = importlib.import_module(package)
        except ImportError:
            print(f"{package} is not installed: left out (pip install -r benchmarks/requirements.txt)")
            continue
        work = prepare(module, part, part_labels)
        answer = work()
        if answer is not None:
            np.testing.assert_allclose(answer, expected[0], rtol=1e-4, err_msg=title)
        seconds[title] = best_seconds(work, runs=2, warm=False) * IMAGES / PART
    report("ranking", f"Ranking metrics, {IMAGES:,} images x {TAGS} tags, float32", "reading the scores once", base,
           seconds, ("numpy", "numba", "torch", "torchmetrics", "ranx", "pytrec-eval-terrier", "scikit-learn"), write)


def _as_dictionaries(scores: np.ndarray, labels: csr_array) -> tuple[dict, dict]:
    tags = [f"t{tag}" for tag in range(scores.shape[1])]
    relevant = {f"i{image}": {tags[tag]: 1 for tag in labels.indices[start:stop]}
                for image, (start, stop) in enumerate(zip(labels.indptr[:-1], labels.indptr[1:], strict=True))}
    ranked = {f"i{image}": dict(zip(tags, row, strict=True)) for image, row in enumerate(scores.tolist())}
    return relevant, ranked


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/ranking.json")
    main(parser.parse_args().write)
