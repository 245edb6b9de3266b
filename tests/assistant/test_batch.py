"""What a batch says of its models, on sessions whose answers are known."""

import pytest
from scipy.stats import binom

from eufcc_lib.assistant import session, work
from eufcc_lib.assistant.batch import Kept, achieved, share_unlike, upper_bound
from eufcc_lib.assistant.store import Store

MODEL = {"hash": "m", "name": "model", "promised": {"materials": {"threshold": 0.8, "precision": 0.95},
                                                    "subjects": {"threshold": 0.8, "precision": 0.9}}}


@pytest.fixture
def store(tmp_path):
    """Twelve photographs, of which metal is promised and iron is not; metal is right on the first nine."""
    store = Store(tmp_path / "batch", "ada")
    names = [f"{number}.jpg" for number in range(12)]
    store.do({"do": "add", "images": [[name, name] for name in names]})
    for number, name in enumerate(names):
        store.do(session.suggest(store.state, name, MODEL, {"materials": {"metal": 0.9, "iron": 0.3}}, unlike=1.5 if number % 2 else 0.5))
        store.do({"do": "mark", "image": name, "facet": "materials", "marks": {"metal": "accepted" if number < 9 else "rejected",
                                                                              "iron": "rejected", "own": "accepted"}})
    yield store
    store.close()


def test_a_promise_is_counted_on_likely_suggestions_that_were_decided(store):
    assert achieved(store.state, MODEL) == {"materials": Kept(9, 12, 0.95), "subjects": Kept(0, 0, 0.9)}
    store.do({"do": "mark", "image": "0.jpg", "facet": "materials", "marks": {"metal": ""}})
    assert achieved(store.state, MODEL)["materials"] == Kept(8, 11, 0.95)
    store.do({"do": "undo"})
    assert achieved(store.state, MODEL)["materials"] == Kept(9, 12, 0.95)


def test_the_report_counts_the_same(store):
    summary = work.summarise(work.read_work(store))
    (row,) = summary[(summary["part"] == "promise") & (summary["facet"] == "materials")].itertuples()
    assert (row.accepted, row.suggested, row.promised) == (9, 12, pytest.approx(0.95))


def test_other_models_and_other_promises_do_not_count(store):
    assert achieved(store.state, MODEL | {"hash": "another"})["materials"] == Kept(0, 0, 0.95)
    lower = MODEL | {"promised": {"materials": {"threshold": 0.6, "precision": 0.8}}}
    store.do(session.suggest(store.state, "0.jpg", lower, {"materials": {"metal": 0.9}}))
    assert achieved(store.state, lower)["materials"] == Kept(0, 0, 0.8)
    store.do({"do": "mark", "image": "0.jpg", "facet": "materials", "marks": {"metal": "rejected"}})
    assert achieved(store.state, lower)["materials"] == Kept(0, 1, 0.8)
    assert achieved(store.state, {"hash": "m"}) == {}


def test_a_promise_is_broken_only_where_chance_does_not_explain_it():
    assert Kept(6, 10, 0.95).broken and not Kept(27, 29, 0.95).broken and not Kept(29, 29, 0.95).broken
    assert not Kept(2, 9, 0.95).broken, "too few to say anything"
    assert binom.cdf(6, 10, upper_bound(6, 10)) == pytest.approx(0.05) and upper_bound(10, 10) == 1


def test_a_batch_of_strange_photographs_is_noticed_and_a_usual_one_is_not(store):
    assert share_unlike(store.state) == 0.5
    for number in range(1, 12, 2):
        store.do(session.suggest(store.state, f"{number}.jpg", MODEL | {"hash": "second"}, {}, unlike=0.9))
    assert store.state.count_unlike() == (0, 12) and share_unlike(store.state) is None
    store.do(session.suggest(store.state, "0.jpg", MODEL | {"hash": "third"}, {}))
    assert store.state.count_unlike() == (0, 11), "models that cannot tell"


def test_a_session_of_before_does_not_know_how_unlike_its_photographs_are(store):
    store._database.execute("DROP TABLE unlike")
    with_it = Store(store.folder, "ben")
    assert with_it.state.count_unlike() == (0, 0) and share_unlike(with_it.state) is None
    with_it.close()
