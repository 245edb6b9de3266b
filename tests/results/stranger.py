"""A program of someone else, which knows nothing of this library: ridge regression on thumbnails, with scikit-learn.

Usage: python stranger.py FOLDER SPLIT OUT, with FOLDER in the layout of EUFCC-340K; OUT, csv or parquet, gets ten tags for
each image and facet.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MultiLabelBinarizer

FACETS = ("objectTypes", "materials", "classifications", "subjects")


def read(folder, split):
    with open(folder / f"{split}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def pixels(folder, rows):
    names = [folder / "EUROPEANA" / "images" / f"{row['idInSource']}.jpg" for row in rows]
    return np.stack([np.asarray(Image.open(name).convert("RGB").resize((12, 12)), np.float64).ravel() / 255 for name in names])


def tags(row, facet):
    return {tag for path in row[f"{facet}.hierarchy"].split(" $ ") for tag in path.split(" | ") if tag}


def main(folder, split, out):
    training, images, lines = read(folder, "train"), read(folder, split), []
    seen, given = pixels(folder, training), pixels(folder, images)
    for facet in FACETS:
        names = MultiLabelBinarizer()
        truth = names.fit_transform([tags(row, facet) for row in training])
        if not len(names.classes_):
            continue
        scores = Ridge(10.0).fit(seen, truth).predict(given).reshape(len(images), -1)
        lines += [(row["idInSource"], facet, names.classes_[best], values[best])
                  for row, values in zip(images, scores) for best in np.argsort(-values)[:10]]
    frame = pd.DataFrame(lines, columns=["idInSource", "facet", "tag", "score"]).astype({"score": np.float32})
    frame.to_parquet(out, index=False) if out.endswith(".parquet") else frame.to_csv(out, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
