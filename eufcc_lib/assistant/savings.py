"""What suggestions save, in actions per record: estimates over the records of a simulated cataloguer, and sentences."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from ..core.facets import FACET_NAMES, get_facet
from ..core.numbers import percent
from ..core.text import listed
from ..metrics.bootstrap import mean_intervals, ratio_values
from ..results.estimates import Estimate, excludes_zero
from .simulate import BY_HAND, ENTER, KINDS, REMOVE, SUGGESTED, WAYS

CLAIM = "significantly reduces the time and effort"
"""What the paper says of its tool (section 5.5)."""

NOTHING = "There is no record here whose terms are known, so no action can be counted."


def estimate_actions(found: pd.DataFrame) -> dict[str, Estimate]:
    """By way the actions per record, with intervals over records.

    Args:
        found: from `simulate.work_through`.
    """
    table = _table(found)
    return {way: _estimate(table[way].to_numpy(), (0.0, float(table.max().max()))) for way in table}


def estimate_saved(found: pd.DataFrame, against: str = BY_HAND) -> dict[str, Estimate]:
    """By way the actions per record that it saves against another, on the same records; negative where it takes more."""
    table = _table(found)
    most = float(table.max().max()) if len(table) else 0.0
    return {way: _estimate((table[against] - table[way]).to_numpy(), (-most, most)) for way in table if way != against}


def estimate_share(found: pd.DataFrame) -> dict[str, Estimate]:
    """By way the share of the actions by hand that it saves."""
    table = _table(found)  # of a record at least
    hand = table[BY_HAND].to_numpy()
    return {way: _estimate(ratio_values(hand - table[way].to_numpy(), hand), (-float(hand.max()), 1.0)) for way in table if way != BY_HAND}


def show_actions(found: pd.DataFrame) -> pd.DataFrame:
    """One row per way: actions per record by kind, all together, and what is saved against working by hand."""
    if found.empty:
        return pd.DataFrame(columns=["actions per record", "saved against by hand"]).rename_axis("way")
    means = found.groupby("way", sort=False)[list(KINDS)].mean().map("{:.1f}".format)
    saved, number = estimate_saved(found), "{:.1f}".format
    means["actions per record"] = [_with_ends(one, number) for one in estimate_actions(found).values()]
    means["saved against by hand"] = [_with_ends(saved[way], number) if way in saved else "–" for way in means.index]
    return means


def show_thresholds(found: Mapping[float, pd.DataFrame]) -> pd.DataFrame:
    """One row per probability from which Enter accepts: actions per record in all, those to take tags back, and what is saved.

    Args:
        found: by probability, from `simulate.work_through`.
    """
    number, rows = "{:.1f}".format, {}
    for likely, worked in found.items():
        if len(worked):
            part = worked[worked["way"] == ENTER]
            rows[f"{likely:g}"] = [_with_ends(estimate_actions(worked)[ENTER], number), number(part[REMOVE].mean()),
                                   _with_ends(estimate_saved(worked, SUGGESTED)[ENTER], "{:+.1f}".format).replace("-", "−")]
    columns = ["actions per record", "to take back", "saved against choosing one by one"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("likely from")


def show_searches(found: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """One row per number of actions that a search takes: the share of the actions by hand that the other ways save.

    Args:
        found: by number, from `simulate.work_through`.
    """
    rows = {searching: [percent(one.value).replace("-", "−") for one in estimate_share(worked).values()]
            for searching, worked in found.items() if len(worked)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=[SUGGESTED, ENTER]).rename_axis("actions of a search")


def tell_ranks(summary: pd.DataFrame, language: str = "en") -> str:
    """For each facet how often its first and its last suggestion were accepted, a line of a list each; see `work.summarise`."""
    by_rank = summary[(summary["part"] == "accepted") & summary["rank"].notna() & summary["facet"].isin(FACET_NAMES)]
    lines = []
    for facet, rows in by_rank.groupby("facet", sort=False):
        first, last = rows.iloc[0], rows.iloc[-1]
        lines.append(f"- {get_facet(facet).title(language)}: the first suggestion was accepted on {percent(first['value'])} of the records, "
                     f"number {last['rank']} on {percent(last['value'])}.")
    return "\n".join(lines) or NOTHING


def savings_sentences(found: pd.DataFrame) -> dict[str, str]:
    """`counts`, `saved`, `enter`, `missing` and `claim`: what the simulation says, and what becomes of the paper's claim."""
    if found.empty:
        return dict.fromkeys(("counts", "saved", "enter", "missing", "claim"), NOTHING)
    actions, saved, share = estimate_actions(found), estimate_saved(found), estimate_share(found)
    number = "{:.1f}".format
    records = found["record"].nunique()
    counts = listed([f"{_with_ends(actions[way], number)} {name}" for way, name in zip(WAYS, (BY_HAND, SUGGESTED, "with Enter and repair"))])
    parts = [f"{name} {_with_ends(share[way], percent)}" for way, name in ((SUGGESTED, "suggestions save"), (ENTER, "Enter and repair saves"))]
    return {"counts": f"Actions per record, over {records:,} records: {counts}.",
            "saved": f"Of the actions by hand, {parts[0]}; {parts[1]}.",
            "enter": _tell_enter(found), "missing": _tell_missing(found), "claim": _tell_claim(saved, share)}


def _tell_enter(found: pd.DataFrame) -> str:
    gain, against = estimate_saved(found, SUGGESTED)[ENTER], "than choosing from the suggestions one by one"
    if gain.objects is None:
        return "There are too few records to compare Enter and repair with choosing from the suggestions one by one."
    low, high = gain.objects
    if not excludes_zero(gain.objects):
        return (f"Enter and repair takes neither clearly fewer nor clearly more actions {against}: the 95 % interval of the difference "
                f"reaches from {max(high, 0):.1f} fewer to {max(-low, 0):.1f} more.")
    ends = sorted(abs(end) for end in gain.objects)
    return (f"Enter and repair takes {abs(gain.value):.1f} ({ends[0]:.1f} to {ends[1]:.1f}) {'fewer' if gain.value > 0 else 'more'} actions per "
            f"record {against}.")


def _tell_missing(found: pd.DataFrame) -> str:
    one = found[found["way"] == SUGGESTED]
    searched, terms = one["hidden"].sum(), one["terms"].sum()
    return (f"Of {terms:,} wanted terms, {searched:,} ({percent(searched / terms)}) are not among the suggestions and have to be searched for; "
            f"{one['unknown'].sum():,} of them the model has never learned.")


def _tell_claim(saved: dict[str, Estimate], share: dict[str, Estimate]) -> str:
    one = saved[SUGGESTED]
    if one.objects is None:
        return f"With so few records, nothing can be said about the paper's sentence that the tool “{CLAIM}”."
    if not excludes_zero(one.objects):
        verdict = "is neither borne out nor refuted: the interval of what is saved includes zero"
    elif one.value > 0:
        verdict = f"holds for actions: suggestions save {_with_ends(share[SUGGESTED], percent)} of them"
    else:
        verdict = f"does not hold for actions: suggestions cost {-one.value:.1f} more per record"
    return f"The paper's sentence that the tool “{CLAIM}” {verdict}. About time it is still open: reading suggestions takes time too."


def _table(found: pd.DataFrame) -> pd.DataFrame:
    return found.pivot(index="record", columns="way", values="actions").reindex(columns=WAYS).astype(float)


def _estimate(values: np.ndarray, limits: tuple[float, float]) -> Estimate:
    if not len(values):
        return Estimate(float("nan"))
    ends = mean_intervals({"": values}, {"": limits}, np.arange(len(values)))[""]
    return Estimate(float(values.mean()), ends and tuple(ends))


def _with_ends(estimate: Estimate, number: Callable[[float], str]) -> str:
    return number(estimate.value) + (f" ({number(estimate.objects[0])} to {number(estimate.objects[1])})" if estimate.objects else "")
