"""The container, read without a builder: what its files name exists, and nobody is root. CI builds it."""

import json
import re
import shlex

import pytest
import yaml

from eufcc_lib.__main__ import COMMANDS
from eufcc_lib.core.paths import ROOT
from eufcc_lib.models.registry import MODELS

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STEPS = [tuple(line.split(None, 1)) for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
JOB = yaml.safe_load((ROOT / ".github/workflows/container.yml").read_text(encoding="utf-8"))["jobs"]["build"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def steps(word: str) -> list[str]:
    return [rest for found, rest in STEPS if found == word]


COMMANDS_RUN = [command.strip() for line in [*steps("RUN"), DEVCONTAINER["postCreateCommand"]] for command in line.split("&&")]
STAGES = [line.split(" AS ")[1] for line in steps("FROM")]


def test_the_base_is_one_version_and_the_project_comes_after_it():
    base, *later = [line.split(" AS ")[0] for line in steps("FROM")]
    assert re.fullmatch(r"python:3\.1[123]-slim-\w+", base) and set(later) <= set(STAGES)


def test_nobody_is_root_and_binder_can_name_the_user():
    assert steps("USER") == ["${NB_USER}"]
    assert {"NB_USER=jovyan", "NB_UID=1000", "TORCH=cpu"} <= set(steps("ARG"))
    before = [rest for word, rest in STEPS[:STEPS.index(("USER", "${NB_USER}"))] if word == "RUN"]
    assert all(line.startswith(("apt-get ", "useradd ")) for line in before)
    assert "sudo" not in DOCKERFILE


def test_what_is_copied_exists_and_what_is_made_here_is_left_out():
    first, whole = [[part for part in line.split() if not part.startswith("--")] for line in steps("COPY")]
    assert all((ROOT / name).is_file() for name in first[:-1]) and whole == [".", "."]
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
               if line.endswith("/") or line.startswith("/.") and not line.startswith("!")}
    left_out = {line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()}
    assert {name for name in ignored if "/" not in name and not name.startswith("!")} <= left_out | {"*.egg-info"}


@pytest.mark.parametrize("command", [command for command in COMMANDS_RUN if re.match(r"make |\S*eufcc ", command)])
def test_what_it_runs_is_there_to_be_run(command):
    program, *words = [word for word in shlex.split(command) if "=" not in word]
    if program == "make":
        assert all(re.search(rf"(^|:= ){re.escape(goal)}(:|$)", MAKEFILE, re.MULTILINE) for goal in words)
    else:
        assert words[0] in COMMANDS and set(words[1:]) <= set(MODELS)


def test_the_development_container_builds_a_stage_of_the_same_file():
    build = DEVCONTAINER["build"]
    assert (ROOT / ".devcontainer" / build["dockerfile"]).samefile(ROOT / "Dockerfile")
    assert (ROOT / ".devcontainer" / build["context"]).samefile(ROOT) and build["target"] in STAGES
    assert f"NB_USER={DEVCONTAINER['remoteUser']}" in steps("ARG")


def test_jupyter_listens_where_the_port_is_published():
    (command,) = map(json.loads, steps("CMD"))
    assert command[:2] == ["jupyter", "lab"] and f"--port={steps('EXPOSE')[0]}" in command
    assert f"{steps('EXPOSE')[0]}:{steps('EXPOSE')[0]}" in README and int(steps("EXPOSE")[0]) in DEVCONTAINER["forwardPorts"]


def test_ci_builds_what_readme_says_and_makes_the_book_inside():
    said = [step["run"] for step in JOB["steps"] if "run" in step]
    assert "docker build --tag eufcc ." in said and "docker build --tag eufcc ." in README
    assert "docker run --rm eufcc make book" in said
    names = {word for line in said for word in re.findall(r"--target (\w+)", line)}
    assert names <= set(STAGES)
    assert not re.search(r"https?://|:latest", DOCKERFILE + json.dumps(DEVCONTAINER) + json.dumps(JOB))
