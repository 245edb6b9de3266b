"""The work as files for others, and read back.

`leaving` says which tags leave a session and what each is called; each format is a module: `csv_files` (the official
schema), `provenance` (who decided what, on whose suggestion), `jsonld` (W3C Web Annotations), `lido`, `table` (addresses
and labels for collection systems) and `iiif`. `cells` makes cells harmless for spreadsheets, `reading` tells the files
apart that can be read back.
"""

from .csv_files import export_csv, export_records, import_csv
from .iiif import export_iiif
from .jsonld import export_jsonld, import_jsonld
from .leaving import Leaving, annotated_paths, tell_unknown
from .lido import export_lido
from .provenance import export_provenance, import_provenance
from .reading import import_file
from .table import export_table

__all__ = ["Leaving", "annotated_paths", "export_csv", "export_iiif", "export_jsonld", "export_lido", "export_provenance",
           "export_records", "export_table", "import_csv", "import_file", "import_jsonld", "import_provenance", "tell_unknown"]
