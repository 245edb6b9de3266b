"""Several processes train to what one alone would, and say what went wrong in one sentence."""

import dataclasses
import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

import numpy as np
import open_clip
import pytest
import timm
import torch
from conftest import SIZES, draw_records, draw_squares, kept_scores

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.data.dataset import images_folder
from eufcc_lib.data.images.sampler import EpochSampler
from eufcc_lib.results.files import RunResult, read_result, result_path
from eufcc_lib.training import command, distributed, launch
from eufcc_lib.training.checkpoints import read_history
from eufcc_lib.training.distributed import Process
from eufcc_lib.training.loop import Machine, share_batch_norm
from eufcc_lib.training.recipes import get_recipe

# A network without batch normalisation, whose statistics each process would take of its own images.
RECIPE = get_recipe("mini", backbone="test_convnext", weights="random", image_size=32, batch_size=8, epochs=3, frozen=False,
                    augment=True, repeats=3, learning_rate=1e-3, flip=0.3)

SMALL_CLIP = {"embed_dim": 16, "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
              "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}


PROGRAM = f"""
import contextlib, io, json, os, sys, threading
from itertools import count
from pathlib import Path
from typing import ClassVar

def use(folder):
    paths.RESULTS, paths.CHECKPOINTS = folder / "results", folder / "checkpoints"

def stopping(*arguments):
    if next(number) == int(os.environ.get("STOP_AT_STEP", "0")):
        os.write(1, b"stopped %d\\n" % os.getpid())
        threading.Event().wait()
    return step(*arguments)

def train(name, arguments, variables):
    use(here / name)
    for variable, value in variables.items():
        os.environ.pop(variable, None) if value is None else os.environ.update({{variable: value.format(rank=rank)}})
    if os.environ.get("READERS") == "spawned":  # from now on
        loader._start_method, loader.default_workers = lambda: "spawn", lambda: 1
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        status = main(arguments)
    (here / name / f"said_{{rank}}.json").write_text(json.dumps([status, said.getvalue()]))

if __name__ == "__main__":  # a spawned reader imports this file too
    import open_clip
    from eufcc_lib.core import paths
    from eufcc_lib.data.images import loader
    from eufcc_lib.training import loop
    from eufcc_lib.training.command import main

    open_clip.factory._MODEL_CONFIGS["small-clip"] = {SMALL_CLIP!r}
    step, number, loop.step = loop.step, count(1), stopping
    here, rank, environment = Path(__file__).parent, os.environ["RANK"], dict(os.environ)
    for training in json.loads(os.environ.get("TRAININGS", "[]")):
        train(*training)
        os.environ.clear()
        os.environ.update(environment)
    use(here)
    sys.exit(main())
"""


@contextmanager
def launching(folder: Path):
    """The launcher as it is, but for where results go: inside, torchrun starts a program of ours.

    The program first trains what TRAININGS in the environment lists. With STOP_AT_STEP each process says so at that step
    and goes no further.
    """
    script, torchrun = folder / "program of mine.py", launch._torchrun
    script.write_text(PROGRAM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "_torchrun", lambda processes: [*torchrun(processes)[:-3], str(script)])
        patch.setattr(launch, "count_gpus", lambda: 0)
        patch.setattr(paths, "RESULTS", folder / "results")
        patch.setattr(paths, "CHECKPOINTS", folder / "checkpoints")
        yield


NORMALISED = dataclasses.replace(RECIPE, backbone="test_resnet")
CLIP = get_recipe("mini", "clip", backbone="small-clip", weights="random", frozen=False, image_size=32, batch_size=8, epochs=2,
                  warmup_steps=2, select="best")
BROKEN = ("train_3", "train_4", "val_0", "test_id_1", "test_ood_11")
KILLED = dataclasses.replace(RECIPE, epochs=5)
MODELS = ["multi_label", "softmax_wce", "hsoftmax_nodes"]
ALLOCATION = {"SLURM_JOB_ID": "4711", "SLURM_NTASKS": "2", "SLURM_NPROCS": "2", "SLURM_PROCID": "0", "SLURM_LOCALID": "0",
              "SLURM_NODELIST": "localhost"}
"""What a batch script, and a notebook that it starts, finds in SLURM."""

OF_TORCHRUN = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclasses.dataclass(frozen=True)
class Together:
    """What two processes trained, in one start: most of the time goes into starting.

    Attributes:
        folder: of the data, and of each training's results and checkpoints.
        mistake: the last training's.
    """

    folder: Path
    mistake: UserError

    def look(self, name: str, monkeypatch) -> list[tuple[int, str]]:
        """Read from this training from now on; the status and the words of each process."""
        monkeypatch.setattr(paths, "RESULTS", self.folder / name / "results")
        monkeypatch.setattr(paths, "CHECKPOINTS", self.folder / name / "checkpoints")
        return [tuple(json.loads((self.folder / name / f"said_{rank}.json").read_text())) for rank in (0, 1)]


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    # Also the program and the data of two processes may lie below a name with a space and letters outside ASCII.
    folder = tmp_path_factory.mktemp("together") / "Düsseldorf Müzesi"
    names = ("whole", "clip", "normalised", "srun", "broken", "killed", "spawned")
    data = {name: folder / name / "squares" for name in names}
    for root in data.values():
        draw_squares(root)
    for name in BROKEN:
        (images_folder(data["broken"]) / f"{name}.jpg").write_bytes(b"")
    for split in ("test_id", "test_ood"):  # each would be read by two more processes, and each imports torch
        (data["spawned"] / f"{split}.csv").unlink()
    with ExitStack() as servers:
        ports = [servers.enter_context(socket.create_server(("localhost", 0))).getsockname()[1] for _ in names]
    step = ALLOCATION | {"SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NODELIST": "localhost", "SLURM_PROCID": "{rank}",
                         "SLURM_LOCALID": "{rank}"}
    recipes = {"whole": (MODELS, RECIPE, {}), "clip": (["clip_one_tag"], CLIP, {}), "normalised": (["multi_label"], NORMALISED, {}),
               "srun": (["softmax"], dataclasses.replace(RECIPE, epochs=1), dict.fromkeys(OF_TORCHRUN) | step),
               "broken": (["multi_label"], dataclasses.replace(RECIPE, on_broken="skip", epochs=4), {}),
               "killed": (["softmax"], KILLED, {}),
               "spawned": (["softmax"], dataclasses.replace(RECIPE, epochs=1, augment=False, repeats=1),
                           {"READERS": "spawned"})}
    # The last training meets at torchrun's own store, which serves one; the others at a port each.
    trainings = [(name, launch._arguments(models, str(data[name]), recipe, 0, False, "train", 4),
                  variables | {"MASTER_PORT": str(port), "TORCHELASTIC_USE_AGENT_STORE": "False"})
                 for port, (name, (models, recipe, variables)) in zip(ports, recipes.items(), strict=True)]
    with launching(folder), pytest.MonkeyPatch.context() as patch, pytest.raises(UserError) as caught:
        patch.setenv("TRAININGS", json.dumps(trainings))
        launch.train("multi_label", str(data["whole"]), get_recipe("mini"), minimum=4, processes=2)
    return Together(folder, caught.value)


def state(data: str, model: str) -> dict:
    return torch.load(paths.CHECKPOINTS / data / model / "last.pt", weights_only=True)["learner"]


def metrics(result) -> list[dict]:
    return [dataclasses.asdict(row) for row in result.rows]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_two_processes_train_to_what_one_does(model, together, own_paths, monkeypatch):
    result = launch.train(model, str(together.folder / "whole" / "squares"), RECIPE, minimum=4)
    curve, weights, scores = read_history("squares", model), state("squares", model), kept_scores(model)
    assert [status for status, _ in together.look("whole", monkeypatch)] == [0, 0]
    shared = read_result(result_path("squares", model))
    assert shared.run.processes == 2 and result.run.processes == 1
    # What is added up in another order is rounded in another way; the metrics follow from scores that are all but equal.
    assert shared.run.images == result.run.images
    assert [(row.split, row.facet, row.images, row.tags) for row in shared.rows] == [
        (row.split, row.facet, row.images, row.tags) for row in result.rows]
    for column in curve.columns.drop("seconds"):
        np.testing.assert_allclose(read_history("squares", model)[column], curve[column], rtol=1e-4, err_msg=column)
    for name, value in state("squares", model).items():
        torch.testing.assert_close(value, weights[name], rtol=1e-3, atol=2e-5, msg=name)
    for facet, values in kept_scores(model).items():
        np.testing.assert_allclose(values, scores[facet], rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_two_processes_measure_clip_as_one_does(together, own_paths, monkeypatch):
    """How far an image is told from others depends on which others; 12 validation images make batches of 8 and 4."""
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "small-clip", SMALL_CLIP)
    launch.train("clip_one_tag", str(together.folder / "clip" / "squares"), CLIP, minimum=4)
    alone = read_history("squares", "clip_one_tag").drop(columns="seconds")
    together.look("clip", monkeypatch)
    np.testing.assert_allclose(read_history("squares", "clip_one_tag").drop(columns="seconds"), alone, rtol=1e-3)


@pytest.mark.slow
def test_two_processes_whose_readers_are_spawned_train(together, monkeypatch):
    together.look("spawned", monkeypatch)
    run = read_result(result_path("squares", "softmax")).run
    assert run.processes == 2 and run.images["train"] == SIZES["train"]


# ---- batch normalisation ------------------------------------------------------------------------


@pytest.mark.slow
def test_batch_normalisation_is_refused_where_processes_cannot_share_it(together, monkeypatch):
    for status, said in together.look("normalised", monkeypatch):
        assert status == 2 and "Traceback" not in said
        assert re.search("has batch normalisation, which several processes can only share on GPUs; .*ConvNeXt", said.splitlines()[-1])


def test_on_gpus_batch_normalisation_is_shared_and_the_rest_stays():
    network = torch.nn.Sequential(timm.create_model("test_resnet"), torch.nn.LayerNorm(1000)).eval()
    images, weights = torch.randn(2, 3, 32, 32), dict(network.named_parameters())
    scores, names = network(images), list(network.state_dict())
    alone = share_batch_norm(network, Machine(torch.device("cuda"), None))
    assert not any(isinstance(part, torch.nn.SyncBatchNorm) for part in alone.modules())
    shared = share_batch_norm(network, Machine(torch.device("cuda"), None, Process(0, 2)))
    assert not [part for part in shared.modules() if type(part).__name__.startswith("BatchNorm")]
    torch.testing.assert_close(shared.eval()(images), scores)
    assert list(shared.state_dict()) == names
    assert all(weights[name] is value for name, value in shared.named_parameters())


# ---- SLURM --------------------------------------------------------------------------------------

@pytest.mark.slow
def test_two_tasks_of_srun_train_together(together, monkeypatch):
    (first, said), (second, said_by_second) = together.look("srun", monkeypatch)
    assert (first, second) == (0, 0)
    assert read_result(result_path("squares", "softmax")).run.processes == 2
    assert "epoch 1 of 1" in said and "epoch 1 of 1" not in said_by_second


def test_one_process_in_an_allocation_is_alone(monkeypatch):
    for name, value in ALLOCATION.items():
        monkeypatch.setenv(name, value)
    assert distributed.count_started() == 1
    with distributed.joined() as process:
        assert process == distributed.ALONE


def test_a_process_takes_a_gpu_of_its_own():
    assert [distributed._own_gpu(rank, 4, by_srun=False) for rank in range(4)] == [0, 1, 2, 3]
    assert distributed._own_gpu(3, 1, by_srun=True) == 0
    with pytest.raises(UserError, match="it has 1, and this is process 2; expected one process per GPU"):
        distributed._own_gpu(1, 1, by_srun=False)


def test_tasks_of_srun_start_no_processes_of_their_own(monkeypatch, capsys):
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "8")
    for options in (["--gpus", "4"], ["--processes", "4"], ["--side-by-side"]):
        assert command.main(["softmax", *options]) == 2
        assert "This is one of 8 processes that were started to train together" in capsys.readouterr().err


# ---- many models, and the command ---------------------------------------------------------------


@pytest.mark.slow
def test_images_that_cannot_be_read_are_skipped_and_counted_once_by_two_processes(together, monkeypatch):
    together.look("broken", monkeypatch)
    skipped = read_result(result_path("squares", "multi_label")).run.skipped
    assert skipped["val"] == skipped["test_id"] == skipped["test_ood"] == 1
    assert skipped["train"] <= 2  # an epoch of repeated augmentation shows a third of the images
    scores = kept_scores("multi_label")["materials"]
    assert np.flatnonzero(np.isnan(scores).any(1)).tolist() == [1]


@pytest.mark.slow
def test_a_mistake_in_the_processes_is_one_sentence_here(together):
    assert "heads on cached features train in seconds" in str(together.mistake) and "\n" not in str(together.mistake)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Linux and macOS")
def test_killed_for_real_two_processes_go_on_to_the_same_end(together, tmp_path, monkeypatch):
    data = str(together.folder / "killed" / "squares")
    with launching(tmp_path):
        kept, resumed = kill_and_resume(data)
    together.look("killed", monkeypatch)
    assert kept == 3, "an epoch has six steps"
    assert metrics(resumed) == metrics(read_result(result_path("squares", "softmax")))


def kill_and_resume(data: str) -> tuple[int, RunResult]:
    """The epochs that a run kept which was killed in its fourth, and its result once it was started again."""
    arguments = launch._arguments(["softmax"], data, KILLED, 0, True, "train", 4)
    process = subprocess.Popen([*launch._torchrun(2), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True, start_new_session=True, env=launch._environment(2) | {"STOP_AT_STEP": "20"})
    stopped = []
    for line in process.stdout:
        if told := re.match(r"stopped (\d+)", line):
            stopped.append(int(told[1]))
        if len(stopped) == 2:
            break
    # torchrun gives each process a session of its own.
    for group in (process.pid, *stopped):
        os.killpg(group, signal.SIGKILL)
    process.communicate()
    assert len(stopped) == 2
    return len(read_history("squares", "softmax")), launch.train("softmax", data, KILLED, minimum=4, processes=2)


@pytest.mark.parametrize("world", [2, 3, 4])
def test_shares_of_processes_lose_and_double_nothing(world):
    batch = 12
    for images in (37, 48, 50):
        shares = [[keys[:, 2].tolist() for keys in EpochSampler(images, batch, rank=rank, world=world)]
                  for rank in range(world)]
        assert sorted(row for share in shares for rows in share for row in rows) == list(range(images))
        for repeats in (1, 3):
            alone = [keys.tolist() for keys in EpochSampler(images, batch, True, repeats, seed=5)]
            shares = [[keys.tolist() for keys in EpochSampler(images, batch, True, repeats, 5, rank, world)]
                      for rank in range(world)]
            for step, keys in enumerate(alone):
                dealt = [share[step] for share in shares]
                assert {len(part) for part in dealt} == {batch // world}
                assert sorted(key for part in dealt for key in part) == sorted(keys)


def test_every_model_is_trained_on_a_gpu_of_its_own_and_ensembles_last(squares_folder, own_paths, monkeypatch):
    started = []

    def follow(words, environment, log):
        started.append((words[4], environment["CUDA_VISIBLE_DEVICES"], log.name))
        if words[4] == "softmax":
            raise UserError("no luck")

    monkeypatch.setattr(launch, "_follow", follow)
    monkeypatch.setattr(launch, "count_gpus", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    failures = launch.train_each(["ml_s", "multi_label", "softmax", "hsoftmax_nodes"], str(squares_folder), "paper", 2,
                                 {"epochs": 1})
    assert failures == ["softmax: no luck"]
    assert [model for model, *_ in started][-1] == "ml_s" and len(started) == 4
    assert {gpu for _, gpu, _ in started} <= {"5", "7"} and {log for *_, log in started} == {"train.log"}


class Pool:
    """One that works in this process, and notes what it is given."""

    pools: ClassVar[list] = []

    def __init__(self, *arguments, **settings):
        self.given = []
        self.pools.append(self)

    def submit(self, function, *arguments):
        future = Future()
        self.given.append(arguments[0])
        try:
            future.set_result(function(*arguments))
        except UserError as error:
            future.set_exception(error)
        return future

    def shutdown(self, **settings):
        pass


def test_side_by_side_each_backbone_has_a_process_and_members_come_first(squares_folder, own_paths, monkeypatch, capsys):
    monkeypatch.setattr(Pool, "pools", [])
    monkeypatch.setattr(launch, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(launch, "_train_logged", lambda model, *_: 4.2)
    launch.train_side_by_side(["ml_s", "clip_one_tag", "softmax", "multi_label", "clip_prompt"], str(squares_folder), "mini", minimum=4)
    assert [pool.given for pool in Pool.pools] == [["softmax", "multi_label", "ml_s"], ["clip_one_tag", "clip_prompt"]]
    assert capsys.readouterr().out.endswith("trained  ml_s  4 s\n")


def test_a_model_that_fails_beside_others_is_reported_in_its_own_sentence(squares_folder, own_paths, monkeypatch, capsys):
    monkeypatch.setattr(launch, "ProcessPoolExecutor", Pool)
    with pytest.raises(UserError, match="Model 'frequency' is counted, not trained, so it takes no settings"):
        launch.train_side_by_side(["frequency"], str(squares_folder), "mini", {"epochs": 3}, minimum=4)
    assert command.main(["frequency", "softmax", "--side-by-side", "--gpus", "2"]) == 2
    assert "--gpus and --side-by-side: expected one of them." in capsys.readouterr().err


@pytest.mark.slow
def test_side_by_side_in_processes_of_its_own_each_model_has_a_log(squares_folder, tmp_path):
    program = f"""
from pathlib import Path
from typing import ClassVar
from eufcc_lib.core import paths
from eufcc_lib.training import command
paths.RESULTS, paths.CHECKPOINTS = (Path({str(tmp_path)!r}) / name for name in ("results", "checkpoints"))
if __name__ == "__main__":
    command.main(["multi_label", "--data", {str(squares_folder)!r}, "--side-by-side", "--minimum", "4", "--set", "epochs=1",
                  "--set", "backbone=test_resnet", "--set", "weights=random", "--set", "image_size=32"])
"""
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": str(paths.ROOT)})
    assert re.fullmatch(r"trained  multi_label  \d+ s\n", done.stdout)
    assert "epoch 1 of 1" in (tmp_path / "checkpoints/squares/multi_label/train.log").read_text(encoding="utf-8")


def test_where_nothing_can_be_learned_a_book_goes_on_and_a_user_is_refused(own_paths, capsys):
    draw_records(own_paths / "tests_only", {"test_id": [{"objectTypes": "cup"}] * 3}, pictures=False)
    data = ["frequency", "--data", str(own_paths / "tests_only")]
    assert command.main([*data, "--where-possible"]) == 0 and "Nothing is trained: " in capsys.readouterr().out
    assert command.main(data) == 2


def test_result_of_the_label_files_is_read_from_where_their_training_put_it(squares_folder, own_paths, monkeypatch):
    monkeypatch.setattr(launch, "_follow", lambda *arguments: None)
    monkeypatch.setattr(launch, "count_gpus", lambda: 0)
    monkeypatch.setattr(launch, "read_result", lambda path: path)
    for vocabulary, name in {"train": "squares", "labels": "squares-labels"}.items():
        read = launch.train("multi_label", str(squares_folder), RECIPE, vocabulary=vocabulary, processes=2)
        assert read == paths.RESULTS / name / "multi_label.json"


def test_settings_travel_to_another_process_as_they_are():
    recipe = get_recipe("paper", weights="a b.pth", learning_rate=3e-5, augment=False, repeats=1)
    arguments = launch._arguments(["softmax"], "my data", recipe, 3, False, "labels", 5)
    options = command.parse(arguments)
    assert get_recipe(options.recipe, "vision", **dict(options.settings)) == recipe
    assert (options.data, options.seed, options.vocabulary, options.minimum) == ("my data", 3, "labels", 5)


def test_a_file_of_weights_may_be_called_like_a_number():
    settings = ["weights=2024_05", "weights='007'", "epochs=007", "epochs=7"]
    options = command.parse(["softmax", *(word for setting in settings for word in ("--set", setting))])
    assert options.settings == [("weights", "2024_05"), ("weights", "007"), ("epochs", "007"), ("epochs", 7)]


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["softmux"], "Unknown model 'softmux'. Known models: "),
    (["softmax", "--set", "epoch=3"], "Unknown recipe field 'epoch'."),
    (["softmax", "--recipe", "papr"], "Unknown recipe 'papr'."),
    (["softmax", "--data", "nowhere"], "Unknown data 'nowhere'."),
    (["softmax", "--processes", "0"], "Parameter 'processes' is 0; expected 1 or more."),
    (["softmax", "--processes", "3"], "Parameter 'processes' is 3, and each needs its own GPU; expected at most 2,"),
    (["softmax", "--gpus", "3"], "Parameter 'gpus' is 3; expected 1 to 2, the GPUs available here."),
    (["softmax", "--gpus", "0"], "Parameter 'gpus' is 0; expected 1 to 2,"),
    (["softmax", "--gpus", "-3"], "Parameter 'gpus' is -3; expected 1 to 2,"),
])
def test_the_command_answers_a_mistake_with_a_sentence_and_status_2(arguments, sentence, capsys, monkeypatch):
    monkeypatch.setattr(launch, "count_gpus", lambda: 2)
    assert command.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith(sentence) and told.count("\n") == 1


@pytest.mark.slow
def test_without_a_gpu_none_is_trained_on(monkeypatch, capsys):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert command.main(["softmax", "--gpus", "1"]) == 2
    assert capsys.readouterr().err == "Parameter 'gpus' is 1; expected none, as no GPU is available here.\n"


def test_the_command_trains_and_writes_the_result(squares_folder, own_paths, capsys):
    assert command.main(["frequency", "--data", str(squares_folder), "--minimum", "4"]) == 0
    assert not capsys.readouterr().err
    assert read_result(result_path("squares", "frequency")).run.images == SIZES
