"""What the chapters on the data show and say of one record, of the providers, of the tags and of the terms' numbers.

Sentences take their words from the numbers, so that they hold for a drawn museum, for the official annotations and for
a folder with three records.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from ..core.facets import FACET_NAMES, FACETS, LEVEL_SEPARATOR, get_facet
from ..core.numbers import percent, thousands
from ..data.labels import Labels
from ..data.records import Records
from ..data.statistics import find_several_facets, find_several_parents, in_words
from ..data.taxonomy import Vocabulary
from ..data.terms import museum_terms
from ..mini.truth import count_missing, translate

_MEANINGS = {
    "idInSource": "the record's number", "#portraitMedia.original": "address of the picture", "database": "portal",
    "repository.keeper": "provider", "object": "the same for all pictures of one object",
    "europeana_id": "number at Europeana", "rights": "rights statement", "title": "title", "creator": "creator",
    "page": "the provider's own page",
} | {facet.column: facet.title_en for facet in FACETS}


def read_line(records: Records, row: int) -> pd.DataFrame:
    """One line of the CSV file, by column: what is written there, and what it means."""
    line = records.table.slice(row, 1).to_pylist()[0]
    return pd.DataFrame([(column, value or "(empty)", _MEANINGS.get(column, "–")) for column, value in line.items()],
                        columns=["column", "written", "meaning"]).set_index("column")


def deepest_path(records: Records, row: int) -> str:
    """The record's path with the most levels, as written; a dash without any."""
    paths = [path for facet in FACET_NAMES for path in records.paths(facet, row)]
    return LEVEL_SEPARATOR.join(max(paths, key=len)) if paths else "–"


def rarest_sentence(tags: pd.DataFrame) -> str:
    """Which tag of `lists.list_tags` has the fewest training images."""
    known = tags[tags["training images"] != "–"]
    if known.empty:
        return "No tag of this record is in the vocabulary."
    images = known["training images"].str.replace(",", "").astype(int).to_numpy()
    return f"The tag with the fewest training images is *{known['tag'].iloc[images.argmin()]}*, with {thousands(images.min())}."


def list_ones(labels: Mapping[str, Labels], row: int, language: str = "en") -> pd.DataFrame:
    """A record's row of the label matrices: facet (its title), the columns that hold a one, the number of columns."""
    rows = [(facet.title(language), ", ".join(map(str, labels[facet.name].matrix[[row]].indices.tolist())) or "none",
             labels[facet.name].matrix.shape[1]) for facet in FACETS]
    return pd.DataFrame(rows, columns=["facet", "columns with a one", "columns in all"]).set_index("facet")


def outside_sentence(outside: int) -> str:
    """How many annotations of a split use a tag that no model can give."""
    if not outside:
        return "Every annotation of this split uses a tag of the vocabulary."
    uses = "annotation of this split uses" if outside == 1 else "annotations of this split use"
    return f"{thousands(outside)} {uses} a tag that is too rare to be in the vocabulary."


def provider_sentence(images: Sequence[int]) -> str:
    """How unevenly the images are spread over the providers, and what follows for a model.

    Args:
        images: of each provider, in any order.
    """
    counts = sorted(images, reverse=True)
    if len(counts) < 2:
        return "All images come from one provider, so a model cannot be tested on another one here."
    largest, smallest, total = counts[0], counts[-1], sum(counts)
    if largest == smallest:
        return f"Each of the {len(counts)} providers has {_images(largest)}."
    half = next(number for number in range(1, len(counts) + 1) if 2 * sum(counts[:number]) >= total)
    who = "the largest alone holds" if half == 1 else f"the {half} largest hold"
    return (f"The largest of the {thousands(len(counts))} providers has {_images(largest)}, the smallest {thousands(smallest)}; {who} at "
            "least half of all. A model learns mostly from the largest, and with them their backgrounds and lamps.")


def tail_sentence(tag_images: pd.DataFrame, minimum: int) -> str:
    """How unevenly the images are spread over the tags of `statistics.count_tag_images`."""
    if tag_images.empty:
        return "No image has a tag."
    first = tag_images.loc[tag_images["images"].idxmax()]
    rare = int((tag_images["images"] < minimum).sum())
    few = "none has" if not rare else f"{thousands(rare)} ({percent(rare / len(tag_images))}) {'has' if rare == 1 else 'have'}"
    tags = "The only tag" if len(tag_images) == 1 else f"The most frequent of {thousands(len(tag_images))} tags"
    return f"{tags}, *{first['tag']}*, is on {_images(first['images'])}; {few} fewer than {minimum} images."


def share_of(share: float, decimals: int = 0) -> str:
    """A share in per cent, never rounded to nothing or to all; a dash for a share of nothing."""
    return "–" if math.isnan(share) else percent(share, decimals)


def list_parents(records: Records, most: int, language: str = "en") -> pd.DataFrame:
    """Names at several places of their tree, see `statistics.find_several_parents`, from all facets in turn: facet, name, its parents."""
    found = find_several_parents(records)
    chosen = found.assign(turn=found.groupby("facet").cumcount()).nsmallest(most, "turn").sort_index()
    return pd.DataFrame({"facet": _titles(chosen["facet"], language), "name": chosen["tag"],
                         "below": chosen["parents"]}).set_index(["facet", "name"])


def list_shared_names(records: Records, language: str = "en") -> pd.DataFrame:
    """For each set of facets the names that they share, see `statistics.find_several_facets`."""
    found = find_several_facets(records)
    names = found.groupby("facets")["tag"].agg(lambda tags: ", ".join(sorted(tags)))
    heads = [", ".join(_titles(facets.split(", "), language)) for facets in names.index]
    return pd.DataFrame({"facets": heads, "names": names.tolist()}).set_index("facets")


def _titles(names: Iterable[str], language: str) -> list[str]:
    return [get_facet(name).title(language) for name in names]


def numbers_of_terms(vocabulary: Vocabulary) -> dict[str, tuple[int, int]]:
    """By facet: how many tags of the vocabulary have a verified number of the AAT in the museum's list, and how many tags there are."""
    verified = {facet: {place.name(language) for places in museum_terms()[facet].values() for place in places if place.aat
                        for language in ("en", "ca")} for facet in FACET_NAMES}
    return {facet: (len(verified[facet] & set(vocabulary[facet].names)), len(vocabulary[facet])) for facet in FACET_NAMES}


def list_numbers_of_terms(vocabulary: Vocabulary, language: str = "en") -> pd.DataFrame:
    """`numbers_of_terms` as a table: facet (its title), tags, verified AAT number, own term."""
    found = numbers_of_terms(vocabulary)
    rows = [(facet.title(language), found[facet.name][1], found[facet.name][0], found[facet.name][1] - found[facet.name][0])
            for facet in FACETS]
    return pd.DataFrame(rows, columns=["facet", "tags", "with an AAT number", "without"]).set_index("facet")


def terms_sentence(vocabulary: Vocabulary) -> str:
    """How many terms of each facet carry a verified number of the AAT; which of the others are this project's own."""
    found = numbers_of_terms(vocabulary)
    if not any(verified for verified, _ in found.values()):
        return "No tag of these data has a verified number of the AAT in the museum's list of terms."
    parts = [f"{found[facet.name][0]} of the {found[facet.name][1]} {facet.title_en.lower()}" for facet in FACETS if found[facet.name][1]]
    few = ", ".join(parts[:-1]) + " and " * (len(parts) > 1) + parts[-1]
    return f"There is a verified number of the AAT for {few}. All other terms are this project's own."


def list_translations(vocabulary: Vocabulary, most: int = 4, language: str = "en") -> pd.DataFrame:
    """The most frequent tags of each facet in both languages, with a dash where no number of the AAT was checked."""
    told = translate(vocabulary, most, language)
    return told.assign(AAT=told["AAT"].where(told["AAT"] != "", "–")).set_index(["facet", "English"])


def list_gaps(records: Records, answers: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """For each facet the pictures that show something to tag, and how many of them have a tag; see `truth.count_missing`."""
    return in_words(count_missing(records, answers, language).rename(columns={"could be told": "could be tagged"}))


def museum_sentences(numbers: Mapping[str, int | float]) -> str:
    """What `truth.summarise` found, as a list in Markdown; less of a data set that does not know what its pictures show."""
    said = f"- There {_are(numbers['pictures'], 'picture')} from {_count(numbers['providers'], 'provider')}."
    if not numbers["objects"]:
        return f"{said} What they really show is not known here."
    wrong, again = numbers["wrong_records"], numbers["viewed_again"]
    return (f"{said} They show {_count(numbers['objects'], 'object')}, of which {thousands(again)} {'was' if again == 1 else 'were'} "
            "photographed more than once.\n"
            f"- Of all the facets that could be annotated from the pictures, {percent(numbers['annotated_percent'] / 100)} are.\n"
            f"- {_count(wrong, 'record')} ({percent(numbers['wrong_percent'] / 100, 1)}) {'has' if wrong == 1 else 'have'} a wrong tag.")


def _count(count: int, noun: str) -> str:
    return f"{thousands(count)} {noun}{'' if count == 1 else 's'}"


def _are(count: int, noun: str) -> str:
    return f"{'is' if count == 1 else 'are'} {_count(count, noun)}"


def _images(count: int) -> str:
    return _count(count, "image")
