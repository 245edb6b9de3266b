"""`eufcc suggest`: the models' suggestions for many images, as a table or as JSON lines.

What is done is kept in OUT.part, a line per image; OUT is written when all are. A run that was killed resumes there.
"""

import csv
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

from ..core.commands import command, new_parser
from ..core.errors import UserError

COLUMNS = ("image", "facet", "tag", "label", "uri", "score", "promise", "model", "remark")
"""Of the table; an image without a suggestion has a row with a remark."""

NO_TAG = "no suggestion"

CHUNK = 16
"""Images that go through the models together."""

_SECONDS = 5  # between two lines of progress


def suggest_batch(suggester, predictor, items: Iterable) -> Iterator[list[dict]]:
    """What is suggested for each of the images, in their order, chunk by chunk; each core reads and computes its own.

    Args:
        suggester: a `rows.Suggester`.
        predictor: a `predictor.Predictor`.
        items: the images, each an `items.Item`; they may come slowly.
    """
    from ..core.hardware import usable_cores
    from ..models.features import one_thread

    items, waiting, cores = iter(items), deque(), usable_cores()
    with one_thread():
        pool = ThreadPoolExecutor(cores)
        try:
            while chunk := list(islice(items, CHUNK)):
                waiting.append(pool.submit(suggest_chunk, suggester, predictor, chunk))
                while waiting and (len(waiting) > cores or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def suggest_chunk(suggester, predictor, items: list) -> list[dict]:
    """What is suggested for each of a few images, which go through the models together; see `describe_image`."""
    from ..data.images.decoding import BrokenImage

    pixels, reasons = [], {}
    for place, item in enumerate(items):
        try:
            if item.path is None:
                reasons[place] = item.reason
            else:
                pixels.append(predictor.read(item.path))
        except BrokenImage as error:
            reasons[place] = error.reason
    answers = iter(predictor.answers(pixels))
    return [describe_image(item.name, item.title, suggester, None if place in reasons else next(answers), reasons.get(place))
            for place, item in enumerate(items)]


def describe_image(name: str, title: str, suggester, answer, reason: str | None = None) -> dict:
    """What is suggested for one image, as JSON has it: `unlike` is above 1 where it is unlike the training photographs, and
    `error` says why it could not be read."""
    return {"image": name, "title": title, "model": suggester.settings["model"],
            "unlike": round(answer.unlike, 3) if answer and answer.unlike is not None else None,
            "suggestions": suggester.rows(answer) if answer else [], "error": reason}


class Journal:
    """The images that are done, a line each, after a first line with what they depend on; a half line of a kill is cut off.

    Args:
        path: the file.
        settings: of the run; another run's file is refused.
    """

    def __init__(self, path: Path, settings: dict):
        from filelock import FileLock, Timeout

        self.path, self.done, self._lock = path, set(), FileLock(f"{path}.lock", timeout=0)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._file = open(path, "a+b")  # noqa: SIM115  open as long as the run
            self._file.seek(0)
            kept = self._file.read()
        except Timeout:  # an OSError, too
            raise UserError(f"{path} is in use by another run; expected one run at a time.") from None
        except OSError as error:
            raise UserError(f"{path} cannot be written ({error.strerror or error}); expected a folder with room.") from None
        whole = kept[:kept.rfind(b"\n") + 1]
        self._file.truncate(len(whole))
        if not whole:
            self.add([settings])
        begun, *rows = map(json.loads, whole.splitlines() or [json.dumps(settings)])
        self.done.update(row["image"] for row in rows)
        if begun != settings:
            self.close()
            other = ", ".join(f"{name} {begun.get(name)}, not {settings.get(name)}" for name in {**begun, **settings}
                              if begun.get(name) != settings.get(name))
            raise UserError(f"{path} was begun with other settings ({other}); run it with those, or remove the file to begin "
                            "anew.")

    def add(self, rows: list[dict]) -> None:
        """Write rows to disk before anything else is done."""
        try:
            self._file.write(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror or error}); what is in it is kept.") from None
        self.done.update(row["image"] for row in rows if "image" in row)

    def rows(self) -> Iterator[dict]:
        """The rows of all images, in the order in which they were done."""
        with open(self.path, encoding="utf-8") as file:
            yield from map(json.loads, islice(file, 1, None))

    def close(self) -> None:
        """Let the file go, so that it can be removed."""
        self._file.close()
        self._lock.release()
        Path(f"{self.path}.lock").unlink(missing_ok=True)


def write_out(rows: Iterable[dict], path: Path) -> None:
    """Write a table (`.csv`) or JSON lines (`.jsonl`), whole or not at all."""
    from ..core.paths import atomic

    try:
        with atomic(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
            if path.suffix == ".jsonl":
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            else:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS)
                writer.writerows(chain.from_iterable(map(_table_rows, rows)))
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}); run the same command again.") from None


def _table_rows(row: dict) -> list[list]:
    found = [[row["image"], *(tag[name] for name in COLUMNS[1:7]), row["model"], ""] for tag in row["suggestions"]]
    return found or [[row["image"], *[""] * 6, row["model"], row["error"] or NO_TAG]]


def _report(done: int, total: int | None, unread: int, seconds: float, new: int) -> str:
    of = f" of {total:,}" if total is not None else ""
    failed = f", {unread:,} could not be read" if unread else ""
    return f"suggested tags for {done:,}{of} images, {new / max(seconds, 1e-6):.1f} images/s{failed}"


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc suggest`."""
    parser = new_parser("suggest", "Suggest tags for many images: those in a folder and below it, of a csv file with the "
                        "column idInSource or image, or of IIIF manifests and collections, files or addresses. By default, "
                        "the tags are those of which 95 % are promised to be right.",
                        reads="the trained models of DATA, in checkpoints/; the images",
                        writes="OUT, a table or JSON lines; OUT.part meanwhile; data/iiif/, the images of manifests",
                        example="eufcc suggest photographs --out suggestions.csv --threshold 0.5")
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="a folder, a csv file, an image, or a manifest")
    parser.add_argument("--out", required=True, metavar="OUT", help="a file that ends in .csv or .jsonl")
    parser.add_argument("--data", default="mini", help="the data set whose trained models suggest (default: %(default)s)")
    parser.add_argument("--threshold", type=float, metavar="T", help="suggest tags from this probability on")
    parser.add_argument("--promise", type=float, metavar="SHARE", help="suggest tags of which this share is promised to be "
                        "right: 0.7, 0.8, 0.9, 0.95 (default) or 0.99")
    parser.add_argument("--language", default="en", help="of the labels, en or ca (default: %(default)s)")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    from ..collection.iiif import IIIFReader
    from ..core.paths import DATA, resolve
    from .items import fetch_canvases, find_files, is_manifest
    from .predictor import load_predictor
    from .rows import Suggester

    out = resolve(options.out)
    part = out.with_name(f"{out.name}.part")
    if out.suffix not in (".csv", ".jsonl"):
        raise UserError(f"--out {options.out}: expected a name that ends in .csv or .jsonl.")
    if out.exists():
        if not part.exists():  # else a run was killed between its last two steps
            raise UserError(f"{options.out} is there already; remove it, or give another name.")
        part.unlink()
        return print(f"The suggestions are in {options.out}.")
    files = find_files(options.sources)
    predictor = load_predictor(options.data)
    suggester = Suggester(predictor, options.threshold, options.promise, options.language)
    journal = Journal(part, suggester.settings)
    before, start, told, unread = len(journal.done), time.monotonic(), time.monotonic(), 0
    if before:
        print(f"{before:,} images are done already")
    reader = IIIFReader(DATA / "iiif", 2 * predictor.side)  # twice what the models see, so that the last resizing is ours
    items = chain((item for item in files if item.name not in journal.done),
                  fetch_canvases(options.sources, reader, set(journal.done)))
    total = None if any(map(is_manifest, options.sources)) else len(files)

    def tell() -> None:
        print(_report(len(journal.done), total, unread, time.monotonic() - start, len(journal.done) - before), flush=True)
    for rows in suggest_batch(suggester, predictor, items):
        journal.add(rows)
        unread += sum(row["error"] is not None for row in rows)
        if time.monotonic() > told + _SECONDS:
            told = time.monotonic()
            tell()
    tell()
    if not journal.done:
        raise UserError("No image was found; expected one or more.")
    journal.close()
    write_out(journal.rows(), out)
    part.unlink()
    print(f"The suggestions are in {options.out}.")
