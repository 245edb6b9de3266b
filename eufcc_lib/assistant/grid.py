"""One tag over many photographs, sorted by score: accepted or rejected a page at a time, each page one step of undo."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import panel as pn
import param

from ..core.errors import UserError
from ..core.facets import get_facet
from ..core.paths import atomic
from . import session
from .lines import PERHAPS, propose_all, to_keep
from .picture import data_address
from .predictor import Answer
from .scripts import Part, script
from .shown import percent
from .state import ACCEPTED, REJECTED
from .uploads import view_image

PAGE, SIDE = 50, 192
"""Photographs on a page, and the longer side of each in pixels."""

TOGETHER = 16
"""Photographs that the models are asked about at once."""

LIKELY = "likely"
"""The choice of all likely tags about which nothing is decided."""

_SMALL = ThreadPoolExecutor(2, thread_name_prefix="thumbnail")
_ASKING: set[Path] = set()


class Grid(Part):
    """The photographs of a page; a message says what is done, see `Review.act`."""

    shown = param.Dict(default={"open": False, "tiles": []})

    _esm = script("grid.js")


def thumbnail(folder: Path, file: str) -> bytes:
    """A small JPEG of an image of a session, kept beside it once it was made."""
    small = folder / "thumbnails" / f"{file.partition('.')[0]}.jpg"
    if not small.is_file():
        small.parent.mkdir(exist_ok=True)
        made = view_image(folder / "images" / file, SIDE, quality=80)
        with atomic(small) as temporary:
            temporary.write_bytes(made)
    return small.read_bytes()


class Review:
    """The grid of one browser tab.

    Args:
        desk: the tab.
    """

    def __init__(self, desk):
        self.desk, self.grid = desk, desk.see.grid
        self.open, self.choice, self.page, self.tiles, self.asking = False, LIKELY, 0, [], ""

    def act(self, message: dict) -> None:
        """What was done on the grid."""
        do = message["do"]
        if do == "choose":
            self.show(message["choice"], message["page"])
        elif do == "write":
            here = (message["choice"], message["page"]) == (self.choice, self.page)  # else it came twice
            if self.desk.do(self._written(message["marks"])) and here and self.choice != LIKELY:  # of what is likely, the decided are gone
                self.page += 1
            self.show(self.choice, self.page)
        elif do in ("undo", "redo"):
            self.desk.go_back(do)
        elif do in ("open", "close"):
            self.close()
            if do == "open" and message["image"] in self.desk.state.images:
                self.desk.go_to(message["image"])

    def begin(self) -> None:
        """Open the grid, and ask the models about every image that they have not seen."""
        self.open = True
        self.desk.see.show_grid(True)
        self._ask_all()
        self.show(self.choice, 0)
        self.desk.refresh()

    def close(self) -> None:
        """Back to the one image."""
        self.open, self.tiles = False, []
        self.desk.see.show_grid(False)
        self.refresh()
        self.desk.refresh()

    def show_again(self) -> None:
        """If it is open, the photographs of the same choice as they are now."""
        if self.open:
            self.show(self.choice, self.page)

    def show(self, choice: str, page: int) -> None:
        """The photographs of a choice: `likely`, or `FACET/TAG`."""
        found = self._likely() if choice == LIKELY else self._suggested(*choice.split("/", 1))
        self.choice, self.images = choice, len(found)
        self.pages = max(1, -(-len(found) // PAGE))
        self.page = min(page, self.pages - 1)
        self.tiles = found[self.page * PAGE:(self.page + 1) * PAGE]
        self.refresh()
        self._send_thumbnails([tile["image"] for tile in self.tiles])

    def refresh(self) -> None:
        """What the session says now; the photographs stay where they are."""
        desk, state = self.desk, self.desk.state
        if not self.open:
            self.grid.shown = {"open": False, "tiles": []}
            return
        for tile in self.tiles:
            marks = {state.marks(tile["image"], facet).get(tag, "") for facet, tag in tile["tags"]}
            tile["mark"] = marks.pop() if len(marks) == 1 else ""
        words = desk.words
        choices = [{"title": words["grid_all_tags"], "tags": [{"key": LIKELY, "text": words["grid_likely"],
                                                               "images": len(state.likely_undecided(self._model, self._thresholds()))}]}]
        for facet, tag, images in state.suggested_tags(self._model, PERHAPS):
            title = get_facet(facet).title(desk.language)
            if choices[-1]["title"] != title:
                choices.append({"title": title, "tags": []})
            choices[-1]["tags"].append({"key": f"{facet}/{tag}", "text": self._text(facet, tag), "images": images})
        shown = {"open": True, "choices": choices, "choice": self.choice, "page": self.page, "pages": self.pages, "images": self.images,
                 "tiles": [dict(tile) for tile in self.tiles], "sentence": desk.sentence, "asking": self.asking}
        if shown != self.grid.shown:
            self.grid.shown = shown

    def _suggested(self, facet: str, tag: str) -> list[dict]:
        threshold, perhaps = self._thresholds().get(facet), self.desk.words["perhaps"]

        def tile(image: str, score: float) -> dict:
            likely = threshold is not None and score >= threshold
            return {"image": image, "tags": [[facet, tag]], "text": "", "likely": likely,
                    "word": percent(score) if likely else perhaps}
        return [tile(image, score) for image, score in self.desk.state.suggested_images(self._model, facet, tag, PERHAPS)]

    def _likely(self) -> list[dict]:
        found = self.desk.state.likely_undecided(self._model, self._thresholds())

        def tile(image: str, tags: list[tuple[str, str, float]]) -> dict:
            ends = self._narrowest(tags)
            return {"image": image, "tags": [[facet, tag] for facet, tag, _ in ends], "likely": True,
                    "text": ", ".join(self._text(facet, tag) for facet, tag, _ in ends),
                    "word": percent(min(score for *_, score in ends))}
        tiles = [tile(image, tags) for image, tags in found.items()]
        return sorted(tiles, key=lambda tile: -min(score for *_, score in found[tile["image"]]))

    def _narrowest(self, tags: list[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
        """Of some tags those that are above no other."""
        above = {(facet, name) for facet, tag, _ in tags if tag in self.desk.vocabulary[facet].index
                 for name in self.desk.vocabulary[facet].path(self.desk.vocabulary[facet].index[tag])[:-1]}
        return [found for found in tags if found[:2] not in above]

    def _written(self, marks: list[dict]) -> dict | None:
        """The event of a page, one step."""
        state, events = self.desk.state, []
        for one in marks:
            image, mark = one["image"], one["mark"]
            for facet, name in one["tags"]:
                decide = {ACCEPTED: session.accept_name, REJECTED: session.reject_name}.get(mark, session.withdraw_name)
                events.append(decide(state, self.desk.vocabulary[facet], image, name))
        return session.together(events)

    @property
    def _model(self) -> str:
        return self.desk.predictor.identity["hash"]

    def _thresholds(self) -> dict[str, float]:
        return {facet: promise["threshold"] for facet, promise in self.desk.promised.items()}

    def _text(self, facet: str, tag: str) -> str:
        return self.desk.terms.text(facet, tag, self.desk.language)

    def _send_thumbnails(self, images: list[str]) -> None:
        """Small pictures, a few at a time, as they are made."""
        folder, files, document = self.desk.store.folder, self.desk.state.images, pn.state.curdoc
        if not document:
            return

        def make(names: list[str]) -> None:
            found = {}
            for name in names:
                try:
                    found[name] = data_address(thumbnail(folder, files[name].file))
                except (OSError, UserError):  # the file was removed: the place stays empty
                    continue
            document.add_next_tick_callback(partial(self.grid._send_msg, found))
        for first in range(0, len(images), 10):
            _SMALL.submit(make, images[first:first + 10])

    def _ask_all(self) -> None:
        """Ask the models, in a thread, about the images that they have not seen; what they say is in the session."""
        desk, document = self.desk, pn.state.curdoc
        store, model = desk.store, self._model
        said: list[str] = []
        waiting = [name for name in desk.state.images if desk.state.suggested_by(name) != model]
        if not waiting or store.folder in _ASKING:
            return
        _ASKING.add(store.folder)

        def say(done: int) -> None:
            self.asking = desk.words["grid_asking"].format(done=done, images=len(waiting)) if done < len(waiting) else ""
            if said and done == len(waiting):
                desk.tell(said)
            if self.open and (done == len(waiting) or not self.tiles):
                self.show(self.choice, self.page)
            else:
                self.refresh()

        def ask() -> None:
            try:
                for first in range(0, len(waiting), TOGETHER):
                    names = waiting[first:first + TOGETHER]
                    if document:
                        document.add_next_tick_callback(partial(say, first))
                    for name, answer in self._answers(names, said):
                        proposed = propose_all(desk.vocabulary, answer, desk.promised)
                        store.do(session.suggest(store.state, name, desk.predictor.identity, to_keep(desk.vocabulary, answer, proposed),
                                                 getattr(answer, "unlike", None)))
            except (UserError, sqlite3.ProgrammingError) as error:  # nothing can be written; or the last tab was closed
                said.append(str(error))
            finally:
                _ASKING.discard(store.folder)
                if document:
                    document.add_next_tick_callback(partial(say, len(waiting)))
        if document:
            threading.Thread(target=ask, name="ask all", daemon=True).start()
        else:
            ask()

    def _answers(self, names: list[str], said: list[str]) -> list[tuple[str, Answer]]:
        """Images and their answers; one that cannot be read is left out with a sentence."""
        store = self.desk.store
        try:
            files = [store.folder / "images" / store.state.images[name].file for name in names]
            return list(zip(names, self.desk.ahead.answers(files), strict=True))
        except UserError as error:
            if len(names) == 1:
                said.append(str(error))
                return []
            return [found for name in names for found in self._answers([name], said)]
