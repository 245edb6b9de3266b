"""Parameters given with `papermill -p` are checked, not silently ignored."""

import pytest

from eufcc_lib.core.errors import UserError
from eufcc_lib.pages.parameters import check_parameters


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


def test_missing_parameter_is_refused():
    with pytest.raises(UserError, match="'seed' is missing"):
        check_parameters(namespace(), seed=int)


def test_user_error_shows_its_sentence_alone_in_a_notebook():
    assert UserError("No such file.")._render_traceback_() == ["UserError: No such file."]
