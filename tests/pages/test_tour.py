"""The tour for curators: what it draws, counts and says."""

import numpy as np
import pandas as pd
from PIL import Image

from eufcc_lib.figures.wall import photograph_wall
from eufcc_lib.pages import tour
from eufcc_lib.results.predictions import ANNOTATED, CONSISTENT, WRONG, Answer, Example

PREDICTED = (("metal", 0.9, ANNOTATED), ("iron", 0.6, CONSISTENT), ("wood", 0.5, WRONG), ("bronze", 0.4, ANNOTATED))
EXAMPLE = Example(0, "tool_1", "Museum", "One", (Answer("materials", ("metal", "bronze"), (), PREDICTED),
                                                 Answer("subjects", (), (), (("portrait", 0.1, None),))))


def test_only_as_many_proposals_count_as_there_are_tags_on_record():
    assert tour.count_proposals([EXAMPLE]) == {"shown": 2, ANNOTATED: 1, CONSISTENT: 1, WRONG: 0}
    assert tour.explain([EXAMPLE]) == {"tags_on_record": 2, "hits": 1, "value": 0.5, "right": "metal", "missed": "bronze"}


def test_a_photograph_is_explained_in_the_facets_that_have_tags_on_record():
    assert tour.explain_facets(EXAMPLE) == ("materials 1 of 2; mean 0.50", 0.5)


def test_without_an_example_there_are_dashes():
    assert tour.explain([])["right"] == "–" and np.isnan(tour.explain([])["value"])
    assert "No photograph" in tour.proposal_cards([], None, []).html


def test_the_sentence_about_new_museums_turns_with_the_numbers():
    table = pd.DataFrame({"Known museums": [0.8, 0.6, np.nan], "New museums": [0.7, 0.3, 0.5]}, ["Object types", "Materials", "Subjects"])
    assert tour.compare_museums(table) == {"change": "falls from 0.70 to 0.50",
                                           "most": "The largest loss is in materials, 0.60 against 0.30."}
    table["New museums"] = 0.9
    assert tour.compare_museums(table) == {"change": "rises from 0.70 to 0.90", "most": "No facet loses."}


def test_the_wall_takes_one_of_each_kind_before_a_second_one():
    rows = tour.sample_wall(None, pd.DataFrame({"rows": [[1, 2, 3], [4], [5, 6]]}))
    assert set(rows[:3]) == {1, 4, 5} and set(rows[3:5]) == {2, 6} and rows[5:] == [3]


def test_the_wall_has_full_rows_and_passes_over_what_is_missing(tmp_path):
    files = [tmp_path / f"{number}.png" for number in range(6)]
    for file in files[1:]:
        Image.new("RGB", (8, 8), "red").save(file)
    wall = photograph_wall(files, columns=2)
    assert len(wall.axes[0].images) == 4
    page = tour.cover(wall, "A <wall>")
    assert 'alt="A &lt;wall&gt;"' in page.html and 'href="runs/museum.html"' in page.html
