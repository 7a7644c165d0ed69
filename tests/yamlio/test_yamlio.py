"""Written YAML: stable bytes, and the same values in Helm and in Python."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast

import pytest
import yaml
from hypothesis import given

from support import needs
from support.draw.yaml_trees import HOSTILE, trees
from transire.yamlio import YamlTree, write

HelmReader = Callable[[str], object]


@pytest.fixture(scope="module")
def helm() -> HelmReader:
    """Helm's own reader of values files."""
    sdk = pytest.importorskip("helm_python", reason=needs.HELM_SDK)
    return cast("HelmReader", sdk.values_from_yaml)


@given(tree=trees())
def test_helm_reads_what_was_written(helm: HelmReader, tree: YamlTree) -> None:
    assert {"tree": tree} == helm(write({"tree": tree}))


@given(tree=trees())
def test_python_reads_what_was_written(tree: YamlTree) -> None:
    assert tree == yaml.safe_load(write(tree))


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_survives_as_value_and_as_key(helm: HelmReader, text: str) -> None:
    tree: dict[str, YamlTree] = {"value": text}
    if len(text) < 1000:
        tree[text] = [text, {text: text}]

    written = write(tree)

    assert tree == helm(written)
    assert tree == yaml.safe_load(written)


@given(tree=trees(), again=trees())
def test_a_file_has_no_invisible_character_but_line_feeds(tree: YamlTree, again: YamlTree) -> None:
    written = write([tree, again])

    assert set() == set(written) & set("\t\r\x85\u2028\u2029\ufeff\u202e\0")
    assert written.endswith("\n")


def test_a_file_looks_as_people_would_write_it() -> None:
    tree: dict[str, YamlTree] = {
        "namespace": "payments",
        "count": 3,
        "on": True,
        "rules": [
            {"name": "a", "from": {"app": "checkout", "a/b": "y"}, "ports": [443, "8000:8010"]},
            [["x", "y"], [], {}],
        ],
        "none": [],
        "nothing": {},
    }

    expected = """\
# Generated.
#
namespace: "payments"
count: 3
"on": true
rules:
  - name: "a"
    from:
      app: "checkout"
      "a/b": "y"
    ports:
      - 443
      - "8000:8010"
  - - - "x"
      - "y"
    - []
    - {}
"none": []
nothing: {}
"""
    assert expected == write(tree, head=["Generated.", ""])


def test_what_people_can_see_is_written_as_it_is() -> None:
    text = "Zahlungen für bücher.example 😀 日本"

    assert f'"{text}"\n' == write(text)


def test_what_nobody_can_see_is_written_as_an_escape() -> None:
    expected = '"\\x00\\x85\\u2028\\u202e\\ufeff\\U000e0041\\t\\""\n'

    assert expected == write('\0\x85\u2028\u202e\ufeff\U000e0041\t"')


class _Colour(StrEnum):
    RED = "red"


def test_named_constants_and_frozen_mappings_are_written_by_value() -> None:
    expected = '"red-ish":\n  - "red"\n'

    assert expected == write(MappingProxyType({"red-ish": (_Colour.RED,)}))


@pytest.mark.parametrize(
    ("tree", "error", "message"),
    [
        (None, TypeError, "None cannot be written; only text, whole numbers and booleans"),
        ({"a": [1.5]}, TypeError, "1.5 cannot be written; only text, whole numbers and booleans"),
        (b"a", TypeError, "b'a' cannot be written; only text, whole numbers and booleans"),
        ({1: "a"}, TypeError, "a key must be text, not 1"),
        ("\ud800", ValueError, r"'\ud800' holds half a surrogate pair, which no file can hold"),
        ([2**53], ValueError, "9007199254740992 loses digits in JSON; write it as text"),
        ({"k" * 1001: 1}, ValueError, "a key of 1001 characters is longer than 1000"),
        ({"\0" * 300: 1}, ValueError, "a key of 1202 characters is longer than 1000"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_refused(
    tree: Any,  # noqa: ANN401 - whatever a caller may pass
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error) as caught:
        write(tree)

    assert message == str(caught.value)


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "\u2028", "\ufeff", "a\tb"], ids=ascii)
def test_a_comment_cannot_smuggle_in_a_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a comment is one line of visible text, not "):
        write({}, head=[text])
