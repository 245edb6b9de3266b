"""Open a data set by name: the mini museum (drawn first), the official annotations, or a folder."""

from pathlib import Path

from ..core.errors import UserError, unknown
from ..core.paths import DATA, resolve
from ..data.dataset import LABELS_SUFFIX, VOCABULARIES, Dataset, _counted_records, translate
from ..data.label_files import read_label_vocabulary
from ..data.labels import count_vocabulary
from ..data.records import SPLITS
from ..data.records_csv import read_records

NAMES = ("mini", "eufcc340k")
"""Data sets that the project itself can make or fetch."""


def open_dataset(data: str, vocabulary: str = "train", minimum: int = 10, language: str | None = None) -> Dataset:
    """Open a data set; `mini` is drawn if it is not there yet, which takes about a minute.

    Args:
        data: `mini` (the embedded museum), `eufcc340k` (the official annotations, once fetched)
            or a folder with any of train.csv, val.csv, test_id.csv and test_ood.csv.
        vocabulary: `train` counts the training split's tags, or those of all splits where there
            is no train.csv; `labels` reads `<root>/labels/*.txt`.
        minimum: images that a tag needs to be in a counted vocabulary.
        language: of the tag names, `en` or `ca`, see `translate`; None leaves them as annotated.
    Raises:
        UserError: no such data set, vocabulary, file or language, or a file is malformed.
    """
    dataset = _open(data, vocabulary, minimum)
    return dataset if language is None else translate(dataset, language)


def _open(data: str, vocabulary: str, minimum: int) -> Dataset:
    if vocabulary not in VOCABULARIES:
        raise unknown("vocabulary source", vocabulary, VOCABULARIES)
    name, root = locate(data)
    if name == "mini":
        from ..mini import museum  # draws pictures: opening any other data set loads no renderer

        museum.draw_museum(root, report=_show_drawing)
    records = {split: read_records(root / f"{split}.csv") for split in SPLITS if (root / f"{split}.csv").is_file()}
    if not records:
        raise UserError(f"{root} holds no annotations; expected at least one of "
                        f"{', '.join(f'{split}.csv' for split in SPLITS)}.")
    if vocabulary == "labels":
        return Dataset(name + LABELS_SUFFIX, root, records, read_label_vocabulary(root / "labels"),
                       "the label files of the data set")
    counted, source = _counted_records(records)
    return Dataset(name, root, records, count_vocabulary(counted, minimum),
                   f"tags with at least {minimum} images in {source}")


def locate(data: str) -> tuple[str, Path]:
    """The name and the folder of a data set, of which nothing is read yet; `UserError` if there is none, see `open_dataset`."""
    if data in NAMES:
        root = DATA / data
        if data == "eufcc340k" and not (root / "train.csv").is_file():
            raise UserError(f"The official annotations are not in {root}; fetch them once with "
                            "`eufcc fetch`.")
        return data, root
    root = resolve(data)
    if not root.is_dir():
        raise UserError(f"Unknown data {str(data)!r}. Known data: {', '.join(NAMES)}, or a folder with csv files in the "
                        f"official form; {root} is no folder.")
    if root.name.removesuffix(LABELS_SUFFIX) in NAMES and root != (DATA / root.name).resolve():
        raise UserError(f"The folder {root} has the name of a data set of the project, so their results would be "
                        f"mixed up; expected another name than {' or '.join(NAMES)}, also before {LABELS_SUFFIX!r}.")
    return root.name, root


def _show_drawing(drawn: int, pictures: int) -> None:
    if drawn % 100 == 0 or drawn == pictures:  # a notebook keeps every line
        print(f"\rDrawing the mini museum: {drawn:,} of {pictures:,} pictures", end="" if drawn < pictures else "\n",
              flush=True)
