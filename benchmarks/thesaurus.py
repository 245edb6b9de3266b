"""Reading Getty's dump of the AAT, on a made-up one of the real proportions.

    python benchmarks/thesaurus.py                     make the dump, read it, print times and memory
    python benchmarks/thesaurus.py explicit.zip        the same with a dump of your own
    python benchmarks/thesaurus.py --write             also keeps the figures for the book

The made-up dump has the members, predicates and counts of `explicit.zip` of 2026-08 as far as they are
read: 59,300 subjects, 522,690 labels in several languages, their broader subjects, and around them the
sources, dates and contributors that nobody needs here and that make up most of the file. The dump's
other members are never opened.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, parse
from report import best_seconds, report

from eufcc_lib.collection.aat.thesaurus import read_dump, read_thesaurus, write_thesaurus
from eufcc_lib.core.paths import resolve

SUBJECTS, LABELS, OBSOLETE = 59_300, 522_690, 1_337
GUIDE_TERMS, HIERARCHIES, FACETS = 1_785, 185, 8
NON_PREFERRED, PARTITIVE = 4_839, 1_140
LANGUAGES = ("en", "en-US", "nl", "es", "zh-Hant", "zh-Latn-pinyin-x-notone", "de", "fr")

AAT = "http://vocab.getty.edu/aat/"
GVP = "http://vocab.getty.edu/ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XL = "http://www.w3.org/2008/05/skos-xl#"
DC = "http://purl.org/dc/elements/1.1/"
TERMS = "http://purl.org/dc/terms/"
DATE = '"{}-0{}-1{}T0{}:12:58"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
SYLLABLES = ("ba", "ce", "dor", "fi", "gal", "hem", "ist", "jo", "kel", "lu", "mar", "nis", "or", "pa", "qui", "ros")


def write_dump(path: Path, subjects: int = SUBJECTS, labels: int = LABELS, seed: int = 0) -> None:
    """A dump of so many subjects and labels; the first are facets, then hierarchies, guide terms, concepts."""
    chance = random.Random(seed)
    members = {"1Subjects": _subjects(chance, subjects, labels), "2Terms": _terms(chance, labels),
               "HierarchicalRels": _relations(chance, subjects), "ObsoleteSubjects": _obsolete(chance, subjects)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, triples in members.items():
            with archive.open(f"AATOut_{name}.nt", "w", force_zip64=True) as member:
                for triple in triples:
                    member.write(triple.encode("ascii"))


def _subjects(chance: random.Random, subjects: int, labels: int) -> Iterator[str]:
    for position in range(subjects):
        subject = _subject(position)
        kind = ("Facet" if position < FACETS else "Hierarchy" if position < FACETS + HIERARCHIES
                else "GuideTerm" if position < FACETS + HIERARCHIES + GUIDE_TERMS else "Concept")
        yield _triple(subject, RDF + "type", f"<{GVP}Subject>")
        yield _triple(subject, RDF + "type", f"<{GVP}{kind}>")
        yield _triple(subject, DC + "identifier", f'"{300_000_000 + position}"')
        yield _triple(subject, GVP + "prefLabelGVP", f"<{_term(position)}>")
        yield _triple(subject, XL + "prefLabel", f"<{_term(position)}>")
        for label in range(subjects + position, labels, subjects):
            preferred = LANGUAGES[label // subjects % len(LANGUAGES)] not in ("en", "en-US")
            yield _triple(subject, XL + ("prefLabel" if preferred else "altLabel"), f"<{_term(label)}>")
        yield from _noise(chance, subject, 4)


def _terms(chance: random.Random, labels: int) -> Iterator[str]:
    for label in range(labels):
        term, text = _term(label), "".join(chance.choices(SYLLABLES, k=chance.randint(2, 6)))
        literal = f'"{text}\\u00E0 {label}"@{LANGUAGES[label // SUBJECTS % len(LANGUAGES)]}'
        yield _triple(term, RDF + "type", f"<{XL}Label>")
        yield _triple(term, DC + "identifier", f'"{1_000_000_000 + label}"')
        yield _triple(term, XL + "literalForm", literal)
        yield _triple(term, GVP + "term", literal)
        yield _triple(term, GVP + "termType", "<http://vocab.getty.edu/term/type/Descriptor>")
        yield from _noise(chance, term, 7)


def _relations(chance: random.Random, subjects: int) -> Iterator[str]:
    for statement in range(9_548 // 4):
        node = f"{AAT}rel/{statement}-broader"
        yield _triple(node, RDF + "type", f"<{RDF}Statement>")
        yield _triple(node, RDF + "predicate", f"<{GVP}broaderGeneric>")
        yield from _noise(chance, node, 2)
    for position in range(FACETS, subjects):
        parent = position // 8 if position >= FACETS + HIERARCHIES else position % FACETS
        yield _triple(_subject(position), GVP + "broaderPreferred", f"<{_subject(parent)}>")
        yield _triple(_subject(position), GVP + "broaderGeneric", f"<{_subject(parent)}>")
    for name, count in (("broaderNonPreferred", NON_PREFERRED), ("broaderPartitive", PARTITIVE)):
        for _ in range(count):
            yield _triple(_subject(chance.randrange(FACETS, subjects)), GVP + name,
                          f"<{_subject(chance.randrange(subjects))}>")


def _obsolete(chance: random.Random, subjects: int) -> Iterator[str]:
    for position in range(OBSOLETE):
        subject = _subject(subjects + position)
        yield _triple(subject, RDF + "type", f"<{GVP}ObsoleteSubject>")
        if position % 3:
            yield _triple(subject, TERMS + "isReplacedBy", f"<{_subject(chance.randrange(subjects))}>")


def _noise(chance: random.Random, node: str, count: int) -> Iterator[str]:
    for _ in range(count):
        kind = chance.randrange(3)
        if kind == 0:
            year, digits = chance.randrange(2000, 2010), chance.choices(range(1, 10), k=3)
            yield _triple(node, TERMS + "modified", DATE.format(year, *digits))
        elif kind == 1:
            yield _triple(node, TERMS + "contributor", f"<{AAT}contrib/{10_000_000 + chance.randrange(300)}>")
        else:
            yield _triple(node, TERMS + "source", f"<{AAT}source/{2_000_000_000 + chance.randrange(40_000)}>")


def _subject(position: int) -> str:
    return f"{AAT}{300_000_000 + position}"


def _term(label: int) -> str:
    return f"{AAT}term/{1_000_000_000 + label}-{LANGUAGES[label // SUBJECTS % len(LANGUAGES)]}"


def _triple(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{predicate}> {value} .\n"


def inflate(path: Path) -> None:
    """The base: the four members decompressed, nothing made of them."""
    for member in _members(path):
        while member.read(1 << 20):
            pass


def parse_only(path: Path) -> None:
    """The parser alone: every triple made, none looked at."""
    for member in _members(path):
        for _ in parse(member, RdfFormat.N_TRIPLES, lenient=True):
            pass


def _members(path: Path) -> Iterator:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(("1Subjects.nt", "2Terms.nt", "HierarchicalRels.nt", "ObsoleteSubjects.nt")):
                with archive.open(name) as member:
                    yield member


def peak_memory(path: Path) -> float:
    """Most memory, in GB, that a fresh process held while it read the dump."""
    status = subprocess.run([sys.executable, __file__, str(path), "--peak"], capture_output=True, text=True, check=True)
    return int(status.stdout.split()[-1]) / 1e6


def main(source: Path | None, write: bool) -> None:
    """Time everything in one run and print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path, extract = source or Path(folder) / "explicit.zip", Path(folder) / "aat.csv.gz"
        if source is None:
            write_dump(path)
        thesaurus, _ = read_dump(path)
        labels = sum(len(concept.labels) + sum(map(len, concept.alternatives.values()))
                     for concept in thesaurus.concepts.values())
        base = best_seconds(lambda: inflate(path), runs=3)
        seconds = {title: best_seconds(work, runs=2, warm=False) for title, work in {
            "pyoxigraph, every triple made and dropped": lambda: parse_only(path),
            "eufcc_lib, dump to thesaurus": lambda: read_dump(path),
            "eufcc_lib, extract written": lambda: write_thesaurus(thesaurus, extract),
            "eufcc_lib, extract read": lambda: read_thesaurus(extract)}.items()}
        title = (f"{len(thesaurus):,} subjects and {labels:,} labels from a dump of {path.stat().st_size / 1e6:.0f} MB; "
                 f"peak memory {peak_memory(path):.2f} GB; extract {extract.stat().st_size / 1e6:.1f} MB")
        report("thesaurus", title, "decompressing the four members", base, seconds, ("pyoxigraph",), write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", nargs="?", help="Getty's explicit.zip (default: a made-up one)")
    parser.add_argument("--write", action="store_true", help="keep the figures as benchmarks/results/thesaurus.json")
    parser.add_argument("--peak", action="store_true", help="only read the dump, and print the peak memory in kB")
    options = parser.parse_args()
    if options.peak:
        read_dump(options.dump)
        print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
    else:
        main(resolve(options.dump) if options.dump else None, options.write)
