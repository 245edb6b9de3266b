"""Open a data set by name: the mini museum (drawn first), the official annotations, or a folder."""

import warnings
from pathlib import Path

from ..core.errors import UserError
from ..core.paths import DATA, resolve
from ..data.dataset import LABELS_SUFFIX, Dataset, name_look_alikes, read_dataset, translate

LAPTOP = "eufcc340k-laptop"
"""The part of EUFCC-340K that `subset` chooses."""

FETCHED = {"eufcc340k": "eufcc fetch", LAPTOP: "eufcc fetch eufcc340k --subset laptop"}
"""Data sets that are fetched once, each with its command."""

NAMES = ("mini", *FETCHED)
"""Data sets that the project itself can make or fetch."""

COMMIT_NOTE = ".commit"
"""In a folder of official annotations, the file with the commit that they were fetched from."""

_SHOWN = 20  # groups of tags that look alike


def open_dataset(data: str, vocabulary: str = "train", minimum: int = 10, language: str | None = None) -> Dataset:
    """Open a data set; `mini` is drawn if it is not there yet, which takes about a minute.

    Args:
        data: `mini` (the embedded museum), `eufcc340k` (the official annotations, once fetched), `eufcc340k-laptop` (a
            part of them with its images, likewise) or a folder with any of train.csv, val.csv, test_id.csv and test_ood.csv.
        vocabulary: `train` counts the training split's tags, or those of all splits where there
            is no train.csv; `labels` reads `<root>/labels/*.txt`.
        minimum: images that a tag needs to be in a counted vocabulary.
        language: of the tag names, `en` or `ca`, see `translate`; None leaves them as annotated.
    Warns:
        UserWarning: tags look alike, see `text.look_alikes`; which they are.
    Raises:
        UserError: no such data set, vocabulary, file or language, or a file is malformed.
    """
    name, root = locate(data)
    if name == "mini":
        from ..mini import museum  # draws pictures: opening any other data set loads no renderer

        museum.draw_museum(root, report=_show_drawing)
    dataset = read_dataset(root, name, vocabulary, minimum)
    if alike := name_look_alikes(dataset):
        rest = f"\n  and {len(alike) - _SHOWN:,} more, which `eufcc audit` lists" * (len(alike) > _SHOWN)
        warnings.warn(f"{dataset.name}: these tags look alike and count as different ones (images in brackets):\n  "
                      + "\n  ".join(alike[:_SHOWN]) + rest, stacklevel=2)
    return dataset if language is None else translate(dataset, language)


def locate(data: str) -> tuple[str, Path]:
    """The name and the folder of a data set, of which nothing is read yet; `UserError` if there is none, see `open_dataset`."""
    if data in NAMES:
        root = DATA / data
        if data in FETCHED and not (root / "train.csv").is_file():
            raise UserError(f"The official annotations are not in {root}; fetch them once with `{FETCHED[data]}`.")
        return data, root
    root = resolve(data)
    if not root.is_dir():
        raise UserError(f"Unknown data {str(data)!r}. Known data: {', '.join(NAMES)}, or a folder with csv files in the "
                        f"official form; {root} is no folder.")
    if root.name.removesuffix(LABELS_SUFFIX) in NAMES and root != (DATA / root.name).resolve():
        raise UserError(f"The folder {root} has the name of a data set of the project, so their results would be "
                        f"mixed up; expected another name than {' or '.join(NAMES)}, also before {LABELS_SUFFIX!r}.")
    return root.name, root


def fetched_commit(root: Path) -> str | None:
    """The commit of the official repository that a folder's annotations were fetched from; None for any other data."""
    note = root / COMMIT_NOTE
    return note.read_text(encoding="utf-8").strip() if note.is_file() else None


def _show_drawing(drawn: int, pictures: int) -> None:
    if drawn % 100 == 0 or drawn == pictures:  # a notebook keeps every line
        print(f"\rDrawing the mini museum: {drawn:,} of {pictures:,} pictures", end="" if drawn < pictures else "\n",
              flush=True)
