"""Text from elsewhere can be written, and names that only look alike are found."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from eufcc_lib.core.text import look_alikes, plain, read_json, spelled_out, writable

anything = st.text(st.characters(), max_size=6) | st.text("a\u0300\ud83d\ude00\ufeff é\u00a0\u200b", max_size=6)
halves = st.text(st.characters(categories=("Cs", "Lu")), max_size=6)
values = st.recursive(halves | anything | st.none() | st.integers(),
                      lambda part: st.lists(part, max_size=3) | st.dictionaries(halves, part, max_size=3))


@given(values)
def test_any_json_can_be_written_and_what_could_be_written_before_stays_as_it_is(value):
    kept = writable(value)
    assert writable(kept) == kept and read_json(json.dumps(value)) == kept
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        assert "\ufffd" in json.dumps(kept, ensure_ascii=False) or len(json.dumps(kept, ensure_ascii=False)) < len(text)
    else:
        assert kept == value
    json.dumps(kept, ensure_ascii=False).encode()


@given(anything.map(writable))
def test_plain_name_is_composed_and_stays_plain(name):
    evened = plain(name)
    assert plain(evened) == evened == evened.strip() and unicodedata.is_normalized("NFC", evened)


def test_names_that_a_reader_takes_for_one_are_one_group():
    paints = ["oil paint", "Oil paint", "oil\u00a0paint", "oil\u2009paint", "oil  paint", "oil pa\u200bint", "oil paint\u00ad",
              "\ufeffoil paint", "oil\u3000paint", "oil pa\u200dint"]
    clays = ["cer\u00e0mica", "cera\u0300mica", "CER\u00c0MICA"]
    arts = ["hors d'\u0153uvre", "hors d\u2019\u0153uvre"]
    others = ["oil", "oil paints", "ceramica", "1\u00b2", "12"]
    assert look_alikes([*clays, *paints, *others, *arts, *clays]) == sorted(tuple(sorted(group)) for group in (clays, paints, arts))
    assert len({spelled_out(name) for name in paints + clays}) == len(paints + clays)
