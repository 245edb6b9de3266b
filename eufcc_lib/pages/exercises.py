"""Exercises of a chapter with folded solutions: plain Markdown in Jupyter, numbered and cited as sphinx-exercise does in the book.

A Markdown cell tagged `exercise` begins with `### Exercise: title`. The cells tagged `solution` that follow it, of which
the first begins with `#### Solution`, are its solution.
"""

import re

from docutils import nodes
from sphinx_exercise.nodes import exercise_enumerable_node, solution_node

TITLE, SOLUTION = "### Exercise: ", "#### Solution"
"""How their first cells begin in a notebook."""


def with_directives(cells: list[dict], page: str) -> list[dict]:
    """The cells of a notebook with sphinx-exercise's directives round the exercises and solutions of `page`.

    Raises:
        ValueError: a solution without an exercise, or another first line than this module's.
    """
    wrapped, kind, number, prefix = [], None, 0, re.sub(r"\W+", "-", page)
    for cell in cells:
        before, kind = kind, next((tag for tag in ("exercise", "solution") if tag in cell["metadata"].get("tags", ())), None)
        if before == "solution" != kind:
            wrapped.append(_end("solution", number))
        title, _, text = "".join(cell["source"]).partition("\n")
        number += kind == "exercise"
        name = f"{prefix}-exercise-{number}"
        if kind == "exercise":
            if not title.startswith(TITLE):
                raise ValueError(f"{page}: an exercise begins with {title!r}; expected '{TITLE}...'")
            cell = cell | {"source": f"```{{exercise-start}} {title.removeprefix(TITLE)}\n:label: {name}\n```\n\n{text.strip()}"}
            wrapped += [cell, _end("exercise", number)]
            continue
        if kind == "solution" != before:
            if before != "exercise" or title.strip() != SOLUTION:
                raise ValueError(f"{page}: a solution begins with {title!r}; expected it to follow its exercise, and '{SOLUTION}'")
            cell = cell | {"source": f"```{{solution-start}} {name}\n:label: {name}-solution\n```\n\n{text.strip()}"}
        wrapped.append(cell)
    return wrapped + ([_end("solution", number)] if kind == "solution" else [])


def _end(kind: str, number: int) -> dict:
    return {"cell_type": "markdown", "id": f"{kind}-end-{number}", "metadata": {}, "source": f"```{{{kind}-end}}\n```"}


def _open(tag: str):
    """Write an exercise or a solution as `<tag>`."""
    def visit(translator, node) -> None:
        for section in node.findall(nodes.section):  # sphinx-exercise gives that of each exercise the same id
            section["ids"] = [name for name in section["ids"] if name not in ("exercise-content", "solution-content")]
        translator.body.append(translator.starttag(node, tag))
        if tag == "details":  # sphinx-exercise's title is a paragraph, which would not open anything
            node.remove(title := node.next_node(nodes.title))
            translator.body.append(f'<summary>{title.astext()}</summary>\n')
    return visit, lambda translator, node: translator.body.append(f"</{tag}>\n")


def setup(app) -> dict:
    """Sphinx calls this, through `extension`: a solution is folded by the browser itself, so that the keyboard opens it too."""
    app.setup_extension("sphinx_exercise")
    app.add_node(exercise_enumerable_node, override=True, html=_open("div"))
    app.add_node(solution_node, override=True, html=_open("details"))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
