"""Annotation paths as text, label files, and tags arranged in a tree whatever the annotations say."""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eufcc_lib.core.errors import UserError
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.core.paths import ROOT
from eufcc_lib.data.label_files import read_label_tree, read_label_vocabulary, write_label_tree, write_label_vocabulary
from eufcc_lib.data.taxonomy import TOP, Taxonomy, Vocabulary, arrange_tree, format_paths, parse_paths

OFFICIAL = ROOT.parent / "shared" / "data" / "official"
needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official label files are not beside the project")

names = st.text(st.characters(exclude_characters="|$", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text == text.strip())
paths = st.lists(st.lists(names, min_size=1, max_size=4).map(tuple), max_size=4).map(tuple)


@given(paths)
def test_formatted_paths_parse_to_themselves(paths):
    assert parse_paths(format_paths(paths)) == paths


@given(st.lists(st.sampled_from(["a", "b c", " ", "|", "$", " | ", " $ ", ""]), max_size=7).map("".join))
def test_any_cell_is_either_refused_or_formatted_back_to_itself(cell):
    try:
        parsed = parse_paths(cell)
    except UserError:
        return
    assert format_paths(parsed) == cell


@pytest.mark.parametrize("cell", ["metal |  | bronze", "metal | ", " | metal", "metal $  $ wood", " ", "metal $ "])
def test_empty_element_is_refused(cell):
    with pytest.raises(UserError) as error:
        parse_paths(cell)
    assert str(error.value) == f"empty element in {cell!r}. Elements are separated by ' | ', paths by ' $ '."


@pytest.mark.parametrize("cell", ["metal|bronze", "metal |bronze", "metal  | bronze", "metal $wood", "metal "])
def test_separator_without_its_spaces_is_refused(cell):
    with pytest.raises(UserError, match="stray separator or space at"):
        parse_paths(cell)


@pytest.mark.parametrize("paths", [[()], [("a", "")], [("a | b",)], [("a ",)], [("a $ b",)]])
def test_names_that_would_not_come_back_are_not_written(paths):
    with pytest.raises(UserError):
        format_paths(paths)


def tree_of(edges):
    """Parent name of each tag, None at a root."""
    tree = arrange_tree("materials", edges)
    return {name: tree.names[parent] if parent >= 0 else None for name, parent in zip(tree.names, tree.parent)}


def test_tree_is_in_preorder_with_siblings_by_code_point():
    tree = arrange_tree("materials", {"metal": {TOP: 3}, "bronze": {"metal": 1}, "Zinc": {"metal": 1},
                                      "àgata": {TOP: 1}, "brass": {"metal": 1}, "leaf": {"bronze": 1}})
    assert tree.names == ("metal", "Zinc", "brass", "bronze", "leaf", "àgata")
    assert tree.parent.tolist() == [-1, 0, 0, 0, 3, -1]
    assert tree.depth.tolist() == [0, 1, 1, 1, 2, 0]
    assert tree.roots == (0, 5)
    assert tree.children(0) == (1, 2, 3)
    assert tree.path(4) == ("metal", "bronze", "leaf")
    assert tree.index["leaf"] == 4


def test_tag_takes_its_most_frequent_parent_and_keeps_all():
    edges = {"a": {TOP: 9}, "b": {TOP: 9}, "x": {"a": 2, "b": 3, TOP: 1}}
    tree = arrange_tree("materials", edges)
    assert tree.path(tree.index["x"]) == ("b", "x")
    assert tree.parents[tree.index["x"]] == (-1, tree.index["a"], tree.index["b"])


def test_equally_frequent_parents_are_told_apart_by_name_the_top_first():
    assert tree_of({"a": {TOP: 9}, "b": {TOP: 9}, "x": {"b": 2, "a": 2}})["x"] == "a"
    assert tree_of({"a": {TOP: 9}, "x": {"a": 2, TOP: 2}})["x"] is None


def test_repeated_name_is_no_parent_of_itself_in_the_tree():
    tree = arrange_tree("materials", {"plat": {TOP: 1, "plat": 5}})
    assert tree.parent.tolist() == [-1]
    assert tree.parents == ((-1, 0),)


def test_loop_is_broken_at_its_least_frequent_step():
    # a | b in five images, b | a in three: b stays below a.
    assert tree_of({"a": {"b": 3}, "b": {"a": 5}}) == {"a": None, "b": "a"}
    assert tree_of({"a": {"c": 1}, "b": {"a": 2}, "c": {"b": 3}}) == {"a": None, "b": "a", "c": "b"}


def test_tag_whose_best_parent_would_close_a_loop_takes_the_next_best():
    edges = {"r": {TOP: 1}, "a": {"b": 3, "r": 1}, "b": {"a": 5}}
    assert tree_of(edges) == {"r": None, "a": "r", "b": "a"}


tags = st.sampled_from("abcdef")
edge_sets = st.dictionaries(st.tuples(tags, st.one_of(st.none(), tags)), st.integers(1, 4), min_size=1)


def edges_of(counts):
    """For each tag its parents with their counts, from counts of (tag, parent)."""
    edges = {tag: {} for step in counts for tag in step if tag}
    for (tag, parent), count in counts.items():
        edges[tag][parent] = count
    return edges


@given(edge_sets, st.randoms(use_true_random=False))
def test_any_annotation_gives_a_tree_in_preorder_that_ignores_the_order_of_input(counts, random):
    edges = edges_of(counts)
    tree = arrange_tree("materials", edges)

    assert sorted(tree.names) == sorted(edges)
    for tag, parent in enumerate(tree.parent.tolist()):
        assert parent < tag
        assert tree.depth[tag] == len(tree.path(tag)) - 1
        if parent >= 0:
            assert tree.names[parent] in edges[tree.names[tag]]
            assert parent in tree.parents[tag]
    # In preorder, what lies below a tag follows it without a gap, and siblings are sorted.
    assert [tree.path(tag) for tag in range(len(tree))] == sorted(tree.path(tag) for tag in range(len(tree)))
    shuffled = list(edges)
    random.shuffle(shuffled)
    again = arrange_tree("materials", {tag: edges[tag] for tag in shuffled})
    assert again.names == tree.names and np.array_equal(again.parent, tree.parent) and again.parents == tree.parents


def test_label_file_is_read_as_drawn(tmp_path):
    file = tmp_path / "materials.txt"
    file.write_text("Root\n├── metal\n│   ├── bronze\n│   │   └── leaf\n│   └── *zinc\n└── wood\n    └── oak", "utf-8")
    tree = read_label_tree(file, "materials")
    assert [tree.path(tag) for tag in range(len(tree))] == [
        ("metal",), ("metal", "*zinc"), ("metal", "bronze"), ("metal", "bronze", "leaf"), ("wood",), ("wood", "oak")]
    assert tree.images.tolist() == [0] * 6


@pytest.mark.parametrize("text, message", [
    ("", "line 1: found ''; expected a label tree that begins with 'Root'"),
    ("metal\n", "line 1: found 'metal'"),
    ("Root\n├── metal\n bronze\n", "line 3: found ' bronze'"),
    ("Root\n├── metal\n│   │   └── leaf\n", "line 3: .* at most one level below"),
    ("Root\n├── \n", "line 2: found '├── '"),
])
def test_what_is_no_label_tree_is_refused_with_its_line(tmp_path, text, message):
    file = tmp_path / "materials.txt"
    file.write_text(text, "utf-8")
    with pytest.raises(UserError, match=message):
        read_label_tree(file, "materials")


def test_label_file_that_is_missing_or_not_utf8_is_refused(tmp_path):
    with pytest.raises(UserError, match="materials.txt does not exist"):
        read_label_tree(tmp_path / "materials.txt", "materials")
    (tmp_path / "materials.txt").write_bytes("Root\n└── cot".encode() + b"\xf3")
    with pytest.raises(UserError, match="line 2: not UTF-8"):
        read_label_tree(tmp_path / "materials.txt", "materials")


def test_label_file_is_drawn_as_the_official_ones_are(tmp_path):
    tree = arrange_tree("materials", {"metal": {TOP: 3}, "bronze": {"metal": 1}, "zinc": {"metal": 1}, "leaf": {"bronze": 1},
                                      "wood": {TOP: 2}, "oak": {"wood": 1}, "cork oak": {"oak": 1}})
    write_label_tree(tree, tmp_path / "labels" / "materials.txt")
    assert (tmp_path / "labels" / "materials.txt").read_bytes().decode() == (
        "Root\n"
        "├── metal\n"
        "│   ├── bronze\n"
        "│   │   └── leaf\n"
        "│   └── zinc\n"
        "└── wood\n"
        "    └── oak\n"
        "        └── cork oak")  # no line break at the end


def same_trees(one, other):
    return one.names == other.names and one.parent.tolist() == other.parent.tolist()


label_names = st.one_of(st.sampled_from(["├── a", "│   a", "└──", "Root", "│", "\ufeffa", "a\x85b", "a\u2028b"]), st.text(
    st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), min_size=1).filter(lambda text: text == text.strip()))


@settings(deadline=None)  # each example writes two files
@given(edge_sets, st.lists(label_names, min_size=6, max_size=6, unique=True))
def test_written_label_tree_is_read_as_the_same_tree_with_one_parent_a_tag(tmp_path_factory, counts, names):
    name = dict(zip("abcdef", names)) | {TOP: TOP}
    tree = arrange_tree("materials", edges_of({(name[tag], name[parent]): count for (tag, parent), count in counts.items()}))
    file = tmp_path_factory.mktemp("labels") / "materials.txt"
    write_label_tree(tree, file)
    read = read_label_tree(file, "materials")
    assert same_trees(read, tree)
    assert read.parents == tuple((parent,) for parent in tree.parent.tolist()) and not read.images.any()
    written = file.read_bytes()
    write_label_tree(read, file)
    assert file.read_bytes() == written


@pytest.mark.parametrize("name", ["", " ", "a ", "\ta", "a\nb", "a\rb"])
def test_label_name_that_would_not_come_back_is_refused_before_anything_is_written(tmp_path, name):
    tree = arrange_tree("materials", {"metal": {TOP: 1}, name: {"metal": 1}})
    with pytest.raises(UserError) as error:
        write_label_tree(tree, tmp_path / "materials.txt")
    assert str(error.value).startswith(f"The tag {name!r} cannot be written to {tmp_path / 'materials.txt'}; expected a name")
    assert not list(tmp_path.iterdir())


def test_facet_without_tags_has_a_label_file_too(tmp_path):
    write_label_vocabulary(Vocabulary({facet: arrange_tree(facet, {}) for facet in FACET_NAMES}), tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{facet}.txt": "Root" for facet in FACET_NAMES}
    assert [len(tree) for tree in read_label_vocabulary(tmp_path).taxonomies.values()] == [0] * 4


def test_unknown_facet_names_the_known_ones():
    vocabulary = Vocabulary({"materials": arrange_tree("materials", {"a": {TOP: 1}})})
    with pytest.raises(UserError, match="Unknown facet 'material'. Known facets: materials."):
        vocabulary["material"]
    with pytest.raises(UserError, match="Unknown facet 'material'. Known facets: classifications, materials"):
        arrange_tree("material", {})


def test_vocabulary_hash_tells_names_and_parents_apart_but_not_counts():
    def hash_of(edges, images=None):
        return Vocabulary({"materials": arrange_tree("materials", edges, images)}).hash

    base = {"a": {TOP: 2}, "b": {"a": 2}}
    assert hash_of(base) == hash_of(base, {"a": 5, "b": 3})
    assert len({hash_of(base), hash_of({"a": {TOP: 2}, "c": {"a": 2}}), hash_of({"a": {TOP: 2}, "b": {TOP: 2}}),
                hash_of({"a": {TOP: 2}, "b": {"a": 2, TOP: 1}}), hash_of({})}) == 5


def test_vocabulary_hash_stays_what_it_is():
    """Results in git are filed with it: a change of the rule would make them all look stale."""
    tree = arrange_tree("materials", {"metal": {TOP: 3}, "cotó": {TOP: 1, "metal": 2}})
    assert Vocabulary({"materials": tree}).hash == "b0d6296dcbbeee63"


@needs_official
def test_official_label_files():
    vocabulary = read_label_vocabulary(OFFICIAL)
    assert {facet: len(tree) for facet, tree in vocabulary.taxonomies.items()} == {
        "objectTypes": 894, "materials": 269, "classifications": 33, "subjects": 7}
    assert {facet: tree.depth.max() + 1 for facet, tree in vocabulary.taxonomies.items()} == {
        "objectTypes": 8, "materials": 6, "classifications": 2, "subjects": 1}


@needs_official
@pytest.mark.parametrize("facet", FACET_NAMES)
def test_official_label_tree_is_written_to_the_byte_once_its_branches_are_in_the_files_order(facet, tmp_path):
    official = OFFICIAL / f"{facet}.txt"
    tree = read_label_tree(official, facet)
    lines = official.read_text("utf-8").split("\n")[1:]
    names = [line[line.index("── ") + 3:] for line in lines]
    parents = [tree.names[parent] if parent >= 0 else TOP for parent in (tree.parent[tree.index[name]] for name in names)]
    parent = np.array([names.index(parent) if parent else -1 for parent in parents], np.int32)
    unsorted = Taxonomy(facet, tuple(names), parent, tuple((number,) for number in parent.tolist()), tree.images)
    write_label_tree(unsorted, tmp_path / f"{facet}.txt")
    assert (tmp_path / f"{facet}.txt").read_bytes() == official.read_bytes()

    write_label_tree(tree, tmp_path / f"{facet}.txt")  # with sorted siblings another drawing, and the same tree
    assert (tmp_path / f"{facet}.txt").read_bytes() != official.read_bytes()
    assert same_trees(read_label_tree(tmp_path / f"{facet}.txt", facet), tree)


def test_chain_over_many_records_is_arranged_in_linear_time():
    names = [f"{number:05}" for number in range(30_000)]
    for chain in (names, names[::-1]):
        start = time.process_time()
        tree = arrange_tree("materials", {tag: {parent: 1} for parent, tag in pairwise([TOP, *chain])})
        assert time.process_time() - start < 2
        assert tree.names == tuple(chain) and tree.depth.tolist() == list(range(len(chain)))
