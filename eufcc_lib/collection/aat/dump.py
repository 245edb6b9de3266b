"""Read Getty's dump of the Art & Architecture Thesaurus (AAT), `explicit.zip`, by subject, for `thesaurus`.

Its members are streamed, and nothing is unpacked to disk.
"""

import os
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pyoxigraph import RdfFormat, parse
from tqdm import tqdm

from ...core.errors import UserError
from ...core.paths import resolve

_MEMBERS = ("1Subjects.nt", "2Terms.nt", "HierarchicalRels.nt", "ObsoleteSubjects.nt")
_AAT = "http://vocab.getty.edu/aat/"
_GVP = "http://vocab.getty.edu/ontology#"
_XL = "http://www.w3.org/2008/05/skos-xl#"
_TYPE, _TEXT, PREFERRED, ALTERNATIVE, MAIN, PARENT, OTHER_PARENT, _SUCCESSOR = range(8)
_PREDICATES = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": _TYPE,
    f"{_XL}literalForm": _TEXT, f"{_XL}prefLabel": PREFERRED, f"{_XL}altLabel": ALTERNATIVE,
    f"{_GVP}prefLabelGVP": MAIN, f"{_GVP}broaderPreferred": PARENT, f"{_GVP}broaderGeneric": OTHER_PARENT,
    f"{_GVP}broaderNonPreferred": OTHER_PARENT, f"{_GVP}broaderPartitive": OTHER_PARENT,
    f"{_GVP}broaderInstantial": OTHER_PARENT, "http://purl.org/dc/terms/isReplacedBy": _SUCCESSOR,
}
_KIND_OF_TYPE = {f"{_GVP}Concept": "concept", f"{_GVP}GuideTerm": "guide term", f"{_GVP}Hierarchy": "hierarchy",
                 f"{_GVP}Facet": "facet"}


@dataclass
class Triples:
    """Statements of the dump by subject; a label is a node of its own, with its text in `texts`.

    `obsolete` has the successors of each obsolete id.
    """

    kinds: dict[int, str] = field(default_factory=dict)
    obsolete: dict[int, list[int | None]] = field(default_factory=dict)
    links: dict[int, dict[int, list]] = field(default_factory=lambda: {
        predicate: defaultdict(list) for predicate in (PREFERRED, ALTERNATIVE, MAIN, PARENT, OTHER_PARENT)})
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_triples(path: str | os.PathLike) -> Triples:
    """Read the statements of the dump that a thesaurus needs.

    Raises:
        UserError: the file is missing or not a whole zip, lacks a member, or a member is not N-Triples.
    """
    path = resolve(path)
    triples = Triples()
    try:
        with zipfile.ZipFile(path) as archive:
            for member in [_member(archive, path, name) for name in _MEMBERS]:
                with archive.open(member) as file, tqdm.wrapattr(
                        file, "read", total=member.file_size, desc=member.filename, leave=False) as shown:
                    try:
                        _collect(shown, triples)
                    except SyntaxError as error:
                        raise UserError(f"{path.name}, {member.filename}: {error}; expected N-Triples.") from None
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; expected Getty's dump of the AAT, explicit.zip.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise UserError(f"{path} cannot be read to its end ({error}); expected Getty's dump of the AAT, "
                        "explicit.zip, whole.") from None
    if not triples.kinds:
        raise UserError(f"{path} holds no subject of the AAT; expected Getty's dump of the AAT, explicit.zip.")
    return triples


def _collect(file: IO[bytes], triples: Triples) -> None:
    for triple in parse(file, RdfFormat.N_TRIPLES, lenient=True):
        predicate = _PREDICATES.get(triple.predicate.value)
        if predicate is None:
            continue
        subject, value = triple.subject.value, triple.object.value
        if predicate == _TEXT:
            triples.texts[subject] = (triple.object.language or "und", value)
            continue
        number = _id_of(subject)
        if number is None:  # a statement about a statement, a label's type
            continue
        if predicate == _TYPE:
            if value in _KIND_OF_TYPE:
                triples.kinds[number] = _KIND_OF_TYPE[value]
            elif value == f"{_GVP}ObsoleteSubject":
                triples.obsolete.setdefault(number, [])
        elif predicate == _SUCCESSOR:
            triples.obsolete.setdefault(number, []).append(_id_of(value))
        else:
            triples.links[predicate][number].append(_id_of(value) if predicate in (PARENT, OTHER_PARENT) else value)


def _id_of(uri: str) -> int | None:
    rest = uri.removeprefix(_AAT)
    return int(rest) if rest.isascii() and rest.isdigit() else None


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> zipfile.ZipInfo:
    for member in archive.infolist():
        if member.filename.endswith(name):
            return member
    raise UserError(f"{path.name} has no member ...{name}; expected Getty's dump of the AAT, explicit.zip, whose "
                    f"members end in {', '.join(_MEMBERS)}.")
