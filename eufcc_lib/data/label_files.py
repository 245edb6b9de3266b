"""The label trees of the official repository: one text file per facet, drawn with box characters."""

import os
import re
from collections import Counter, defaultdict
from pathlib import Path

from ..core.errors import UserError
from ..core.facets import FACET_NAMES
from ..core.paths import atomic
from .taxonomy import TOP, Taxonomy, Vocabulary, arrange_tree

_BRANCH = re.compile(r"((?:│   |    )*)(?:├── |└── )(.*)")


def read_label_tree(file: str | os.PathLike, facet: str) -> Taxonomy:
    """Read one label file of the official repository, a tree drawn with box characters.

    Raises:
        UserError: the file is missing, not UTF-8, or a line is no branch of a tree.
    """
    file = Path(file)
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise UserError(f"{file} does not exist; expected the label tree of {facet!r}.") from None
    except UnicodeDecodeError as error:
        line = error.object[:error.start].count(b"\n") + 1
        raise UserError(f"{file}, line {line}: not UTF-8; expected a label tree in UTF-8.") from None
    if lines[0].strip() != "Root":
        raise UserError(f"{file}, line 1: found {lines[0]!r}; expected a label tree that begins with 'Root'.")
    edges, path = defaultdict(Counter), []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        branch = _BRANCH.fullmatch(line.rstrip("\r"))
        depth = len(branch[1]) // 4 if branch else 0
        if not branch or not branch[2].strip() or depth > len(path):
            raise UserError(f"{file}, line {number}: found {line!r}; expected a branch such as '├── metal', "
                            "at most one level below the line before.")
        path[depth:] = [branch[2].strip()]
        edges[path[-1]][path[-2] if depth else TOP] += 1
    return arrange_tree(facet, edges)


def write_label_tree(taxonomy: Taxonomy, file: str | os.PathLike) -> None:
    """Draw the tree as the official repository does; `read_label_tree` reads it back.

    A file shows each tag once, below its parent in the tree; further parents and counts are not in it. Tags are
    drawn in the order of the taxonomy, in which reading sorts siblings. The official files have theirs in another
    order, so what is written of them holds the same trees, line by line elsewhere.

    Raises:
        UserError: a name is empty, is edged by white space or holds a line break, so it would not come back.
    """
    parents = taxonomy.parent.tolist()
    last = {parent: tag for tag, parent in enumerate(parents)}  # of each group of siblings
    lines, below = ["Root"], {-1: ""}
    for tag, (name, parent) in enumerate(zip(taxonomy.names, parents)):
        if not name or name != name.strip() or "\n" in name or "\r" in name:
            raise UserError(f"The tag {name!r} cannot be written to {file}; expected a name that is not empty, in one line, "
                            "without white space at its ends.")
        lines.append(below[parent] + ("└── " if tag == last[parent] else "├── ") + name)
        below[tag] = below[parent] + ("    " if tag == last[parent] else "│   ")
    with atomic(file) as part:
        part.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def read_label_vocabulary(folder: str | os.PathLike) -> Vocabulary:
    """Read the official label trees, `<folder>/<facet>.txt` for all four facets."""
    return Vocabulary({facet: read_label_tree(Path(folder) / f"{facet}.txt", facet) for facet in FACET_NAMES})


def write_label_vocabulary(vocabulary: Vocabulary, folder: str | os.PathLike) -> None:
    """Write `<folder>/<facet>.txt` for each facet; see `write_label_tree`."""
    for facet, tree in vocabulary.taxonomies.items():
        write_label_tree(tree, Path(folder) / f"{facet}.txt")
