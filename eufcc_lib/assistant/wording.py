"""What the page says, in English and in Catalan: the columns of `wording.csv`."""

import csv
from pathlib import Path

from ..core.facets import LANGUAGES

with open(Path(__file__).with_name("wording.csv"), encoding="utf-8", newline="") as _file:
    _ROWS = list(csv.DictReader(_file))

WORDS = {language: {row["key"]: row[language] for row in _ROWS} for language in LANGUAGES}
"""By language and key."""
