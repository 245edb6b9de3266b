"""Colours by lightness, strength and hue (Oklch), for the families of a sunburst.

Equal steps of Oklch look equal, in colour and in a grey print. Conversion after Björn Ottosson,
"A perceptual color space for image processing" (2020).
"""

import numpy as np

from .style import INK, PAPER

_TO_LMS = np.array([[0.4122214708, 0.5363325363, 0.0514459929],
                    [0.2119034982, 0.6806995451, 0.1073969566],
                    [0.0883024619, 0.2817188376, 0.6299787005]])

_TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468],
                    [1.9779984951, -2.4285922050, 0.4505937099],
                    [0.0259040371, 0.7827717662, -0.8086757660]])

GOLDEN_ANGLE = 137.508
"""Degrees between one family's hue and the next one's: neighbours differ, and no hue repeats."""


def oklch(colour: str) -> tuple[float, float, float]:
    """Lightness 0 to 1, chroma and hue in degrees of a colour written `#rrggbb`."""
    encoded = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    lightness, a, b = _TO_LAB @ np.cbrt(_TO_LMS @ linear)
    return float(lightness), float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)) % 360)


def to_hex(lightness: float, chroma: float, hue: float) -> str:
    """The colour as `#rrggbb`; what a screen cannot show is clipped to what it can."""
    angle = np.radians(hue)
    lab = np.array([lightness, chroma * np.cos(angle), chroma * np.sin(angle)])
    linear = np.linalg.solve(_TO_LMS, np.linalg.solve(_TO_LAB, lab) ** 3).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * part):02x}" for part in encoded)


def ink_on(colour: str) -> str:
    """Dark or white, whichever is easier to read on that colour."""
    return INK if oklch(colour)[0] > 0.64 else PAPER


def readable(colour: str) -> str:
    """The colour, darkened where type set in it would be too pale on white."""
    lightness, chroma, hue = oklch(colour)
    return colour if lightness <= 0.6 else to_hex(0.55, chroma, hue)
