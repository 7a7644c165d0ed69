"""The ways to a host are exactly what values mean: no pod more, and none less."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings

from support.draw.lowering_strategies import expressible_targets
from transire.engines.registry import engine_of
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.meaning.meaning import Spelling, meaning
from transire.meaning.target import Lowered, Target, baseline_of
from transire.meaning.world import world
from transire.model.intent import Organisation, Publication, Team
from transire.model.problems import Rejected
from transire.review.who.wanted import Wanted
from transire.review.who.ways import Manner, ways_to

REACHING = frozenset({Manner.ALLOWED, Manner.WIDENED, Manner.BY_RANGE})
ADDRESS = "10.20.30.40"
"""A drawn host that is written like an address, which is what `who` takes it for."""

ELSEWHERE = Peer.outside() - Peer.reserved("kube-apiserver")
"""What is outside and not the API server, which may be there under any name."""

LEAST_REACHED = 20
"""How many names at least are in reach of some pod over one run, so that it shows something."""


@dataclass
class Seen:
    """What the drawn examples came to."""

    compared: int = 0
    reached: int = 0


def organisation_of(target: Target) -> Organisation:
    """An organisation in which the target is all that is published."""
    publication = Publication(
        namespace=target.namespace, cluster=target.cluster.name, mode=target.mode
    )
    team = Team(
        name=target.team,
        contact="payments@example.com",
        path=target.team_path,
        publications=(publication,),
        rules=target.rules,
    )
    return Organisation(platform=target.platform, teams=(team,))


def spelling(target: Target, own: Lowered, shared: Lowered) -> Spelling:
    """What the engine made of hosts, by the sources of their rules."""
    pairs = ((target.rules, own), (target.everyone, shared))
    return {
        (rule.source, each.written): each.became
        for rules, lowered in pairs
        for rule in rules
        for each in lowered.approximated
        if each.rule == rule.name
    }


def compare(target: Target, seen: Seen) -> None:
    """Hold the ways to each name that a rule means, and to one that none does."""
    engine, organisation = engine_of(target.cluster.release), organisation_of(target)
    try:
        own = engine.lower(target)
        shared = engine.lower_baseline(baseline_of(organisation, target.cluster))
    except Rejected:
        reject()
    traits = engine.traits(target.cluster)
    meant = meaning(target, traits, spelling(target, own, shared)).allowed.connections()
    # Nothing outside has the address of a node or a pod, whatever a rule for those allows.
    meant &= world(target.cluster, traits)
    rules = (*target.rules, *target.everyone)
    names = {each.pattern.example() for rule in rules for each in rule.hosts}
    ports = {port.first for rule in rules for part in rule.parts for port in part.ports}
    for name in sorted({*names, "no.such.name"} - {ADDRESS}):
        for port in sorted({443, *ports} - {0, 53, 5353}):
            asked = PortSet.of_port(Protocol.TCP, port)
            reached = meant.restrict(
                peer=ELSEWHERE, hosts=HostSet.exact([name]), ports=asked
            ).sources()
            ways = ways_to(organisation, Wanted.parse(f"{name}:{port}"), [target.cluster])
            pods = PodSet.union(
                each.pods for each in ways
                if each.manner in REACHING and each.target.namespace == target.namespace
            )  # fmt: skip
            assert pods == reached, (target, name, port)
            seen.compared += 1
            seen.reached += bool(reached)


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("engine", ["cilium", "calico-enterprise"])
def test_the_pods_of_all_ways_are_those_that_values_mean(engine: str) -> None:
    seen = Seen()

    @given(target=expressible_targets(engine))
    @settings(
        max_examples=40,
        phases=[Phase.explicit, Phase.generate],  # a target takes long to shrink
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def every_target(target: Target) -> None:
        compare(target, seen)

    every_target()

    assert seen.reached >= LEAST_REACHED
