"""The list of changes in `Chart.yaml`: written, taken out, read back, and never part of the rest."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from transire.charts.versions.change_list import (
    KEY,
    MAX_DESCRIPTION,
    MAX_TEXT,
    ChangeEntry,
    ChangeKind,
    annotation_of,
    read_changes,
    with_changes,
    with_written,
    without_changes,
    written_changes,
)

CHART = b'apiVersion: v2\nname: x\nversion: 0.1.0\nannotations:\n  transire/values-format: "1"\n'


def added(text: str) -> ChangeEntry:
    return ChangeEntry(kind=ChangeKind.ADDED, description=text)


def annotations_of(chart: bytes) -> dict[str, str]:
    found: dict[str, Any] = yaml.safe_load(chart)
    return found.get("annotations") or {}


def test_the_list_stands_first_among_the_annotations() -> None:
    removed = ChangeEntry(kind=ChangeKind.REMOVED, description='no "x" \\ <y> {{ z }}\n- a: b #')

    found = with_changes(CHART, [added("reaches api.example.com:443"), removed])

    expected = (
        b"apiVersion: v2\nname: x\nversion: 0.1.0\nannotations:\n"
        b"  artifacthub.io/changes: |\n"
        b'    - kind: "added"\n'
        b'      description: "reaches api.example.com:443"\n'
        b'    - kind: "removed"\n'
        b'      description: "no \\"x\\" \\\\ <y> {{ z }}\\n- a: b #"\n'
        b'  transire/values-format: "1"\n'
    )
    assert expected == found
    assert read_changes(found) == (added("reaches api.example.com:443"), removed)


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        (
            b"name: x\nversion: 0.1.0\n# content sha256:0\ntype: application",
            b"name: x\nversion: 0.1.0\n# content sha256:0\nannotations:\nENTRYtype: application",
        ),
        (b"version: 0.1.0", b"version: 0.1.0\nannotations:\nENTRY"),
        (b"annotations:", b"annotations:\nENTRY"),
        (b"annotations: # ours\n\n    a: b\n", b"annotations: # ours\n  ENTRY\n    a: b\n"),
        (b"annotations:\n# c\n  a: b\n", b"annotations:\nENTRY# c\n  a: b\n"),
        (
            b'annotations:\n  a: b\n  "artifacthub.io/changes": |\n    - old\n\n    - it\n\n  c: d\n',
            b"annotations:\nENTRY  a: b\n\n  c: d\n",
        ),
        (b"annotations:\n    # c\n# d\n", b"annotations:\n    # c\nENTRY# d\n"),
        (b"annotations:\n    # c\n  a: b\n", b"annotations:\n    # c\nENTRY  a: b\n"),
        (
            b"annotations:\n  a: |\n    artifacthub.io/changes: |\n",
            b"annotations:\nENTRY  a: |\n    artifacthub.io/changes: |\n",
        ),
    ],
)
def test_the_list_has_one_place_in_every_chart(chart: bytes, expected: bytes) -> None:
    entry = b'  artifacthub.io/changes: |\n    - kind: "added"\n      description: "y"\n'
    deeper = b"".join(b"  " + line for line in entry.splitlines(keepends=True))

    found = with_changes(chart, [added("y")])

    wanted = expected.replace(b"  ENTRY", deeper).replace(b"ENTRY", entry)
    assert wanted == found
    assert (added("y"),) == read_changes(found)


def test_line_ends_stay_what_they_are() -> None:
    chart = CHART.replace(b"\n", b"\r\n")

    found = with_changes(chart, [added("y")])

    assert found.count(b"\r\n") == found.count(b"\n")
    assert chart == without_changes(found)
    assert with_changes(CHART, [added("y")]) == found.replace(b"\r\n", b"\n")


def test_no_changes_leave_nothing_behind() -> None:
    bare = b"version: 0.1.0\n"

    assert bare == with_changes(with_changes(bare, [added("y")]), [])
    assert with_changes(with_changes(CHART, [added("y")]), ()) == CHART


def test_a_list_that_people_placed_elsewhere_stays_there_while_it_says_the_same() -> None:
    chart = CHART + b"  artifacthub.io/changes: |\n    - by hand\n"

    assert chart == with_written(chart, written_changes(chart))
    assert (ChangeEntry(kind=ChangeKind.CHANGED, description="by hand"),) == read_changes(chart)


@pytest.mark.parametrize(
    "chart",
    [
        b"version: 0.1.0\nannotations: {a: b}\n",
        b"version: 0.1.0\nannotations: &x\n  a: b\n",
        b"version: 0.1.0\n'annotations':\n  a: b\n",
        b"version: 0.1.0\nannotations:\n  a: b\nannotations:\n  c: d\n",
    ],
)
def test_annotations_in_another_form_are_refused(chart: bytes) -> None:
    with pytest.raises(ValueError, match=r"^`annotations:` is not one block with a line for each$"):
        with_changes(chart, [added("y")])

    assert chart == with_changes(chart, [])


@pytest.mark.parametrize(
    "chart",
    [
        b"annotations:\n  artifacthub.io/changes: |\n    - kind: improved\n      description: x\n",
        b"annotations:\n  artifacthub.io/changes: |\n    - kind: added\n",
        b"annotations:\n  artifacthub.io/changes: |\n    - kind: added\n      description: ''\n",
        b"annotations:\n  artifacthub.io/changes: |\n    - {\n",
        b"annotations:\n  artifacthub.io/changes: 1\n",
        b"annotations:\n  artifacthub.io/changes: |\n    7\n",
        b"annotations: [\n",
        b"- a\n",
    ],
)
def test_a_list_in_another_form_cannot_be_read(chart: bytes) -> None:
    message = r"^artifacthub.io/changes is not a list of kinds and descriptions$"
    with pytest.raises(ValueError, match=message):
        read_changes(chart)


def test_a_chart_without_a_list_has_no_changes() -> None:
    assert [read_changes(each) for each in (b"", b"annotations:\n", CHART)] == [()] * 3
    assert written_changes(CHART) == b""
    assert annotation_of([]) == ""


def test_a_long_list_is_cut_and_counts_what_is_left_out() -> None:
    many = [added(f"reaches host{each}.example.com:443") for each in range(1000)]

    shown = yaml.safe_load(annotation_of(many))

    *kept, last = shown
    assert [each.description for each in many[: len(kept)]] == [e["description"] for e in kept]
    assert last == {
        "kind": "changed",
        "description": f"{1000 - len(kept)} more changes, not listed here",
    }
    assert len(annotation_of(many).encode()) <= MAX_TEXT < len(annotation_of(many).encode()) + 200


def test_one_change_that_does_not_fit_is_counted_as_one() -> None:
    size = len(annotation_of([added("x" * 80)]).encode())
    fitting = [added("x" * 80)] * ((MAX_TEXT - 128) // size)

    shown = yaml.safe_load(annotation_of([*fitting, added("y" * 300)]))

    assert shown[-1] == {"kind": "changed", "description": "1 more change, not listed here"}


def test_a_list_that_just_fits_is_not_cut() -> None:
    size = len(annotation_of([added("x" * 80)]).encode())
    fitting = [added("x" * 80)] * (MAX_TEXT // size)

    assert len(fitting) == len(yaml.safe_load(annotation_of(fitting)))


def test_a_long_description_ends_with_dots() -> None:
    shown = yaml.safe_load(annotation_of([added("x" * 1000)]))

    assert shown == [{"kind": "added", "description": "x" * (MAX_DESCRIPTION - 3) + "..."}]


def test_a_change_says_something() -> None:
    with pytest.raises(ValueError, match=r"^a change without a description is blank$"):
        added(" \n")


entries = st.lists(
    st.builds(
        ChangeEntry,
        kind=st.sampled_from(ChangeKind),
        description=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
        .filter(str.strip)
        .map(lambda text: text[:60]),
    ),
    max_size=6,
)
OTHERS = ("name: x", "type: y", "description: |\n  annotations:\n  text", "# remark", "")
CHILDREN = (
    "transire/values-format: '1'",
    "a: |\n  artifacthub.io/changes: no\n  more",
    "artifacthub.io/changes: |\n  - kind: added\n\n    description: old",
    "'artifacthub.io/changes': old",
    "# remark",
    "",
)


def block(children: list[str], indent: str, head: str) -> str:
    text = "\n".join(children)
    return "\n".join([head, *(indent + line if line else "" for line in text.splitlines())])


blocks = st.builds(
    block,
    st.lists(st.sampled_from(CHILDREN), max_size=4),
    st.sampled_from(["  ", "    "]),
    st.sampled_from(["annotations:", "annotations: # remark"]),
)
others = st.lists(st.sampled_from(OTHERS), max_size=3)
versions = st.sampled_from(["version: 0.1.0", "version: 0.1.0\n# content sha256:0"])
charts = st.builds(
    lambda *parts: ("\n".join([each for part in parts[:-1] for each in part]) + parts[-1]).encode(),
    others,
    st.lists(blocks, max_size=1),
    others,
    versions.map(lambda each: [each]),
    others,
    st.lists(blocks, max_size=1),
    others,
    st.sampled_from(["\n", "\n\n"]),
)


@pytest.mark.slow("many drawn examples")
@given(charts, entries, entries)
@example(b"annotations:\n  artifacthub.io/changes: a\n  artifacthub.io/changes: b\n", [], [])
@example(b"annotations:\n", [], [added("y")])
def test_the_list_never_touches_the_rest(
    chart: bytes, first: list[ChangeEntry], second: list[ChangeEntry]
) -> None:
    try:
        once = with_changes(chart, first)
        twice = with_changes(once, second)
    except ValueError:
        assert chart.count(b"annotations:") > 1
        return

    bare = without_changes(chart)
    assert bare == without_changes(bare) == without_changes(once) == without_changes(twice)
    assert with_changes(chart, second) == twice
    assert once == with_written(bare, written_changes(once))
    assert once == with_changes(once, first)


@given(entries)
def test_what_is_listed_is_read_back(changes: list[ChangeEntry]) -> None:
    found = with_changes(CHART, changes)

    assert tuple(changes) == read_changes(found)
    assert annotation_of(changes) == annotations_of(found).get(KEY, "")
