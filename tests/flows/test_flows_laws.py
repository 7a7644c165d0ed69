"""The laws of flow sets, over everything the strategies can draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.draw.flow_parts import ANY_HOSTS, NAMES, PODS, TEXTS, VALUES, WORKLOADS, Told
from support.draw.flow_strategies import FLOW_SETS, told_flows
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet
from transire.flows.pod_set import PodSet, Workload
from transire.flows.text_set import TextSet

pytestmark = pytest.mark.slow("many drawn examples")

ToldFlows: TypeAlias = Told[FlowSet, Flow]
SETS = FLOW_SETS.map(lambda told: told.set)
NOTHING, EVERYTHING = FlowSet.nothing(), FlowSet.everything()

# Drawing takes longer than a law, so laws share what is drawn.


OF_ONE: Mapping[str, Callable[[FlowSet], bool]] = {
    "a set with itself is itself": lambda a: a | a == a == a & a,
    "a set without itself is nothing": lambda a: a - a == NOTHING,
    "nothing adds nothing": lambda a: a | NOTHING == a,
    "everything takes nothing away": lambda a: a & EVERYTHING == a,
    "nothing and everything are the bounds": lambda a: NOTHING <= a <= EVERYTHING,
    "the complement has the rest": lambda a: a | ~a == EVERYTHING,
    "the complement has only the rest": lambda a: a & ~a == NOTHING,
    "the complement of the complement is the set": lambda a: ~~a == a,
}
OF_TWO: Mapping[str, Callable[[FlowSet, FlowSet], bool]] = {
    "union commutes": lambda a, b: a | b == b | a,
    "intersection commutes": lambda a, b: a & b == b & a,
    "union absorbs intersection": lambda a, b: a | (a & b) == a,
    "intersection absorbs union": lambda a, b: a & (a | b) == a,
    "the complement of a union is De Morgan's": lambda a, b: ~(a | b) == ~a & ~b,
    "the complement of an intersection is De Morgan's": lambda a, b: ~(a & b) == ~a | ~b,
    "what is subtracted and added back is there": lambda a, b: (a - b) | b == a | b,
    "a difference lacks what both have, and only that": lambda a, b: (a - b) | (a & b) == a,
    "a difference has nothing of what was subtracted": lambda a, b: (a - b) & b == NOTHING,
    "a difference is what the complement has, too": lambda a, b: a - b == a & ~b,
    "inclusion is what union says": lambda a, b: (a <= b) == (a | b == b),
    "inclusion is what intersection says": lambda a, b: (a <= b) == (a & b == a),
    "inclusion is what difference says": lambda a, b: (a <= b) == (a - b).is_empty(),
    "less is not more": lambda a, b: (a < b) == (a <= b and not b <= a),
    "sets are equal exactly when neither has more": lambda a, b: (
        (a == b) == ((a - b) | (b - a)).is_empty()
    ),
}
OF_THREE: Mapping[str, Callable[[FlowSet, FlowSet, FlowSet], bool]] = {
    "union associates": lambda a, b, c: (a | b) | c == a | (b | c),
    "intersection associates": lambda a, b, c: (a & b) & c == a & (b & c),
    "intersection distributes over union": lambda a, b, c: a & (b | c) == (a & b) | (a & c),
    "union distributes over intersection": lambda a, b, c: a | (b & c) == (a | b) & (a | c),
}


@given(a=SETS)
def test_the_laws_of_one_set_hold(a: FlowSet) -> None:
    assert [law for law, holds in OF_ONE.items() if not holds(a)] == []


@settings(max_examples=200)
@given(a=SETS, b=SETS)
def test_the_laws_of_two_sets_hold(a: FlowSet, b: FlowSet) -> None:
    assert [law for law, holds in OF_TWO.items() if not holds(a, b)] == []


@given(a=SETS, b=SETS, c=SETS)
def test_the_laws_of_three_sets_hold_and_equal_ones_hash_and_print_equally(
    a: FlowSet, b: FlowSet, c: FlowSet
) -> None:
    one, other = (a | b) - c, FlowSet.union([b - c, (a - c) & ~c, a - c])

    assert [law for law, holds in OF_THREE.items() if not holds(a, b, c)] == []
    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)


@given(sets=st.lists(SETS, max_size=4))
def test_the_union_of_many_is_theirs_one_after_another(sets: list[FlowSet]) -> None:
    expected = FlowSet.nothing()
    for each in sets:
        expected |= each

    assert expected == FlowSet.union(sets)


@given(drawn=told_flows())
def test_a_flow_is_in_a_set_exactly_when_the_rules_say_so(drawn: tuple[ToldFlows, Flow]) -> None:
    told, flow = drawn

    assert told.holds(flow) == told.set.contains(flow)


@given(told=FLOW_SETS, other=FLOW_SETS)
def test_a_witness_is_a_member_for_the_rules_too(told: ToldFlows, other: ToldFlows) -> None:
    apart = told.set - other.set
    witness = apart.witness()

    assert (witness is None) == apart.is_empty()
    if witness is not None:
        assert apart.contains(witness)
        assert told.holds(witness)
        assert not other.holds(witness)


@given(drawn=told_flows(), b=SETS)
def test_membership_follows_the_operations(drawn: tuple[ToldFlows, Flow], b: FlowSet) -> None:
    a, flow = drawn[0].set, drawn[1]

    assert (a | b).contains(flow) == (a.contains(flow) or b.contains(flow))
    assert (a & b).contains(flow) == (a.contains(flow) and b.contains(flow))
    assert (a - b).contains(flow) == (a.contains(flow) and not b.contains(flow))


@given(a=SETS)
def test_boxes_are_disjoint_and_make_up_the_set(a: FlowSet) -> None:
    boxes = [FlowSet.of_box(box) for box in a.boxes()]

    assert a == FlowSet.union(boxes)
    assert all(boxes)
    for index, box in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert box.is_disjoint(other)


@given(a=SETS)
def test_different_sets_print_differently(a: FlowSet) -> None:
    lines = str(a).splitlines()

    assert len(set(lines)) == len(lines)


@given(told=ANY_HOSTS, name=NAMES | st.just("."))
def test_a_name_is_in_a_set_of_hosts_exactly_when_its_patterns_say_so(
    told: Told[HostSet, str], name: str
) -> None:
    assert told.holds(name) == (name in told.set)


@given(told=ANY_HOSTS)
def test_the_witness_of_a_set_of_hosts_is_a_member(told: Told[HostSet, str]) -> None:
    witness = told.set.witness()

    assert (witness is None) == told.set.is_empty()
    assert witness is None or told.holds(witness)


@given(told=TEXTS, text=st.none() | st.sampled_from(VALUES) | st.text("ab-web", max_size=5))
def test_a_text_is_in_a_set_exactly_when_its_tests_say_so(
    told: Told[TextSet, str | None], text: str | None
) -> None:
    assert told.holds(text) == (text in told.set)


@given(told=PODS, pod=WORKLOADS)
def test_a_pod_is_in_a_set_exactly_when_its_selectors_say_so(
    told: Told[PodSet, Workload], pod: Workload
) -> None:
    assert told.holds(pod) == (pod in told.set)


@given(told=PODS)
def test_the_witness_of_a_set_of_pods_is_a_member(told: Told[PodSet, Workload]) -> None:
    witness = told.set.witness()

    assert (witness is None) == told.set.is_empty()
    assert witness is None or told.holds(witness)


def test_what_is_drawn_is_neither_empty_nor_everything_and_overlaps() -> None:
    seen = Counter[str]()

    @settings(max_examples=200, derandomize=True, database=None)
    @given(drawn=told_flows(), b=FLOW_SETS)
    def draw(drawn: tuple[ToldFlows, Flow], b: ToldFlows) -> None:
        a, flow = drawn
        seen["drawn"] += 1
        seen["proper"] += FlowSet.nothing() < a.set < FlowSet.everything()
        seen["overlapping"] += not (a.set.is_disjoint(b.set) or a.set <= b.set or b.set <= a.set)
        seen["members"] += a.set.contains(flow)
        seen["strangers"] += not a.set.contains(flow)

    draw()

    assert seen["proper"] >= 0.6 * seen["drawn"]
    assert seen["overlapping"] >= 0.05 * seen["drawn"]
    assert min(seen["members"], seen["strangers"]) >= 0.1 * seen["drawn"]
