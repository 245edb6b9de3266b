"""The whole way of a stranger: another program's file goes in, and a verified entry with a rank interval comes out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from eufcc_lib.core import paths
from eufcc_lib.pages.leaderboard import read_board, show_leaderboard
from eufcc_lib.results import check_entries, score
from eufcc_lib.results.leaderboard import standings
from eufcc_lib.results.paper import MEAN, METRICS, Column
from eufcc_lib.training.recipes import get_recipe
from eufcc_lib.training.run import train_model

ENTRY = {"name": "Ridge on thumbnails", "authors": "A. Stranger", "link": "", "training_data": "the training split",
         "test_seen": "no", "test_seen_why": "it learns from the training split alone"}


@pytest.mark.slow
def test_another_programs_file_becomes_a_verified_entry_with_a_rank_interval(squares, squares_folder, monkeypatch, capsys):
    for module in ("eufcc_lib.collection.sources", "eufcc_lib.results.entering"):
        monkeypatch.setattr(f"{module}.open_dataset", lambda data: squares)
    program = Path(__file__).with_name("stranger.py")
    assert "eufcc" not in program.read_text(encoding="utf-8").lower().replace("eufcc-340k", "")
    folder = paths.RESULTS / "squares" / "predictions"
    folder.mkdir(parents=True)
    files = {"test_id": folder / "inner.csv", "test_ood": folder / "outer.parquet"}
    for split, file in files.items():
        subprocess.run([sys.executable, program, squares_folder, split, file], check=True)
    (paths.RESULTS / "ridge.json").write_text(json.dumps(ENTRY), encoding="utf-8")
    train_model("frequency", squares, get_recipe("mini"))
    splits = [word for split in files for word in ("--split", split)]
    assert score.main([*map(str, files.values()), *splits, "--data", "squares", "--entry", str(paths.RESULTS / "ridge.json")]) == 0
    assert check_entries.main(["--data", "squares"]) == 0, capsys.readouterr().out
    board = read_board("squares")
    for split in files:
        found = standings(board.results, board.numbers["objects"], Column(split, MEAN, METRICS[0]))
        assert found["ridge"].ranks == (1, 1) and found["ridge"].first == 1 and found["frequency"].ranks == (2, 2)
        assert "verified</span>, one seed" in show_leaderboard(board, split).html
