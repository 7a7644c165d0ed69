"""How fast sets of flows are built, compared and asked, at the size of a large team.

A team of 1,000 hosts and 50 wildcards, in three shapes: rules of five hosts each, every host in a
rule of its own with its own ports and pods, and the same over a label key of its own for each.
"""

# ruff: noqa: D103, INP001, S101 - as in tests: names are sentences, asserts keep them honest

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet, Wild
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet, Protocol

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

HOSTS = 1000
WILDCARDS = 50
NAMES = [f"host{each}.zone{each % 300}.example{each % 7}.com" for each in range(HOSTS)]
TEAM = PodSet.in_namespace("team-a")
OUTSIDE = Peer.outside()


def host_sets(size: int) -> list[HostSet]:
    """The hosts of each rule, `size` names to a rule, then a wildcard to each."""
    exact = [HostSet.exact(NAMES[at : at + size]) for at in range(0, HOSTS, size)]
    many = [HostSet.pattern([Wild.LABELS, f".wide{each}.com"]) for each in range(WILDCARDS // 2)]
    part = [
        HostSet.pattern(["s3-", Wild.CHARS, f".zone{each}.example{each % 7}.com"])
        for each in range(WILDCARDS // 2)
    ]
    return exact + many + part


def allowed(size: int, key: Callable[[int], str], *, backwards: bool = False) -> FlowSet:
    """The flows of all rules, each with its own port and pods."""
    rules = [
        FlowSet.reach(
            source=TEAM & PodSet.labels({key(index): f"value{index}"}),
            peer=OUTSIDE,
            ports=PortSet.of_port(Protocol.TCP, 443 + index),
            hosts=hosts,
        )
        for index, hosts in enumerate(host_sets(size))
    ]
    return FlowSet.union(reversed(rules) if backwards else rules)


SHAPES: dict[str, tuple[int, Callable[[int], str]]] = {
    "five hosts a rule": (5, lambda _: "app"),
    "one host a rule": (1, lambda _: "app"),
    "one host and one label key a rule": (1, lambda index: f"key{index}"),
}
shapes = pytest.mark.parametrize("shape", SHAPES)


@shapes
def test_building_a_team(benchmark: BenchmarkFixture, shape: str) -> None:
    size, key = SHAPES[shape]

    assert benchmark(allowed, size, key)


@shapes
def test_proving_that_two_teams_built_apart_are_equal(
    benchmark: BenchmarkFixture, shape: str
) -> None:
    size, key = SHAPES[shape]
    one, other = allowed(size, key), allowed(size, key, backwards=True)

    assert benchmark(lambda: one == other)


@shapes
def test_building_two_teams_and_proving_that_they_are_equal(
    benchmark: BenchmarkFixture, shape: str
) -> None:
    size, key = SHAPES[shape]

    assert benchmark(lambda: allowed(size, key) == allowed(size, key, backwards=True))


@shapes
def test_what_one_team_has_and_another_has_not(benchmark: BenchmarkFixture, shape: str) -> None:
    size, key = SHAPES[shape]
    one = allowed(size, key)
    other = one - FlowSet.reach(
        source=TEAM,
        peer=OUTSIDE,
        ports=PortSet.everything(),
        hosts=HostSet.exact(NAMES[:10]),
    )

    assert benchmark(lambda: one - other)


@shapes
def test_uniting_two_teams(benchmark: BenchmarkFixture, shape: str) -> None:
    size, key = SHAPES[shape]
    one, other = allowed(size, key), allowed(size, lambda index: f"other{key(index)}")

    united: FlowSet = benchmark(lambda: one | other)

    assert one <= united


@shapes
def test_showing_a_team(benchmark: BenchmarkFixture, shape: str) -> None:
    size, key = SHAPES[shape]
    one = allowed(size, key)

    assert benchmark(one.boxes)


def test_sets_of_1000_names_and_50_wildcards(benchmark: BenchmarkFixture) -> None:
    one = HostSet.union(host_sets(1000))
    other = HostSet.union(host_sets(10)[::2])

    assert benchmark(lambda: ((one | other) - other) | other) == one | other


def test_1000_names_beside_a_partial_label(benchmark: BenchmarkFixture) -> None:
    exact = HostSet.exact(f"host{each}.example.com" for each in range(HOSTS))
    part = HostSet.pattern([Wild.CHARS, "-eu", Wild.CHARS, ".example.com"])

    assert exact <= benchmark(lambda: exact | part)


def test_asking_100_flows(benchmark: BenchmarkFixture) -> None:
    one = allowed(5, lambda _: "app")
    flows = [
        Flow(
            source=Workload(namespace="team-a", labels={"app": f"value{each // 5}"}),
            host=NAMES[each],
            address=ip_address("203.0.113.10"),
            protocol=Protocol.TCP,
            port=443 + each // 5,
        )
        for each in range(0, HOSTS, 10)
    ]

    assert benchmark(lambda: sum(map(one.contains, flows))) == len(flows)
