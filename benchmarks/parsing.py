"""From a csv of records to sparse label matrices, beside the ways one would do it with pandas or polars.

    python benchmarks/parsing.py                       the mini museum's training split, repeated
    python benchmarks/parsing.py FILE                  any csv in the official form, repeated
    python benchmarks/parsing.py FILE --write          also keeps the figures for the book

The records are repeated under fresh ids up to 340,000. Ours checks the file as it reads it (fields in
each row, UTF-8, ids that occur twice, empty elements); the peers check nothing. All make the same
matrices for four facets, over the vocabulary that was counted from the same file.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from report import best_seconds, report
from scipy.sparse import csr_array

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.facets import FACETS, LEVEL_SEPARATOR, PATH_SEPARATOR
from eufcc_lib.core.paths import resolve
from eufcc_lib.data.labels import count_vocabulary, label_matrices
from eufcc_lib.data.records import COLUMNS
from eufcc_lib.data.records_csv import read_records
from eufcc_lib.data.taxonomy import Vocabulary

ROWS = 340_000

Matrices = list[csr_array]


def repeat_records(source: Path, target: Path, rows: int) -> None:
    """Write the records of `source` over and over, with a running number in each id."""
    with open(source, encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    identity = header.index(COLUMNS[0])
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number in range(rows):
            fields = list(records[number % len(records)])
            fields[identity] = f"{fields[identity].rpartition('_')[0]}_{number:06d}"
            writer.writerow(fields)


def ours(path: Path) -> Matrices:
    """The library: read, check, count the vocabulary, make the matrices."""
    records = read_records(path)
    return [labels.matrix for labels in label_matrices(records, count_vocabulary(records)).values()]


def arrow_parse(path: Path) -> None:
    """The base: Arrow alone, on all cores, every column as text, nothing made of it."""
    text = dict.fromkeys(COLUMNS, pa.string())
    arrow_csv.read_csv(path, convert_options=arrow_csv.ConvertOptions(column_types=text))


def pandas_factorize(path: Path, vocabulary: Vocabulary, engine: str) -> Matrices:
    """pandas, each distinct cell parsed once."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, engine=engine)
    matrices = []
    for facet in FACETS:
        codes, cells = pd.factorize(frame[facet.column])
        index = vocabulary[facet.name].index
        matrices.append(_from_tags([_tags(cell, index) for cell in cells], len(index))[codes])
    return matrices


def pandas_apply(path: Path, vocabulary: Vocabulary) -> Matrices:
    """pandas, a Python function called on every cell."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    matrices = []
    for facet in FACETS:
        index = vocabulary[facet.name].index
        matrices.append(_from_tags(frame[facet.column].apply(_tags, index=index), len(index)))
    return matrices


def pandas_split(path: Path, vocabulary: Vocabulary) -> Matrices:
    """pandas, str.split and explode on whole columns."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    matrices = []
    for facet in FACETS:
        index = vocabulary[facet.name].index
        names = frame[facet.column].str.split(PATH_SEPARATOR, regex=False).explode()
        names = names.str.split(LEVEL_SEPARATOR, regex=False).explode()
        tags = names.map(index).dropna().astype(np.int32)
        matrices.append(_from_pairs(tags.index.to_numpy(), tags.to_numpy(), (len(frame), len(index))))
    return matrices


def polars_explode(polars, path: Path, vocabulary: Vocabulary) -> Matrices:
    """polars, str.split and explode on whole columns."""
    frame = polars.read_csv(path, infer_schema=False).with_row_index("row")
    matrices = []
    for facet in FACETS:
        index = vocabulary[facet.name].index
        known = polars.DataFrame({"name": list(index), "tag": list(index.values())},
                                 schema={"name": polars.String, "tag": polars.Int32})
        names = (frame.lazy().select("row", name=polars.col(facet.column).str.split(PATH_SEPARATOR)).explode("name")
                 .with_columns(polars.col("name").str.split(LEVEL_SEPARATOR)).explode("name"))
        pairs = names.join(known.lazy(), on="name").select("row", "tag").collect()
        matrices.append(_from_pairs(pairs["row"].to_numpy(), pairs["tag"].to_numpy(), (len(frame), len(index))))
    return matrices


def _tags(cell: str, index: dict[str, int]) -> list[int]:
    names = {name for path in cell.split(PATH_SEPARATOR) for name in path.split(LEVEL_SEPARATOR)}
    return sorted(index[name] for name in names if name in index)


def _from_tags(tags, width: int) -> csr_array:
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in tags])])
    indices = np.array([tag for row in tags for tag in row], np.int32)
    return csr_array((np.ones(len(indices), bool), indices, indptr), shape=(len(tags), width))


def _from_pairs(rows: np.ndarray, tags: np.ndarray, shape: tuple[int, int]) -> csr_array:
    return csr_array((np.ones(len(rows), bool), (rows, tags)), shape=shape)


def best_in_turns(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least time of each work; they take turns, so that a busy spell of the machine falls on all of them."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for title, work in works.items():
            best[title] = min(best[title], best_seconds(work, runs=1, warm=False))
    return best


def peak_memory(path: Path) -> float:
    """Most memory, in GB, that a fresh process held while it did `ours`."""
    status = subprocess.run([sys.executable, __file__, str(path), "--peak"], capture_output=True, text=True, check=True)
    return int(status.stdout.split()[-1]) / 1e6


def main(source: Path, write: bool) -> None:
    """Time everything in one run, check that all agree, and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.csv"
        repeat_records(source, path, ROWS)
        vocabulary, expected = count_vocabulary(read_records(path)), ours(path)
        best = best_in_turns({
            "Arrow parses the csv into text columns, nothing more": lambda: arrow_parse(path),
            "reading the bytes, which the system holds in memory": path.read_bytes,
            "eufcc_lib, read and checked": lambda: read_records(path),
            "eufcc_lib, to matrices": lambda: ours(path),
        }, rounds=20)
        peers = {
            "pandas factorize (Arrow reads)": lambda: pandas_factorize(path, vocabulary, "pyarrow"),
            "pandas factorize": lambda: pandas_factorize(path, vocabulary, "c"),
            "pandas apply": lambda: pandas_apply(path, vocabulary),
            "pandas str.split and explode": lambda: pandas_split(path, vocabulary),
        }
        try:
            import polars
        except ImportError:
            print("polars is not installed: left out (pip install -r benchmarks/requirements.txt)")
        else:
            peers["polars str.split and explode"] = lambda: polars_explode(polars, path, vocabulary)
        for title, work in peers.items():
            for facet, matrix, right in zip(FACETS, work(), expected, strict=True):
                if (matrix.astype(bool) != right).nnz:
                    raise AssertionError(f"{title} finds other tags than the library for {facet.name}")
            best[title] = best_seconds(work, runs=2, warm=False)
        size, memory = path.stat().st_size / 1e6, peak_memory(path)
    title = (f"{ROWS:,} records ({size:.0f} MB of csv) to sparse labels of four facets; "
             f"peak memory of eufcc_lib {memory:.2f} GB")
    base = next(iter(best))
    report("parsing", title, base, best.pop(base), best, ("pyarrow", "numpy", "scipy", "pandas", "polars"), write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", nargs="?", help="a csv in the official form (default: the mini museum's train.csv)")
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/parsing.json")
    parser.add_argument("--peak", action="store_true", help="only make the matrices, and print the peak memory in kB")
    options = parser.parse_args()
    if options.peak:
        ours(Path(options.csv))
        print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
    else:
        main(resolve(options.csv) if options.csv else open_dataset("mini").root / "train.csv", options.write)
