"""A baseline of many namespaces: none is bare while one object after another is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import needs
from support.charts.rendering import objects
from support.draw.strategies_parts import names
from transire.engines.calico.lower.parts import MAX_NAMESPACES, parts_of, written_parts
from transire.engines.calico.policy_scope import SCOPE
from transire.k8s.manifests import Manifest
from transire.model.problems import HelmFailed

Written = Mapping[str, frozenset[str]]
"""The namespaces of each object, by its name."""

LONGEST = [f"{number:0>63}" for number in range(40)]
ENROLLED = st.sets(names(), max_size=120)


def written(namespaces: frozenset[str]) -> Written:
    """The deny objects of a list, as the chart names them."""
    return {each.name: frozenset(each.namespaces) for each in parts_of(namespaces)}


def upgrade(before: Written, after: Written, order: Sequence[int]) -> Iterator[tuple[str, Written]]:
    """What is there after each write: updates and creations in some order, deletions at the end.

    Helm deletes after everything else is written, and so does Argo CD with `PruneLast`.
    """
    state = dict(before)
    ranks = dict(zip(sorted({*before, *after}), order, strict=False))
    for name in sorted(after, key=lambda each: ranks.get(each, 0)):
        state[name] = after[name]
        yield f"{name or 'all'} is written", dict(state)
    for name in sorted(before.keys() - after.keys(), key=lambda each: ranks.get(each, 0)):
        del state[name]
        yield f"{name or 'all'} is deleted", dict(state)


@pytest.mark.slow("many drawn examples")
@given(before=ENROLLED, more=ENROLLED, less=st.integers(0, 119), order=st.permutations(range(60)))
def test_no_namespace_that_stays_is_without_its_deny_after_any_write(
    before: set[str], more: set[str], less: int, order: Sequence[int]
) -> None:
    old = frozenset(before)
    new = frozenset([*sorted(before)[less:], *more])

    for what, state in upgrade(written(old), written(new), order):
        denied = frozenset[str]().union(*state.values())
        assert old & new <= denied, what


@pytest.mark.slow("many drawn examples")
@given(enrolled=ENROLLED, one=names())
def test_enrolling_one_changes_one_object_or_splits_one(enrolled: set[str], one: str) -> None:
    before, after = written(frozenset(enrolled)), written(frozenset({*enrolled, one}))

    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    gone = before.keys() - after.keys()

    assert len(changed) + len(gone) <= 1
    for name in gone:
        assert before[name] | {one} == frozenset[str]().union(
            *(after[each] for each in after.keys() - before.keys())
        )


@pytest.mark.slow("many drawn examples")
@given(enrolled=ENROLLED)
def test_every_namespace_is_in_one_part_that_a_selector_holds(enrolled: set[str]) -> None:
    parts = parts_of(enrolled)

    assert sorted(name for part in parts for name in part.namespaces) == sorted(enrolled)
    assert all(len(part.namespaces) <= MAX_NAMESPACES for part in parts)
    assert len({part.name for part in parts}) == len(parts)


def test_so_many_namespaces_as_one_selector_holds_stay_in_one_object_of_the_plain_name() -> None:
    assert [part.name for part in parts_of(LONGEST[:14])] == [""]
    assert written_parts(LONGEST[:14]) == {}
    assert [part.name for part in parts_of(LONGEST[:15])] == ["p0", "p1"]


def baseline(namespaces: Sequence[str], **more: object) -> dict[str, object]:
    """Values of the chart for one cluster of Calico."""
    empty: dict[str, object] = {"namespaces": [], "rules": [], "sets": []}
    return {
        "engine": "calico",
        "tier": {"name": "egress"},
        "enforce": {**empty, "namespaces": list(namespaces), **more},
    }


def listed(values: Mapping[str, object]) -> Written:
    """The namespaces of each deny object that the chart renders."""
    found = {}
    for index, body in enumerate(objects("egress-baseline", values)):
        namespaces = SCOPE.namespaces(Manifest(source="x", index=index, body=body))
        assert namespaces is not None
        assert len(body["spec"]["namespaceSelector"]) <= 1024
        found[body["metadata"]["name"]] = namespaces
    return found


@settings(max_examples=10)
@given(enrolled=st.sets(names(), min_size=1, max_size=40))
def test_the_chart_renders_the_parts_that_are_lowered(enrolled: set[str]) -> None:
    needs.helm("sdk")

    rendered = listed(baseline(sorted(enrolled), **written_parts(enrolled)))

    assert rendered == {
        f"egress.baseline-deny{f'--{part.name}' if part.name else ''}": frozenset(part.namespaces)
        for part in parts_of(enrolled)
    }


def test_a_name_of_63_characters_still_fits_fourteen_times() -> None:
    needs.helm("sdk")

    assert len(listed(baseline(LONGEST, **written_parts(LONGEST)))) >= 3


P0, P1 = (
    {"name": name, "namespaces": list(LONGEST[start:][:10])}
    for name, start in (("p0", 0), ("p1", 10))
)
MUST = r"enforce\.parts must hold every namespace of enforce\.namespaces once, and no other"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([P0], MUST),
        ([P0, P0, P1], MUST),
        ([P0, P1, {"name": "p11", "namespaces": ["other"]}], MUST),
        ([], "parts"),
        (None, "parts"),
        ([{"name": "p", "namespaces": LONGEST[:14]}], "does not match pattern"),
        ([{"name": "p0", "namespaces": LONGEST[:15]}], "at most 14|maxItems"),
    ],
)
def test_the_chart_refuses_parts_that_leave_a_namespace_out(parts: object, why: str) -> None:
    needs.helm("sdk")
    more = {} if parts is None else {"parts": parts}

    with pytest.raises(HelmFailed, match=why):
        objects("egress-baseline", baseline(LONGEST[:20], **more))
