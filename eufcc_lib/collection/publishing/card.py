"""`eufcc card DATA`: describe a data set for those who find it, as a data card and as Croissant metadata.

Everything stated is counted in the records or found by `audit`. The card is what the Hugging Face Hub shows where it is
called README.md; search engines and loaders read `croissant.json`, see `croissant`.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ...core.commands import command, new_parser
from ...core.errors import UserError
from ...core.facets import FACETS
from ...core.numbers import percent
from ...core.paths import atomic, resolve
from ...core.text import spelled_out
from ...data import statistics
from ...data.dataset import Dataset
from ...data.records import SPLIT_TITLES
from ..curation.audit import KINDS, Audit, audit
from ..licences import USES
from .croissant import describe_in_croissant
from .markdown import address, escaped

CARD, CROISSANT = "CARD.md", "croissant.json"

_COLLECTED = "which museums, libraries and archives wrote for their own catalogues"
_DRAWN = {"mini": "drawn by a program, with invented providers; no photograph and no real object is among them"}

_RARE = 10  # images

_HUB_LICENCES = {"cc0-1.0", *(f"cc-{terms}-{version}" for terms, versions in (
    ("by", "2.0 2.5 3.0 4.0"), ("by-sa", "3.0 4.0"), ("by-nc", "2.0 3.0 4.0"), ("by-nd", "4.0"), ("by-nc-nd", "3.0 4.0"),
    ("by-nc-sa", "2.0 3.0 4.0")) for version in versions.split())}
_HUB_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (1e12, "n>1M"))


@dataclass(frozen=True)
class Facts:
    """What a data set is, counted.

    Attributes:
        name: of the data set.
        splits: as `statistics.count_splits`.
        facets: one row per facet: `title`, `tags`, `images`, `share` (of the images).
        rights: as `licences.count_rights`.
        responsible: texts for the responsible-AI fields of Croissant, by their names without prefix.
    """

    name: str
    splits: pd.DataFrame
    facets: pd.DataFrame
    rights: pd.DataFrame
    responsible: dict[str, str | list[str]]


def gather_facts(dataset: Dataset, found: Audit) -> Facts:
    """Count what a card says.

    Args:
        found: the audit of the same records.
    """
    records = statistics.pooled(dataset)
    filled = statistics.count_filled_facets(records).set_index("facet")
    tags = statistics.count_tag_images(records)
    facets = pd.DataFrame([(facet.title(), int((tags["facet"] == facet.name).sum()), int(filled["images"][facet.name]),
                            filled["share"][facet.name]) for facet in FACETS], columns=["title", "tags", "images", "share"])
    splits = statistics.count_splits(dataset)
    responsible = {
        "dataCollection": _collection(dataset, found.records),
        "dataCollectionMissingData": _missing(facets),
        "dataAnnotationProtocol": "Tags come from the records of the providers, through the concepts of a thesaurus. A tag counts "
                                  "together with all broader ones on its path. An image has one annotation.",
        "annotationsPerItem": _per_item(dataset, found.records),
        "dataBiases": _biases(dataset, tags, found.records),
        "dataLimitations": _faults(found),
        "dataUseCases": [f"{SPLIT_TITLES[row.split]}: {row.records:,} images." for row in splits.itertuples()],
        "personalSensitiveInformation": "Portraits and photographs can show people. Records can name who made an object.",
    }
    return Facts(dataset.name, splits, facets, found.rights, responsible)


def _collection(dataset: Dataset, images: int) -> str:
    providers = len(statistics.count_providers(dataset))
    return f"{images:,} images and records of {providers:,} providers, {_DRAWN.get(dataset.name, _COLLECTED)}."


def _missing(facets: pd.DataFrame) -> str:
    empty = ", ".join(f"{row.title} {percent(1 - row.share)}" for row in facets.itertuples())
    return (f"The records are incomplete. Images without a tag in a facet: {empty}. Nothing follows from an empty facet, or from "
            "a tag that is missing.")


def _per_item(dataset: Dataset, images: int) -> str:
    counts = statistics.count_tags_per_image(statistics.pooled(dataset)).query("facet == 'all'")
    return f"{(counts['tags'] * counts['images']).sum() / images:.1f} tags per image on average, over all facets."


def _biases(dataset: Dataset, tags: pd.DataFrame, images: int) -> list[str]:
    providers = statistics.count_providers(dataset)
    largest, share = spelled_out(providers["provider"][0]), percent(providers["images"][0] / images)
    told = [f"The largest provider, {largest}, has {share} of the images: a model can learn its studio instead of its objects."]
    if len(tags):
        rare = int((tags["images"] < _RARE).sum())
        told.append(f"{rare:,} of {len(tags):,} tags have fewer than {_RARE} images; the most frequent has "
                    f"{tags['images'].max():,}.")
    return told


def _faults(found: Audit) -> list[str]:
    kinds = found.summary.groupby("kind", sort=False)[["findings", "occurrences"]].sum().query("findings > 0")
    return [f"{kind}: {row.findings:,} found, {row.occurrences:,} times ({KINDS[kind]})." for kind, row in kinds.iterrows()] \
        or ["The audit found no fault."]


def write_card(dataset: Dataset, found: Audit, folder: str | os.PathLike, *, url: str = "",
               creators: Sequence[str] = ()) -> Path:
    """Write `CARD` and `CROISSANT` into a folder, each whole or not at all, and return the folder.

    Args:
        found: the audit of the records.
        url: the data set's page.
        creators: who made it.
    Raises:
        UserError: a file cannot be read or written.
    """
    folder, facts = resolve(folder), gather_facts(dataset, found)
    croissant = describe_in_croissant(dataset, facts.rights, facts.responsible, url, creators)
    texts = {CARD: render_card(facts), CROISSANT: json.dumps(croissant, indent=1, ensure_ascii=False) + "\n"}
    try:
        for name, text in texts.items():
            with atomic(folder / name) as temporary:
                temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror}); expected a folder with room for the card.") from None
    return folder


def render_card(facts: Facts) -> str:
    """The card in Markdown, with the header that the Hub reads."""
    images = int(facts.splits["records"].sum())
    told = {field: escaped(text) if isinstance(text, str) else list(map(escaped, text)) for field, text in facts.responsible.items()}
    header = {"pretty_name": facts.name, "license": _hub_licence(facts.rights), "task_categories": ["image-classification"],
              "tags": ["cultural-heritage", "multi-label", "art-and-architecture-thesaurus"],
              "size_categories": [next(name for limit, name in _HUB_SIZES if images < limit)]}
    splits = [(SPLIT_TITLES[row.split], f"{row.records:,}", percent(row.share), f"{row.providers:,}")
              for row in facts.splits.itertuples()]
    facets = [(row.title, f"{row.tags:,}", f"{row.images:,}", percent(row.share)) for row in facts.facets.itertuples()]
    rights = [(f"[{escaped(row.licence)}]({address(row.link)})" if row.link else escaped(row.licence), USES[row.use], f"{row.records:,}",
               f"{row.providers:,}") for row in facts.rights.itertuples()]
    sections = {
        "Splits": _table(["split", "images", "share", "providers"], splits),
        "Facets": _table(["facet", "tags", "images with any", "share"], facets),
        "Annotation": f"{told['dataAnnotationProtocol']} {told['annotationsPerItem']}",
        "What is missing": told["dataCollectionMissingData"],
        "Biases": _list(told["dataBiases"]),
        "What an audit found": _list(told["dataLimitations"]),
        "People": told["personalSensitiveInformation"],
        "Rights": _table(["statement", "meaning", "images", "providers"], rights) + "\n\n`eufcc attribution` writes the credits.",
    }
    # JSON is YAML, so a name with a colon or a quote stays what it is.
    return ("---\n" + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in header.items())
            + f"---\n\n# {escaped(facts.name)}\n\n{told['dataCollection']}\n"
            + "".join(f"\n## {title}\n\n{text}\n" for title, text in sections.items()))


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def _hub_licence(rights: pd.DataFrame) -> str:
    """The Hub's name for the rights of all images; `other` where there are several or it has none, `unknown` without any."""
    names = rights["licence"].tolist()
    if names == ["No rights statement"]:
        return "unknown"
    name = names[0].lower().replace(" ", "-") if len(names) == 1 else ""
    return name if name in _HUB_LICENCES else "other"


@command
def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = new_parser("card", "Describe a data set: a data card in Markdown with the Hugging Face Hub's header, and Croissant "
                        "metadata with the responsible-AI fields, filled from the audit.", reads="the csv files of DATA",
                        writes=f"OUT/{CARD} and OUT/{CROISSANT}", example="eufcc card data/mine")
    parser.add_argument("data", metavar="DATA", help="mini, eufcc340k or a folder")
    parser.add_argument("--out", metavar="OUT", help="the folder (default: that of DATA)")
    parser.add_argument("--url", default="", help="the page of the data set, which Croissant asks for")
    parser.add_argument("--creator", metavar="NAME", action="append", default=[], help="who made it; may be repeated")
    options = parser.parse_args(arguments)
    from ..sources import open_dataset

    dataset = open_dataset(options.data)
    folder = write_card(dataset, audit(dataset.records), options.out or dataset.root, url=options.url, creators=options.creator)
    print(f"{CARD} and {CROISSANT} are in {folder}.")
