"""The small tables and sentences of the chapter on collecting, from what `collection` harvests, maps, curates and splits."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from ..collection.aat.mapping import MappingReport
from ..collection.curation import duplicates, filters
from ..collection.curation.audit import Audit
from ..collection.curation.compare import compare_annotations
from ..collection.mini_europeana.thesaurus import FIRST_FREE
from ..collection.sources import open_dataset
from ..collection.splitting.frechet import OuterChoice
from ..collection.splitting.stratified import Splits
from ..collection.thumbnails.fetch import Report
from ..collection.thumbnails.manifest import STATUSES
from ..core.facets import FACETS, get_facet
from ..core.numbers import percent, significant, thousands
from ..core.paths import resolve
from ..data.dataset import images_folder
from ..data.labels import count_vocabulary
from ..data.records import Records
from ..data.records_csv import write_records
from ..data.statistics import count_tag_images, pooled


def list_plan(plan: pd.DataFrame) -> pd.DataFrame:
    """The columns of `harvest.plan` that a reader needs, without the underscores of file names."""
    hours = plan["hours"].map(lambda value: significant(value, 1) if value else "0")
    return pd.DataFrame({"collection": plan["collection"].str.replace("_", " "), "items": plan["items"].map(thousands),
                         "requests": plan["requests"], "hours": hours}).set_index("collection")


def show_item(lines: Sequence[Mapping]) -> pd.DataFrame:
    """One harvested item, field by field, a concept per row.

    It is one with few numbers of the stand-in, of these one with concepts from many vocabularies, of these the first.
    """
    def order(item: Mapping) -> tuple[int, int]:
        uris = item.get("edmConcept", ())
        invented = [uri for uri in uris if (number := re.search(r"/(\d+)$", uri)) and int(number[1]) >= FIRST_FREE]
        return len(invented), -len({urlsplit(uri).netloc for uri in uris})

    item = min((line["item"] for line in lines), key=order)
    rows = [("id", item["id"]), ("title", ", ".join(item.get("title", ["–"]))), ("provider", ", ".join(item.get("dataProvider", ["–"])))]
    rows += [(f"concept {number}", uri) for number, uri in enumerate(item.get("edmConcept", ()), start=1)]
    return pd.DataFrame(rows, columns=["field", "value"]).set_index("field")


def list_dropped(report: MappingReport, most: int) -> pd.DataFrame:
    """The concepts that were not mapped, most frequent first: address, reason, items."""
    found = report.concepts.query("outcome == 'dropped'").groupby(["uri", "reason"], as_index=False)["items"].sum()
    found = found.sort_values(["items", "uri"], ascending=[False, True]).head(most)
    return found.rename(columns={"uri": "concept"}).set_index("concept")


def compare_with_museum(mapped: Records, base_url: str | None, language: str = "en") -> pd.DataFrame:
    """`compare_annotations` with the mini museum, or with nothing where the records come from another server."""
    return compare_annotations(mapped, pooled(open_dataset("mini", language=language)) if base_url is None else mapped.take([]), language)


def list_outcomes(fetched: Report) -> pd.DataFrame:
    """What became of the thumbnails, with the number of requests in this run."""
    rows = [(meaning.replace("the next call", "the next run"), fetched.counts[status]) for status, meaning in STATUSES.items()]
    rows.append(("requests sent in this run", fetched.requests))
    return pd.DataFrame([(what, thousands(count)) for what, count in rows], columns=["thumbnails", "number"]).set_index("thumbnails")


def with_pictures(records: Records, manifest: pd.DataFrame) -> Records:
    """The records whose thumbnail was had. The manifest is that of `fetch.read_manifest`, by id."""
    return records.take(manifest["status"].reindex(records.ids).eq("had").to_numpy())


def list_twins(twins: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """Records with the same pixels: the one that was kept, those merged into it, those left apart, and where they differ."""
    def words(things: tuple[str, ...]) -> str:
        return ", ".join(things) or "–"

    differ = [words(tuple(get_facet(name).title(language) for name in names)) for names in twins["facets"]]
    return pd.DataFrame({"kept": twins["kept"], "merged into it": twins["merged"].map(words), "left apart": twins["apart"].map(words),
                         "agreement": twins["agreement"].map("{:.2f}".format), "facets that differ": differ}).set_index("kept")


def group_similar(records: Records, digests: duplicates.Digests, near: int, by_folder: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of similar pictures, and for each record the number of the group that stays in one split.

    Args:
        near: bits of 64 in which the hashes of a pair may differ.
        by_folder: whether pictures whose addresses lie in one folder show one object.
    Returns:
        int (P, 3), positions of two records and the bits in which they differ; int32 (N,).
    """
    rows = pd.Index(digests.ids).get_indexer(records.ids)
    pairs = duplicates.near_duplicates(digests.hashes[rows], near, digests.usable[rows])
    folders = [[url.rpartition("%2F")[0] for url in records.urls]] if by_folder else []
    return pairs, duplicates.group_records(records, pairs, list(map(digests.pixels.get, records.ids)), *folders)


def sample_pairs(pairs: np.ndarray, most: int = 4) -> pd.DataFrame:
    """The first pairs, for a contact sheet: name, note, rows."""
    return pd.DataFrame([{"name": f"{bits} of 64 bits differ", "note": "", "rows": [int(one), int(other)]} for one, other, bits in pairs[:most]],
                        columns=["name", "note", "rows"])


def picture_files(root: str | os.PathLike, ids: Sequence[str]) -> list[Path]:
    """The image file of each of these records."""
    return [images_folder(resolve(root)) / f"{name}.jpg" for name in ids]


def list_generous(records: Records, most: int) -> pd.DataFrame:
    """The providers with the most tags per image: provider, images, mean, most."""
    table = filters.providers_with_most_tags(records).head(most)
    return pd.DataFrame({"provider": table["provider"], "images": table["images"], "tags, mean": table["mean"].map("{:.2f}".format),
                         "tags, most": table["most"]}).set_index("provider")


def list_findings(found: Audit, language: str = "en") -> pd.DataFrame:
    """What an audit found, without the kinds of fault that do not occur: kind, facet, names, records."""
    table = found.summary.query("findings > 0")
    where = table["facet"].map(lambda names: ", ".join(get_facet(name).title(language) for name in names.split(", ")) if names else "–")
    return pd.DataFrame({"fault": table["kind"], "facet": where, "findings": table["findings"],
                         "records": table["records"].map(thousands)}).set_index(["fault", "facet"])


def list_rights(found: Audit) -> pd.DataFrame:
    """The rights statements: licence, use, records, share, providers."""
    table = found.rights
    return pd.DataFrame({"licence": table["licence"], "use": table["use"], "records": table["records"].map(thousands),
                         "share": table["share"].map(percent), "providers": table["providers"]}).set_index("licence")


def list_outer(outer: OuterChoice) -> pd.DataFrame:
    """The providers, farthest from the whole first: share, kinds, the two distances and the choice, in a word."""
    table, names = outer.table, list(outer.names)
    words = [("first", "second")[names.index(row.provider)] if row.provider in names else "eligible" if row.eligible
             else "not eligible" for row in table.itertuples()]
    numbers = {head: table[column].map(lambda value: "–" if pd.isna(value) else f"{value:.0f}")
               for head, column in (("distance", "distance"), ("to the first", "to_first"))}
    return pd.DataFrame({"provider": table["provider"], "share": table["share"].map(lambda share: percent(share, 1)), **numbers,
                         "choice": words}).set_index("provider")


def sample_outer(outer: OuterChoice, held: np.ndarray) -> pd.DataFrame:
    """Pictures of the chosen providers and of the two eligible ones farthest from the whole, for a contact sheet: name, note, rows."""
    names = dict.fromkeys([*outer.names, *_farthest(outer)])
    return pd.DataFrame([{"name": name, "note": f"{(held == name).sum():,} images", "rows": (held == name).nonzero()[0][::9].tolist()}
                         for name in names])


def outer_sentence(outer: OuterChoice, base_url: str | None) -> str:
    """Which providers were chosen, which are farthest from the whole, and which are the mini museum's own."""
    chosen, farthest = " and ".join(outer.names), _farthest(outer)
    said = f"The paper's rule chose {chosen} for the outer test. "
    said += ("They are also the two eligible providers that are farthest from the whole." if set(farthest) == set(outer.names)
             else f"The two eligible providers farthest from the whole are {' and '.join(farthest)}.")
    if base_url is None:
        own = sorted(set(open_dataset("mini").split("test_ood").providers))
        said += (" They are those of the mini museum's own outer test." if set(own) == set(outer.names)
                 else f" The mini museum's own outer test has {' and '.join(own)}.")
    return said


def random_sentence(records: Records) -> str:
    """What a random tenth would hold of the most frequent and of the rarest material."""
    materials = count_tag_images(records).query("facet == 'materials'")
    if materials["tag"].nunique() < 2:
        return "Here there are too few materials to show this."
    first, last = materials.iloc[0], materials.iloc[-1]
    return (f"For example, *{first['tag']}* is on {thousands(first['images'])} images and *{last['tag']}* on {thousands(last['images'])}. A random "
            f"tenth would hold about {thousands(first['images'] / 10)} of the first and {significant(last['images'] / 10, 1)} of the second.")


def groups_of(records: Records, merged: Records, groups: np.ndarray) -> np.ndarray:
    """The groups of some of the merged records."""
    return groups[pd.Index(merged.ids).get_indexer(records.ids)]


def write_splits(divided: Splits, root: str | os.PathLike) -> pd.DataFrame:
    """Write a CSV file per split, and list their sizes."""
    for name, part in divided.records.items():
        write_records(part, resolve(root) / f"{name}.csv")
    return pd.DataFrame([(f"{name}.csv", thousands(len(part))) for name, part in divided.records.items()],
                        columns=["file", "images"]).set_index("file")


def list_learned(divided: Splits, minimum: int, language: str = "en") -> pd.DataFrame:
    """By facet the tags that were divided, and how many of them have enough images left in training."""
    learned = count_vocabulary(divided.records["train"], minimum)
    parts = dict(tuple(divided.report.groupby("facet", sort=False)))
    rows = [(facet.title(language), int(parts[facet.name]["images"].gt(0).sum()) if facet.name in parts else 0, len(learned[facet.name]))
            for facet in FACETS]
    return pd.DataFrame(rows, columns=["facet", "tags", "in the vocabulary"]).set_index("facet")


def apart_sentence(merged: Records, pairs: np.ndarray, divided: Splits) -> str:
    """Whether similar pictures are in different splits; pairs of which the filters removed one do not count."""
    where = pd.Series({name: split for split, part in divided.records.items() for name in part.ids}, dtype=object)
    split_of = where.reindex(merged.ids)
    left = pairs[split_of.notna().to_numpy()[pairs[:, :2]].all(axis=1)]
    apart = len(duplicates.pairs_across_splits(merged, left, split_of.tolist()))
    if not len(left):
        return "No two pictures are similar enough to be kept together."
    many = "none is" if not apart else f"{apart:,} {'is' if apart == 1 else 'are'}"
    return f"Of {thousands(len(left))} pair{'' if len(left) == 1 else 's'} of similar pictures, {many} in two different splits."


def _farthest(outer: OuterChoice) -> list[str]:
    return outer.table.query("eligible")["provider"].head(2).tolist()
