"""Reliability diagrams draw what they are given, also where a facet, a split or an interval is missing."""

import numpy as np
from conftest import NO_WARNING

from eufcc_lib.figures.calibration import reliability_diagrams
from eufcc_lib.metrics.calibration import reliability_curve

pytestmark = NO_WARNING


def curve(images: int):
    return reliability_curve(np.linspace(0.1, 0.9, images), np.arange(images) % 2.0, np.arange(images))


def test_each_facet_has_a_square_with_both_splits():
    figure = reliability_diagrams({"test_id": {"materials": curve(300), "subjects": curve(50)}, "test_ood": {"materials": curve(5)}}, "ca")
    figure.draw_without_rendering()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == ["Materials", "Temes"]
    points = [[len(line.get_xdata()) for line in axes.get_lines()[1:]] for axes in shown]
    assert points == [[15, 1], [2]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["inner test", "outer test", "perfectly calibrated"]


def test_without_an_image_the_figure_says_so():
    assert "nothing to compare" in reliability_diagrams({"test_id": {}}).axes[0].texts[0].get_text()
