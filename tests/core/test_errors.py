import pytest

from eufcc_lib.core.commands import command
from eufcc_lib.core.errors import UserError


def raising(error):
    def main():
        if error:
            raise error

    return command(main)


@pytest.mark.parametrize("error, status, said", [
    (None, 0, ""),
    (UserError("a.csv, line 3: found 2 fields; expected 8."), 2, "a.csv, line 3: found 2 fields; expected 8.\n"),
    (KeyboardInterrupt(), 130, "Interrupted; run the same command again to resume.\n"),
])
def test_a_command_reports_a_user_error_in_one_sentence_and_by_its_exit_status(error, status, said, capsys):
    assert raising(error)() == status
    assert capsys.readouterr() == ("", said)


def test_a_command_returns_the_status_of_its_main():
    assert command(lambda: 1)() == 1


def test_a_command_hides_no_bug():
    with pytest.raises(KeyError):
        raising(KeyError("bug"))()
