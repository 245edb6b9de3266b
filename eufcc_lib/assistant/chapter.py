"""What the chapter of the book shows of the assistant: suggestions as a table, a session, the page itself."""

import json
import os
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import panel as pn

from ..core.errors import UserError
from ..core.facets import FACET_NAMES, get_facet
from ..core.paths import ROOT
from ..data.dataset import Dataset
from ..data.examples import find_record
from ..data.records import Records
from ..metrics.calibration import LIKELY
from ..results.judgeable import choose_split, nothing_to_learn
from ..results.predictions import draw_rows
from . import session
from .exports import Leaving, export_jsonld
from .lines import PERHAPS
from .names import name_tags
from .predictor import Answer, Predictor, load_predictor
from .promised import USUAL
from .serve import THIS_MACHINE, make_page, say
from .store import Store
from .uploads import Upload, add_uploads
from .wording import WORDS

PICTURE, GRID, PHONE = (ROOT / "book" / "images" / f"assistant{part}.png" for part in ("", "-grid", "-phone"))
"""The page as a browser shows it, its grid, and the page on a phone."""

ANYONE = "ASSISTANT_ANYONE"
"""Environment variable: with `yes` the served chapter answers to other machines, too."""

_COMMAND = "panel serve notebooks/assistant.ipynb --address 127.0.0.1"


def open_predictor(dataset: Dataset, data: str, precision: float = USUAL) -> Predictor:
    """`load_predictor`; where none was trained, as the data set has nothing to learn, a line says so, and it has no model."""
    try:
        return load_predictor(data, precision)
    except UserError:
        if not (reason := nothing_to_learn(dataset)):
            raise
    print(f"No model can suggest a tag: {reason}")
    return Predictor(dataset.name, dataset.vocabulary, {})


def choose_record(dataset: Dataset, image: str | float | None, number: int) -> tuple[Records, int, Path]:
    """The records of the split that `judgeable.choose_split` chooses, the row of one of them, and its image file.

    Args:
        image: id of the record; None takes one of twenty records with tags in the most facets.
        number: which of the twenty, from 0; the last where there are fewer.
    """
    split = choose_split(dataset, [])
    records = dataset.split(split)
    row = find_record(records, image) if image else draw_rows(dataset, split, images=20)[:number + 1][-1]
    return records, row, dataset.image_paths(split)[row]


def best_tags(predictor: Predictor, answer: Answer, language: str = "en", tags: int = 5) -> pd.DataFrame:
    """The best tags of each facet, one row per tag, with how sure the model is and the number in the AAT."""
    lines = []
    for facet in answer.scores:
        names = name_tags(predictor.vocabulary[facet])
        lines += [(get_facet(facet).title(language), names.texts[language][tag],
                   describe(float(answer.sure[facet][tag]), WORDS[language]), names.numbers[tag])
                  for tag in answer.best(facet, tags)]
    return pd.DataFrame(lines, columns=["facet", "tag", "how sure", "AAT"]).set_index(["facet", "tag"])


def describe(sure: float, words: Mapping[str, str]) -> str:
    """How likely a tag is, in words where the model is unsure: `93 %`, `perhaps 31 %`, `2 %`, `<1 %`."""
    share = f"{100 * sure:.0f} %" if sure >= 0.01 else "<1 %"
    return f"{words['perhaps']} {share}" if PERHAPS <= sure < LIKELY else share


def record_frame(records: Records, row: int, language: str = "en") -> pd.DataFrame:
    """The tags on record of one image, one row per facet; a dash where there are none."""
    return pd.DataFrame({"on record": {get_facet(facet).title(language): ", ".join(records.tags(facet, row)) or "–" for facet in FACET_NAMES}}
                        ).rename_axis("facet")


def begin_session(image: Path) -> Store:
    """A session of its own in a temporary folder, with one image."""
    store = Store(Path(tempfile.mkdtemp(prefix="assistant-")) / "example", who="a cataloguer")
    add_uploads(store, [Upload(image.name, image.read_bytes())])
    return store


def accept_likely(store: Store, predictor: Predictor, answer: Answer) -> None:
    """Accept what the model calls likely among the ten best of each facet, as a cataloguer in a hurry would."""
    for facet in answer.scores:
        likely = [tag for tag in answer.best(facet) if answer.sure[facet][tag] >= LIKELY]
        store.do(session.accept(store.state, predictor.vocabulary[facet], store.state.current, likely))


def reject_last(store: Store, predictor: Predictor, answer: Answer) -> None:
    """Reject the last of the ten best tags of the first facet that has any."""
    for facet in list(answer.scores)[:1]:
        store.do(session.reject(store.state, predictor.vocabulary[facet], store.state.current, answer.best(facet)[-1]))


def wrap_history(store: Store, width: int = 80) -> str:
    """The events of a session, one per line, a long one continued on indented lines."""
    lines = [f"{event.number}  {event.at}  {event.who or '-'}  {event.do}  {json.dumps(event.body, ensure_ascii=False)}"
             for event in store.history()]
    return "\n".join(textwrap.fill(line, width, subsequent_indent="    ") for line in lines)


def begin_of_jsonld(store: Store, predictor: Predictor, lines: int = 40) -> str:
    """The first lines of the session's export as W3C Web Annotations."""
    taxonomies = predictor.vocabulary.taxonomies
    names = {facet: name_tags(taxonomy) for facet, taxonomy in taxonomies.items()}
    return "\n".join(export_jsonld(Leaving(store.state, predictor.vocabulary, names, "example")).splitlines()[:lines])


def awkward_files(image: Path) -> list[Upload]:
    """What a museum's folder may hold beside images: a letter under an image's name, half an image, a path, an image twice."""
    whole = image.read_bytes()
    return [Upload("letter.jpg", b"Dear museum, ..."), Upload("half.jpg", whole[:700]),
            Upload("../../key.jpg", whole[:-2] + b"\0\xff\xd9"), Upload("again.jpg", whole)]


def serve_chapter(predictor: Predictor) -> None:
    """Where `panel serve` runs the notebook, the page is what it serves; elsewhere one line says how to have it.

    `panel serve` listens to the whole network unless it is given an address. What a cataloguer writes is not for the
    whole network, so another machine gets one sentence, unless the environment's `ASSISTANT_ANYONE` is `yes`.
    """
    context = pn.state.curdoc.session_context if pn.state.curdoc else None
    if not context:
        print(f"To have this page: {_COMMAND}, or eufcc assistant")
    elif context.request.remote_ip in THIS_MACHINE or os.environ.get(ANYONE) == "yes":
        make_page(predictor).servable()
    else:
        say("This page answers to the machine that serves it alone, as http://localhost; whoever serves it can open "
            f"it to others with {ANYONE}=yes.").servable()
