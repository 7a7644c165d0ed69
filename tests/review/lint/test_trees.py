"""Walking and changing objects that may hold anything anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.k8s.json_pointer import find, inner, items, number, plain, text, without
from transire.k8s.typed_decoding import pointer

TREE: dict[str, Any] = {"a": [{"b": 1, "c": {"d/e": 2}}, "x"], "f~g": {"h": 3}}


def test_what_is_dropped_is_gone_and_the_rest_is_the_same() -> None:
    before = plain(TREE)

    left = without(TREE, ["/a/0/b", "/a/0/c/d~1e", "/f~0g"])

    assert left == {"a": [{"c": {}}, "x"]}
    assert before == TREE


@pytest.mark.parametrize(
    "path", ["/nowhere", "/a/7/b", "/a/1/b", "/a/0/b/c", "/a/x/y", "/a/0/c/z/z"]
)
def test_paths_that_lead_nowhere_drop_nothing(path: str) -> None:
    left = without(TREE, [path])

    assert left == TREE


@given(st.lists(st.sampled_from(["a", "b", "~", "/", "0"]), min_size=1, max_size=4))
def test_a_pointer_leads_to_what_it_was_made_for(way: list[str]) -> None:
    tree: Any = "leaf"
    for key in reversed(way):
        tree = {key: tree}

    assert find(tree, pointer(*way)) == "leaf"
    assert find(without(tree, [pointer(*way)]), pointer(*way)) is None


def test_other_types_are_passed_over() -> None:
    assert inner({"a": [1]}, "a", "b") == {}
    assert items({"a": "xyz"}, "a") == ()
    assert text({"a": 1}, "a") == ""
    assert number({"a": True}, "a") is None
