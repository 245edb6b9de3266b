"""Learn from a session while it goes on: in a process of its own, which no reload of a page ends.

What was learned lies in the session's folder, in `learning/`, until it is kept under a name, or learned anew.
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from ..core import paths
from ..core.commands import command
from ..core.errors import UserError

NOTHING, RUNNING, FAILED, DONE = "nothing", "running", "failed", "done"
"""How far learning is."""

LOG, RESULT, TRIED, _LOCK = "log.txt", "result.json", "tried", "running.lock"

_PROGRAM = (sys.executable, "-m", "eufcc_lib.assistant.lessons")
_WAIT = 5  # seconds for a look at the lock by somebody else to be over

_STARTED: dict[Path, subprocess.Popen] = {}


@dataclass(frozen=True)
class Job:
    """The learning from one session: its folder, in that of the session."""

    folder: Path


@dataclass(frozen=True)
class Lesson:
    """How far learning is, and what came of it.

    Attributes:
        stage: `nothing` was begun, or it is `running`, `failed` or `done`.
        sentences: what there is to say: while it runs, what it does; why it failed; or what was learned.
        measured: the rows of `held_back.measure_learned`.
        data: that of the model which learned on.
        kept: the data sets of the models that were kept of it, such as `mini-harbour`.
    """

    stage: str
    sentences: tuple[str, ...] = ()
    measured: tuple[dict, ...] = ()
    data: str = ""
    kept: tuple[str, ...] = ()


def find_job(session: Path) -> Job:
    """The learning from the session in a folder, begun or not."""
    return Job(session / "learning")


def begin(session: Path, data: str) -> Job:
    """Start learning from a session, without waiting for it; where that is under way already, nothing new begins.

    Args:
        session: the folder of the session.
        data: the data set whose `multi_label` model learns on, by name or folder.
    Raises:
        UserError: the folder cannot be written.
    """
    job = find_job(session)
    if is_running(job):
        return job
    try:
        job.folder.mkdir(parents=True, exist_ok=True)  # a session of which nothing was written has no folder
        (job.folder / RESULT).unlink(missing_ok=True)
        with open(job.folder / LOG, "wb") as log:
            # A group of its own: Ctrl-C stops the server, not what is being learned.
            _STARTED[job.folder] = subprocess.Popen([*_PROGRAM, str(session), data], cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=log,
                                                    stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as error:
        raise UserError(f"{job.folder} cannot be written ({error.strerror or error}), so nothing can be learned.") from None
    return job


def read(job: Job) -> Lesson:
    """How far it is; reads small files alone."""
    log = job.folder / LOG
    if is_running(job):
        return Lesson(RUNNING, tuple(_lines(log)[-1:]))
    with suppress(OSError, ValueError, TypeError):  # none, or a damaged one
        found = json.loads((job.folder / RESULT).read_text(encoding="utf-8"))
        return Lesson(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})
    if not log.is_file():
        return Lesson(NOTHING)
    return Lesson(FAILED, (f"Learning stopped early, perhaps for lack of memory; see {log}.",))


def keep(job: Job, name: str) -> str:
    """Keep what was learned last as the model of the data set `DATA-NAME`; returns that, for `eufcc assistant --data`.

    Raises:
        UserError: nothing was learned, or the name is none for a folder, or is taken.
    """
    from .learning import keep_tried

    lesson = read(job)
    if lesson.stage != DONE:
        raise UserError("There is no new model to keep; learn first.")
    folder = keep_tried(job.folder / TRIED, lesson.data, name)
    _write_result(job, replace(lesson, kept=(*lesson.kept, folder.parent.name)))
    return folder.parent.name


def is_running(job: Job) -> bool:
    """Whether it goes on, in a process of this server or of another one; one that was killed does not."""
    if (process := _STARTED.get(job.folder)) and process.poll() is None:
        return True
    if not job.folder.is_dir():
        return False
    try:
        with FileLock(job.folder / _LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that cannot be written: nothing goes on there
        return False


def run(session: Path, data: str) -> None:
    """Learn from a session, and write down what came of it; a user error is written down, too."""
    from .held_back import measure_learned, tell
    from .learning import describe, learn, open_parent, read_lessons, say_learned, tell_calibrated, write

    job = find_job(session)
    shutil.rmtree(job.folder / TRIED, ignore_errors=True)
    try:
        lessons, parent = read_lessons([session.name], session.parent), open_parent(data)
        print(f"Learning from {len(lessons):,} images, of which a third is held back.", flush=True)
        learned = learn(parent, lessons)
        print("Measuring what was learned.", flush=True)
        measured = measure_learned(parent, learned)
        write(learned, parent, describe(parent, learned, [session.name], lessons, measured), job.folder / TRIED)
        sentences = [*say_learned(lessons, learned), *tell(measured).splitlines(), tell_calibrated(learned)]
        _write_result(job, Lesson(DONE, tuple(sentences), tuple(measured.to_dict("records")), parent.data))
    except UserError as error:
        _write_result(job, Lesson(FAILED, (str(error),)))


def _write_result(job: Job, result: Lesson) -> None:
    from ..results.provenance import portable

    with paths.atomic(job.folder / RESULT) as temporary:
        temporary.write_text(json.dumps(portable(asdict(result)), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _lines(log: Path) -> list[str]:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip()[:200] for line in text.replace("\r", "\n").splitlines() if line.strip()]


@command
def main(arguments: list[str] | None = None) -> None:
    """What `begin` starts: the arguments are the folder of the session, and the data set."""
    session, data = arguments or sys.argv[1:]
    with suppress(AttributeError, OSError):  # Windows has no such thing
        os.nice(10)  # the page goes first
    lock = FileLock(find_job(Path(session)).folder / _LOCK, timeout=_WAIT)
    with suppress(Timeout), lock:  # else another server's began in the same moment
        run(Path(session), data)


if __name__ == "__main__":
    sys.exit(main())
