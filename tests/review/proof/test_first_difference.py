"""Where two trees differ first, and what each of them has there."""

from __future__ import annotations

from typing import Any

import pytest

from transire.review.proof.first_difference import first_difference


@pytest.mark.parametrize("tree", [1, None, "x", [], {}, {"a": [1, {"b": None}]}])
def test_what_is_the_same_does_not_differ(tree: Any) -> None:  # noqa: ANN401 - any tree
    assert first_difference(tree, tree) is None


@pytest.mark.parametrize(
    ("one", "other", "shown", "wanted"),
    [
        (1, 2, "has 1 at /", "2"),
        (1, True, "has 1 at /", "True"),
        (1, 1.0, "has 1 at /", "1.0"),
        ({"a": 1}, [1], "has {'a': 1} at /", "[1]"),
        ({"a": 1}, {}, "has 1 at /a", "nothing"),
        ({}, {"a": None}, "has nothing at /a", "None"),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, "has 1 at /a", "2"),
        ([1, 2], [1], "has 2 at /1", "nothing"),
        ([1], [1, [3]], "has nothing at /1", "[3]"),
        ({"a/b": [{"~": 1}]}, {"a/b": [{"~": 2}]}, "has 1 at /a~1b/0/~0", "2"),
        ("x" * 200, "y", f"has '{'x' * 119}... at /", "'y'"),
    ],
)
def test_the_first_place_is_shown_with_both_sides(
    one: Any,  # noqa: ANN401 - any tree
    other: Any,  # noqa: ANN401
    shown: str,
    wanted: str,
) -> None:
    found = first_difference(one, other)

    assert found is not None
    assert (found.shown, found.wanted) == (shown, wanted)
