"""Texts that differ in quoted words only are read once, and come to what each is by itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support import needs
from transire.helm import sdk
from transire.helm.repeated_keys import repeated_keys
from transire.helm.shapes import Shapes

WORDS: tuple[str, ...] = (
    *("a", "", "true", "1", "null", "~", "<<", "a: b", " #c", "- x", "[", "}", "'", "*a", "&a"),
    *("!!int 1", "|", "...", "---", "%YAML", "zQword0z", "x" * 255, "y" * 256, "%", "{}"),
)

SHAPED = (
    'a: "@"\n',
    'a: ["@", "@"]\n',
    'a:\n- "@"\n- b: "@"\n  c: {d: "@"}\n',
    '# of "one"\n\na: "@"\n"k: v": "x y"\n',
    'a: {"b": "@", "c": ["@"]}\n',
)
WITHOUT = (
    'a: "@" # "c"\n',
    "a: '\"@\"'\n",
    'a: |\n  - "@"\n',
    'a: x "@"\n',
    'a: !!binary "@"\n',
    'a: &b "@"\nc: *b\n',
    '{"@"}\n',
    '"@": 1\n',
    'a: {"@", "@"}\n',
    'a: "\\u0061 @"\n',
    'a: "@\n  b"\n',
    '? "@"\n: 1\n',
    '- "@"\n',
    'a: ["@"\n',
)


@pytest.fixture(autouse=True)
def helm() -> None:
    needs.helm("sdk")


def shapes() -> Shapes[tuple[str, ...]]:
    return Shapes(read=sdk.read, find=repeated_keys)


def by_itself(text: str) -> tuple[str, tuple[str, ...]]:
    try:
        return json.dumps(sdk.read(text)), repeated_keys(text)
    except ValueError as error:
        return str(error), ()


def by_shape(known: Shapes[tuple[str, ...]], text: str) -> tuple[str, tuple[str, ...]]:
    try:
        tree, repeated = known.of(text)
    except ValueError as error:
        return str(error), ()
    return json.dumps(tree), repeated


@pytest.mark.parametrize("text", [*SHAPED, *WITHOUT])
def test_any_words_come_to_what_each_text_is_by_itself(text: str) -> None:
    known = shapes()

    for word in ("first", "second", *WORDS):
        filled = text.replace("@", word)

        assert by_shape(known, filled) == by_itself(filled)


@pytest.mark.parametrize(
    ("texts", "count"), [*((each, 3) for each in SHAPED), *((each, 50) for each in WITHOUT)]
)
def test_a_shape_is_read_for_two_texts_and_once_by_itself(texts: str, count: int) -> None:
    read: list[str] = []

    def counted(text: str) -> object:
        read.append(text)
        return sdk.read(text)

    known = Shapes(read=counted, find=repeated_keys)
    for number in range(50):
        by_shape(known, texts.replace("@", f"word-{number}.example.com"))

    assert len(read) == count or (len(read) >= 50 and count == 50)


def test_a_key_that_stands_twice_is_known_of_every_text_of_a_shape() -> None:
    known = shapes()

    for word in WORDS[:8]:
        tree, repeated = known.of(f'a: "{word}"\nb:\n- {{c: 1, c: "{word}"}}\na: "last"\n')

        assert (tree["a"], tree["b"][0]["c"], repeated) == ("last", word, ("/b/0/c", "/a"))


PIECES: tuple[str, ...] = (
    *('"', '"@"', "a", ": ", ":", "\n", "  ", "- ", "[", "]", "{", "}", ", ", ",", "#", " # c"),
    *("'", "&x ", "*x", "|\n", ">", "!!str ", "\\", "b", '"@"\n', '- "@"\n', 'k: "@"\n'),
)


@example(["a", ": ", '"@"', "\n"], ["true", "1", "x"])
@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14),
    st.lists(st.sampled_from(WORDS), min_size=3, max_size=5),
)
def test_no_text_of_any_form_comes_to_something_else(parts: list[str], words: list[str]) -> None:
    known, text = shapes(), "".join(parts)

    for word in ("p", "q", *words):
        filled = text.replace("@", word)

        assert by_shape(known, filled) == by_itself(filled)
