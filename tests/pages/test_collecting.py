"""The small tables and sentences of the chapter on collecting."""

import numpy as np
import pandas as pd
from test_statistics import make_records

from eufcc_lib.collection.splitting.frechet import OuterChoice
from eufcc_lib.pages import collecting


def test_the_item_shown_has_no_number_of_the_stand_in():
    uris = {"a": ["http://vocab.getty.edu/aat/990000243", "https://iconclass.org/1"], "b": ["http://vocab.getty.edu/aat/300010900"],
            "c": ["http://vocab.getty.edu/aat/300010900", "http://data.europeana.eu/concept/88"]}
    shown = collecting.show_item([{"item": {"id": f"/1/{name}", "edmConcept": found}} for name, found in uris.items()])
    assert shown["value"].tolist() == ["/1/c", "–", "–", *uris["c"]]


def test_twins_are_listed_in_words():
    twins = pd.DataFrame([{"kept": "a", "merged": ("b", "c"), "apart": (), "agreement": 0.75, "facets": ("objectTypes",)}])
    assert collecting.list_twins(twins).loc["a"].tolist() == ["b, c", "–", "0.75", "Object types"]
    assert collecting.list_twins(twins.head(0)).empty


def test_the_outer_test_is_told_with_what_is_farthest():
    table = pd.DataFrame({"provider": ["Far", "Near", "Big"], "share": [0.04, 0.03, 0.2], "distance": [9.0, 2.0, 1.0],
                          "to_first": [None, 3.0, None], "eligible": [True, True, False]})
    listed = collecting.list_outer(OuterChoice(("Far", "Near"), table))
    assert listed.loc["Far"].tolist() == ["4 %", "9", "–", "first"] and listed.loc["Big", "choice"] == "not eligible"
    said = collecting.outer_sentence(OuterChoice(("Far", "Near"), table), "https://api.example")
    assert said == ("The paper's rule chose Far and Near for the outer test. They are also the two eligible providers that are "
                    "farthest from the whole.")
    other = collecting.outer_sentence(OuterChoice(("Far", "Big"), table), "https://api.example")
    assert other.endswith("The two eligible providers farthest from the whole are Far and Near.")


def test_a_random_tenth_is_counted_on_the_materials():
    records = make_records(*[{"materials": "metal"}] * 20, *[{"materials": "parchment"}] * 3)
    assert collecting.random_sentence(records) == (
        "For example, *metal* is on 20 images and *parchment* on 3. A random tenth would hold about 2 of the first and 0.3 of the second.")
    assert collecting.random_sentence(make_records({})) == "Here there are too few materials to show this."


def test_the_first_pairs_are_shown_with_the_bits_that_differ():
    pairs = np.array([[0, 1, 2], [2, 3, 1], [4, 5, 0], [6, 7, 0], [8, 9, 0]])
    shown = collecting.sample_pairs(pairs)
    assert shown["rows"].tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]] and shown.loc[0, "name"] == "2 of 64 bits differ"
