"""The harvest loses and doubles nothing, however it is stopped; the queries are read with clear errors."""

import gzip
import json
import os
import queue
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from test_client import KEY, make_item, new_error, serve

from eufcc_lib.collection.europeana import harvest as harvest_module
from eufcc_lib.collection.europeana.client import Client
from eufcc_lib.collection.europeana.harvest import harvest, main, plan, read_items, seconds_to_go
from eufcc_lib.collection.europeana.queries import Query, read_queries, select
from eufcc_lib.collection.http import Window
from eufcc_lib.core.errors import UserError

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "europeana"
CHAIRS, BELLS = Query("chair", "chair", ("TYPE:IMAGE",)), Query("bell", "bell")
COLLECTIONS = {"chair": [make_item(number) for number in range(25)],  # items 20 to 24 are in both
               "bell": [make_item(number) for number in range(20, 33)]}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(harvest_module, "ROWS", 10)
    monkeypatch.setenv("EUROPEANA_API_KEY", KEY)
    for server in serve(monkeypatch):
        server.collections = dict(COLLECTIONS)
        yield server


@pytest.fixture
def client(server):
    return Client(KEY, server.url, wait=lambda _: None)


def raw(folder, collection):
    """Every line of the file, to its very end."""
    with gzip.open(folder / f"{collection}.jsonl.gz") as lines:
        return [json.loads(line) for line in lines]


def numbers(lines):
    return [int(line["item"]["id"][-5:]) for line in lines]


def take(client, folder, queries=(CHAIRS, BELLS), **options):
    return harvest(client, queries, folder, progress=False, **options)


def is_whole(folder):
    return numbers(raw(folder, "chair")) == list(range(25)) and numbers(raw(folder, "bell")) == list(range(20, 33))


def everything_in(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(path.read_bytes() for path in files) + b"".join(
        gzip.decompress(path.read_bytes()) for path in files if path.suffix == ".gz")


def test_items_are_kept_one_a_line_with_query_and_date(client, tmp_path):
    chairs, bells = take(client, tmp_path)
    assert is_whole(tmp_path)
    line = raw(tmp_path, "chair")[3]
    assert list(line) == ["collection", "query", "date", "item"]
    assert line["collection"] == "chair" and line["query"] == "chair & TYPE:IMAGE"
    assert len(line["date"]) == 20 and line["date"][10] + line["date"][19] == "TZ"
    assert line["item"] == client.search("chair").items[3]
    assert (chairs.items, chairs.total, chairs.done, chairs.repeated, chairs.missing) == (25, 25, True, 0, 0)
    assert (bells.items, bells.done) == (13, True)


def test_whole_harvest_is_not_asked_for_again(client, server, tmp_path):
    first = take(client, tmp_path)
    server.asked.clear()
    assert take(client, tmp_path) == first
    assert server.asked == [] and is_whole(tmp_path)


def test_limit_is_exact_and_a_higher_one_goes_on(client, server, tmp_path):
    for limit in (1, 1, 13, 7):
        chairs, bells = take(client, tmp_path, limit=limit)
        assert chairs.items == bells.items == len(raw(tmp_path, "chair")) == max(limit, 13 if limit == 7 else 0)
        assert not chairs.done
    server.asked.clear()
    assert [state.done for state in take(client, tmp_path)] == [True, True]
    assert is_whole(tmp_path)
    assert {asked.parameters["cursor"][0] for asked in server.asked if asked.parameters["query"] == ["chair"]} == {
        "Aa+/=13", "Aa+/=23", "Aa+/=25"}


def test_text_of_any_kind_survives(client, server, tmp_path):
    item = make_item(1, title=["l'ull \u2028 d'or\n", "\ud800", "🏺", ""], key="")
    server.collections["chair"] = [item]
    take(client, tmp_path, [CHAIRS])
    half = "\ufffd"  # of a sign is not text
    assert raw(tmp_path, "chair")[0]["item"]["title"] == ["l'ull \u2028 d'or\n", half, "🏺", ""]


def test_item_that_the_service_gives_again_is_kept_once_and_counted(client, server, tmp_path):
    moved = COLLECTIONS["chair"]
    server.faults = [None, {"body": {"success": True, "totalResults": 25, "items": [*moved[7:15], moved[14], moved[14]],
                                     "nextCursor": "Aa+/=15"}}]
    chairs, = take(client, tmp_path, [CHAIRS])
    assert numbers(raw(tmp_path, "chair")) == list(range(25))
    assert (chairs.items, chairs.repeated, chairs.missing) == (25, 5, 0)


def test_item_given_again_after_a_restart_is_kept_once(client, server, tmp_path):
    take(client, tmp_path, [CHAIRS], limit=10)
    server.collections["chair"] = [make_item(99), *COLLECTIONS["chair"]]  # item 9 has moved to the next page
    chairs, = take(client, tmp_path, [CHAIRS])
    assert numbers(raw(tmp_path, "chair")) == list(range(25))
    assert (chairs.repeated, chairs.total, chairs.missing) == (1, 26, 0)


def test_an_item_s_position_stays_when_another_collection_grows(client, server, tmp_path):
    shared = Query("later", "chair")  # finds what chair finds
    take(client, tmp_path, [CHAIRS, shared], limit=2)
    take(client, tmp_path, [shared])
    before = {line["item"]["id"]: line["position"] for line in read_items(tmp_path) if line["collection"] == "later"}
    take(client, tmp_path, [CHAIRS], limit=5)
    after = {line["item"]["id"]: line["position"] for line in read_items(tmp_path) if line["collection"] == "later"}
    assert len(after) == 20 and after.items() <= before.items()


def test_end_that_comes_too_early_is_asked_for_again(client, server, tmp_path):
    server.faults = [None, {"body": {"success": True, "totalResults": 25}}]
    chairs, = take(client, tmp_path, [CHAIRS])
    assert numbers(raw(tmp_path, "chair")) == list(range(25)) and chairs.missing == 0


def test_an_empty_page_before_the_end_is_no_end(client, server, tmp_path):
    empty = {"body": {"success": True, "totalResults": 25, "items": [], "nextCursor": "Aa+/=25"}}
    server.faults = [None, empty, empty]
    with pytest.raises(UserError, match="gave an empty page of 'chair' after 10 items.* run the same command again"):
        take(client, tmp_path, [CHAIRS])
    chairs, = take(client, tmp_path, [CHAIRS])
    assert (chairs.items, chairs.done, chairs.missing) == (25, True, 0)


def test_two_services_are_not_mixed_in_one_folder(client, server, tmp_path):
    take(client, tmp_path, [CHAIRS], limit=10)
    state = tmp_path / "chair.state.json"
    state.write_text(state.read_text().replace("this machine", "api.europeana.eu"))
    with pytest.raises(UserError, match="is of api.europeana.eu, not of this machine; expected the same service"):
        take(client, tmp_path, [CHAIRS])


def test_items_counted_and_not_given_are_told(client, server, tmp_path, capsys):
    server.faults = [None, *[{"body": {"success": True, "totalResults": 25, "items": []}}] * 2]
    assert main([str(tmp_path), "--base-url", server.url, "--collection", "chair", "--queries", table(tmp_path)]) == 0
    assert "chair: 10 items, whole; 15 were counted by the service and not given" in capsys.readouterr().out
    assert len(server.asked) == 3


def test_query_without_items_is_done_and_makes_no_file(client, tmp_path):
    state, = take(client, tmp_path, [Query("nothing", "nothing")])
    assert state.done and state.items == 0
    assert list(read_items(tmp_path)) == []


# Stopped and started again

KILLED = """
import os, signal, sys
from pathlib import Path
from eufcc_lib.collection.europeana import harvest as module
from eufcc_lib.collection.europeana.client import Client
from eufcc_lib.collection.europeana.queries import Query

module.ROWS = 13
url, root = sys.argv[1], Path(sys.argv[2])
queries = [Query("chair", "chair", ("TYPE:IMAGE",)), Query("bell", "bell")]
events = 0

def watch(name, point):
    # What a killed process wrote is safe without fsync, which only a power cut needs, and which takes its time.
    real = os.replace if name == "replace" else lambda file: None
    def call(*arguments):
        for step in ("before", "after"):
            global events
            if events == point:
                if (name, step) == ("fsync", "before"):
                    try:
                        os.ftruncate(arguments[0], os.fstat(arguments[0]).st_size - 5)  # the page was half on disk
                    except OSError:
                        pass  # the state's file, which is open for reading
                os.kill(os.getpid(), signal.SIGKILL)
            events += 1
            if step == "before":
                real(*arguments)
    setattr(os, name, call)

def run(folder, point):
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1]
    watch("fsync", point)
    watch("replace", point)
    module.harvest(Client(base_url=url), queries, folder, progress=False)
    os._exit(0)

point, status = 0, signal.SIGKILL
while status == signal.SIGKILL:
    status = run(root / f"killed_{point}", point)
    again = run(root / f"killed_{point}", None)
    assert again == 0, (point, again)
    point += 1
for point_after in range(0, point, 6):  # killed at the same place of each of many runs
    for point_now in (point_after, 5, 3, None):
        run(root / f"often_{point_after}", point_now)
print(point - 1, status)
"""


@pytest.mark.slow
def test_kill_at_any_write_loses_and_doubles_nothing(server, tmp_path):
    # Python 3.12 warns of a fork where a library has threads; none of these runs while the processes live.
    run = subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-c", KILLED, server.url, str(tmp_path)],
                         capture_output=True, text=True, check=False, env=os.environ | {"EUROPEANA_API_KEY": KEY})
    assert run.stderr == ""
    kills, status = map(int, run.stdout.split())
    # Two states to begin with (an fsync and a replace), then 2 and 1 pages with a file more, and two empty pages.
    assert kills == 2 * (2 * 2 + 3 * 3 + 2 * 2) and status == 0
    folders = sorted(tmp_path.iterdir())
    assert len(folders) > kills and all(map(is_whole, folders))
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == [
            ".lock", "bell.jsonl.gz", "bell.state.json", "chair.jsonl.gz", "chair.state.json"]
        assert KEY.encode() not in everything_in(folder)


def table(folder):
    path = folder / "own.csv"
    path.write_text("collection,query,filters\nchair,chair,TYPE:IMAGE\nbell,bell,\n")
    return str(path)


def start_command(server, folder):
    return subprocess.Popen([sys.executable, "-m", "eufcc_lib", "harvest", str(folder / "raw"), "--base-url",
                             server.url, "--queries", table(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env=os.environ | {"EUROPEANA_API_KEY": KEY})


@pytest.mark.slow
def test_command_killed_while_the_service_answers_goes_on(server, tmp_path):
    server.collections = {"chair": [make_item(number) for number in range(250)], "bell": COLLECTIONS["bell"]}
    for answered in (1, 2):
        started = queue.SimpleQueue()
        server.faults = [None] * answered + [lambda started=started: started.get().kill()]
        command = start_command(server, tmp_path)
        started.put(command)
        command.communicate()
        assert command.returncode == -signal.SIGKILL
    server.faults = []
    command = start_command(server, tmp_path)
    out, error = command.communicate()
    assert command.returncode == 0 and error == ""
    assert numbers(raw(tmp_path / "raw", "chair")) == list(range(250))
    assert numbers(raw(tmp_path / "raw", "bell")) == list(range(20, 33))
    assert "chair: 250 items, whole" in out and "bell: 13 items, whole" in out
    assert KEY not in out and KEY.encode() not in everything_in(tmp_path)


def test_refusal_in_the_middle_keeps_what_came(client, server, tmp_path):
    server.faults = [None, None, {"status": 401, "body": new_error("401_key_disabled", "Unauthorized", 401)}]
    with pytest.raises(UserError, match="refused the API key"):
        take(client, tmp_path)
    assert numbers(raw(tmp_path, "chair")) == list(range(20))
    take(client, tmp_path)
    assert is_whole(tmp_path)


def test_faults_on_the_way_change_nothing(client, server, tmp_path):
    fault = [{"status": 429, "headers": {"Retry-After": "1"}}, {"status": 500}, {"body": b"{"},
             {"body": {"success": True, "items": COLLECTIONS["chair"]}, "cut": 900}]
    server.faults = [None, *fault, None, *fault, None, None, *fault]
    take(client, tmp_path)
    assert is_whole(tmp_path)


def test_full_disk_is_told_and_mended(client, server, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")
    take(client, tmp_path, limit=10)
    with monkeypatch.context() as patch:
        patch.setattr(harvest_module.os, "fsync", full)
        with pytest.raises(UserError, match="cannot be written .No space left on device"):
            take(client, tmp_path)
    take(client, tmp_path)
    assert is_whole(tmp_path)


def test_changed_query_is_refused_before_any_request(client, server, tmp_path):
    take(client, tmp_path, [CHAIRS], limit=10)
    server.asked.clear()
    for changed in (Query("chair", "chairs", ("TYPE:IMAGE",)), Query("chair", "chair")):
        with pytest.raises(UserError, match="chair.state.json is of the query 'chair & TYPE:IMAGE', not of '"):
            take(client, tmp_path, [BELLS, changed])
    assert server.asked == []


def test_folder_is_harvested_by_one_process_at_a_time(client, tmp_path):
    with FileLock(tmp_path / ".lock"), pytest.raises(UserError, match="is being harvested by another process"):
        take(client, tmp_path)
    take(client, tmp_path)
    assert is_whole(tmp_path)


def test_items_without_a_state_are_never_cut(client, tmp_path):
    take(client, tmp_path)
    (tmp_path / "bell.state.json").unlink()
    with pytest.raises(UserError, match="bell.jsonl.gz is there without bell.state.json; expected both, or neither"):
        take(client, tmp_path)
    assert is_whole(tmp_path)


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b""])
def test_file_shorter_than_its_state_is_told(client, tmp_path, damage):
    take(client, tmp_path)
    path = tmp_path / "bell.jsonl.gz"
    path.write_bytes(damage(path.read_bytes()))
    for use in (lambda: take(client, tmp_path), lambda: list(read_items(tmp_path))):
        with pytest.raises(UserError, match="bell.jsonl.gz has .* bytes; expected .*, as its state says"):
            use()


@pytest.mark.parametrize("where", [0, 40, -30])
def test_damaged_items_are_told(client, tmp_path, where):
    take(client, tmp_path)
    content = bytearray((tmp_path / "bell.jsonl.gz").read_bytes())
    content[where:where + 10 if where >= 0 else None] = b"0123456789" * (1 if where >= 0 else 3)
    (tmp_path / "bell.jsonl.gz").write_bytes(content)
    with pytest.raises(UserError, match="bell.jsonl.gz, line [0-9]+: damaged"):
        list(read_items(tmp_path))


def test_missing_items_are_told(client, tmp_path):
    take(client, tmp_path)
    state = json.loads((tmp_path / "bell.state.json").read_text())
    (tmp_path / "bell.state.json").write_text(json.dumps(state | {"items": 14}))
    with pytest.raises(UserError, match="bell.jsonl.gz has 13 items; expected 14"):
        list(read_items(tmp_path))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"filters": 1}', '{"collection": "bell", "filters": [], "more": 1}'])
def test_damaged_state_is_told(client, tmp_path, content):
    (tmp_path / "bell.state.json").write_text(content)
    with pytest.raises(UserError, match="bell.state.json is damaged; expected the state of a harvest"):
        take(client, tmp_path)


def test_folder_that_cannot_be_made_is_told(client, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        take(client, tmp_path / "file")


@pytest.mark.parametrize("limit", [0, -3])
def test_limit_below_one_is_refused(client, tmp_path, limit):
    with pytest.raises(UserError, match="limit: found .*; expected at least one item"):
        take(client, tmp_path, limit=limit)


# Reading

def test_each_item_is_read_once(client, tmp_path):
    take(client, tmp_path)
    lines = list(read_items(tmp_path, queries=[CHAIRS, BELLS]))
    assert [line["collection"] for line in lines] == ["chair"] * 25 + ["bell"] * 8
    assert numbers(lines) == list(range(33))
    lines = list(read_items(tmp_path))  # neither is in the paper's table: by name
    assert numbers(lines) == [*range(20, 33), *range(20)]


def test_collections_are_read_in_the_order_of_the_papers_table(client, tmp_path):
    queries = [Query("bell", "bell"), Query("art", "bell"), Query("toy", "chair")]
    take(client, tmp_path, queries)
    assert [line["collection"] for line in read_items(tmp_path)] == ["art"] * 13 + ["toy"] * 20


def test_unfinished_page_is_not_read(client, tmp_path):
    take(client, tmp_path, [CHAIRS], limit=20)
    with open(tmp_path / "chair.jsonl.gz", "ab") as file:
        file.write(gzip.compress(b'{"item": {"id": "half"}}\n')[:-9])
    assert numbers(read_items(tmp_path)) == list(range(20))
    take(client, tmp_path)
    assert is_whole(tmp_path)


def test_folder_without_a_harvest_is_told(tmp_path):
    with pytest.raises(UserError, match="holds no harvest; expected files"):
        list(read_items(tmp_path))


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside the project")
def test_recorded_answer_is_harvested_as_it_is(client, server, tmp_path):
    answer = json.loads((RECORDED / "project_vuejs" / "search_items_50.json").read_text())
    server.collections["art"] = answer["items"]
    take(client, tmp_path, [Query("art", "art")])
    assert [line["item"] for line in read_items(tmp_path)] == answer["items"]


# Plan, progress, command

def test_plan_tells_items_requests_and_hours(client, server):
    server.collections = {"chair": COLLECTIONS["chair"], "bell": []}
    found = plan(client, [CHAIRS, BELLS])
    assert found.to_dict("records") == [
        {"collection": "chair", "query": "chair & TYPE:IMAGE", "items": 25, "requests": 4, "hours": 0.004},
        {"collection": "bell", "query": "bell", "items": 0, "requests": 1, "hours": 0.001}]
    assert [asked.parameters["rows"] for asked in server.asked] == [["1"], ["1"]]
    assert plan(client, [CHAIRS], limit=10)["requests"].tolist() == [2]


def test_plan_counts_the_requests_that_a_harvest_sends(client, server, tmp_path):
    expected = plan(client, [CHAIRS, BELLS])["requests"].sum()
    server.asked.clear()
    take(client, tmp_path)
    assert len(server.asked) == expected


def test_plan_takes_the_limit_that_the_service_tells(client, server):
    server.headers = {"RateLimit": '"project";r=900;t=60', "RateLimit-Policy": '"project";q=1000;w=360'}
    found = plan(client, [CHAIRS])
    assert found.attrs["requests_per_hour"] == 10_000 and found["hours"].tolist() == [4 / 10_000]


def test_plan_needs_the_number_of_items(client, server):
    server.faults = [{"body": {"success": True}}]
    with pytest.raises(UserError, match="gave no 'totalResults' for bell"):
        plan(client, [BELLS])


@given(st.integers(0, 300), st.integers(0, 50), st.integers(1, 40), st.integers(1, 60), st.integers(1, 90))
def test_time_to_go_waits_for_each_window(requests, left, quota, reset, seconds):
    clock, end, allowed = 0, reset, left
    for _ in range(requests):
        if not allowed:
            clock, end, allowed = end, end + seconds, quota
        allowed -= 1
    assert seconds_to_go(requests, Window(left, reset, quota, seconds), pace=0.0) == clock


def test_time_to_go_without_a_known_limit_is_the_pace():
    assert seconds_to_go(7, None, 2.0) == seconds_to_go(7, Window(1, 5), 2.0) == 14.0


def test_progress_shows_items_requests_left_and_time_to_go(client, server, tmp_path, capsys):
    server.headers = {"RateLimit": '"personal";r=1;t=1800', "RateLimit-Policy": '"personal";q=1000;w=3600'}
    harvest(client, [CHAIRS], tmp_path, limit=20)
    shown = capsys.readouterr()
    assert "chair:  50%" in shown.out and "10/20 items, requests left 1 of 1,000, 30 min to go" in shown.out
    assert "chair: 100%" in shown.out and "20/20 items, requests left 1 of 1,000" in shown.out
    assert shown.err == ""


def test_command_harvests_and_tells(server, tmp_path, capsys):
    assert main([str(tmp_path / "raw"), "--base-url", server.url, "--queries", table(tmp_path), "--limit", "20"]) == 0
    shown = capsys.readouterr()
    assert "chair: 20 items, not whole yet\nbell: 13 items, whole\n" in shown.out and shown.err == ""
    assert len(raw(tmp_path / "raw", "chair")) == 20


def test_dry_run_writes_nothing(server, tmp_path, capsys):
    folder = tmp_path / "raw"
    assert main([str(folder), "--base-url", server.url, "--queries", table(tmp_path), "--dry-run"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["collection", "query", "items", "requests", "hours"]
    assert shown[-1] == "38 items in 7 requests, 0.01 hours at 1,000 requests per hour."
    assert not folder.exists()


def test_dry_run_of_the_papers_collections_asks_once_each(server, tmp_path, capsys):
    assert main([str(tmp_path), "--base-url", server.url, "--dry-run", "--collection", "toy", "art"]) == 0
    assert [asked.parameters["query"] for asked in server.asked] == [["art"], ["toy"]]


@pytest.mark.parametrize(("arguments", "expected"), [
    (["--collection", "painting"], "Unknown collection 'painting'. Known collections: archaeological_artifact, art, "),
    (["--base-url", "nowhere"], "nowhere is not a URL"),
    (["--limit", "0"], "limit: found 0"),
    (["--queries", "/nowhere.csv"], "/nowhere.csv cannot be read ("),
])
def test_command_shows_a_sentence_and_no_traceback(server, tmp_path, capsys, arguments, expected):
    assert main([str(tmp_path), *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(expected) and shown.err.count("\n") == 1
    assert shown.out == ""


def test_command_without_a_key_tells_where_it_belongs(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("EUROPEANA_API_KEY", raising=False)
    assert main([str(tmp_path)]) == 2
    assert "EUROPEANA_API_KEY is not set" in capsys.readouterr().err


def test_command_can_be_interrupted(server, tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt
    monkeypatch.setattr(harvest_module, "harvest", interrupt)
    assert main([str(tmp_path)]) == 130
    assert "to resume" in capsys.readouterr().err


# The table of queries

def test_the_paper_has_seventeen_collections():
    queries = read_queries()
    assert [query.collection for query in queries] == [
        "art", "textile", "costume", "tool", "ceramic", "jewelry", "furniture", "numismatics", "musical_instruments",
        "archaeological_artifact", "toy", "art_of_sculpture", "heraldry", "mosaic", "tapestry", "bookbinding",
        "stained_glass"]
    assert all(query.filters == ("TYPE:IMAGE",) for query in queries)
    assert queries[8].query == '"musical instruments"'


def test_photography_and_painting_are_no_collections():
    assert not any(word in query.collection + query.query for query in read_queries() for word in ("photo", "paint"))


def test_own_table_may_have_filters_and_columns_of_its_own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes('\ufefffilters,note,query,collection\r\n'
                     '"TYPE:IMAGE ; what:(a OR ""b c"")",ours, còdex ,codex\r\n\r\n,,x,bell_2\r\n'.encode())
    assert read_queries(path) == (Query("codex", "còdex", ("TYPE:IMAGE", 'what:(a OR "b c")')), Query("bell_2", "x"))


@pytest.mark.parametrize(("content", "expected"), [
    ("", "line 1: expected the columns collection, query, filters, each once; found nothing"),
    ("collection,query,filters\n", "has no queries"),
    ("collection,query\nart,art\n", "line 1: expected the columns .*; found collection, query"),
    ("collection,query,filters,query\n", "line 1: expected the columns .* each once"),
    ("collection,query,filters\nart,art\n", "line 2: found 2 fields; expected 3"),
    ("collection,query,filters\nart,art,\n\nart,b,\n", "line 4, column 'collection': 'art' occurs twice"),
    ("collection,query,filters\n../art,art,\n", "line 2, column 'collection': found '../art'; expected lower-case"),
    ("collection,query,filters\nart, ,\n", "line 2, column 'query': found nothing"),
    ("collection,query,filters\nart,a,b;;c\n", "line 2, column 'filters': found an empty filter"),
    ('collection,query,filters\nart,"a,b\n', "line 2: broken quoting"),
    (b"collection,query,filters\nart,\xe9,\n", "cannot be read .*utf-8"),
    (None, "cannot be read .*No such file.*; expected a table of queries"),
])
def test_faults_of_a_table_are_told_with_their_place(tmp_path, content, expected):
    path = tmp_path / "own.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=f"own.csv.*{expected}"):
        read_queries(path)


def test_chosen_collections_keep_the_tables_order():
    queries = read_queries()
    assert [query.collection for query in select(queries, ["toy", "art"])] == ["art", "toy"]
    with pytest.raises(UserError, match="Unknown collection 'paintings'. Known collections: archaeological_artifact, "):
        select(queries, ["art", "paintings"])
