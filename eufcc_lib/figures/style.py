"""What all figures share: size, type, colours, and how a figure becomes bytes in a notebook.

The figures know nothing of pyplot: no global state, nothing shown twice, nothing to close.
They are drawn for a column of 6.5 inches with type of 9 points or more, and in shapes or lightness as
well as in colour, so that they can be printed. Where a phone would make the type too small, the same function draws
a narrow version, which the book shows there.
"""

import base64
import functools
import inspect
import io
from bisect import bisect
from collections.abc import Callable

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import LogLocator, NullFormatter
from PIL import Image

from ..core.numbers import thousands

WIDTH = 6.5
"""Inches: the text column of the book."""

NARROW = 3.58
"""Inches: the text column on a phone."""

INK = "#222222"
GREY = "#767676"
PALE = "#d9d9d9"
PAPER = "#ffffff"
POINTS_PER_INCH = 72

# One marker and one line style per facet, in the order of `FACETS`: they differ in a print without colour too.
MARKERS = ("o", "s", "^", "D")
LINES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
ROUND = (1, 2, 5, 10)
"""Steps of an axis that are easy to count in."""

RC = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "text.hinting": "none",  # letters as wide as `text_width` says
    "hatch.linewidth": 0.8,
    "svg.hashsalt": "eufcc",
    "svg.fonttype": "none",
}

# Neither a date nor a version: the same numbers give the same bytes.
_METADATA = {"png": {"Software": None}, "webp": {"Software": None}, "svg": {"Date": None}, "jpeg": None}


class Picture(Figure):
    """A matplotlib figure `width` wide and `height` high in inches, which a notebook shows at twice the screen's resolution.

    `photographs=True` stores JPEG, which is a fifth of the PNG where a figure is mostly photographs.
    The page is given the width alone, so that the figure shrinks in proportion on a narrow screen.

    Attributes:
        narrow: draws the version for phones, if there is one (see `styled`). The notebook stores it as WebP beside the
            width, where Jupyter overlooks it and the book's extension `pages.pictures` finds it.
    """

    narrow: Callable[[], Figure] | None = None

    def __init__(self, height: float, *, width: float = WIDTH, photographs: bool = False, layout: str = "constrained"):
        super().__init__(figsize=(width, height), facecolor=PAPER, layout=layout)
        self.photographs = photographs

    def to_bytes(self, format: str = "png", dpi: int | None = None) -> bytes:
        """The figure as a `png`, `jpeg`, `webp` or `svg` file; the same figure gives the same bytes."""
        dpi = dpi or (130 if self.photographs else 200)
        buffer = io.BytesIO()
        options = {"jpeg": {"pil_kwargs": {"quality": 72, "optimize": True, "progressive": True}}}.get(format, {})
        with matplotlib.rc_context(RC):
            self.savefig(buffer, format="png" if format == "webp" else format, dpi=dpi, metadata=_METADATA[format], **options)
        if format == "webp":
            return _to_webp(buffer, self.photographs)
        return _fewer_colours(buffer) if format == "png" else buffer.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        kind = "jpeg" if self.photographs else "png"
        told = {"width": round(self.get_figwidth() * 100)}
        if self.narrow is not None:
            picture = self.narrow()
            told["narrow"] = base64.b64encode(picture.to_bytes("webp", dpi=140 if picture.photographs else 200)).decode()
        return {f"image/{kind}": self.to_bytes(kind)}, {f"image/{kind}": told}


def sheet(height: float, *, width: float = WIDTH, photographs: bool = False) -> Axes:
    """Axes over a whole `Picture` of that height in which one unit is one inch, downwards."""
    figure = Picture(height, width=width, layout="none", photographs=photographs)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    return axes


def say_nothing(sentence: str, width: float = WIDTH) -> Picture:
    """In place of a figure that has nothing to draw: a sentence."""
    lines = wrap(sentence, width)
    axes = sheet(0.2 + 0.2 * len(lines), width=width)
    axes.text(0, 0.1, "\n".join(lines), va="top", style="italic", color=GREY)
    return axes.figure


def _fewer_colours(png: io.BytesIO) -> bytes:
    """The same picture in 256 colours: a drawing has no more, and the file is a quarter as large."""
    small = io.BytesIO()
    with Image.open(png) as image:
        image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            small, "png", optimize=True)
    return small.getvalue()


def _to_webp(png: io.BytesIO, photographs: bool) -> bytes:
    small = io.BytesIO()
    with Image.open(png) as image:
        image = image.convert("RGB")
        if photographs:
            image.save(small, "webp", quality=60, method=6)
        else:
            image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGB").save(small, "webp", lossless=True, method=6)
    return small.getvalue()


def styled(function):
    """Draw under the book's own settings, whatever the caller's matplotlib is set to.

    A function with a parameter `width` (in inches) decides its layout by it: its picture carries a version for phones.
    """
    widths = "width" in inspect.signature(function).parameters

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with matplotlib.rc_context(RC):
            figure = function(*args, **kwargs)
        if widths and "width" not in kwargs:
            figure.narrow = functools.partial(wrapper, *args, **kwargs, width=NARROW)
        return figure
    return wrapper


_LOOSE = " ,;:-–("  # dropped before an ellipsis


@functools.lru_cache(maxsize=20_000)
def text_width(text: str, size: float = 9, weight: str = "normal", style: str = "normal") -> float:
    """Width of a line of text in inches when set at `size` points."""
    font = FontProperties(family="DejaVu Sans", weight=weight, style=style)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return width / font.get_size_in_points() * size / POINTS_PER_INCH


def fit(text: str, inches: float, size: float = 9, weight: str = "normal") -> str:
    """The text, or as much of it as fits into that many inches and an ellipsis.

    Cut between words where that keeps two thirds of what would fit.
    """
    if text_width(text, size, weight) <= inches:
        return text
    most = bisect(range(1, len(text)), inches,
                  key=lambda letters: text_width(text[:letters].rstrip(_LOOSE) + "…", size, weight))
    word = text.rfind(" ", 0, most + 1)
    return text[:word if word > most * 2 / 3 else most].rstrip(_LOOSE) + "…"


def wrap(text: str, inches: float, most: int | None = None) -> list[str]:
    """The text on as many lines as that width requires, at most `most`; the last one, or a long word, may be cut."""
    lines = []
    for word in text.split():
        if lines and (text_width(f"{lines[-1]} {word}") <= inches or len(lines) == most):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [fit(line, inches + 0.01) for line in lines]


def two_lines(text: str) -> list[str]:
    """The text broken at the space that makes its two lines most alike; one line where it is one word."""
    words = text.split(" ")
    breaks = [[" ".join(words[:first]), " ".join(words[first:])] for first in range(1, len(words))]
    return min(breaks, key=lambda lines: max(map(len, lines)), default=[text])


def plain_log(axis) -> None:
    """Ticks at 10, 100, 1,000, written out; also at 2 and 5 where the axis spans little."""
    low, high = axis.get_view_interval()
    near = high / max(low, 1e-9) < 60
    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if near else (1,), numticks=12))
    axis.set_major_formatter(lambda value, _: thousands(value) if value >= 1 else "")
    axis.set_minor_formatter(NullFormatter())
