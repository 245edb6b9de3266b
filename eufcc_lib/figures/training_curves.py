"""The losses of a training by epoch, facet by facet."""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from ..core.facets import FACETS
from .style import INK, PAPER, WIDTH, Picture, say_nothing, styled


@styled
def training_curves(history: pd.DataFrame, language: str = "en", width: float = WIDTH) -> Picture:
    """Training and validation loss of every facet that was trained.

    Args:
        history: one row per epoch, as `training.loop.fit` returns it: epoch, loss_FACET and, with a
            validation split, val_loss_FACET. Without a loss the figure says so.
        language: of the facets' titles.
        width: in inches.
    """
    trained = [facet for facet in FACETS if f"loss_{facet.name}" in history]
    if not trained:
        return say_nothing("There is no loss to show: this model was not trained here.", width)
    rows = -(-len(trained) // 2)
    figure = Picture(0.7 + 2.1 * rows, width=width)
    grid = figure.subplots(rows, min(len(trained), 2), sharex=True, squeeze=False)
    for axes, facet in zip(grid.flat, trained):
        axes.plot(history["epoch"], history[f"loss_{facet.name}"], "o-", color=facet.colour, markersize=4,
                  label="training")
        if f"val_loss_{facet.name}" in history:
            axes.plot(history["epoch"], history[f"val_loss_{facet.name}"], "s--", color=INK, markerfacecolor=PAPER,
                      markersize=4, linewidth=1.2, label="validation")
        axes.set_title(facet.title(language))
        axes.set_ylim(bottom=0)
        axes.margins(y=0.12)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    for axes in list(grid.flat)[len(trained):]:
        axes.set_visible(False)
    figure.supxlabel("epoch", fontsize=9)
    figure.supylabel("loss per image", fontsize=9)
    figure.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
