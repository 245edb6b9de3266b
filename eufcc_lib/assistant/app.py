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
from ..core.facets import FACETS, get_facet
from . import exports, session
from .ahead import NEXT, Look, ahead_of
from .connection import merge
from .grid import Review
from .lines import Proposed, propose_all, taken_back, to_keep
from .names import list_finds, name_tags, search
from .picture import data_address
from .predictor import Predictor
from .state import ACCEPTED, REJECTED, State
from .store import Store, list_sessions
from .styles import tree_style
from .trees import arrange, opened, tree_items
from .uploads import Intake, Upload
from .widgets import Widgets
from .wording import WORDS

ALIKE = 3
"""Training photographs that are named as what the proposals of a facet rest on."""

_TOLD, _FOUND = 20, 50  # the most sentences, and finds, that are shown at once


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
        self.names = {facet: name_tags(taxonomy) for facet, taxonomy in self.vocabulary.taxonomies.items()}
        self.image = image if image in self.state.images else self.state.current
        self.language, self.intake = self.state.language, Intake(store, who)
        self.ahead, self.promised = ahead_of(predictor), predictor.identity.get("promised", {})
        self.shown, self.finds, self.arranged, self.exploring = None, {}, {}, exploring
        self.proposed = Proposed({}, {})
        self.rejected = {facet.name: set() for facet in FACETS}
        self.ticked = {facet.name: set() for facet in FACETS}  # by the browser, as it last sent
        self.see = Widgets()
        self.see.proposals.asks = asks
        self.see.show_trees(exploring)
        self.review = Review(self)
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
        titles = {facet.name: facet.title(self.language) for facet in FACETS}
        for facet in FACETS:
            self.see.titles[facet.name].object = f"<b style='color:{facet.colour}'>{titles[facet.name]}</b>"
        self.finds = {find.text: find for find in list_finds(self.vocabulary, self.names, titles, self.language)}
        self.see.search.param.update(options=list(self.finds), value=None, label=words["search"])
        self.see.found.visible = False
        self.see.page.title = words["title"]
        for name, widget in self.see.labelled.items():
            widget.label = words[name]
        for name, widget in self.see.described.items():
            widget.description = words[name]
        self.see.note.placeholder = words["unnoted"]
        self.see.hint.object = words["hint"]
        self.see.all_sessions.object = f"<a href='?session='>{escape(words['all_sessions'])}</a>"
        self.see.proposals.words = self.see.grid.words = words
        self.see.connection.words = {state: words[state] for state in ("unsaved", "saving", "lost")}

    def show_image(self) -> None:
        """The image that this tab looks at: its picture, its note and what is proposed for it.

        On a page the models are waited for elsewhere: once they have answered, the page is shown whole.
        """
        state, image = self.state, self.image
        self.shown, self.proposed = None, Proposed({}, {})
        self.see.show_desk(bool(image))
        self.see.welcome_text.object = self.words["welcome"]
        self.see.sessions.object = "" if image else self._list_sessions()
        if not image:
            return self._show(image, None)
        self._show_place()
        names = list(state.images)
        place = names.index(image)
        look, *_ = [self.ahead.look(self._file(name)) for name in names[place:place + 1 + NEXT]]
        document = pn.state.curdoc
        if look.done() or not document:
            return self._show(image, look)
        self.see.proposals.shown = self._proposals(asking=True)
        return look.add_done_callback(lambda _: document.add_next_tick_callback(partial(self._show, image, look)))

    def _show(self, image: str, look: Future[Look] | None) -> None:
        """The page of an image, once it was looked at."""
        if image != self.image or self.shown == image:  # meanwhile this tab went on
            return
        picture = b""
        try:
            if look:
                picture, answer = look.result().picture, look.result().answer
                self.proposed = propose_all(self.vocabulary, answer, self.promised)
                self._write(session.suggest(self.state, image, self.predictor.identity, to_keep(self.vocabulary, answer, self.proposed)))
        except UserError as error:  # the file was removed
            self.tell([str(error)])
        self.see.picture.param.update(source=data_address(picture), label=image)
        self.shown = image
        self._arrange_trees()
        self.refresh(open_best=True)
        self.see.connection.page += 1  # last, so that the browser has all the rest when it has this

    def explore(self) -> None:
        """Open the trees, or fold them away."""
        self.exploring = not self.exploring
        self.see.show_trees(self.exploring)
        self._arrange_trees()
        self.refresh(open_best=True)
        self.see.connection.page += 1

    def _arrange_trees(self) -> None:
        """The trees as they begin, open at what is proposed; without any item while they are folded away."""
        state, image = self.state, self.image
        self.ticked = {facet.name: set() for facet in FACETS}
        for facet in FACETS:
            name, taxonomy = facet.name, self.vocabulary[facet.name]
            items = []
            if self.exploring:
                texts, scores = self.names[name].texts[self.language], self.proposed.scores.get(name)
                marked = {taxonomy.index[tag] for tag in state.marks(image, name) if tag in taxonomy.index}
                proposed = {tag: line.score for line in self.proposed.lines.get(name, ()) for tag in line.path}
                self.arranged[name] = arrange(taxonomy, texts, dict.fromkeys(marked, 0.0) | proposed)
                items = tree_items(name, self.arranged[name], texts, scores, self._threshold(name), self.words)
            self.see.trees[name].param.update(items=items, active=[], expanded=[])

    def _threshold(self, facet: str) -> float | None:
        return self.promised[facet]["threshold"] if facet in self.promised else None

    def _file(self, image: str) -> Path:
        return self.store.folder / "images" / self.state.images[image].file

    def _show_place(self) -> None:
        """Where in the batch this tab is, and which ways lead on."""
        state, words = self.state, self.words
        place = list(state.images).index(self.image) + 1 if self.image else 0
        progress = words["progress"] if place else words["empty"]
        self.see.progress.object = progress.format(number=place, images=len(state.images), tagged=state.tagged)
        self.see.previous.disabled, self.see.next.disabled = place <= 1, place >= len(state.images)

    def refresh(self, open_best: bool = False) -> None:
        """What the session says now, on this tab; only what changed is sent to the browser."""
        if self.shown is None:  # another tab was quicker than this one's page
            return
        state = self.state
        self._show_place()
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
        self.see.connection.tell_accepted(  # before the trees: what they tick by themselves is saved already
            [f"{facet.name}-{self.vocabulary[facet.name].index[tag]}" for facet in FACETS
             for tag in sorted(state.accepted(self.image, facet.name)) if tag in self.vocabulary[facet.name].index])
        if self.exploring:
            for facet in FACETS:
                self._refresh_tree(facet.name, open_best)
        self.see.chips.object = self._chips()
        if (proposals := self._proposals()) != self.see.proposals.shown:
            self.see.proposals.shown = proposals
        if self.review.open:
            self.review.refresh()

    def _proposals(self, asking: bool = False) -> dict:
        """What `Proposals.shown` holds."""
        state, words, facets = self.state, self.words, []
        for facet in FACETS:
            name, taxonomy = facet.name, self.vocabulary[facet.name]
            if not len(taxonomy):
                continue
            texts, marks, promise = self.names[name].texts[self.language], state.marks(self.image, name), self.promised.get(name)
            facets.append({
                "name": name, "title": facet.title(self.language), "colour": facet.colour,
                "promised": words["promised"].format(precision=_percent(promise["precision"])) if promise else "",
                "lines": [{"tag": line.tag, "likely": line.likely, "instead": line.instead,
                           "word": _percent(line.score) if line.likely else words["perhaps"],
                           "parts": [{"tag": tag, "text": texts[tag], "mark": marks.get(taxonomy.names[tag], "")} for tag in line.path]}
                          for line in self.proposed.lines.get(name, ())],
                "alike": [{"image": one.image, "tags": ", ".join(texts[taxonomy.index[tag]] if tag in taxonomy.index else tag
                                                                 for tag in one.tags)}
                          for one in self.proposed.neighbours.get(name, ())[:ALIKE]]})
        return {"image": self.image, "facets": facets, "sentence": self.sentence, "strange": self.proposed.strange, "asking": asking, "exploring": self.exploring}

    def reveal(self, facet: str, tags: list[int]) -> None:
        """Open the branches that lead to some tags, if the trees are open."""
        if not self.exploring:
            return
        tree = self.see.trees[facet]
        tree.expanded = sorted({*tree.expanded, *opened(self.arranged[facet], tags)})

    def _refresh_tree(self, facet: str, open_best: bool) -> None:
        state, tree, arranged = self.state, self.see.trees[facet], self.arranged[facet]
        index = self.vocabulary[facet].index
        rejected = {index[tag] for tag in state.rejected(self.image, facet) if tag in index}
        active = sorted(arranged.paths[index[tag]] for tag in state.accepted(self.image, facet) if tag in index)
        if rejected != self.rejected[facet]:
            self.rejected[facet] = rejected
            tree.sx = tree_style(get_facet(facet), rejected)
        if open_best:
            proposed = [line.tag for line in self.proposed.lines.get(facet, ())]
            tree.expanded = opened(arranged, [*proposed, *(arranged.tags[path] for path in active)])
        if sorted(map(tuple, tree.active or [])) != active:
            tree.active = active

    def _chips(self) -> str:
        """The narrowest accepted tags, and struck through the rejected ones."""
        state, rows = self.state, []
        for facet in FACETS:
            texts, taxonomy = self.names[facet.name].texts[self.language], self.vocabulary[facet.name]
            names = dict.fromkeys(path[-1] for path in exports.annotated_paths(state, taxonomy, self.image))
            rows += [_chip(escape(texts[taxonomy.index[name]] if name in taxonomy.index else name), facet.colour)
                     for name in names]
        for facet in FACETS:
            texts, index = self.names[facet.name].texts[self.language], self.vocabulary[facet.name].index
            rows += [_chip(f"<s>{escape(texts[index[name]] if name in index else name)}</s>", "#999999")
                     for name in sorted(state.rejected(self.image, facet.name))]
        return "".join(rows) or f"<span style='color:#666'>{escape(self.words['nothing'])}</span>"

    def _list_sessions(self) -> str:
        """The other sessions beside this one, each with its progress and the way to it."""
        found, said = list_sessions(self.store.folder.parent) if self.listed else ([], [])
        if said:
            self.tell(said)
        if not found:
            return ""
        head = "".join(f"<th>{escape(self.words[word])}</th>" for word in ("session", "images", "tagged", "changed"))
        rows = [f"<tr><td><a href='?session={one.session}'>{escape(one.session)}</a></td><td class='n'>{one.images:,}</td>"
                f"<td class='n'>{one.tagged:,}</td><td>{_local(one.changed)}</td></tr>" for one in found]
        return f"<h3>{escape(self.words['sessions'])}</h3><table><tr>{head}</tr>{''.join(rows)}</table>"

    # ---- what is done ----------------------------------------------------------------------------

    def do(self, event: dict | None) -> None:
        """Write an event to the session and show the new state; a user error is shown as its sentence."""
        self._write(event)
        self.refresh()

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
        if not undecided:
            return self.say_what_is_left()
        return self.go_to(next((name for name in undecided if name in after), undecided[0]))

    def say_what_is_left(self) -> None:
        """The batch was gone through: how many images are left of which nothing is decided, and the way there."""
        undecided = len(self.state.undecided())
        text = self.words["left" if undecided else "nothing_left"].format(undecided=undecided, images=len(self.state.images))
        self.see.proposals._send_msg({"text": text, "undecided": undecided > 0})

    def act(self, message: dict) -> None:
        """What was done with a key or a button of the proposals, on the image that was on the screen then."""
        image, do = message["image"], message["do"]
        if do == "who" and (name := plain_name(message["name"])):
            self.who = self.intake.who = name
            self.refresh()
        if image not in self.state.images:
            return
        here = image == self.image  # else the next page is on its way, and it was not meant
        if do in ("toggle", "refuse"):
            self.do(self._toggled(image, message["facet"], message["tag"], do == "refuse"))
        elif do == "take":
            self.do(self._taken(image, message["tags"]))
            if here:
                self.go(1)
        elif do == "same":
            self.do(self._same_as_before(image))
        elif do in ("undo", "redo"):
            self.go_back(do)
        elif do == "go" and here:
            self.go(message["step"])
        elif do == "undecided" and here:
            self.go_to_undecided()
        elif do == "grid":
            self.review.begin()
        elif do == "explore":
            self.explore()

    def _toggled(self, image: str, facet: str, tag: int, refuse: bool) -> dict | None:
        """The event that accepts or rejects a tag, or takes that back."""
        state, taxonomy = self.state, self.vocabulary[facet]
        mark = state.marks(image, facet).get(taxonomy.names[tag], "")
        if refuse:
            return (session.withdraw(state, taxonomy, image, [tag]) if mark == REJECTED else
                    session.reject(state, taxonomy, image, tag))
        if mark != ACCEPTED:
            return session.accept(state, taxonomy, image, [tag])
        accepted = {taxonomy.index[name] for name in state.accepted(image, facet) if name in taxonomy.index}
        return session.withdraw(state, taxonomy, image, [taken_back(taxonomy, accepted, tag)])

    def _taken(self, image: str, tags: list[list]) -> dict | None:
        """The event that accepts these pairs of facet and tag, but for what is rejected and what is below that."""
        state, events = self.state, []
        for facet in dict.fromkeys(facet for facet, _ in tags):
            taxonomy, rejected = self.vocabulary[facet], state.rejected(image, facet)
            events.append(session.accept(state, taxonomy, image, [tag for name, tag in tags if name == facet
                                                                  and rejected.isdisjoint(taxonomy.path(tag))]))
        return session.together(events)

    def _same_as_before(self, image: str) -> dict | None:
        """The event that accepts what is accepted of the image before this one in the batch."""
        names, state = list(self.state.images), self.state
        place = names.index(image)
        return session.together(session.accept_term(state, facet.name, image, sorted(state.accepted(names[place - 1], facet.name)))
                                for facet in FACETS if place)

    def go_back(self, way: str) -> None:
        """`undo` or `redo`, and show the image on which it was."""
        if not (self.state.can_undo if way == "undo" else self.state.can_redo):  # a key is there also where its button is grey
            return
        self._write({"do": way})
        if self.state.current != self.image:
            self.image = self.state.current
            self.show_image()

    def speak(self, language: str) -> None:
        """Switch the language of this tab, and of those to come."""
        self.language = language
        self._write({"do": "set", "language": language})
        self.show_language()
        self.show_image()

    def tick(self, facet: str, event) -> None:
        """Checkboxes changed: take back what is no longer ticked, accept what is now; open the row of the others.

        Both come at once after a pause of the connection. Only what this browser knew to be accepted can be taken back: what
        another tab has accepted meanwhile, and ancestors that came along, it has not ticked either. What was ticked on the
        page before, while this one was on its way, is refused.
        """
        if self.shown is None or self.shown != self.image or not self.image:
            return
        taxonomy, tags, paths = self.vocabulary[facet], self.arranged[facet].tags, set(map(tuple, event.new or []))
        before = {taxonomy.index[tag] for tag in self.state.accepted(self.image, facet) if tag in taxonomy.index}
        if paths == {self.arranged[facet].paths[tag] for tag in before}:  # as after each answer of this desk
            return
        if not self._settled():
            return self._refresh_tree(facet, open_best=False)
        if folded := paths - tags.keys():  # not a tag but the row of the others
            tree = self.see.trees[facet]
            tree.expanded = sorted(set(tree.expanded) ^ folded)
            return self._refresh_tree(facet, open_best=False)
        ticked = {tags[path] for path in paths}
        known = self.ticked[facet] | self.see.connection.known(facet)
        self.ticked[facet] = ticked
        if gone := (known & before) - ticked:
            self._write(session.withdraw(self.state, taxonomy, self.image, sorted(gone)))
        if new := ticked - before:
            self._write(session.accept(self.state, taxonomy, self.image, sorted(new)))
        self.refresh()

    def reject(self, item: dict) -> None:
        """Reject the tag of a tree's item, or take the rejection back."""
        if not self._settled():
            return
        facet, tag = _tag_of(item)
        taxonomy = self.vocabulary[facet]
        if taxonomy.names[tag] in self.state.rejected(self.image, facet):
            return self.do(session.withdraw(self.state, taxonomy, self.image, [tag]))
        self.do(session.reject(self.state, taxonomy, self.image, tag))

    def find(self, event) -> None:
        """A term was chosen in the search: show where it stands and offer what to do with it."""
        find = self.finds.get(event.new)
        self.see.found.visible = find is not None and bool(self.image)
        if find and self.image:
            texts, taxonomy = self.names[find.facet].texts[self.language], self.vocabulary[find.facet]
            path = [texts[taxonomy.index[name]] for name in taxonomy.path(find.tag)]
            self.see.found_text.object = escape(" › ".join(path))
            self.reveal(find.facet, [find.tag])

    def decide(self, accept: bool) -> None:
        """Accept or reject what was found."""
        if not self._settled():
            return
        find = self.finds[self.see.search.value]
        decision, tags = (session.accept, [find.tag]) if accept else (session.reject, find.tag)
        self.do(decision(self.state, self.vocabulary[find.facet], self.image, tags))
        self.see.search.value = None

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
        exports.export_provenance(exports.Leaving(self.state, self.vocabulary, self.names, self.store.folder.name),
                                  path.with_name("provenance.csv"))
        self._tell_unknown()
        return io.BytesIO(path.read_bytes())

    def save_jsonld(self) -> io.BytesIO:
        """The annotations for the browser."""
        self._tell_unknown()
        text = exports.export_jsonld(exports.Leaving(self.state, self.vocabulary, self.names, self.store.folder.name))
        return io.BytesIO(text.encode())

    def _tell_unknown(self) -> None:
        if said := exports.tell_unknown(self.state, self.vocabulary):  # else what was told before stays
            self.tell(said)

    # ---- widgets ---------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Give the widgets their behaviour."""
        see = self.see
        for button, act in ((see.previous, lambda _: self.go(-1)), (see.next, lambda _: self.go(1)),
                            (see.undo, lambda _: self.go_back("undo")), (see.redo, lambda _: self.go_back("redo")),
                            (see.accept_found, lambda _: self.decide(True)),
                            (see.reject_found, lambda _: self.decide(False))):
            button.on_click(act)
        see.switch.value = self.language
        see.switch.param.watch(lambda event: self.speak(event.new), "value")
        # The widget's own search compares letters; ours knows no accents and finds words in any order.
        see.search._filter_options = lambda query, *_: [find.text for find in
                                                        search(list(self.finds.values()), query)[:_FOUND]]
        see.search.param.watch(self.find, "value")
        see.proposals.on_msg(lambda event: self.act(event.data))
        see.grid.on_msg(lambda event: self.review.act(event.data))
        see.connection.session = self.store.folder.name
        see.connection.on_msg(lambda event: pn.state.onload(partial(self._come_back, event.data)))
        see.note.param.watch(self._typed, "value_input")
        see.provider.param.watch(self._typed_provider, "value_input")
        for widget in (*see.uploads, see.folder):
            widget.take, widget.finish = self.take, self.finish
        see.opener.param.watch(partial(self.open_csv, see.opener), "value")
        see.csv.callback, see.jsonld.callback = self.save_csv, self.save_jsonld
        for facet, tree in see.trees.items():
            tree.param.watch(partial(self.tick, facet), "active")
            tree.on_action("reject", self.reject)

    def _typed(self, event) -> None:
        if self.image and self.shown == self.image and self.see.connection.settled:  # else the browser sends it again
            self._save_text("note", self.image, event.new)

    def _typed_provider(self, event) -> None:
        if self.see.connection.settled:
            self._save_text("provider", self.image, event.new)

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

    def _settled(self) -> bool:
        """Whether what was just done was done on what this desk shows; if not, that is said."""
        if not self.see.connection.settled:
            self.tell([self.words["moved"]])
        return self.see.connection.settled

    def _write(self, event: dict | None) -> None:
        """An event to the session, in the name of who sits here; a user error is shown as its sentence."""
        try:
            self.store.do(event, self.who)
        except UserError as error:
            self.tell([str(error)])


def plain_name(text: str) -> str:
    """The name of who decides, as it is kept: one short line; "" if nothing is left."""
    return " ".join("".join(sign for sign in text if sign.isprintable()).split())[:40]


def _local(time: str) -> str:
    """When it was here: `2030-01-31 15:04`."""
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}" if time else ""


def _tag_of(item: dict) -> tuple[str, int]:
    facet, _, tag = item["id"].rpartition("-")
    return facet, int(tag)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _chip(html: str, colour: str) -> str:
    return ("<span style='display:inline-block;margin:2px 4px 2px 0;padding:2px 10px;border-radius:12px;font-size:13px;"
            f"color:#222;background:{colour}2e;border:1px solid {colour}'>{html}</span>")
