"""Fetch the official annotation files of EUFCC-340K, whole and unchanged, or not at all.

The repository states no licence for its files, so the project ships none of them: each user runs `eufcc fetch`.
Images are fetched by `thumbnails`; `--subset laptop` fetches those of the part that `subset` chooses.
"""

import hashlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tqdm import tqdm

from ..core.commands import command, new_parser
from ..core.errors import UserError
from ..core.paths import DATA, atomic, resolve
from .http import Session, Transient, check_status, duration, open_url, read_pieces, retry
from .sources import COMMIT_NOTE, fetched_commit
from .subset import THUMBNAIL_BYTES, write_subset
from .thumbnails.fetch import fetch_thumbnails

COMMIT = "56cc8cf77d3a1bb5ec7d6e3470a016bf17a79d6d"
"""The commit of 2026-03-22; it replaced train.csv and val.csv, whose older versions leaked."""

BASE_URL = f"https://raw.githubusercontent.com/cesc47/EUFCC-340K/{COMMIT}"

FILES = {
    "train.csv": "a58c02aeff97c57cd8b901ba57eca0320b6db18b",
    "val.csv": "25f16f141a312b0735b6299934b2497e576614fd",
    "test_id.csv": "596d7e6eea7fda4a4ba5dea120bd421e9386b3e0",
    "test_ood.csv": "580c48d6b63f0d1f60e3be987f5106b3b002e1b8",
    "labels/objectTypes.txt": "0b9f9c9ec6feeaf78fae3b2924c36b4f268e2210",
    "labels/materials.txt": "bb33b8bfe3db91ac8424133ba8c4f08381a5c85d",
    "labels/classifications.txt": "3a2485da15b4775a5752bf0b034274d8b3678f41",
    "labels/subjects.txt": "87aa22f9eef6b7ab58419168d01d720d84a0c42a",
}
"""The four splits and label trees, with git's id of their content at `COMMIT`, see `blob_id`. The repository has the
splits in `data/`, whose folder backup_original/ holds the leaking ones and is not fetched."""

_SECONDS, _MOST_BYTES = 3600.0, 1_000_000_000  # of a file, all its requests together; far more than one takes


def fetch(root: str | os.PathLike = DATA / "eufcc340k", base_url: str = BASE_URL, pause: float = 1.0,
          files: Mapping[str, str] = FILES) -> None:
    """Fetch what is not there yet into `<root>/{train,val,test_id,test_ood}.csv` and `<root>/labels/`.

    Once all `FILES` are there, their commit is noted beside them, for the results measured on them.
    A file takes its name only once its git blob id is right. What was received before an
    interruption is kept in a hidden `.part` file, and the next call resumes from it.

    Args:
        root: the data set's folder.
        base_url: where `data/` and `labels/` are served; any mirror will do, since contents are verified.
        pause: seconds before the second try, see `http.retry`.
        files: path in the data set's folder -> blob id.
    Raises:
        UserError: a file is not served, has other content than expected, cannot be
            written, or the connection failed in several tries.
    """
    root = resolve(root)
    with Session() as session:
        for name, blob in files.items():
            source = name if name.startswith("labels/") else f"data/{name}"
            try:
                _fetch_file(session, name, blob, root / name, f"{base_url.rstrip('/')}/{source}", pause)
            except OSError as error:
                raise UserError(f"{root / name} cannot be written ({error.strerror}); expected a folder with "
                                "room for the official files.") from None
    if files is FILES and fetched_commit(root) != COMMIT:
        try:
            with atomic(root / COMMIT_NOTE) as temporary:
                temporary.write_text(f"{COMMIT}\n", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{root / COMMIT_NOTE} cannot be written ({error.strerror}); expected a folder that can.") from None


def blob_id(path: str | os.PathLike) -> str:
    """Git's name for a file's content: SHA-1 over `blob`, its length in bytes, a zero byte, and the bytes."""
    header = b"blob %d\0" % os.stat(path).st_size
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(header)).hexdigest()


def _fetch_file(session: Session, name: str, blob: str, target: Path, url: str, pause: float) -> None:
    if target.is_file() and blob_id(target) == blob:
        print(f"{name}: already there")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Named after the content, so that two versions of a file are never joined.
    part = target.with_name(f".{target.name}.{blob[:12]}.part")
    resumed = _size(part) > 0
    _download(session, url, part, name, pause)
    if resumed and blob_id(part) != blob:
        # The old part may be what is wrong: only a file received in one go shows what the server has.
        part.unlink()
        _download(session, url, part, name, pause)
    found = blob_id(part)
    if found != blob:
        part.unlink()
        raise UserError(f"{name} from {url} has the git blob id {found}; expected {blob}, the official "
                        "file's, so it is not kept.")
    os.replace(part, target)


def _download(session: Session, url: str, part: Path, name: str, pause: float) -> None:
    """Receive `url` into `part`, from where it ends, in `_SECONDS` altogether; of tries, only those in a row that bring no
    new bytes are limited."""
    longest, end = -1, time.monotonic() + _SECONDS

    def receive() -> None:
        nonlocal longest
        try:
            _receive(session, url, part, name, end - time.monotonic())
        except Transient as error:
            size = _size(part)
            error.progress, longest = size > longest, max(size, longest)
            if time.monotonic() >= end:
                raise UserError(f"{name} could not be fetched from {url} in {duration(_SECONDS)} ({error}); run the same "
                                "command again to resume.") from None
            raise

    try:
        retry(receive, pause=pause)
    except Transient as error:
        raise UserError(f"{name} could not be fetched from {url} in {error.tries} tries ({error}); run the same command "
                        "again to resume.") from None


def _receive(session: Session, url: str, part: Path, name: str, seconds: float) -> None:
    start = _size(part)
    # Unpacked bytes cannot be counted from the middle of a packed stream: request them unpacked.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with open_url(session, url, headers=headers, total=max(seconds, 0.001), most=_MOST_BYTES) as answer:
        check_status(answer)
        if answer.status_code == 416:
            return  # nothing after what is there: whole, or wrong, as the blob id will show
        if answer.status_code not in (200, 206):
            raise UserError(f"{name} is not served at {url} (HTTP status {answer.status_code}); expected the official "
                            "file there.")
        if answer.status_code == 206 and not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink()
            raise Transient("an answer with other bytes than requested")
        if answer.status_code == 200:
            start = 0  # the server knows no ranges and sends all of it
        with open(part, "ab" if start else "wb") as output, \
                tqdm(desc=name, initial=start, total=start + (answer.raw.length_remaining or 0) or None, unit="B",
                     unit_scale=True, file=sys.stdout) as progress:
            for piece in read_pieces(answer, _MOST_BYTES):
                output.write(piece)
                progress.update(len(piece))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("fetch", __doc__.splitlines()[0], reads="the repository of EUFCC-340K on GitHub; for a subset, also "
                        "Europeana's thumbnail service", writes="ROOT/{train,val,test_id,test_ood}.csv and "
                        "ROOT/labels/*.txt; for a subset, such files and its images in ROOT-SUBSET/",
                        example="eufcc fetch eufcc340k --subset laptop")
    parser.add_argument("data", metavar="DATA", nargs="?", choices=["eufcc340k"], default="eufcc340k",
                        help="the data set: eufcc340k (default)")
    parser.add_argument("--subset", choices=["laptop"], help="then choose this part, and fetch its images")
    parser.add_argument("--root", default=DATA / "eufcc340k", help="folder of the data set (default: %(default)s)")
    parser.add_argument("--base-url", default=BASE_URL, help="where the repository's files are served")
    parser.add_argument("--images-url", metavar="URL", help="server of Europeana's thumbnails (default: the one in the urls)")
    parser.add_argument("--rate", type=float, default=10.0, help="images per second, 0 for no limit (default: %(default)s)")
    options = parser.parse_args(arguments)
    fetch(options.root, options.base_url)
    if options.subset:
        root = resolve(options.root)
        part = root.with_name(f"{root.name}-{options.subset}")
        records = write_subset(root, part)
        about = f" and {duration(len(records) / options.rate)}" if options.rate > 0 else ""
        print(f"Fetching what is not there yet of {len(records):,} images, in all about {len(records) * THUMBNAIL_BYTES / 1e9:.1f} "
              f"GB{about}; an interrupted run resumes.")
        print(report := fetch_thumbnails(records, part, base_url=options.images_url, rate=options.rate or None))
        if gone := report.counts["missing"] + report.counts["refused"]:
            print(f"{gone:,} images are not served any more: train with on_broken=skip, which leaves them out and counts them.")
