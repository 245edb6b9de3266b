"""The evidence of a vote as a figure: who is shown, in which order, and which tags are the photograph's own."""

import numpy as np

from eufcc_lib.figures.neighbours import nearest_voters, show_votes
from eufcc_lib.results.votes import Votes, votes_path, write_votes


def test_the_nearest_voters_of_all_facets_come_first_and_shared_tags_are_bold(squares, own_paths):
    voted = {"objectTypes": Votes(np.array([[7, 2]] * 16, np.int32), np.array([[0.9, -0.4]] * 16, np.float32)),
             "materials": Votes(np.array([[1, 7]] * 16, np.int32), np.array([[0.95, 0.9]] * 16, np.float32))}
    voted["objectTypes"].rows[5] = voted["materials"].rows[5] = -1
    path = votes_path("squares", "test_id")
    write_votes(path, squares, "test_id", voted)
    assert list(nearest_voters(voted, 0, 5).items()) == [(1, np.float32(0.95)), (7, np.float32(0.9)), (2, np.float32(-0.4))]
    axes = show_votes(squares, "test_id", [0, 5], columns=4).axes[0]
    texts = [text.get_text() for text in axes.texts]
    # A red square: a gold square, a disc without a material, a blue square.
    assert [text for text in texts if text in ("0.95", "0.90", "−0.40")] == ["0.95", "0.90", "−0.40"] and texts.count("the photograph") == 1
    assert {text.get_text() for text in axes.texts if text.get_weight() == "bold"} == {"square", "Object types", "Materials"}
    assert len(axes.images) == 4 and len(show_votes(squares, "test_id", [0], 3, "materials").axes[0].images) == 3
    assert "No training photograph" in show_votes(squares, "test_id", [5]).axes[0].texts[0].get_text()
