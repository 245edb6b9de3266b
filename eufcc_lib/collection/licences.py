"""What a rights statement of a record allows: its name, its text, and whether the image may be shown without a credit.

Statements are the addresses that Europeana accepts: of Creative Commons and of rightsstatements.org.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pandas as pd

from ..data.records import RIGHTS, Records

FREE, CREDIT, ASK, UNKNOWN = "free", "credit", "ask", "unknown"

USES = {CREDIT: "asks for a credit", ASK: "allows only what its text says", UNKNOWN: "no known rights statement",
        FREE: "needs no credit"}
"""What a statement means for those who show the image; those with duties first."""

_CREATIVE_COMMONS = re.compile(r"https?://(?:www\.)?creativecommons\.org/licen[cs]es/([a-z-]+)/([0-9.]+)(?:/([a-z]{2,3}))?(?:/.*)?")
_PUBLIC_DOMAIN = re.compile(r"https?://(?:www\.)?creativecommons\.org/publicdomain/(zero|mark)/([0-9.]+)(?:/.*)?")
_STATEMENT = re.compile(r"https?://(?:www\.)?rightsstatements\.org/(?:vocab|page)/([a-z-]+)/([0-9.]+)(?:/.*)?")
_STATEMENTS = {
    "inc": "In Copyright", "inc-ow-eu": "In Copyright – EU Orphan Work", "inc-edu": "In Copyright – Educational Use Permitted",
    "inc-nc": "In Copyright – Non-Commercial Use Permitted",
    "inc-ruu": "In Copyright – Rights-holder(s) Unlocatable or Unidentifiable",
    "noc-cr": "No Copyright – Contractual Restrictions", "noc-nc": "No Copyright – Non-Commercial Use Only",
    "noc-oklr": "No Copyright – Other Known Legal Restrictions", "noc-us": "No Copyright – United States",
    "cne": "Copyright Not Evaluated", "und": "Copyright Undetermined", "nkc": "No Known Copyright"}


@dataclass(frozen=True)
class Licence:
    """A rights statement.

    Attributes:
        name: for readers, such as `CC BY-SA 4.0`.
        use: one of `USES`.
        link: the address of its text, or "".
    """

    name: str
    use: str
    link: str


def read_licence(statement: str) -> Licence:
    """The licence of a record's rights statement.

    >>> read_licence("http://creativecommons.org/licenses/by-sa/3.0/nl/")
    Licence(name='CC BY-SA 3.0 NL', use='credit', link='https://creativecommons.org/licenses/by-sa/3.0/nl/')
    >>> read_licence("").use
    'unknown'
    """
    statement = statement.strip()
    address = statement.lower()
    if found := _CREATIVE_COMMONS.fullmatch(address):
        parts = [part for part in found.groups() if part]
        return Licence("CC " + " ".join(parts).upper(), CREDIT, f"https://creativecommons.org/licenses/{'/'.join(parts)}/")
    if found := _PUBLIC_DOMAIN.fullmatch(address):
        name = {"zero": "CC0", "mark": "Public Domain Mark"}[found[1]]
        return Licence(f"{name} {found[2]}", FREE, f"https://creativecommons.org/publicdomain/{found[1]}/{found[2]}/")
    if (found := _STATEMENT.fullmatch(address)) and found[1] in _STATEMENTS:
        return Licence(_STATEMENTS[found[1]], ASK, f"https://{urlsplit(statement).netloc}{urlsplit(statement).path}")
    return Licence(statement or "No rights statement", UNKNOWN, statement if is_link(statement) else "")


def count_rights(parts: Iterable[Records]) -> pd.DataFrame:
    """The rights of all records, duties first, then frequent ones.

    Returns:
        One row per licence: `licence`, `use` (see `USES`), `records`, `share` (of all records), `providers` (distinct), `link`.
    """
    stated = pd.concat([pd.DataFrame({"statement": records.further(RIGHTS), "provider": records.providers}) for records in parts])
    licences = {statement: read_licence(statement) for statement in stated["statement"].unique()}
    groups = stated["provider"].groupby(stated["statement"].map(licences), sort=False)
    rows = [(licence.name, licence.use, len(providers), len(providers) / len(stated), providers.nunique(), licence.link)
            for licence, providers in groups]
    rows.sort(key=lambda row: (list(USES).index(row[1]), -row[2], row[0]))
    return pd.DataFrame(rows, columns=["licence", "use", "records", "share", "providers", "link"])


def is_link(text: str) -> bool:
    """Whether a text is the address of a page."""
    return bool(re.fullmatch(r"https?://[^\s<>]+", text, re.IGNORECASE))
