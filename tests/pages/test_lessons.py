"""The two lessons can be taught from their pages: minutes add up, and what the teacher opens, types and reads is there."""

import re
import shlex
import textwrap

import nbformat
import pytest

from eufcc_lib.__main__ import main
from eufcc_lib.core.errors import unknown
from eufcc_lib.core.paths import ROOT

BOOK, NOTEBOOKS = ROOT / "book", ROOT / "notebooks"
HOURS = {"half_day": 3, "day": 6}
PAGES = {name: (BOOK / f"{name}.md").read_text(encoding="utf-8") for name in (*HOURS, "teaching")}
BREAKS = ("Break", "Second break", "Lunch")
PLAIN = (*BREAKS, "Welcome", "Five questions", "Farewell")
"""What stands in a schedule and teaches nothing new."""


def sections(text: str) -> dict[str, str]:
    """What stands under each heading of the second level."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def schedule(lesson: str) -> list[tuple[int, int, str]]:
    """Start, minutes and name of each episode."""
    rows = re.findall(r"^\| (\d):(\d\d) \| (\d+) \| (.+?) \|", sections(PAGES[lesson])["Schedule"], re.MULTILINE)
    return [(60 * int(hours) + int(minutes), int(length), name) for hours, minutes, length, name in rows]


def commands(text: str) -> list[str]:
    """The lines of the code blocks without a language, with continued ones joined."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in re.sub(r"\\\n", " ", block).splitlines()]


def headings(page: str) -> set[str]:
    """The headings of a page that a link names: a template or a page without code."""
    name = page.removeprefix("runs/")
    text = ("\n".join(cell.source for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4).cells) if name != page
            else (BOOK / f"{page}.md").read_text(encoding="utf-8"))
    return set(re.findall(r"^#+ (.+)$", text, re.MULTILINE))


EPISODES = [(lesson, name) for lesson in HOURS for _, _, name in schedule(lesson) if name not in PLAIN]


@pytest.mark.parametrize("lesson", HOURS)
def test_the_minutes_add_up_to_the_stated_hours_and_each_episode_begins_where_the_last_one_ends(lesson):
    end = 0
    for start, length, name in schedule(lesson):
        assert start == end, name
        end += length
    assert end == 60 * HOURS[lesson]
    assert {3: "three hours", 6: "six hours"}[HOURS[lesson]] in PAGES[lesson]


@pytest.mark.parametrize("lesson", HOURS)
def test_the_steps_of_each_episode_take_its_minutes(lesson):
    for _, length, name in schedule(lesson):
        steps = re.findall(r"^- \*\*(\d+) min\*\*", sections(PAGES[lesson])[name] if name not in BREAKS else "", re.MULTILINE)
        if steps or name not in (*BREAKS, "Five questions"):
            assert sum(map(int, steps)) == length, name


@pytest.mark.parametrize(("lesson", "name"), EPISODES)
def test_each_episode_has_questions_objectives_key_points_and_says_what_may_be_left_out(lesson, name):
    text = sections(PAGES[lesson])[name]
    for row in ("Questions", "Objectives"):
        assert re.search(rf"^\| {row} \| \S.+ \|$", text, re.MULTILINE), row
    assert len(re.findall(r"^- ", text.partition("**Key points**")[2].partition("**May")[0], re.MULTILINE)) >= 3
    assert re.search(r"\*\*May be left out:\*\* \S", text)


@pytest.mark.parametrize(("lesson", "name"), EPISODES)
def test_each_section_that_an_episode_opens_is_on_the_page_it_names(lesson, name):
    row = re.search(r"^\| (?:Open|On the screen) \| (.+) \|$", sections(PAGES[lesson])[name], re.MULTILINE)[1]
    for page, named in re.findall(r"\]\(([\w/]+)\)([^\[]*)", row):
        assert set(re.findall(r"\*(.+?)\*", named)) <= headings(page), page


@pytest.mark.parametrize("page", PAGES)
def test_each_linked_page_exists(page):
    for target in re.findall(r"\]\((?!https:)([^)]+)\)", PAGES[page]):
        name = target.removeprefix("runs/")
        assert (NOTEBOOKS / f"{name}.ipynb" if name != target else BOOK / f"{name}.md").is_file(), target


@pytest.mark.parametrize("lesson", HOURS)
def test_there_are_five_questions_with_answers_that_a_keyboard_opens(lesson):
    text = sections(PAGES[lesson])["Five questions"]
    assert re.findall(r"^\*\*(\d)\.\*\* ", text, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    assert len(re.findall(r"^<details><summary>Answer</summary>\n\n\S.+?\n\n</details>$", text, re.MULTILINE | re.DOTALL)) == 5


@pytest.mark.parametrize("lesson", HOURS)
def test_the_machine_is_checked_before_anything_else(lesson):
    assert next(iter(sections(PAGES[lesson]))) == "Check your machine"
    assert commands(sections(PAGES[lesson])["Check your machine"]) == ["eufcc doctor"]


@pytest.mark.parametrize("page", PAGES)
def test_each_command_exists_and_takes_the_options_that_it_is_given(page, capsys):
    asked = set(commands(PAGES[page]))
    for line in (line for line in asked if line.startswith("eufcc ")):
        name, *words = shlex.split(line)[1:]
        with pytest.raises(SystemExit):
            main([name, "--help"])
        known = capsys.readouterr().out
        assert all(word in known for word in words if word.startswith("--")), line
    for line in (line for line in asked if line.startswith("papermill ")):
        template, out, *words = shlex.split(line)[1:]
        cells = nbformat.read(ROOT / template, 4).cells
        known = next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
        given = [words[place + 1] for place, word in enumerate(words) if word == "-p"]
        assert out == "OUT.ipynb" and all(re.search(rf"^{name} = ", known, re.MULTILINE) for name in given), line


def test_the_table_that_is_ranked_by_hand_is_the_one_that_the_page_on_metrics_ranks():
    rows = re.findall(r"^ +\| (tag|score) \| (.+) \|$", sections(PAGES["day"])["Metrics by hand"], re.MULTILINE)
    cells = nbformat.read(NOTEBOOKS / "metrics.ipynb", 4).cells
    given = {}
    exec(next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])), given)  # noqa: S102
    tags, scores = (row.replace("−", "-").split(" | ") for _, row in rows)
    assert tags == given["tags"] and list(map(float, scores)) == given["scores"]
    assert given["relevant"] == ["metal", "bronze"]


def test_the_ranks_of_two_models_are_added_up(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for model, scores in (("multi_label", (9., 5., 1.)), ("clip_prompt", (.1, .8, .2))):
        rows = zip("abc", scores, strict=True)
        lines = [f"1,materials,{tag},{score}" for tag, score in rows]
        (tmp_path / f"{model}_val.csv").write_text("\n".join(["idInSource,facet,tag,score", *lines]), encoding="utf-8")
    text = sections(PAGES["day"])["Enter the benchmark"]
    exec(textwrap.dedent(re.search(r"^ *```python\n(.*?)```$", text, re.MULTILINE | re.DOTALL)[1]), {})  # noqa: S102
    assert (tmp_path / "mine_val.csv").read_text(encoding="utf-8").splitlines() == [
        "idInSource,facet,tag,score", "1,materials,a,4.0", "1,materials,b,5.0", "1,materials,c,3.0"]


def test_the_table_to_fill_in_has_the_planned_minutes_of_both_lessons():
    rows = re.findall(r"^\| ([^|\n]+?) \| (\d+) \|(?: +\|){3}$", sections(PAGES["teaching"])["Minutes to adjust"], re.MULTILINE)
    assert rows == [(name, str(length)) for lesson in HOURS for _, length, name in schedule(lesson) if name not in BREAKS]


OTHERS = ("make: command not found", "CERTIFICATE_VERIFY_FAILED", "No space left on device", "eufcc: command not found",
          "No module named 'eufcc_lib'", "a notebook's text fills the terminal")
"""What other programs say."""


def test_the_messages_that_a_teacher_looks_up_are_those_that_the_project_prints():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "Makefile", *sorted((ROOT / "eufcc_lib").rglob("*.py")))]
    printed = re.sub(r'"\s*\n?\s*f?"', "", "\n".join(sources)) + str(unknown("parameter", "", []))
    messages = re.findall(r"^\| (.+?) \|", sections(PAGES["teaching"])["When the installation fails"], re.MULTILINE)
    messages = [message.replace("`", "") for message in messages if message not in (*OTHERS, "On the screen", "---")]
    assert len(messages) > 15
    for message in messages:
        without_name = re.sub(r"^(lack|warn) (Python|packages|GPU|browser|disk for|write to|port)", "", message)
        assert all(piece.strip(" .,'()") in printed for piece in re.split("…|: ", without_name)), message
