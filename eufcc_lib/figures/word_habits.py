"""How far each provider's words are from those of all others, as a dot per provider beside what chance alone would make."""

from collections.abc import Mapping, Sequence

from ..core.facets import get_facet
from ..data.word_habits import WordHabit
from .style import GREY, INK, MARKERS, Picture, fit, say_nothing, styled

_ROW = 0.24  # inches


@styled
def word_habits_figure(found: Mapping[str, Sequence[WordHabit]], language: str = "en") -> Picture:
    """A panel per facet, a row per provider, in the order of the first facet; outer providers are in bold.

    Args:
        found: by facet, see `data.word_habits.measure_word_habits`; facets without a provider are left out.
        language: of the facets' titles.
    """
    found = {facet: habits for facet, habits in found.items() if habits}
    if not found:
        return say_nothing("These data do not name two providers with enough images to compare their words.")
    order = list(dict.fromkeys(habit.provider for habits in found.values() for habit in habits))
    outer = {habit.provider for habits in found.values() for habit in habits if habit.outer}
    figure = Picture(0.95 + _ROW * len(order))
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for axes, (facet, habits) in zip(panels, found.items()):
        places, colour = [order.index(habit.provider) for habit in habits], get_facet(facet).colour
        axes.hlines(places, [habit.chance for habit in habits], [habit.distance for habit in habits], color=colour, linewidth=1.4)
        axes.plot([habit.chance for habit in habits], places, "|", color=GREY, markersize=9, markeredgewidth=1.6, label="chance alone")
        axes.plot([habit.distance for habit in habits], places, MARKERS[0], color=colour, markersize=6, label="this provider")
        axes.set(title=get_facet(facet).title(language), xlim=(0, 1), xticks=[0, 0.5, 1], ylim=(len(order) - 0.5, -0.5),
                 xlabel="distance of the words")
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(order)), [fit(name, 2.3) for name in order])
    for label, name in zip(panels[0].get_yticklabels(), order):
        label.set(weight="bold" if name in outer else "normal", color=INK)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure
