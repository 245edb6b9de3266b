"""The one door: what its help says, what a mistake in its arguments says, and what neither of them loads."""

import json
import subprocess
import sys
import tomllib

import pytest

from eufcc_lib.__main__ import COMMANDS, main
from eufcc_lib.core.paths import ROOT

HELPS = """
import contextlib, io, json, sys, time
from eufcc_lib.__main__ import COMMANDS, main
found = {}
for name in COMMANDS:
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        main([name, "--help"])
    found[name] = said.getvalue(), [name for name in ("torch", "timm", "panel") if name in sys.modules]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def helps():
    """By command what its help says, and which heavy packages were loaded for it, from one process of its own."""
    done = subprocess.run([sys.executable, "-c", HELPS], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_console_script_is_the_module():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"eufcc": "eufcc_lib.__main__:main"}
    done = subprocess.run([sys.executable, "-m", "eufcc_lib", "trian"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("Unknown command 'trian'. Known commands: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_names_every_command_on_one_screen(arguments, capsys):
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 30 and max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_reads_and_writes_with_one_example(name, helps):
    said, loaded = helps[name]
    lines = said.splitlines()
    assert said.startswith(f"usage: eufcc {name} ")
    # Only where the project lies can make a line longer.
    assert not [line for line in lines if len(line) > 80 and str(ROOT) not in line]
    for mark in ("Reads:   ", "Writes:  "):
        assert len([line for line in lines if line.startswith(mark)]) == 1
    (example,) = lines[lines.index("Example:") + 1:]
    assert example.startswith(f"  eufcc {name}")
    assert not loaded, "nobody waits for a package to read a help"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_argument_is_one_sentence_and_status_2(name, capsys):
    assert main([name, "--no-such-option"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith(f"eufcc {name}: ") and said.err.endswith(f"see `eufcc {name} --help`.\n")


@pytest.mark.parametrize("arguments", [["softmax", "--seed", "one"], ["softmax", "--set", "epochs"], []])
def test_a_wrong_value_is_one_sentence_and_status_2(arguments, capsys):
    assert main(["train", *arguments]) == 2
    assert capsys.readouterr().err.startswith("eufcc train: ")
