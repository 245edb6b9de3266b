"""The image on the page: the wheel enlarges it, dragging moves it, and a key shows it as large as the window."""

import base64
from pathlib import Path

import param
from panel.custom import JSComponent


class PictureView(JSComponent):
    """A picture in a frame.

    Attributes:
        source: its data as an address; "" shows nothing.
        label: what it is, for who cannot see it.
    """

    source = param.String()
    label = param.String()

    _esm = Path(__file__).with_name("picture.js")


def data_address(picture: bytes) -> str:
    """A JPEG as an address that holds it."""
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" if picture else ""
