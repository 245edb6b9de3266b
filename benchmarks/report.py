"""Time several ways of doing one thing, print them as ratios, and keep the figures.

Seconds belong to one machine; ratios travel better. Every benchmark therefore has a base,
the least the work can cost (reading the bytes once, say), and a method's ratio is its time
over the base's. `benchmarks/results/NAME.json` is what the book's benchmark page reads.
"""

import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from eufcc_lib.core.hardware import cpu_model, usable_cores
from eufcc_lib.core.paths import atomic

RESULTS = Path(__file__).parent / "results"


def best_seconds(work: Callable[[], object], runs: int = 5, warm: bool = True) -> float:
    """Least wall time of `runs` calls, after one that does not count (compiling, page faults).

    The minimum is the figure least disturbed by whatever else the machine is doing.
    """
    if warm:
        work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def machine(*packages: str) -> dict:
    """What the figures depend on: processor, cores this process may use, Python, package versions."""
    described = {"cpu": cpu_model(), "cores": usable_cores(), "system": platform.system(),
                 "python": platform.python_version()}
    for package in packages:
        try:
            described[package] = version(package)
        except PackageNotFoundError:
            continue
    return described


def report(name: str, title: str, base: str, base_seconds: float, seconds: dict[str, float],
           packages: tuple[str, ...] = (), write: bool = False) -> dict:
    """Print the ratio table, fastest first; with `write` also keep it as `results/NAME.json`.

    Args:
        name: the file's name without suffix.
        title: what was measured, with the size of the input.
        base: what ratio 1.0 is, in words.
        base_seconds: its time.
        seconds: time of each method.
        packages: distributions whose versions belong to the figures.
    Returns:
        {"title", "machine", "date", "base", "rows": [{"method", "seconds", "ratio"}]}.
    """
    rows = [{"method": base, "seconds": float(f"{base_seconds:.3g}"), "ratio": 1.0}]
    rows += [{"method": method, "seconds": float(f"{spent:.3g}"), "ratio": float(f"{spent / base_seconds:.3g}")}
             for method, spent in sorted(seconds.items(), key=lambda item: item[1])]
    result = {"title": title, "machine": machine(*packages),
              "date": datetime.now(UTC).date().isoformat(), "base": base, "rows": rows}
    width = max(len(row["method"]) for row in rows)
    print(title)
    for row in rows:
        print(f"  {row['method']:<{width}}  {row['seconds']:>10.4g} s  {row['ratio']:>8.4g} x")
    if write:
        with atomic(RESULTS / f"{name}.json") as temporary:
            temporary.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return result
