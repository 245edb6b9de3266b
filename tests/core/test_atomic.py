"""A file is written completely or not at all."""

import os
import stat

import pytest

from eufcc_lib.core.paths import atomic


def test_a_file_takes_its_place_when_the_block_is_done(tmp_path):
    path = tmp_path / "new folder" / "número.csv"
    with atomic(path) as part:
        part.write_text("whole", encoding="utf-8")
        assert not path.exists() and part.parent == path.parent
    assert path.read_text(encoding="utf-8") == "whole" and list(path.parent.iterdir()) == [path]


def test_the_old_file_stays_when_the_block_fails(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic(path) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no such permissions")
def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    usual = tmp_path / "usual"
    usual.touch()
    with atomic(tmp_path / "file") as part:
        part.chmod(0o400)  # as a copy of a read-only file is
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
