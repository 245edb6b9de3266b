"""A program that knows nothing of this library enters the benchmark: it reads two csv files and writes one."""

import subprocess
import sys

import numpy as np
import pytest

from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.core.paths import DATA
from eufcc_lib.results.files import read_result
from eufcc_lib.results.score import main as score

PROGRAM = """
import sys
import numpy as np
import pandas as pd
from PIL import Image
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import MultiLabelBinarizer

root, out = sys.argv[1:]

def read(split):
    table = pd.read_csv(f"{root}/{split}.csv", dtype=str).fillna("")
    return table, table["materials.hierarchy"].str.split(r" [$|] ", regex=True).map(lambda tags: [tag for tag in tags if tag])

def colours(names):
    return np.array([np.asarray(Image.open(f"{root}/EUROPEANA/images/{name}.jpg").convert("RGB").resize((8, 8), Image.BOX)).ravel()
                     for name in names], float)

train, tags = read("train")
train, tags = train[tags.map(len) > 0][::2], tags[tags.map(len) > 0][::2]
test, _ = read("test_id")
binary = MultiLabelBinarizer()
model = KNeighborsRegressor(15).fit(colours(train["idInSource"]), binary.fit_transform(tags))
scores = model.predict(colours(test["idInSource"]))
lines = [(name, "materials", tag, value) for name, row in zip(test["idInSource"], scores) for tag, value in zip(binary.classes_, row)]
pd.DataFrame(lines, columns=["idInSource", "facet", "tag", "score"]).to_csv(out, index=False)
assert not [name for name in sys.modules if name.startswith("eufcc")], "this program stands alone"
"""


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "mini" / "train.csv").is_file(), reason="the mini museum is not drawn here")
def test_predictions_of_a_program_without_this_library_go_in_and_beat_chance(tmp_path, capsys):
    predictions, out = tmp_path / "neighbours.csv", tmp_path / "mini" / "neighbours.json"
    subprocess.run([sys.executable, "-c", PROGRAM, str(DATA / "mini"), str(predictions)], check=True, cwd=tmp_path)
    score([str(predictions), "--data", "mini", "--json", str(out)])
    [row] = read_result(out).rows
    tags = np.diff(open_dataset("mini").labels("test_id")["materials"].matrix.indptr)
    chance = tags[tags > 0].mean() / row.tags  # of any order of the tags, on average
    assert row.images == np.count_nonzero(tags) and row.r_precision > 3 * chance
