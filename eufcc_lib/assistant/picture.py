"""The image on the page: the wheel enlarges it, dragging moves it."""

import base64

from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure

from ..figures.style import PALE

SIDE = 372
"""Pixels of the square that the image stands in."""


def make_square():
    """A square in which the wheel zooms and the mouse moves."""
    square = figure(x_range=Range1d(0, 1, bounds=(-0.5, 1.5)), y_range=Range1d(0, 1, bounds=(-0.5, 1.5)),
                    tools="pan,wheel_zoom,box_zoom,reset", active_scroll="wheel_zoom", toolbar_location="right",
                    frame_width=SIDE, frame_height=SIDE, background_fill_color="#f4f4f2", outline_line_color=PALE,
                    min_border=4)
    nothing = ColumnDataSource({"url": [], "x": [], "y": [], "w": [], "h": []})
    square.image_url(url="url", x="x", y="y", w="w", h="h", source=nothing)
    square.axis.visible = square.grid.visible = False
    square.toolbar.logo = None
    return square


def put_picture(square, data: bytes, width: int, height: int) -> None:
    """Show a picture in the middle of the square, in its own proportions, as a whole."""
    side = max(width, height)

    def show() -> None:
        square.renderers[0].data_source.data = {
            "url": [f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"], "x": [0.5 - width / side / 2],
            "y": [0.5 + height / side / 2], "w": [width / side], "h": [height / side]}
        square.x_range.update(start=0, end=1)
        square.y_range.update(start=0, end=1)
    # Once it is on a page, Bokeh wants its models changed under the lock of their document. A click is not always
    # worked off under that lock, nor is another tab's, so this waits for its turn.
    if square.document:
        square.document.add_next_tick_callback(show)
    else:
        show()
