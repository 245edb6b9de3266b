"""The page: image and notes to the left, what is proposed for its facets to the right, one desk per browser tab.

It shows what `store.Store` holds and turns clicks into its events; nothing is decided here.
"""

import io
import tempfile
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path

import panel as pn

from ..core.errors import UserError
from . import exports, session
from .ahead import NEXT, Look, ahead_of
from .batch import achieved, share_unlike
from .connection import merge
from .deeds import event_of
from .evidence import look
from .grid import Review
from .lesson_view import Teaching
from .likeness import EVIDENCE
from .lines import Proposed, propose_all, to_keep
from .picture import data_address
from .predictor import Predictor
from .scripts import Part
from .shown import View, name_trees, percent, show_finds, show_proposals, show_trees
from .state import ACCEPTED, State
from .store import Store, list_sessions
from .term_search import terms_of
from .uploads import Intake, Upload
from .widgets import Widgets
from .wording import WORDS

_TOLD, _FOUND = 20, 12  # the most sentences, and finds, that are shown at once


class Desk:
    """One browser tab: its widgets, the image that it looks at, and the language that it speaks.

    Args:
        predictor: answers for the images.
        store: the session, which other tabs may share.
        who: decides at this tab; see `Store.do`.
        image: name of the image to begin with; where the session has none of this name, the one it looked at last.
        listed: whether the other sessions beside this one are shown.
        asks: whether the browser asks for the name of who decides.
        exploring: whether the trees are open.

    Attributes:
        see: the widgets; the page is empty until `show_image` is called, once the browser is ready for what changes.
    """

    def __init__(self, predictor: Predictor, store: Store, who: str | None = None, image: str = "",
                 listed: bool = False, asks: bool = False, exploring: bool = False):
        self.predictor, self.store, self.who, self.listed = predictor, store, who, listed
        self.vocabulary = predictor.vocabulary
        self.terms, self.finds = terms_of(predictor), ("", [])
        self.image = image if image in self.state.images else self.state.current
        self.language, self.intake = self.state.language, Intake(store, who)
        self.ahead, self.promised = ahead_of(predictor), predictor.identity.get("promised", {})
        self.shown, self.exploring, self.proposed = None, exploring, Proposed({}, {})
        self.see = Widgets()
        self.see.proposals.asks = asks
        self.review, self.teaching = Review(self), Teaching(self)
        self._connect()
        self.show_language()

    @property
    def state(self) -> State:
        """The session as the person at this tab sees it."""
        return self.store.seen_by(self.who)

    @property
    def sentence(self) -> str:
        """What was promised of a likely tag, and on which data."""
        return self.words["promise" if self.promised else "no_promise"].format(data=getattr(self.predictor, "data", ""))

    # ---- what is shown ---------------------------------------------------------------------------

    def show_language(self) -> None:
        """Everything that is text, in the language of this tab."""
        words = self.words = WORDS[self.language]
        self.see.page.title = words["title"]
        for name, widget in self.see.labelled.items():
            widget.label = words[name]
        for name, widget in self.see.described.items():
            widget.description = words[name]
        self.see.note.placeholder = words["unnoted"]
        self.see.hint.object = words["hint"]
        self.see.all_sessions.object = f"<a href='?session='>{escape(words['all_sessions'])}</a>"
        for part in self.see.parts:
            part.words = words
        if self.exploring:
            self.see.explorer.names = name_trees(self._view())
        self.see.connection.words = {state: words[state] for state in ("saving", "lost")}

    def show_image(self) -> None:
        """The image that this tab looks at: its picture, its note and what is proposed for it.

        On a page the models are waited for elsewhere: once they have answered, the page is shown whole.
        """
        state, image = self.state, self.image
        if not self.review.open:
            self.see.show_desk(bool(image))
        self.see.welcome_text.object = self.words["welcome"]
        self.see.sessions.object = "" if image else self._list_sessions()
        if not image:
            return self._show(image, None)
        names = list(state.images)
        place = names.index(image)
        look, *_ = [self.ahead.look(self._file(name)) for name in names[place:place + 1 + NEXT]]
        document = pn.state.curdoc
        if look.done() or not document:
            return self._show(image, look)
        self.see.proposals.shown = {**self.see.proposals.shown, "asking": True}  # of the image before, until this one can be shown
        return look.add_done_callback(lambda _: document.add_next_tick_callback(partial(self._show, image, look)))

    def _show(self, image: str, look: Future[Look] | None) -> None:
        """The page of an image, once it was looked at."""
        if image != self.image:  # meanwhile this tab went on
            return
        picture, self.proposed = b"", Proposed({}, {})
        try:
            if look:
                picture, answer = look.result().picture, look.result().answer
                self.proposed = propose_all(self.vocabulary, answer, self.promised)
                self._write(session.suggest(self.state, image, self.predictor.identity, to_keep(self.vocabulary, answer, self.proposed),
                                            getattr(answer, "unlike", None)))
        except Exception as error:  # noqa: BLE001  the file was removed, or whatever the models stumbled on: the page goes on
            self.tell([str(error) if isinstance(error, UserError) else f"{image}: {error!r}"])
        self.see.picture.param.update(source=data_address(picture), label=image)
        self.shown = image
        self.refresh()
        self.see.connection.page += 1  # last, so that the browser has all the rest when it has this

    def explore(self) -> None:
        """Open the trees, or fold them away."""
        self.exploring = not self.exploring
        if self.exploring:
            self.see.explorer.names = name_trees(self._view())
        self.refresh()

    def _view(self) -> View:
        return View(self.state, self.image, self.vocabulary, self.terms, self.proposed, self.promised, self.language, self.words,
                    achieved(self.state, self.predictor.identity))

    def _file(self, image: str) -> Path:
        return self.store.folder / "images" / self.state.images[image].file

    def _show_place(self) -> None:
        """Where in the batch this tab is, and which ways lead on."""
        state, words = self.state, self.words
        place = list(state.images).index(self.image) + 1 if self.image else 0
        progress = words["progress"] if place else words["empty"]
        self.see.progress.object = progress.format(number=place, images=len(state.images), tagged=state.tagged)
        alone = self.review.open  # the grid goes through all of them
        self.see.previous.disabled, self.see.next.disabled = alone or place <= 1, alone or place >= len(state.images)

    def refresh(self) -> None:
        """What the session says now, on this tab; only what changed is sent to the browser."""
        if self.shown != self.image:  # the page of this image is on its way
            return
        state = self.state
        self.see.undo.disabled, self.see.redo.disabled = not state.can_undo, not state.can_redo
        self.see.csv.disabled = self.see.jsonld.disabled = not state.images
        for field, text in ((self.see.note, state.note(self.image)),
                            (self.see.provider, state.keeper(self.image))):
            if field.value_input != text:
                field.param.update(value=text, value_input=text)
        self.see.connection.image = self.image  # right after the fields, as the browser keeps by it what is typed in them
        self.see.name.object = escape(self.image)
        if not self.image and state.images:
            self.image = state.current
            return self.show_image()
        self._update(self.see.proposals, self._proposals())
        self._update(self.see.explorer, {"image": self.image, "open": self.exploring, "facets": show_trees(self._view()) if self.exploring else {}})
        self._update(self.see.search, {"image": self.image})
        self._show_place()  # last, so that all else is of the image that it names
        if self.review.open:
            (self.review.refresh if self.review.tiles else self.review.show_again)()

    def _proposals(self) -> dict:
        """What `Proposals.shown` holds."""
        unlike = share_unlike(self.state)
        return {"image": self.image, "facets": show_proposals(self._view()), "sentence": self.sentence, "strange": self.proposed.strange,
                "batch": self.words["strange_batch"].format(share=percent(unlike)) if unlike else "",
                "asking": False, "exploring": self.exploring}

    @staticmethod
    def _update(part: Part, shown: dict) -> None:
        if shown != part.shown:
            part.shown = shown

    def _list_sessions(self) -> str:
        """The other sessions beside this one, each with its progress and the way to it."""
        found, said = list_sessions(self.store.folder.parent) if self.listed else ([], [])
        if said:
            self.tell(said)
        if not found:
            return ""
        head = "".join(f"<th>{escape(self.words[word])}</th>" for word in ("session", "images", "tagged", "changed"))
        rows = [f"<tr><td><a href='?session={escape(one.session)}'>{escape(one.session)}</a></td><td class='n'>{one.images:,}</td>"
                f"<td class='n'>{one.tagged:,}</td><td>{_local(one.changed)}</td></tr>" for one in found]
        return f"<h3>{escape(self.words['sessions'])}</h3><table><tr>{head}</tr>{''.join(rows)}</table>"

    # ---- what is done ----------------------------------------------------------------------------

    def do(self, event: dict | None) -> bool:
        """Write an event to the session and show the new state; a user error is shown as its sentence, and False returned."""
        written = self._write(event)
        self.refresh()
        return written

    def tell(self, sentences: list[str]) -> None:
        """Show sentences until they are closed; of many the first ones, and the number of the others."""
        more = [self.words["more"].format(more=len(sentences) - _TOLD)] if len(sentences) > _TOLD else []
        self.see.told.object = "<br>".join(map(escape, [*sentences[:_TOLD], *more]))
        self.see.told.visible = bool(sentences)

    def go(self, step: int) -> None:
        """To the next image, or the one before; from the last one on, say what is left."""
        names = list(self.state.images)
        place = names.index(self.image) + step
        if place >= len(names):
            return self.say_what_is_left()
        return self.go_to(names[max(place, 0)])

    def go_to(self, image: str) -> None:
        """To an image of the batch."""
        if image != self.image:
            self.image = image
            self._write({"do": "set", "current": image})
            self.show_image()

    def go_to_undecided(self) -> None:
        """To the next image of which nothing is decided, from the first one on after the last."""
        names, undecided = list(self.state.images), self.state.undecided()
        after = names[names.index(self.image) + 1:]
        if undecided in ([], [self.image]):
            return self.say_what_is_left()
        return self.go_to(next((name for name in undecided if name in after), undecided[0]))

    def say_what_is_left(self) -> None:
        """The batch was gone through: how many images are left of which nothing is decided, and the way there."""
        undecided = len(self.state.undecided())
        text = self.words["left" if undecided else "nothing_left"].format(undecided=undecided, images=len(self.state.images))
        self.see.proposals._send_msg({"text": text, "undecided": undecided > 0})

    def act(self, part: Part, message: dict) -> None:
        """What was done on a part of the page, on the image that was on the screen then."""
        try:
            self._act(message)
        finally:
            part.answered = message["number"]

    def _act(self, message: dict) -> None:
        image, do = message["image"], message["do"]
        if do == "who" and (name := plain_name(message["name"])):
            self.who = self.intake.who = name
            self.refresh()
        if image not in self.state.images:
            return
        here = image == self.image  # else the next page is on its way, and it was not meant
        if do in ("undo", "redo"):
            self.go_back(do)
        elif do == "go" and here:
            self.go(message["step"])
        elif do == "undecided" and here:
            self.go_to_undecided()
        elif do == "grid":
            self.review.begin()
        elif do == "explore":
            self.explore()
        elif do == "evidence" and here:
            self.show_evidence()
        elif do == "find":
            self.find(message["query"])
        elif do == "term":
            self.decide(image, message)
        elif do in ("accept", "reject", "withdraw", "take back", "take", "same"):
            written = self.do(event_of(self.state, self.vocabulary, message))
            if written and do == "take" and here:
                self.go(1)

    def show_evidence(self) -> None:
        """Send the pictures of the training photographs that the proposals rest on, once they are read."""
        images = [one.image for found in self.proposed.neighbours.values() for one in found[:EVIDENCE]]
        document = pn.state.curdoc

        def send(pictures: dict[str, bytes]) -> None:
            self.see.proposals._send_msg({"pictures": {image: data_address(picture) for image, picture in pictures.items()}})
        look(self.predictor, images).add_done_callback(lambda done: document.add_next_tick_callback(partial(send, done.result())))

    def go_back(self, way: str) -> None:
        """`undo` or `redo`, and show the image on which it was."""
        if not (self.state.can_undo if way == "undo" else self.state.can_redo):  # a key is there also where its button is grey
            return
        self._write({"do": way})
        if self.state.current == self.image:
            self.refresh()
        else:
            self.image = self.state.current
            self.show_image()
        self.review.show_again()

    def speak(self, language: str) -> None:
        """Switch the language of this tab, and of those to come."""
        self.language = language
        self._write({"do": "set", "language": language})
        self.show_language()
        self.show_image()
        self.review.show_again()

    def find(self, query: str) -> None:
        """Show which terms a query finds."""
        self.finds = query, self.terms.search(query, limit=_FOUND)
        self.see.search._send_msg({"query": query, "finds": show_finds(self._view(), query, self.finds[1])})

    def decide(self, image: str, message: dict) -> None:
        """Accept or reject a term that was found, and show where it stands."""
        query, finds = self.finds
        if query != message["query"]:
            return
        find = finds[message["place"]]
        state, taxonomy = self.state, self.vocabulary[find.facet]
        if find.tag is None:
            return self.do(session.accept_term(state, find.facet, image, find.path))
        self.do(session.accept(state, taxonomy, image, [find.tag]) if message["kind"] == ACCEPTED else
                session.reject(state, taxonomy, image, find.tag))
        return self.see.explorer.reveal(find.facet, find.tag)

    def take(self, name: str, data: bytes) -> None:
        """Keep a file that was uploaded, if it is an image; the first one is shown at once."""
        self.intake.take(Upload(name, data))
        if self.intake.added and self.image not in self.state.images:
            self.image = self.intake.added[0]
            self.show_image()
        self.refresh()

    def finish(self, complete: bool) -> None:
        """All files that come have come: show a sentence about each that was not kept."""
        intake, self.intake = self.intake, Intake(self.store, self.who)
        said = intake.said + ([] if complete else [self.words["not_all_came"]])
        self.tell(([self.words["added"].format(images=len(intake.added))] if intake.added and said else []) + said)

    def open_csv(self, widget, event) -> None:
        """Resume from a file that was saved before."""
        if not event.new:
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "import.csv"
            path.write_bytes(event.new)
            try:
                taken, said = exports.import_file(self.state, self.vocabulary, path)
            except UserError as error:
                taken, said = None, [str(error).replace(str(path), widget.filename)]
        widget.clear()
        self.do(taken)
        self.tell(([self.words["imported"].format(images=len(taken["images"]))] if taken else []) + said)

    def save_csv(self) -> io.BytesIO:
        """The csv for the browser, also kept in the session's folder, and there who decided beside it."""
        path = self.store.folder / "annotations.csv"
        exports.export_csv(self.state, self.vocabulary, path)
        exports.export_provenance(self._leaving(), path.with_name("provenance.csv"))
        self._tell_unknown()
        return io.BytesIO(path.read_bytes())

    def save_jsonld(self) -> io.BytesIO:
        """The annotations for the browser."""
        self._tell_unknown()
        return io.BytesIO(exports.export_jsonld(self._leaving()).encode())

    def _leaving(self) -> exports.Leaving:
        return exports.Leaving(self.state, self.vocabulary, self.terms.names, self.store.folder.name)

    def _tell_unknown(self) -> None:
        if said := exports.tell_unknown(self.state, self.vocabulary):  # else what was told before stays
            self.tell(said)

    # ---- widgets ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Give the widgets their behaviour."""
        see = self.see
        for button, act in ((see.previous, lambda _: self.go(-1)), (see.next, lambda _: self.go(1)),
                            (see.undo, lambda _: self.go_back("undo")), (see.redo, lambda _: self.go_back("redo"))):
            button.on_click(act)
        see.switch.value = self.language
        see.switch.param.watch(lambda event: self.speak(event.new), "value")
        for part in (see.proposals, see.search, see.explorer):
            part.on_msg(lambda event, part=part: self.act(part, event.data))
        see.grid.on_msg(lambda event: self.review.act(event.data))
        see.lessons.on_msg(lambda event: self.teaching.act(event.data))
        see.connection.session = self.store.folder.name
        see.connection.on_msg(lambda event: pn.state.onload(partial(self._come_back, event.data)))
        see.note.param.watch(partial(self._typed, "note"), "value_input")
        see.provider.param.watch(partial(self._typed, "provider"), "value_input")
        for widget in (*see.uploads, see.folder):
            widget.take, widget.finish = self.take, self.finish
        see.opener.param.watch(partial(self.open_csv, see.opener), "value")
        see.csv.callback, see.jsonld.callback = self.save_csv, self.save_jsonld

    def _typed(self, field: str, event) -> None:
        if self.image and self.shown == self.image and self.see.connection.settled:  # else the browser sends it again
            self._save_text(field, self.image, event.new)

    def _save_text(self, field: str, image: str, text: str) -> None:
        """Write down what stands in a field, and tell the browser what is saved."""
        if text != self._saved(field, image):
            self.do(session.write_note(image, text) if field == "note" else
                    session.write_keeper(self.state, image, text))
        self.see.connection.tell_saved(field, image, self._saved(field, image))

    def _saved(self, field: str, image: str) -> str:
        state = self.state
        return state.note(image) if field == "note" else state.keeper(image)

    def _come_back(self, message: dict) -> None:
        """A page is shown: save what was typed before and is not known to be saved; say it if it was lost."""
        self.see.connection.arrived = message["page"]
        for typed in message["typed"]:
            field, image = typed["field"], typed["image"]
            text = merge(typed["base"], self._saved(field, image), typed["text"], "\n" if field == "note" else "; ")
            self._save_text(field, image, text)
            if self._saved(field, image) == text:
                self.see.connection.tell_saved(field, image, typed["text"])
        if message["back"]:
            self.tell([self.words["back"]])

    def _write(self, event: dict | None) -> bool:
        """An event to the session, in the name of who sits here; a user error is shown as its sentence, and False returned."""
        try:
            self.store.do(event, self.who)
        except UserError as error:
            self.tell([str(error)])
            return False
        return True


def plain_name(text: str) -> str:
    """The name of who decides, as it is kept: one short line; "" if nothing is left."""
    return " ".join("".join(sign for sign in text if sign.isprintable()).split())[:40]


def _local(time: str) -> str:
    """When it was here: `2030-01-31 15:04`."""
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}" if time else ""
