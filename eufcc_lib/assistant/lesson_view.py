"""Learning from the session, on the page: a dialog that begins it, shows what came of it, and keeps it by choice."""

import threading
from functools import partial

import panel as pn
import param

from ..core.errors import UserError
from ..core.facets import get_facet
from . import lessons
from .held_back import LEAVES, R_PRECISION, SHOWN, written_out
from .lessons import RUNNING, find_job
from .scripts import Part, script

LOOKS = 1000
"""Milliseconds between two looks at what is going on."""


class LessonView(Part):
    """The dialog; a message says what is done: `look`, `begin`, `keep` under a `name`, or `leave`."""

    shown = param.Dict(default={"stage": lessons.NOTHING, "sentences": [], "rows": [], "kept": []})

    _esm = script("lesson_view.js")


class Teaching:
    """The dialog of one browser tab.

    Args:
        desk: the tab.
    """

    def __init__(self, desk):
        self.desk, self.view, self.said, self.looking = desk, desk.see.lessons, "", None

    def act(self, message: dict) -> None:
        """What was done in the dialog."""
        do, self.said = message["do"], ""
        if do == "begin":
            try:
                lessons.begin(self.desk.store.folder, getattr(self.desk.predictor, "source", ""))
            except UserError as error:
                self.said = str(error)
        elif do == "keep":
            return self._keep(message["name"].strip())
        elif do == "leave":
            return self._stop()
        return self.show()

    def show(self) -> None:
        """How far it is; while it goes on, this is looked at again."""
        words, lesson = self.desk.words, lessons.read(find_job(self.desk.store.folder))
        metrics = {R_PRECISION: words["r_precision"], LEAVES: words["leaf_terms"].format(tags=SHOWN)}
        rows = [row | {"facet": get_facet(row["facet"]).title(self.desk.language), "metric": metrics[row["metric"]]}
                for row in written_out(lesson.measured)]
        sentences = lesson.sentences if not rows else [*lesson.sentences[:2], *lesson.sentences[-1:]]  # the others are the table
        kept = [words["learn_kept"].format(command=f"eufcc assistant --data {data}") for data in lesson.kept]
        self.view.shown = {"stage": lesson.stage, "sentences": list(sentences), "rows": rows, "kept": kept, "said": self.said}
        if lesson.stage == RUNNING and not self.looking and pn.state.curdoc:
            self.looking = pn.state.add_periodic_callback(self.show, LOOKS)
        elif lesson.stage != RUNNING:
            self._stop()

    def _stop(self) -> None:
        if self.looking:
            self.looking.stop()
            self.looking = None

    def _keep(self, name: str) -> None:
        """In a thread, for it reads and writes the model."""
        document = pn.state.curdoc

        def keep() -> None:
            try:
                lessons.keep(find_job(self.desk.store.folder), name)
            except UserError as error:
                self.said = str(error)
            document.add_next_tick_callback(partial(self.show))
        threading.Thread(target=keep, name="keep", daemon=True).start()
