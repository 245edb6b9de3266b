import pytest

from eufcc_lib.core.commands import command
from eufcc_lib.core.errors import UserError


def raising(error):
    def main():
        if error:
            raise error

    return command(main)


@pytest.mark.parametrize("error, status, told", [
    (None, 0, ""),
    (UserError("a.csv, line 3: found 2 fields; expected 8."), 2, "a.csv, line 3: found 2 fields; expected 8.\n"),
    (KeyboardInterrupt(), 130, "Interrupted; run the same command again to resume.\n"),
])
def test_command_tells_a_mistake_in_one_sentence_and_by_its_exit_status(error, status, told, capsys):
    assert raising(error)() == status
    assert capsys.readouterr() == ("", told)


def test_command_hides_no_bug_of_ours():
    with pytest.raises(KeyError):
        raising(KeyError("bug"))()
