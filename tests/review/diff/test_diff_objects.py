"""Objects side by side: only a difference in structure is one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.measured.steps import assert_linear
from support.review.reviewed import manifest
from transire.k8s.manifests import Manifest
from transire.review.diff.changes import ObjectChange
from transire.review.diff.objects import object_changes


def calico(**spec: Any) -> Manifest:  # noqa: ANN401 - a tree
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "egress.allow", "namespace": "shop"},
        "spec": spec,
    }
    return Manifest(source="charts", index=0, body=body)


def lines(before: object, after: object) -> list[str]:
    """How a value of an object changed, without the lines that did not."""
    changes = object_changes([manifest(spec=before)], [manifest(spec=after)])
    return [line for each in changes for line in each.lines if line.startswith(("+", "-"))]


def told(changes: tuple[ObjectChange, ...]) -> list[str]:
    return [f"{each.object} {each.how}" for each in changes]


def test_the_order_of_keys_and_lists_is_no_difference() -> None:
    before = {"egress": [{"b": 1, "a": [2, 1]}, {"c": "x"}], "z": True}
    after = {"z": True, "egress": [{"c": "x"}, {"a": [1, 2], "b": 1}]}

    assert lines(before, after) == []


def test_the_order_of_calico_rules_is_a_difference() -> None:
    allow, deny = {"action": "Allow"}, {"action": "Deny"}

    (found,) = object_changes([calico(egress=[allow, deny])], [calico(egress=[deny, allow])])

    assert (found.how, len(found.lines)) == ("changed", 7)
    assert object_changes([calico(types=["b", "a"])], [calico(types=["a", "b"])]) == ()


def test_a_change_is_shown_as_the_yaml_that_it_touches() -> None:
    before = {"egress": [{"toFQDNs": [{"matchName": "a.example"}]}]}
    after = {"egress": [{"toFQDNs": [{"matchName": "a.example"}, {"matchName": "b.example"}]}]}

    (found,) = object_changes([manifest(spec=before)], [manifest(spec=after)])

    assert str(found.object) == "CiliumNetworkPolicy shop/allow-cards"
    assert found.lines == (
        "",
        "   egress:",
        "     - toFQDNs:",
        '         - matchName: "a.example"',
        '+        - matchName: "b.example"',
    )


def test_an_object_that_comes_or_goes_is_shown_whole() -> None:
    (added,) = object_changes([], [manifest()])
    (removed,) = object_changes([manifest()], [])

    assert added.how == "added"
    assert added.lines == (
        '+apiVersion: "cilium.io/v2"',
        '+kind: "CiliumNetworkPolicy"',
        "+metadata:",
        '+  name: "allow-cards"',
        '+  namespace: "shop"',
    )
    assert removed.how == "removed"
    assert removed.lines == tuple(each.replace("+", "-", 1) for each in added.lines)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, "null"),
        (None, "(NoneType) None"),
        (None, ""),
        (1, "1"),
        (1, 1.0),
        (1, True),
        (1.5, "1.5"),
        (True, "true"),
        ([], {}),
        ([], ""),
        ([None], []),
        ({"a": None}, {}),
        ({"1": "x"}, {1: "x"}),
        ({"true": "x"}, {True: "x"}),
        ({"null": "x"}, {None: "x"}),
        ("a\nb", "a\\nb"),
        ("a\u202eb", "a\\u202eb"),
        (2**70, 2**70 + 1),
        ([["a"], "b"], ["a", ["b"]]),
    ],
)
def test_values_that_differ_never_look_alike(one: object, other: object) -> None:
    assert lines(one, other) != []
    assert lines(one, one) == []


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=4),
    st.sampled_from(["null", "true", "1", "- a", "a: b", "---", "{}", "[]", '"', "\u2028", "@@"]),
)  # fmt: skip
TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def ordered(tree: object) -> str:
    if isinstance(tree, dict):
        return f"{{{', '.join(f'{key!r}: {ordered(tree[key])}' for key in sorted(tree))}}}"
    if isinstance(tree, list):
        return f"[{', '.join(sorted(map(ordered, tree)))}]"
    return f"{type(tree).__name__} {tree!r}"


@given(one=TREES, other=TREES)
def test_there_is_a_difference_exactly_where_the_structure_differs(
    one: object, other: object
) -> None:
    assert bool(lines(one, other)) is (ordered(one) != ordered(other))


@given(tree=TREES)
def test_every_line_is_one_line_that_can_be_seen(tree: object) -> None:
    for each in object_changes([], [manifest(spec=tree)]):
        assert all(line.isprintable() for line in each.lines)


def test_two_objects_of_one_name_are_both_shown() -> None:
    twice = [manifest(spec="a"), manifest(spec="b")]

    (found,) = object_changes([manifest(spec="a")], twice)

    assert "+---" in found.lines
    assert '+spec: "b"' in found.lines
    assert object_changes(twice, twice[::-1]) == ()


def test_objects_of_different_groups_are_not_one() -> None:
    of_kubernetes = manifest(apiVersion="networking.k8s.io/v1", kind="NetworkPolicy")
    of_calico = manifest(apiVersion="projectcalico.org/v3", kind="NetworkPolicy")

    changes = object_changes([of_kubernetes], [of_calico])

    assert told(changes) == [
        "NetworkPolicy shop/allow-cards removed",
        "NetworkPolicy shop/allow-cards added",
    ]
    assert told(object_changes([of_calico], [of_kubernetes])) == [
        "NetworkPolicy shop/allow-cards added",
        "NetworkPolicy shop/allow-cards removed",
    ]


def test_objects_are_sorted_by_kind_namespace_and_name() -> None:
    objects = [
        manifest(kind=kind, metadata={"name": name, "namespace": namespace})
        for kind in "BA"
        for namespace in "dc"
        for name in "fe"
    ]

    assert told(object_changes([], objects)) == [
        f"{kind} {namespace}/{name} added" for kind in "AB" for namespace in "cd" for name in "ef"
    ]


def test_a_line_that_looks_like_the_head_of_a_difference_is_kept() -> None:
    assert lines({"-- a": 1, "++ b": 2}, {"++ b": 3}) == [
        '-  "++ b": 2',
        '-  "-- a": 1',
        '+  "++ b": 3',
    ]


def test_big_objects_are_compared_in_steps_in_proportion_to_their_size() -> None:
    def compare(size: int) -> None:
        before = [{"matchName": f"host-{each}.example"} for each in range(size)]
        after = [*before[: size // 2 - 1], {"matchName": "odd.example"}, *before[size // 2 + 1 :]]

        assert len(lines(before, after)) == 3

    assert_linear(compare, 1_000)
