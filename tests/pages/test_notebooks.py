"""Templates in notebooks/: no outputs, one cell of plain parameters, and a story told in short cells."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from copy import deepcopy
from functools import cache

import nbformat
import pytest

from eufcc_lib.core import paths
from eufcc_lib.core.errors import UserError
from eufcc_lib.core.paths import ROOT
from eufcc_lib.pages.exercises import with_directives
from eufcc_lib.training import launch
from eufcc_lib.training.recipes import OVERRIDES

FOLDED = {"hide-cell", "hide-input", "remove-cell", "remove-input", "parameters"}
"""Tags of cells whose code a reader of the book does not see, or sees as configuration."""

TEMPLATES = sorted((ROOT / "notebooks").glob("*.ipynb"))


@cache
def valid(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    notebook.name = path.stem
    return notebook


@pytest.fixture(params=TEMPLATES, ids=lambda path: path.stem)
def template(request):
    return deepcopy(valid(request.param))


def code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_templates():
    assert TEMPLATES


def test_template_holds_no_outputs(template):
    assert not [cell.id for cell in code(template) if cell.outputs or cell.execution_count is not None]


def test_cells_have_their_own_stable_names(template):
    ids = [cell.id for cell in template.cells]
    assert len(set(ids)) == len(ids)
    assert not [name for name in ids if re.fullmatch(r"[0-9a-f]{8}", name)], "named by chance: git would show noise"


def test_template_opens_with_its_title_and_what_it_takes(template):
    opening = template.cells[0].source
    assert opening.startswith("# ")
    for row in ("You will learn", "You need", "It takes", "Made by"):
        assert f"| {row} |" in opening
    assert f"papermill notebooks/{template.name}.ipynb " in opening


def test_one_cell_of_plain_parameters_each_with_a_comment(template):
    (cell,) = (cell for cell in code(template) if "parameters" in cell.metadata.get("tags", []))
    assert cell is code(template)[0]
    for statement in ast.parse(cell.source).body:
        assert isinstance(statement, ast.Assign), ast.unparse(statement)
        ast.literal_eval(statement.value)
    assert all("#" in line for line in cell.source.splitlines() if line.strip())


def test_parameters_are_checked_right_after(template):
    given, check = code(template)[:2]
    assert "from eufcc_lib.pages.parameters import check_parameters" in check.source
    names = {statement.targets[0].id for statement in ast.parse(given.source).body}
    (call,) = (node for node in ast.walk(ast.parse(check.source)) if isinstance(node, ast.Call)
               and getattr(node.func, "id", "") == "check_parameters")
    if not any(keyword.arg is None for keyword in call.keywords):
        assert {keyword.arg for keyword in call.keywords} == names


def test_code_is_short_and_leaves_the_logic_to_the_library(template):
    """A reader sees six lines at most; what is folded up is for those who change it, and so are the parameters.

    The model by hand has functions: there they are the story.
    """
    longest = 6 if template.name == "by_hand" else 3
    for cell in code(template):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                assert node.end_lineno - node.lineno < longest, f"{cell.id}: {node.name}"
        if not FOLDED & set(cell.metadata.get("tags", [])):
            assert len(cell.source.splitlines()) <= 6, cell.id


def test_what_is_for_the_machine_is_folded_up(template):
    """The check of the parameters, the imports and the code of sentences are no part of the story."""
    for cell in code(template):
        if re.search(r"^(from|import) |\b(check_parameters|say|publish)\(", cell.source, re.MULTILINE):
            assert FOLDED & set(cell.metadata.get("tags", [])), cell.id


def test_code_that_a_reader_sees_fits_the_page(template):
    """84 characters fit beside the sidebar; a longer line would scroll."""
    for cell in code(template):
        if not {"remove-cell", "remove-input"} & set(cell.metadata.get("tags", [])):
            assert not [line for line in cell.source.splitlines() if len(line) > 84], cell.id


def test_text_reads_the_same_in_jupyter_as_in_the_book(template):
    """No role, directive or label of MyST, which only the book understands, and links to files that are there."""
    for cell in template.cells:
        if cell.cell_type == "markdown" or "say(" in cell.source:
            assert not re.search(r"\{[a-z:]+\}`|^:::|^```\{|^\([\w-]+\)=", cell.source, re.MULTILINE), cell.id
            assert cell.cell_type == "markdown" or not re.search("^#+ ", cell.source, re.MULTILINE), f"{cell.id}: a heading in an output"
            for target in re.findall(r"\]\(([^)\s]+)\)", cell.source):
                assert re.match("https?://", target) or (ROOT / "notebooks" / target).is_file(), f"{cell.id}: {target}"


NO_LESSON = {"benchmarks", "status"}
"""Pages that report on this copy and its machine."""


def test_chapter_has_exercises_and_each_its_solution(template):
    """`eufcc_lib.pages.exercises` says how they are written; JupyterLab folds a solution as the book does."""
    kinds = [[tag for tag in cell.metadata.get("tags", []) if tag in ("exercise", "solution")] for cell in template.cells]
    assert [kind for kind in kinds if kind].count(["exercise"]) >= (0 if template.name in NO_LESSON else 2)
    assert not re.search("xercise", template.cells[-1].source) or kinds[-1] == ["solution"]
    for cell, kind, following in zip(template.cells, kinds, kinds[1:] + [[]]):
        assert kind != ["exercise"] or following == ["solution"], cell.source
        assert not cell.source.startswith("#### Solution") or cell.metadata.get("jp-MarkdownHeadingCollapsed"), cell.id
    with_directives(template.cells, template.name)


@pytest.mark.slow
def test_a_chapter_that_trains_nothing_waits_for_no_library_of_trainings():
    """One process imports for one chapter after the other."""
    lines = ["import sys"]
    for name in ("records", "statistics", "metrics", "printed", "museum", "sunburst", "tables"):
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
        lines += [line for cell in code(notebook) for line in cell.source.splitlines() if line.startswith(("import ", "from "))]
        slow = {"torch", "timm", "open_clip", "panel"}
        lines.append(f"print({name!r}, *{slow} & {{*sys.modules}})")
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [line for line in done.stdout.splitlines() if " " in line]


def test_parameters_are_checked_before_any_library_is_loaded():
    program = "from eufcc_lib.pages.parameters import check_parameters; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "torch", "jinja2", "matplotlib"} & set(done.stdout.split())


def test_code_is_plain_python_that_leaves_the_machine_alone(template):
    for cell in code(template):
        tree = ast.parse(cell.source)  # `%magic` and `!command` are no Python
        assert not re.search(r"sys\.path|\bpip\b|subprocess|os\.system", ast.unparse(tree)), cell.id
        tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
        assert not [token for token in tokens if token.string == ";"], cell.id
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        assert not [text for text in texts if re.match(r"(/|~|[A-Za-z]:\\)\w", text)], cell.id


def test_training_notebook_offers_every_setting_of_a_recipe_and_leaves_it_as_it_is():
    notebook = nbformat.read(ROOT / "notebooks" / "train.ipynb", 4)
    given = {statement.targets[0].id: statement.value for statement in ast.parse(code(notebook)[0].source).body}
    assert {name: ast.literal_eval(given[name]) for name in OVERRIDES} == dict.fromkeys(OVERRIDES)


def run_code(notebook, namespace: dict, *until: str, **given) -> None:
    """Run the code cells up to one of these names, with parameters as papermill gives them."""
    for cell in code(notebook):
        exec(cell.source, namespace)  # noqa: S102
        if "parameters" in cell.metadata.get("tags", []):
            namespace.update(given)
        if cell.id in until:
            return


@pytest.mark.parametrize("name", ["tables", "reading", "artifact", "status"])
def test_data_that_is_not_there_is_refused_before_anything_is_written(name, own_paths):
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    with pytest.raises(UserError, match="Unknown data 'nowhere'. Known data: mini, eufcc340k, eufcc340k-laptop, or a folder"):
        run_code(notebook, {}, "check", data="nowhere")
    run_code(notebook, {}, "check", data="mini")
    assert not paths.RESULTS.exists()


def test_examples_of_a_split_that_is_not_there_are_refused_before_training(squares_folder, monkeypatch):
    monkeypatch.setattr(launch, "train", None)
    notebook = nbformat.read(ROOT / "notebooks" / "train.ipynb", 4)
    with pytest.raises(UserError, match="Unknown split 'tets_id'. Known splits: test_id, test_ood, train, val."):
        run_code(notebook, {}, "train", data=str(squares_folder), examples="tets_id", minimum=4)


RUNS = sorted((ROOT / "book" / "runs").glob("*.ipynb"))


# A folder of a person or of one machine. Other paths may be shown: the identifier of an object may begin with a slash, and
# `eufcc doctor` names the browser of the system. Not in base64, nor within an address.
PLACE = re.compile(r"(?<![\w./+~<-])(?:/(?:tmp|home|root|work|workspaces?|scratch|content|Users|Volumes|private|var|opt|srv|mnt|media)"
                   r"(?![\w.+-])|[A-Za-z]:\\|\\\\\w|file:/)")


def texts(node):
    """Every text in it, names of keys included; an attachment or an output whose lines are a list is one text."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_run_in_the_book_came_through_and_names_no_place_of_its_machine(path):
    notebook = nbformat.read(path, 4)
    assert not [cell.id for cell in code(notebook) if any(out.output_type == "error" for out in cell.outputs)]
    assert all(cell.execution_count for cell in code(notebook))
    here = re.compile(rf"(?<![\w./-]){re.escape(str(ROOT))}(?![\w-])")  # "/data" is a checkout's folder, and no part of an address
    assert "papermill" in notebook.metadata
    named = [text[max(0, found.start() - 40):found.end() + 40] for text in texts(notebook) for place in (PLACE, here)
             if (found := place.search(text))]
    assert not named, "a run is written by `make book`, whose paths are relative"


def test_a_place_of_a_machine_is_told_from_an_address():
    for text in ("/tmp/out/adding.ipynb", "read from '/home/ana/eufcc'", "folder=/Users/ana/data", "/root", r"C:\Users\Ana\data",
                 r"\\server\museum", "file:///srv/museum", "(/private/var/folders/x)"):
        assert PLACE.search(text), text
    for text in ("_build/running/adding.ipynb", "https://example.org/home/", "/mini/art_000581", "~/stick", "in tmp/ or/home",
                 "data:image/jpeg;base64,/9j/4AA+/tmp/", "</home>", "/usr/bin/chromium", "Wikipedia: http://x", "/homepage"):
        assert not PLACE.search(text), text


REPEATABLE = ("metrics", "printed", "records", "statistics", "sunburst", "museum")
"""The runs that `make test` repeats cell by cell, in place of their templates."""


@pytest.mark.parametrize("path", [path for path in RUNS if path.stem in REPEATABLE], ids=lambda path: path.stem)
def test_a_run_that_is_repeated_has_the_code_of_its_template(path):
    template = nbformat.read(ROOT / "notebooks" / path.name, 4)
    run = [cell.source for cell in code(nbformat.read(path, 4)) if "injected-parameters" not in cell.metadata.get("tags", [])]
    assert run == [cell.source for cell in code(template)], "run `make book`"
    assert f" {path.stem}" in re.search(r"^REPEATABLE := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0]
