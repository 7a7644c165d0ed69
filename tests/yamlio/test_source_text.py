"""Every part of an object has its place in the text that it was read from."""

from __future__ import annotations

import pytest

from transire.yamlio.source_text import SourceText

TEXT = """\

# a comment
kind: Thing
spec:
  list:
  - {a: 1, "b/c": é, b: x}
  -   d: 2
  twice: 1
  twice: 2
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", (12, 1)),
        ("/kind", (12, 1)),
        ("/spec/list", (14, 3)),
        ("/spec/list/0", (15, 5)),
        ("/spec/list/0/b~1c", (15, 12)),
        ("/spec/list/0/b", (15, 22)),
        ("/spec/list/1/d", (16, 7)),
        ("/spec/twice", (18, 3)),
        ("/spec/list/1/nowhere/0", (16, 7)),
        ("/spec/list/7", (14, 3)),
        ("/metadata/namespace", (12, 1)),
    ],
)
def test_a_pointer_leads_to_its_key_or_item(path: str, place: tuple[int, int]) -> None:
    assert SourceText(lines=TEXT.splitlines(), first=10).place(path) == place


def test_an_object_in_a_list_is_found_below_its_place() -> None:
    text = "items:\n- kind: A\n- kind: B\n  spec: {x: 1}\n"

    assert SourceText(lines=text.splitlines(), first=1, at="/items/1").place("/spec/x") == (4, 10)


def test_text_that_is_no_yaml_has_its_first_line_for_a_place() -> None:
    assert SourceText(lines=["{{ x }"], first=7).place("/spec") == (7, 1)
    assert SourceText(lines=(), first=7).place("") == (7, 1)
