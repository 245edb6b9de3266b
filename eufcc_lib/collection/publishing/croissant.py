"""A data set in Croissant 1.1, the format by which search engines and loaders know data sets for machine learning.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, with the responsible-AI fields of
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pandas as pd

from ...core.errors import UserError
from ...data.dataset import Dataset, images_folder
from ...data.records import ID, SPLIT_TITLES

VERSIONS = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")

_TERMS = ("annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes",
          "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray",
          "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "readLines", "recordSet",
          "references", "regex", "repeated", "replace", "samplingRate", "sdVersion", "separator", "source",
          "subField", "transform", "unArchive", "value")

CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "dct": "http://purl.org/dc/terms/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/", "conformsTo": "dct:conformsTo",
    **{term: f"cr:{term}" for term in _TERMS}, "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "examples": {"@id": "cr:examples", "@type": "@json"}}
"""The names that the specification's appendix gives to its terms."""


def describe_in_croissant(dataset: Dataset, rights: pd.DataFrame, responsible: Mapping[str, str | list[str]], url: str = "",
                          creators: Sequence[str] = ()) -> dict:
    """The metadata as JSON: each csv file is a set of records, whose fields are its columns; the images are a set of files.

    Paths are relative to the data set's folder.

    Args:
        rights: as `licences.count_rights`.
        responsible: texts by the names of the fields, without prefix.
        url: the data set's page; left out if it is not known.
        creators: likewise.
    Raises:
        UserError: a csv file cannot be read.
    """
    made = {"url": url, "creator": [{"@type": "sc:Organization", "name": name} for name in creators],
            "license": [link for link in rights["link"] if link]}
    return {
        "@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": list(VERSIONS), "name": dataset.name,
        "description": responsible["dataCollection"], **{key: value for key, value in made.items() if value},
        "datePublished": datetime.now(UTC).strftime("%Y-%m-%d"), "version": "1.0.0",
        **{f"rai:{field}": text for field, text in responsible.items()},
        "distribution": [*(_file(dataset, split) for split in dataset.records), *_images(dataset)],
        "recordSet": [_record_set(split, records.table.column_names) for split, records in dataset.records.items()]}


def _file(dataset: Dataset, split: str) -> dict:
    path = dataset.root / f"{split}.csv"
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); expected the csv file of the split.") from None
    return {"@type": "cr:FileObject", "@id": path.name, "name": path.name, "description": f"{SPLIT_TITLES[split]}: the records.",
            "contentUrl": path.name, "contentSize": f"{os.path.getsize(path)} B", "encodingFormat": "text/csv", "sha256": digest}


def _images(dataset: Dataset) -> list[dict]:
    folder = images_folder(dataset.root).relative_to(dataset.root).as_posix()
    return [{"@type": "cr:FileSet", "@id": "images", "name": "images", "description": f"The images, named after '{ID}'.",
             "encodingFormat": "image/jpeg", "includes": f"{folder}/*.jpg"}]


def _record_set(split: str, columns: Sequence[str]) -> dict:
    return {"@type": "cr:RecordSet", "@id": split, "name": split, "description": SPLIT_TITLES[split],
            "key": {"@id": f"{split}/{ID}"}, "field": [_field(split, column) for column in columns]}


def _field(split: str, column: str) -> dict:
    return {"@type": "cr:Field", "@id": f"{split}/{column}", "name": column, "description": f"The column '{column}'.",
            "dataType": "sc:Text", "source": {"fileObject": {"@id": f"{split}.csv"}, "extract": {"column": column}}}
