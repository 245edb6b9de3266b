"""Start the processes of a training: several that train one model together, or several models in parallel.

On GPUs each process runs `eufcc train`; PyTorch's launcher (torchrun) starts those that share a model. Notebooks call
`train`, so that their kernels never occupy a GPU that other processes need.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from queue import SimpleQueue

from ..collection.sources import open_dataset
from ..core.errors import UserError
from ..core.hardware import usable_cores
from ..core.paths import ROOT
from ..core.processes import FRESH, end_with_the_parent
from ..data.dataset import LABELS_SUFFIX
from ..models.registry import get_model_spec, waves
from ..results.files import RunResult, data_name, read_result, result_path
from .checkpoints import run_folder
from .recipes import Recipe, changed_fields, get_recipe
from .run import train_model

MARK_VARIABLE = "EUFCC_MARK"
"""The environment variable with the prefix by which user errors of a process started here are recognised."""

_MARK = "UserError: "

_TAIL = 20  # last lines shown of a process that failed without a user error


def train(model: str, data: str, recipe: Recipe, seed: int = 0, retrain: bool = False, vocabulary: str = "train",
          minimum: int = 10, processes: int = 1) -> RunResult:
    """`run.train_model`, in this process or, with more than one, in separate processes.

    Raises:
        UserError: as `train_model`, also from the other processes.
    """
    get_model_spec(model)
    if processes < 1:
        raise UserError(f"Parameter 'processes' is {processes}; expected 1 or more.")
    if processes == 1:
        return train_model(model, open_dataset(data, vocabulary, minimum), recipe, seed, retrain)
    gpus = count_gpus()
    if 0 < gpus < processes:
        raise UserError(f"Parameter 'processes' is {processes}, and each needs its own GPU; expected at most {gpus}, the "
                        "number of GPUs available here.")
    arguments = _arguments([model], data, recipe, seed, retrain, vocabulary, minimum)
    _follow([*_torchrun(processes), *arguments], _environment(processes))
    return read_result(result_path(_filed_under(data, vocabulary), model))


def train_each(models: Sequence[str], data: str, recipe_name: str, gpus: int, settings: dict | None = None, seed: int = 0,
               retrain: bool = False, vocabulary: str = "train", minimum: int = 10) -> list[str]:
    """Train several models in parallel, each in its own process on its own GPU.

    A model that combines others comes after them. The output of a process goes to `train.log` in the model's folder of
    checkpoints. A failure does not stop the other models.

    Args:
        gpus: the number of models to train in parallel.
    Returns:
        a sentence for each model that failed.
    Raises:
        UserError: there are fewer GPUs, or another error that concerns all models.
    """
    found = count_gpus()
    if not 1 <= gpus <= found:
        raise UserError(f"Parameter 'gpus' is {gpus}; expected "
                        f"{f'1 to {found}, the GPUs available here' if found else 'none, as no GPU is available here'}.")
    recipes = {model: get_recipe(recipe_name, get_model_spec(model).settings, **settings or {}) for model in models}
    open_dataset(data, vocabulary, minimum)  # drawn once, not by each process; and errors are reported once
    free, failures = SimpleQueue(), []
    for gpu in range(gpus):
        free.put(gpu)

    def train_one(model: str) -> None:
        gpu, log = free.get(), _log(model, data, vocabulary)
        arguments = _arguments([model], data, recipes[model], seed, retrain, vocabulary, minimum)
        print(f"{model}: training on GPU {gpu}, log in {log}", flush=True)
        try:
            _follow([sys.executable, "-m", "eufcc_lib", "train", *arguments],
                    _environment(gpus) | {"CUDA_VISIBLE_DEVICES": _visible_gpu(gpu)}, log)
            print(f"{model}: done", flush=True)
        except (UserError, RuntimeError) as error:
            failures.append(f"{model}: {error}")
            print(failures[-1], flush=True)
        free.put(gpu)

    for wave in waves(models):
        with ThreadPoolExecutor(gpus) as pool:
            list(pool.map(train_one, wave))
    return failures


def train_side_by_side(models: Sequence[str], data: str, recipe_name: str, settings: dict | None = None, seed: int = 0,
                       retrain: bool = False, vocabulary: str = "train", minimum: int = 10) -> None:
    """Train models one after the other, but those of different backbones in parallel, as heads on kept features take one core.

    Models that share a backbone share the features that the first of them computes. A model that combines others comes
    after them. The output goes to `train.log` in each model's folder of checkpoints.

    Raises:
        UserError: of the first model that failed; or a process was killed.
    """
    recipes = {model: get_recipe(recipe_name, get_model_spec(model).settings, **settings or {}) for model in models}
    open_dataset(data, vocabulary, minimum)  # drawn once, not by each process
    lanes = {backbone: ProcessPoolExecutor(1, FRESH, initializer=_begin) for backbone in dict.fromkeys(
        recipe.backbone for recipe in recipes.values())}
    try:
        for wave in waves(models):
            trained = {lanes[recipes[model].backbone].submit(
                _train_logged, model, data, recipes[model], seed, retrain, vocabulary, minimum): model for model in wave}
            for future in as_completed(trained):
                print(f"trained  {trained[future]}  {future.result():.0f} s", flush=True)
    except BrokenProcessPool:
        raise UserError("A process that was training was killed, perhaps because memory ran out; the same command resumes.") from None
    finally:
        for lane in lanes.values():
            lane.shutdown(cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once and in silence; its last epoch is on disk
    end_with_the_parent()


def _train_logged(model: str, data: str, recipe: Recipe, seed: int, retrain: bool, vocabulary: str, minimum: int) -> float:
    """Train a model in this process and return the seconds that it took."""
    began = time.monotonic()
    with (open(_log(model, data, vocabulary), "w", encoding="utf-8") as log, contextlib.redirect_stdout(log),
          contextlib.redirect_stderr(log)):
        train_model(model, open_dataset(data, vocabulary, minimum), recipe, seed, retrain)
    return time.monotonic() - began


def _log(model: str, data: str, vocabulary: str) -> Path:
    path = run_folder(_filed_under(data, vocabulary), model) / "train.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _filed_under(data: str, vocabulary: str) -> str:
    """The name of the data set, without opening it."""
    return data_name(data) + (LABELS_SUFFIX if vocabulary == "labels" else "")


def count_gpus() -> int:
    """The number of available GPUs, counted in a separate process: a process that uses a GPU occupies part of its memory."""
    asked = subprocess.run([sys.executable, "-c", "import torch; print(torch.cuda.device_count())"], cwd=ROOT,
                           capture_output=True, text=True, check=True)
    return int(asked.stdout)


def _arguments(models: list[str], data: str, recipe: Recipe, seed: int, retrain: bool, vocabulary: str,
               minimum: int) -> list[str]:
    settings = [word for name, value in changed_fields(recipe).items() for word in ("--set", f"{name}={value!r}")]
    return [*models, "--data", data, "--recipe", recipe.name, "--seed", str(seed), "--vocabulary", vocabulary,
            "--minimum", str(minimum), *(["--retrain"] if retrain else []), *settings]


def _torchrun(processes: int) -> list[str]:
    return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes),
            "-m", "eufcc_lib", "train"]


def _environment(processes: int) -> dict[str, str]:
    """For processes that share the machine and its cores."""
    threads = str(max(usable_cores() // processes, 1))
    return os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": threads, MARK_VARIABLE: _MARK}


def _visible_gpu(number: int) -> str:
    """A GPU among those visible to this process, for CUDA_VISIBLE_DEVICES."""
    visible = [gpu for gpu in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if gpu]
    return visible[number] if number < len(visible) else str(number)


def _follow(command: list[str], environment: dict[str, str], log: Path | None = None) -> None:
    """Run a command and print its output, or write it to the log; raise its user error here.

    Ctrl-C is passed on, and the rest of the output, such as how to resume, is waited for.
    """
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    mistake, tail = None, deque(maxlen=_TAIL)

    def relay() -> None:
        nonlocal mistake
        with open(log or os.devnull, "w", encoding="utf-8") as output:
            for line in process.stdout:
                if line.startswith(_MARK):
                    mistake = mistake or line.removeprefix(_MARK).strip()
                tail.append(line)
                output.write(line)
                output.flush()
                if not log and mistake is None and not line.startswith(("W1", "E1", "[rank")):
                    print(line, end="", flush=True)

    try:
        relay()
    except KeyboardInterrupt:
        if os.name == "posix":  # on Windows Ctrl-C reaches the command by itself
            process.send_signal(signal.SIGINT)
        relay()
        raise
    finally:
        process.stdout.close()
        if process.wait() and mistake:
            raise UserError(mistake)
    if process.returncode:
        raise RuntimeError(f"The training ended with status {process.returncode}:\n{''.join(tail)}")
