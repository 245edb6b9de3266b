"""The check that follows the `parameters` cell of every notebook; it also sets how tables are shown from there on.

papermill only logs a parameter that the notebook does not know, and runs on with the default;
a week of training can then answer a question nobody asked. Here that is an error.
"""

import os
from collections.abc import Iterable
from types import ModuleType

from ..core import paths
from ..core.errors import UserError, unknown
from ..core.names import find_name
from .plain_tables import show_plainly

# What IPython itself puts into a fresh namespace.
_IPYTHON = {"In", "Out", "exit", "quit", "open", "get_ipython"}


def check_parameters(namespace: dict, **expected: type | tuple | Iterable) -> None:
    """Refuse unknown parameter names and values of the wrong type or outside a closed list.

    Where text is expected, a number that papermill made of the name of a folder in the project's root becomes that name
    again.

    In a notebook one line says what it runs with, and tables from now on are shown plainly (see `plain_tables`).

    Call it in the first code cell after `parameters`, before anything else is defined:
    `check_parameters(globals(), data=str, model=MODELS, seed=int, learning_rate=(float, None))`.

    Args:
        namespace: the notebook's `globals()`, in which names are put right.
        expected: for each parameter its type; a tuple of types, `None` among them where the
            parameter may be left open; or the known values (any other iterable).
    Raises:
        UserError: one sentence naming the parameter, what was found and what was expected.
    """
    for name, value in namespace.items():
        defined_by_user = not (name.startswith("_") or name in _IPYTHON
                               or isinstance(value, (ModuleType, type)) or callable(value))
        if defined_by_user and name not in expected:
            raise unknown("parameter", name, expected)
    for name, allowed in expected.items():
        if name not in namespace:
            raise UserError(f"Parameter {name!r} is missing from the notebook's parameters cell.")
        namespace[name] = _checked(name, namespace[name], allowed)
    if shell := namespace.get("get_ipython"):
        show_plainly(shell().display_formatter)
        _tell({name: namespace[name] for name in expected})


def _tell(parameters: dict) -> None:
    """Show in one line what a notebook runs with."""
    from IPython.display import Markdown, display

    given = ", ".join(f"`{name} = {value!r}`" for name, value in parameters.items() if value is not None)
    display(Markdown(f"*Run with {given}.*" if given else "*Run without parameters.*"))


def _checked(name: str, value: object, allowed) -> object:
    """The value, if it is allowed; in place of a number the file in the project's root whose name it was."""
    if isinstance(allowed, type) or allowed is None:
        allowed = (allowed,)
    if not (isinstance(allowed, tuple) and all(kind is None or isinstance(kind, type) for kind in allowed)):
        known = list(allowed)
        if value not in known:
            raise unknown(name, value, map(str, known))
        return value
    kinds = tuple(type(None) if kind is None else kind for kind in allowed)
    # A whole number is accepted as a float; True is no number here, though Python says it is an int.
    fits = isinstance(value, kinds) or (float in kinds and isinstance(value, int))
    if fits and (bool in kinds or not isinstance(value, bool)):
        return value
    if str in kinds and (found := find_name(value, os.listdir(paths.ROOT))):
        return found
    wanted = " or ".join("nothing (None)" if kind is None else kind.__name__ for kind in allowed)
    hint = f" Where papermill made it of a text, give that with `-r {name} TEXT`." if str in kinds else ""
    raise UserError(f"Parameter {name!r} is {value!r}; expected {wanted}.{hint}")
