"""Train from the command line, in one process or in several that train together.

    python -m eufcc_lib.training.launch multi_label --data DATA --recipe paper
    python -m eufcc_lib.training.launch multi_label --data DATA --recipe paper --processes 4
    python -m eufcc_lib.training.launch multi_label softmax hsoftmax_nodes --data DATA --recipe paper --gpus 4

The second shares every batch between four processes, each on a GPU of its own; PyTorch's launcher
(torchrun) starts them, and on several machines is started by hand with this module as its program:

    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST:29500 \\
        -m eufcc_lib.training.launch multi_label --data DATA --recipe paper

Under SLURM, srun starts as many of the first command as there are GPUs (book/start.md has a batch script):

    srun python -m eufcc_lib.training.launch multi_label --data DATA --recipe paper

The third trains several models at once, each on one GPU. A notebook calls `train`, which starts the
same command, so that its kernel never touches a GPU that others need.
"""

import argparse
import ast
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from ..collection.sources import open_dataset
from ..core.errors import UserError
from ..core.hardware import usable_cores
from ..core.paths import ROOT
from ..data.dataset import LABELS_SUFFIX, VOCABULARIES
from ..models.registry import get_model_spec
from ..results.files import RunResult, data_name, read_result, result_path
from .checkpoints import run_folder
from .distributed import count_started, joined, this_process
from .recipes import Recipe, changed_fields, get_recipe
from .run import train_model

_MARK = "UserError: "

_TAIL = 20  # lines that are shown of a process that failed for another reason than a user's mistake


def train(model: str, data: str, recipe: Recipe, seed: int = 0, retrain: bool = False, vocabulary: str = "train",
          minimum: int = 10, processes: int = 1) -> RunResult:
    """`training.train_model`, in this process or, with more than one, in processes of their own.

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
        raise UserError(f"Parameter 'processes' is {processes}, and each takes a GPU of its own; expected at most {gpus}, the "
                        "GPUs that can be used here.")
    arguments = _arguments([model], data, recipe, seed, retrain, vocabulary, minimum)
    _follow([*_torchrun(processes), *arguments], _environment(processes))
    return read_result(result_path(_filed_under(data, vocabulary), model))


def train_each(models: Sequence[str], data: str, recipe_name: str, gpus: int, settings: dict | None = None, seed: int = 0,
               retrain: bool = False, vocabulary: str = "train", minimum: int = 10) -> list[str]:
    """Train several models, as many at once as there are GPUs, each in a process and on a GPU of its own.

    Ensembles come last, when their members are there. What a process says goes to `train.log` in the
    model's folder of checkpoints. One that fails does not stop the others.

    Returns:
        a sentence for each model that failed.
    Raises:
        UserError: there are fewer GPUs, or another mistake that concerns all models.
    """
    found = count_gpus()
    if not 1 <= gpus <= found:
        raise UserError(f"Parameter 'gpus' is {gpus}; expected {f'1 to {found}, the' if found else 'none, for there are no'} "
                        "GPUs that can be used here.")
    recipes = {model: get_recipe(recipe_name, get_model_spec(model).family, **settings or {}) for model in models}
    open_dataset(data, vocabulary, minimum)  # drawn once, not by each; and a mistake is told once
    free, failures = SimpleQueue(), []
    for gpu in range(gpus):
        free.put(gpu)

    def train_one(model: str) -> None:
        gpu = free.get()
        log = run_folder(_filed_under(data, vocabulary), model) / "train.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        arguments = _arguments([model], data, recipes[model], seed, retrain, vocabulary, minimum)
        print(f"{model}: training on GPU {gpu}, log in {log}", flush=True)
        try:
            _follow([sys.executable, "-m", "eufcc_lib.training.launch", *arguments],
                    _environment(gpus) | {"CUDA_VISIBLE_DEVICES": _visible_gpu(gpu)}, log)
            print(f"{model}: done", flush=True)
        except (UserError, RuntimeError) as error:
            failures.append(f"{model}: {error}")
            print(failures[-1], flush=True)
        free.put(gpu)

    specs = [get_model_spec(model) for model in models]
    for wave in ([spec.name for spec in specs if not spec.members], [spec.name for spec in specs if spec.members]):
        with ThreadPoolExecutor(gpus) as pool:
            list(pool.map(train_one, wave))
    return failures


def _filed_under(data: str, vocabulary: str) -> str:
    """The name of the data set that these open, without opening it."""
    return data_name(data) + (LABELS_SUFFIX if vocabulary == "labels" else "")


def count_gpus() -> int:
    """The GPUs that can be used here, asked in a process of its own: one that has spoken to a GPU keeps a part of it."""
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
            "-m", "eufcc_lib.training.launch"]


def _environment(processes: int) -> dict[str, str]:
    """For processes that share the machine: each gets its part of the cores."""
    threads = str(max(usable_cores() // processes, 1))
    return os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": threads}


def _visible_gpu(number: int) -> str:
    """The number-th of the GPUs that this process may see, as CUDA_VISIBLE_DEVICES wants it."""
    visible = [gpu for gpu in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if gpu]
    return visible[number] if number < len(visible) else str(number)


def _follow(command: list[str], environment: dict[str, str], log: Path | None = None) -> None:
    """Run a command and pass on what it says; a user's mistake in it is one here.

    Ctrl-C is handed on, and what the command still has to say, such as where to go on, is waited for.
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
        process.send_signal(signal.SIGINT)
        relay()
        raise
    finally:
        process.stdout.close()
        if process.wait() and mistake:
            raise UserError(mistake)
    if process.returncode:
        raise RuntimeError(f"The training ended with status {process.returncode}:\n{''.join(tail)}")


def _setting(text: str) -> tuple[str, object]:
    """`name=value`; a value that is no Python literal is a word."""
    name, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eufcc_lib.training.launch", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="what to train; several one after the other, or see --gpus")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--recipe", default="mini", help="mini, paper or fast (default: %(default)s)")
    parser.add_argument("--set", dest="settings", action="append", type=_setting, default=[], metavar="NAME=VALUE",
                        help="a setting of the recipe, such as epochs=5; may be given several times")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: %(default)s)")
    parser.add_argument("--retrain", action="store_true", help="forget what was kept, and train anew")
    parser.add_argument("--vocabulary", default="train", choices=VOCABULARIES, help="where the tags come from")
    parser.add_argument("--minimum", type=int, default=10, help="images that a tag needs (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="that train each model together (default: %(default)s)")
    parser.add_argument("--gpus", type=int, help="train so many models at once, each on one GPU")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """The command; a user's mistake is one sentence and exit status 2."""
    options = _parse(arguments)
    try:
        given = {"seed": options.seed, "retrain": options.retrain, "vocabulary": options.vocabulary,
                 "minimum": options.minimum}
        started = count_started()
        if started > 1 and (options.processes > 1 or options.gpus is not None):
            raise UserError(f"This is one of {started} processes that were started to train together; expected neither "
                            "'--processes' nor '--gpus' with it.")
        if options.gpus is not None:
            return 1 if train_each(options.models, options.data, options.recipe, options.gpus, dict(options.settings),
                                   **given) else 0
        with joined():
            for model in options.models:
                recipe = get_recipe(options.recipe, get_model_spec(model).family, **dict(options.settings))
                train(model, options.data, recipe, processes=options.processes, **given)
    except UserError as error:
        print(f"{_MARK}{error}", flush=True)
        return 2
    except KeyboardInterrupt:
        this_process().say("Interrupted.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
