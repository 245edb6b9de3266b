"""How the page looks, in Material UI's terms: the parts of `styles.json`, each a set of rules.

Parts that stand side by side on a desk are one above the other on a phone, and a phone's width has room for all of the
header.
"""

import json
from pathlib import Path

STYLES = json.loads(Path(__file__).with_name("styles.json").read_text(encoding="utf-8"))
"""The rules of each part of the page."""
