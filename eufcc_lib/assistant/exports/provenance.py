"""Who decided what, when and on whose suggestion: `provenance.csv`, beside the official csv and read back after it.

One row for each decision, rejections too, and one for each note. A machine-only tag has no mark, no person and no time.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ...core.csv_tables import read_rows, write_rows
from ...core.errors import UserError, unknown
from ...core.facets import FACET_NAMES
from ...data.records import ID
from ..names import AAT
from ..state import ACCEPTED, EVERYBODY, NOTE, REFUSED, REJECTED, SUGGESTED, Decision, Model, State
from .cells import harmless, mark_utf8, original
from .leaving import Leaving, record_ids

COLUMNS = (ID, "facet", "tag", "aat", "uri", "mark", "origin", "score", "promise", "model", "model_hash", "commit", "vocabulary",
           "who", "at", "safe")

SOURCE = "source"
"""A further column at the end, which is not read back: the list that has the tag, see `names.Naming`."""


def export_provenance(leaving: Leaving, path: Path, *, safe: bool = False, bom: bool = False) -> None:
    """Write the file; its last column is `SOURCE`.

    Args:
        safe, bom: as in `export_csv`.
    """
    rows = ([*(map(harmless, row) if safe else row), "yes" if safe else "", source] for *row, source in _rows(leaving))
    write_rows(path, (*COLUMNS, SOURCE), rows)
    if bom:
        mark_utf8(path)


def import_provenance(state: State, path: Path) -> tuple[dict | None, list[str]]:
    """The event that gives the decisions of a batch their provenance again, after its csv was opened.

    A row counts where the decision is still the one that it says; what was edited in the csv meanwhile stays with the
    person who opened it.

    Returns:
        the event, None if nothing changes; and a sentence on the rows that do not count.
    Raises:
        UserError: the file is not in order.
    """
    images = {record: image for image, record in record_ids(state).items()}
    decisions, notes, models, left = [], {}, {}, 0
    for place, cells in _read(path):
        row = dict(zip(COLUMNS, cells))
        image = images.get(row[ID])
        if row["facet"] == NOTE:
            if image and state.note(image):
                notes[image] = [state.note(image), row["who"], row["at"]]
            continue
        decision = _decision(place, row, image or "")
        if decision.origin == SUGGESTED:
            continue
        found = state.find_decision(image, decision.facet, decision.tag) if image else None
        if not found or found.mark != decision.mark:
            left += 1
            continue
        decisions.append(decision)
        if decision.model:
            models[decision.model] = Model(decision.model, row["model"], row["commit"], row["vocabulary"], {})
    said = [f"{left:,} rows of {path.name} are of no decision in this batch; they were left out."] if left else []
    return restore(state, decisions, notes, models), said


def restore(state: State, decisions: list[Decision], notes: dict[str, list[str]], models: dict[str, Model]) -> dict | None:
    """The event that makes decisions and notes what a file says they are; None if they are that already."""
    changes: dict[str, dict[str, dict[str, list]]] = {}
    for one in decisions:
        if state.find_decision(one.image, one.facet, one.tag) != one:
            changes.setdefault(one.image, {}).setdefault(one.facet, {})[one.tag] = [
                one.mark, one.origin, one.score, one.promise, one.model, one.who, one.at]
    notes = {image: note for image, note in notes.items() if [state.note(image), *state.note_made(image)] != note}
    if not changes and not notes:
        return None
    return {"do": "restore", "images": changes, "notes": notes,
            "models": [[model.hash, model.name, model.commit, model.vocabulary] for model in models.values()]}


def _rows(leaving: Leaving) -> Iterator[list[str]]:
    state = leaving.state
    for image in state.images:
        for tag in [*leaving.tags(image), *leaving.rejected(image)]:
            naming, model = leaving.naming(tag.facet, tag.tag), leaving.models.get(tag.model)
            numbers = ["" if number is None else repr(number) for number in (tag.score, tag.promise)]
            known = [model.name, model.hash, model.commit, model.vocabulary] if model else ["", tag.model, "", ""]
            yield [leaving.ids[image], tag.facet, tag.tag, naming.number, AAT + naming.number if naming.number else "",
                   tag.mark, tag.origin, *numbers, *known, tag.who, tag.at, naming.source]
        if state.note(image):
            yield [leaving.ids[image], NOTE, *[""] * (len(COLUMNS) - 5), *state.note_made(image), ""]


def _read(path: Path) -> Iterator[tuple[str, list[str]]]:
    for place, (*cells, safe) in read_rows(path, COLUMNS, "provenance", extra=True):
        yield place, list(map(original, cells)) if safe == "yes" else cells


def _decision(place: str, row: dict[str, str], image: str) -> Decision:
    for column, known in (("facet", FACET_NAMES), ("mark", (ACCEPTED, REJECTED, "")), ("origin", (*EVERYBODY, REFUSED))):
        if row[column] not in known:
            raise UserError(f"{place}: {unknown(column, row[column], [name for name in known if name])}")
    try:
        score, promise = (float(row[column]) if row[column] else None for column in ("score", "promise"))
        datetime.fromisoformat(row["at"] or "2000-01-01")
    except ValueError as error:
        raise UserError(f"{place}: {error}; expected score and promise as numbers and a time as in 2030-01-31T12:00:00Z.") from None
    return Decision(image, row["facet"], row["tag"], row["mark"], row["origin"], score, promise, row["model_hash"], row["who"], row["at"])
