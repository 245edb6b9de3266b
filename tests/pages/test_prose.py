"""Sentences with computed numbers."""

import pandas as pd
import pytest
from myst_nb.ext import glue

from eufcc_lib.pages import prose


def said(text: str, facts: dict, monkeypatch) -> str:
    shown = []
    monkeypatch.setattr(prose, "display", lambda markdown: shown.append(markdown.data))
    prose.say(text, facts)
    return shown[0]


def test_a_fact_is_written_in_its_format_and_marked_as_computed(monkeypatch):
    assert said("\nOf {images:,d}, {share:.1f} %.\n", {"images": 1200, "share": 3.14159}, monkeypatch) == (
        'Of <span class="computed">1,200</span>, <span class="computed">3.1</span> %.')


def test_a_number_that_is_missing_is_a_dash(monkeypatch):
    assert ">–<" in said("{share:.2f}", {"share": float("nan")}, monkeypatch)


def test_an_empty_sentence_leaves_no_mark(monkeypatch):
    assert said("It is so. {more}", {"more": ""}, monkeypatch) == "It is so. "


def test_a_whole_sentence_is_written_as_it_is(monkeypatch):
    assert said("{found}", {"found": "- It falls.\n- It rises by 2.5 %."}, monkeypatch) == "- It falls.\n- It rises by 2.5 %."


def test_a_fact_that_was_not_collected_is_an_error():
    with pytest.raises(KeyError, match="images"):
        prose.say("{images}", {})


def test_a_published_fact_is_what_myst_nb_glues(monkeypatch):
    ours, theirs = [], []
    monkeypatch.setattr(prose, "display", lambda *given, **how: ours.append((given, how)))
    monkeypatch.setattr(glue, "ipy_display", lambda *given, **how: theirs.append((given, how)))
    facts = {"images": 1200, "share": 0.25, "best": "Multi-label", "table": pd.DataFrame({"tag": ["bowl"]})}
    prose.publish(facts, *facts)
    for name, fact in facts.items():
        glue.glue(name, fact, display=False)
    assert ours == theirs and len(ours) == len(facts)
