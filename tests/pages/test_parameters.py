"""Parameters given with `papermill -p` are checked, not silently ignored."""

import types

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from IPython.core.formatters import DisplayFormatter
from papermill.cli import papermill

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.pages.parameters import check_parameters
from eufcc_lib.pages.plain_tables import to_html


def namespace(**parameters):
    """A notebook's globals after its `parameters` cell, as IPython leaves them."""
    return {"__name__": "__main__", "_i1": "model = 'x'", "In": [], "Out": {}, "exit": object(),
            "check_parameters": check_parameters, **parameters}


def test_good_parameters_pass():
    check_parameters(namespace(model="softmax", seed=0, rate=None), model=["softmax"], seed=int, rate=(float, None))


def test_unknown_parameter_names_the_known_ones():
    with pytest.raises(UserError, match="Unknown parameter 'modle'. Known parameters: model, seed."):
        check_parameters(namespace(model="softmax", seed=0, modle="clip"), model=["softmax"], seed=int)


def test_unknown_value_names_the_known_ones():
    with pytest.raises(UserError, match="Unknown model 'clip_promt'. Known models: clip_prompt, softmax."):
        check_parameters(namespace(model="clip_promt"), model={"softmax": 1, "clip_prompt": 2})


@pytest.mark.parametrize("value", ["3", 3.5, True, None])
def test_wrong_type_is_refused(value):
    with pytest.raises(UserError, match="Parameter 'seed' is .*; expected int."):
        check_parameters(namespace(seed=value), seed=int)


def test_whole_number_is_accepted_where_a_float_is_expected():
    check_parameters(namespace(rate=1), rate=float)


@pytest.mark.parametrize("name", ["2024_05", "007", "1e5", "-3", "inf", "nan", "True", "None", "2024-05", "[a]", "٣", "mini"])
def test_a_folder_is_found_whatever_papermill_made_of_its_name(name, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    for folder in ("collected", "5", name):
        (tmp_path / folder).mkdir()
    # The notebook with its parameters, as papermill would run it.
    done = CliRunner().invoke(papermill, ["--prepare-only", str(ROOT / "notebooks/status.ipynb"), str(tmp_path / "out.ipynb"),
                                          "-p", "data", name])
    cells = [cell.source for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells if cell.cell_type == "code"]
    given = namespace()
    exec("\n".join(cells[:2]), given)  # noqa: S102
    check_parameters(given, data=str, runs=str)
    assert done.exit_code == 0 and given["data"] == name


@pytest.mark.parametrize("there", [[], ["2024_05", "202405"], ["2024"]])
def test_a_number_that_no_single_folder_is_called_is_refused_and_the_sentence_says_how_to_give_text(there, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    for folder in there:
        (tmp_path / folder).mkdir()
    with pytest.raises(UserError, match="'folder' is 202405; expected str. Where papermill made .* `-r folder TEXT`"):
        check_parameters(namespace(folder=202405), folder=str)


def test_where_nothing_may_be_given_none_stays_none(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    (tmp_path / "None").mkdir()
    given = namespace(thesaurus=None, count=7)
    check_parameters(given, thesaurus=(str, None), count=int)
    assert given["thesaurus"] is None and given["count"] == 7


def test_a_notebook_says_what_it_runs_with_and_shows_tables_plainly(capsys):
    shell = types.SimpleNamespace(display_formatter=DisplayFormatter())
    check_parameters(namespace(seed=0, name=None, data="mini", get_ipython=lambda: shell), seed=int, name=(str, None), data=str)
    assert "Markdown" in capsys.readouterr().out  # outside a notebook IPython shows what it would show
    frame = pd.DataFrame({"share": [0.25, None]})
    assert shell.display_formatter.format(frame)[0]["text/html"] == to_html(frame)


def test_missing_parameter_is_refused():
    with pytest.raises(UserError, match="'seed' is missing"):
        check_parameters(namespace(), seed=int)


def test_user_error_shows_its_sentence_alone_in_a_notebook():
    assert UserError("No such file.")._render_traceback_() == ["UserError: No such file."]
