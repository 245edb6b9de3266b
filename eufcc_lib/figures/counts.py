"""Figures of the counts: the paper's Figures 3 and 4 and their relatives.

Each takes a frame of `data.statistics` and returns a figure. Bars are linear and start at
zero. Where counts span decades there are dots on a logarithmic axis instead, which has no zero.
"""

import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ..core.facets import FACETS
from ..core.numbers import percent, thousands
from .style import GREY, INK, LINES, MARKERS, PALE, PAPER, ROUND, WIDTH, Picture, fit, plain_log, say_nothing, styled

DARK = "#44525c"  # for what belongs to no facet


@styled
def providers(counts: pd.DataFrame, most: int = 30, width: float = WIDTH) -> Picture:
    """Images of the most frequent providers (Figure 3).

    Args:
        counts: `statistics.count_providers`: provider, one column per split, images.
        most: number of providers shown; a note sums up the others.
        width: in inches.
    """
    shown = counts.head(most)
    place = np.arange(len(shown))
    outer = shown["test_ood"].to_numpy() > 0 if "test_ood" in shown else np.zeros(len(shown), dtype=bool)

    figure = Picture(0.9 + 0.2 * len(shown) + (0.2 if width < WIDTH else 0), width=width)
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.hlines(place, 0.5, shown["images"], color=PALE, linewidth=0.8, zorder=1)
    for here, marker, face, name in ((~outer, "o", DARK, "in training, validation or inner test"),
                                     (outer, "D", PAPER, "in the outer test")):
        axes.plot(shown["images"][here], place[here], marker, color=DARK, markerfacecolor=face,
                  markersize=5.5, label=name, linestyle="none")
    for y, images in zip(place, shown["images"]):
        axes.annotate(thousands(images), (images, y), (7, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(place, [fit(name, 0.42 * width) for name in shown["provider"]])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    low, high = shown["images"].min(), shown["images"].max()
    axes.set_xlim(low / 1.25, high * (1.25 * high / low) ** 0.22)  # the last number needs a fifth of the width
    plain_log(axes.xaxis)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    rest = counts["images"][most:]
    others = f"\nthe other {len(rest)} providers together: {thousands(rest.sum())}" if len(rest) else ""
    axes.set_xlabel(f"images (logarithmic){others}")
    if outer.any():
        figure.legend(loc="outside upper right", ncols=2 if width == WIDTH else 1, handletextpad=0.2)
    return figure


@styled
def facets_per_image(counts: pd.DataFrame, paper: pd.Series | None = None, width: float = WIDTH) -> Picture:
    """Share of the images that have one, two, three, four facets, beside the paper's.

    Args:
        counts: `statistics.count_facets_per_image`: facets, images, share.
        paper: the printed number of images by number of facets; left out if None.
        width: in inches.
    """
    series = [("these records", counts.set_index("facets")["share"], {"color": DARK})]
    if paper is not None:
        series.append(("EUFCC-340K as printed", paper / paper.sum(),
                       {"color": PAPER, "edgecolor": DARK, "hatch": "////"}))
    facets = sorted(set().union(*(shares.index for _, shares, _ in series)))
    height = 0.8 / len(series)

    figure = Picture(0.9 + 0.42 * len(facets), width=width)
    axes = figure.subplots()
    for i, (name, shares, look) in enumerate(series):
        y = np.arange(len(facets)) + (i - (len(series) - 1) / 2) * height
        bars = axes.barh(y, shares.reindex(facets, fill_value=0), height * 0.9, label=name, **look)
        axes.bar_label(bars, fmt=lambda share: percent(share, 1), padding=4, fontsize=9)
    axes.set_yticks(range(len(facets)), [f"{n} facet" if n == 1 else f"{n} facets" for n in facets])
    axes.invert_yaxis()
    axes.set_xlabel("share of the images")
    axes.xaxis.set_major_formatter(lambda share, _: percent(share))
    axes.margins(x=0.12)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    if len(series) > 1:
        figure.legend(loc="outside upper right", ncols=2)
    return figure


@styled
def tags(per_image: pd.DataFrame, tag_images: pd.DataFrame, minimum: int = 10, language: str = "en",
         width: float = WIDTH) -> Picture:
    """Tags per image, and how unevenly the images fall on the tags (Figure 4).

    Args:
        per_image: `statistics.count_tags_per_image`: facet, tags, images.
        tag_images: `statistics.count_tag_images`: facet, tag, images, rank.
        minimum: fewest images per tag that the vocabulary requires, drawn as a line.
        language: of the facets' titles.
        width: in inches.
    """
    if per_image.empty:
        return say_nothing("No image has a tag.", width)
    figure = Picture(6.4, width=width)
    figure.get_layout_engine().set(hspace=0.08)
    above, below = figure.subplots(2, 1)

    total = per_image[per_image["facet"] == "all"]
    above.bar(total["tags"], total["images"], width=0.82, color=DARK)
    mean = np.average(total["tags"], weights=total["images"])
    above.axvline(mean, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    above.annotate(f"mean {mean:.1f}", (mean, 1), (4, -2), xycoords=("data", "axes fraction"),
                   textcoords="offset points", va="top")
    most = total["tags"].max()
    above.annotate(f"most: {most}", (most, 0), (0, 7), textcoords="offset points", ha="right")
    above.set(title="Tags per image, all facets together", xlabel="tags of the image, ancestors included",
              ylabel="images")
    above.set_xlim(0, most + 1)
    above.set_ylim(0, total["images"].max() * 1.15)
    above.xaxis.set_major_locator(MaxNLocator(integer=True, steps=ROUND))
    above.yaxis.set_major_formatter(lambda value, _: thousands(value))
    above.grid(axis="x", visible=False)

    for facet, line, marker in zip(FACETS, LINES, MARKERS):
        of_facet = tag_images[tag_images["facet"] == facet.name]
        if len(of_facet):
            below.plot(of_facet["rank"], of_facet["images"], linestyle=line, color=facet.colour,
                       label=f"{facet.title(language)} ({thousands(len(of_facet))} tags)", marker=marker, markersize=4.5,
                       markevery=_even_on_log(len(of_facet)), markerfacecolor=PAPER)
    below.axhline(minimum, color=GREY, linewidth=1, linestyle=(0, (4, 2)))
    below.annotate(f"{minimum} images", (0, minimum), (4, 3), xycoords=("axes fraction", "data"),
                   textcoords="offset points", color=INK)
    below.set(title="Images per tag, from most to least" if width < WIDTH else "Images per tag, from the most frequent tag to the rarest", xscale="log", yscale="log",
              xlabel="rank of the tag in its facet (logarithmic)", ylabel="images (logarithmic)")
    plain_log(below.xaxis)
    plain_log(below.yaxis)
    below.legend(loc="best")
    return figure


@styled
def label_depths(depths: pd.DataFrame, language: str = "en", width: float = WIDTH) -> Picture:
    """The levels at which labels end, and how many of the labels have narrower tags.

    Args:
        depths: `statistics.count_label_depths`: facet, level, leaf, inner.
        language: of the facets' titles.
        width: in inches.
    """
    if depths.empty:
        return say_nothing("No image has a tag.", width)
    figure = Picture(4.6 if width == WIDTH else 7.6, width=width)
    grid = figure.subplots(*(2, 2) if width == WIDTH else (4, 1), sharey=True, squeeze=False)
    deepest = int(depths["level"].max())
    for axes, facet in zip(grid.flat, FACETS):
        of_facet = depths[depths["facet"] == facet.name].set_index("level")[["leaf", "inner"]]
        labels = of_facet["leaf"].sum() + of_facet["inner"].sum()
        leaf, inner = (of_facet[kind] / max(labels, 1) for kind in ("leaf", "inner"))
        axes.barh(leaf.index, leaf, 0.8, color=facet.colour, edgecolor=facet.colour)
        axes.barh(inner[inner > 0].index, inner[inner > 0], 0.8, left=leaf[inner > 0], color=PAPER,
                  edgecolor=facet.colour, hatch="////")
        share = f"{percent(of_facet['inner'].sum() / labels)} inner" if labels else "–"
        axes.set_title(f"{facet.title(language)}: {share}")
        axes.set_xlim(left=0, right=None if labels else 1)
        axes.xaxis.set_major_formatter(lambda share, _: percent(share))
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=ROUND))
        axes.grid(axis="y", visible=False)
    grid[0, 0].set_yticks(range(1, deepest + 1))
    grid[0, 0].set_ylim(deepest + 0.6, 0.4)
    figure.supxlabel("share of the facet's labels", fontsize=9)
    figure.supylabel("level at which the label ends (1 is the top)", fontsize=9)
    edge = FACETS[0].colour
    figure.legend(handles=[Patch(facecolor=edge, edgecolor=edge, label="at a leaf"),
                           Patch(facecolor=PAPER, edgecolor=edge, hatch="////", label="at an inner node")],
                  loc="outside upper center", ncols=2)
    return figure


def _even_on_log(count: int, marks: int = 7) -> list[int]:
    """Positions of a few marks, evenly spaced on a logarithmic axis of ranks."""
    return sorted({round(place) - 1 for place in np.geomspace(1, count, marks)})
