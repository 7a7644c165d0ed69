"""Reading YAML: what a scalar may be taken for, where everything stands, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isqrt

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError

from support import needs
from support.draw.yaml_trees import HOSTILE, texts, trees
from support.measured.steps import assert_linear
from transire.model.problems import Position, Rejected
from transire.yamlio import (
    MAX_BYTES,
    Document,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlTree,
    at_path,
    plain,
    read,
    taken_for,
    write,
)

Reader = Callable[[str], object]


def _helm() -> Reader:
    sdk = pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    return lambda text: sdk.values_from_yaml(text)["a"]


def _version_1_1() -> Reader:
    return lambda text: yaml.safe_load(text)["a"]


def _version_1_2() -> Reader:
    reader = YAML(typ="safe", pure=True)
    return lambda text: reader.load(text)["a"]


READERS = {"helm": _helm, "yaml 1.1": _version_1_1, "yaml 1.2": _version_1_2}


def scalars() -> st.SearchStrategy[str]:
    """Plain scalars near numbers, dates, booleans and nothing."""
    words = st.sampled_from(
        [
            "y",
            "Yes",
            "no",
            "ON",
            "off",
            "tRue",
            "False",
            "null",
            "~",
            ".inf",
            ".NaN",
            "0x1F",
            "0o17",
            "0b1",
            "<<",
            "=",
        ]
    )
    numbers = st.text("0123456789+-._:eExXobB", min_size=1, max_size=9)
    dates = st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9:]{1,8}Z?)?", fullmatch=True)
    return (words | numbers | dates | st.text("nNoOyYeEsStTfF~", min_size=1)).map(str.strip)


@pytest.mark.parametrize("name", READERS)
def test_a_scalar_that_is_taken_for_text_is_text_to_every_reader(name: str) -> None:
    reader = READERS[name]()

    @given(text=scalars())
    def check(text: str) -> None:
        if _is_plain(text) and not taken_for(text):
            assert text == _read_by(reader, text)

    check()


def _is_plain(text: str) -> bool:
    try:
        root = read(f"a: {text}\n", "f").root
    except Rejected:
        return False
    node = at_path(root, ("a",)) if isinstance(root, MappingNode) else root
    return isinstance(node, ScalarNode) and node.plain and node.text == text


def _read_by(reader: Reader, text: str) -> object:
    try:
        return reader(f"a: {text}\n")
    except (ValueError, RuamelError) as error:
        return error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "a boolean") for text in ["y", "N", "yes", "No", "on", "OFF", "true", "FALSE"]),
        *((text, "a number") for text in ["0", "443", "-1", "+1", "0755", "1e3", "1_000", "0o17"]),
        *((text, "a number") for text in ["0x1F", "0B1", "12:30", "1.20", ".5", ".inf", "-.NaN"]),
        *((text, "a date") for text in ["2027-03-31", "2027-3-1", "2027-03-31T10:00:00Z"]),
        *((text, "nothing") for text in ["", "~", "null", "NULL"]),
        ("<<", "a merge key"),
        ("=", "a default"),
        *((text, "") for text in ["a", "api.example.com", "10.0.0.0/8", "8000-8010", "443/TCP"]),
        *((text, "") for text in ["1.18.4", "10.20.30.40", "yess", "nO ", "e3", "2027-03", "-"]),
    ],
)
def test_what_a_plain_scalar_may_be_taken_for(text: str, expected: str) -> None:
    assert expected == taken_for(text)


@given(tree=trees())
def test_what_was_written_is_read_as_it_was(tree: YamlTree) -> None:
    assert tree == plain(read(write(tree), "f").root)


@given(text=st.text("abc: -[]{},#'\"|>\n&*!%@`?~0.", max_size=60) | st.sampled_from(HOSTILE))
@example(text="a: |-\n  b\n  c\nd: >\n e\n")
def test_what_is_read_is_what_libyaml_reads(text: str) -> None:
    document = _read_or_refused(text)
    if document is not None:
        expected = yaml.load(text, yaml.CBaseLoader)  # noqa: S506 - it makes nothing but text
        assert expected == _texts(document.root)


class _Dumper(yaml.SafeDumper):
    """Repeats values instead of naming them."""

    def ignore_aliases(self, data: object) -> bool:
        return data is not None


@pytest.mark.slow("many drawn examples")
@given(
    tree=st.dictionaries(texts().filter(lambda key: len(key) < 80), st.lists(texts())),
    flow=st.booleans(),
    style=st.sampled_from([None, '"', "'"]),
)
def test_every_style_of_writing_is_read(
    tree: dict[str, list[str]], flow: bool, style: str | None
) -> None:
    text = yaml.dump(tree, Dumper=_Dumper, default_flow_style=flow, default_style=style)

    assert tree == _texts(read(text, "f").root)


def _read_or_refused(source: bytes | str) -> Document | None:
    try:
        return read(source, "f")
    except Rejected:
        return None


def _texts(node: Node) -> object:
    match node:
        case ScalarNode(text=text):
            return text
        case SequenceNode(items=items):
            return [_texts(each) for each in items]
        case MappingNode(entries=entries):
            return {key: _texts(entry.value) for key, entry in entries.items()}


@pytest.mark.slow("many drawn examples")
@given(tree=trees())
def test_a_position_is_where_the_value_stands(tree: YamlTree) -> None:
    written = write(tree)
    lines = written.split("\n")

    for node in _scalars(read(written, "f").root):
        rest = lines[node.at.line - 1][node.at.column - 1 :]
        assert rest.startswith(node.text if node.plain else '"')


def _scalars(node: Node) -> Iterator[ScalarNode]:
    match node:
        case ScalarNode():
            yield node
        case SequenceNode(items=items):
            for each in items:
                yield from _scalars(each)
        case MappingNode(entries=entries):
            for entry in entries.values():
                yield entry.key
                yield from _scalars(entry.value)


def test_positions_count_characters_from_one() -> None:
    root = read("größe: [ä, 😀, b]\r\nlast:\r\n  key: value\r\n", "values/a.yaml").root

    assert Position(path="values/a.yaml", line=1, column=15) == at_path(root, ("größe", 2)).at
    assert Position(path="values/a.yaml", line=3, column=8) == at_path(root, ("last", "key")).at


@pytest.mark.parametrize("path", [("a", "b"), ("l", 3), ("x",), (0,)])
def test_a_path_that_leads_nowhere_is_a_key_error(path: tuple[str | int, ...]) -> None:
    root = read("{a: b, l: [c]}", "f").root

    with pytest.raises(KeyError):
        at_path(root, path)


def test_quotes_keep_what_readers_dispute() -> None:
    root = read("""a: "no"\nb: 'y'\nc: "0755"\nd: |-\n  1e3\n"on": 'null'\n""", "f").root

    expected = {"a": "no", "b": "y", "c": "0755", "d": "1e3", "on": "null"}
    assert expected == plain(root)


def test_what_all_readers_agree_on_has_its_value_and_the_rest_stays_text() -> None:
    root = read("[443, -1, 0, true, FALSE, ~, null, 1.5, no, 0755, 2027-03-31, 1e3]", "f").root

    expected = [443, -1, 0, True, False, None, None, "1.5", "no", "0755", "2027-03-31", "1e3"]
    assert expected == plain(root)


def test_a_number_that_no_machine_holds_stays_text() -> None:
    assert plain(read("9" * 5000, "f").root) == "9" * 5000


HOSTILE_FILES: dict[str, Callable[[int], str]] = {
    "brackets": lambda size: "[" * size,
    "braces": lambda size: "{" * size,
    "dashes": lambda size: "- " * (size // 2),
    "questions": lambda size: "? " * (size // 2),
    "stars": lambda size: "- *.x\n" * (size // 6),
    "anchors": lambda size: "&a " * (size // 3),
    "tags": lambda size: "!a " * (size // 3),
    "one duplicate key": lambda size: "a: 1\n" * (size // 5),
    "one key": lambda size: "a" * (size - 3) + ": b",
    "no end of quote": lambda size: '"' + "a" * (size - 1),
    "invisible": lambda size: "\x00" * size,
    "steps": lambda size: "".join(" " * depth + "a:\n" for depth in range(isqrt(2 * size) - 3)),
    "laughs": lambda size: "a: &a [l, l]\n" + "b: [" + "*a, " * ((size - 21) // 4) + "*a]\n",
}


def refused(name: str, size: int) -> None:
    text = HOSTILE_FILES[name](size)
    with pytest.raises(Rejected) as caught:
        read(text, "f")

    assert size - size // 50 - 50 < len(text) <= size
    assert len(caught.value.problems) <= 100


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_hostile_file_of_the_largest_size_is_refused(name: str) -> None:
    refused(name, MAX_BYTES)


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_hostile_file_is_refused_in_steps_in_proportion_to_it(name: str) -> None:
    assert_linear(lambda size: refused(name, size), 8_192)


@pytest.mark.parametrize(
    "line",
    ["- a\n", "- {a: b}\n", "k%d: a\n", "k%d: [a, b]\n"],
    ids=["list", "maps", "map", "lists"],
)
def test_a_file_is_read_in_steps_in_proportion_to_its_lines(line: str) -> None:
    def read_lines(number: int) -> None:
        text = "".join(line.replace("%d", str(each)) for each in range(number))

        assert plain(read(text, "f").root)

    assert_linear(read_lines, 500)


def test_a_file_over_the_limit_is_refused_before_anything_looks_at_it() -> None:
    with pytest.raises(Rejected) as caught:
        read(b"\xff" * (MAX_BYTES + 1), "values/teams/a.yaml")

    expected = (
        "values/teams/a.yaml: error: the file has 1048577 bytes, more than 1048576"
        " (file-too-large)\n  help: split it; a values file is read by people"
    )
    assert expected == str(caught.value)


@pytest.mark.slow("many drawn examples")
@given(source=st.binary(max_size=200) | st.text(st.characters(), max_size=200))
def test_any_bytes_and_any_text_are_read_or_refused(source: bytes | str) -> None:
    document = _read_or_refused(source)

    assert document is None or document.path == "f"


def test_what_a_merge_left_is_named_before_anything_that_follows_from_it() -> None:
    text = "a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n>>>>>>> other\n"

    with pytest.raises(Rejected) as rejected:
        read(text, "values/x.yaml")

    assert str(rejected.value) == (
        "values/x.yaml:2:1: error: a merge left its marker <<<<<<< here: two sides differ, and "
        "nobody decided (merge-conflict)\n  help: keep what is meant of both sides, and remove the "
        "lines that start with <<<<<<<, =======, >>>>>>> and |||||||"
    )
