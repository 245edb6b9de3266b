"""Names that papermill took for numbers are found again."""

from hypothesis import given, settings
from hypothesis import strategies as st
from papermill.cli import _resolve_type

from eufcc_lib.core.names import find_name

NAMES = st.text(st.sampled_from("0123456789_+-.eEinfanTrue "), max_size=6) | st.sampled_from(["True", "False", "None", "nan", "٣"])


@settings(max_examples=50)
@given(NAMES, st.lists(NAMES, max_size=4))
def test_a_name_is_found_unless_papermill_reads_another_so_too(name, others):
    arrived = _resolve_type(name)
    alike = {other for other in others if repr(_resolve_type(other)) == repr(arrived)} - {name}
    assert find_name(arrived, [*others, name]) == (name if not alike or arrived == name else None)


def test_a_name_that_was_not_given_is_not_found():
    assert find_name("202405", ["2024_05"]) is None and find_name(1, ["True", "1.0"]) is None and find_name(1.0, []) is None
