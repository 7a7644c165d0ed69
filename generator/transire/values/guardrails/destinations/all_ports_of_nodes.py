"""Refuse a way to all that listens on nodes.

What it does: reports rules to `entity: nodes` or `entity: kube-apiserver` that open more than a
thousand ports of one protocol. All rules of a team in a namespace count together, whichever pods
they are for, since the team gives its pods labels and service accounts as it likes; so do those for
everyone, and both entities, since the API server runs on nodes.
Why is this bad? Kubelets, container runtimes and agents listen there, and whoever reaches one of
them may run anything on the node.
Bad:
    {name: nodes, reason: talk to agents, to: [{entity: nodes}], ports: [1-65535]}
Good:
    {name: nodes, reason: rotate keys, to: [{entity: nodes}], ports: [8443]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from transire.model.guardrail import Extent, Finding
from transire.model.intent import Entity, EntityKind
from transire.model.net import PortRange, merge_ports
from transire.model.problems import Level
from transire.model.scoped import Place
from transire.model.waiver import OnPort
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of
from transire.values.guardrails.wide_ports import is_wide

ID = "all-ports-of-nodes"
LEVEL = Level.ERROR

KINDS = (EntityKind.KUBE_APISERVER, EntityKind.NODES)
"""Entities that are nodes, or run on them with all that listens there."""

_Way = tuple[Entry, Entity]


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every rule with too many ports, and of rules that come to as many together the last."""
    ways: dict[str, list[_Way]] = {"": []}
    for entry in review.entries():
        own = [(entry, each) for each in entry.rule.entities if each.kind in KINDS]
        if own:
            ways.setdefault(entry.team, []).extend(own)
    shared = ways.pop("")
    everyone = dict.fromkeys(
        each for place in _places(review, shared) for each in _in(place, shared)
    )
    yield from everyone
    for team, own in ways.items():
        found = (
            each for place in review.places.get(team, ()) for each in _in(place, [*shared, *own])
        )
        yield from (each for each in dict.fromkeys(found) if each not in everyone)


def _places(review: GuardrailContext, shared: Sequence[_Way]) -> Iterator[Place]:
    """Every cluster, once for each namespace that a rule for everyone names."""
    names = sorted({name for entry, _ in shared for name in entry.rule.namespaces or ()})
    for cluster in review.places[""]:
        yield from (replace(cluster, namespace=name) for name in names or ("",))


def _in(place: Place, ways: Sequence[_Way]) -> Iterator[Finding]:
    """What rules open in one place, each by itself and then all others together."""
    here = [way for way in ways if way[0].rule.holds_in(place)]
    alone = [way for way in here if is_wide(way[0].ports_of(way[1]))]
    for way in alone:
        yield _finding([way])
    others = [way for way in here if way not in alone]
    if is_wide(_ports(others)):
        yield _finding(others)


def _ports(ways: Sequence[_Way]) -> tuple[PortRange, ...]:
    return merge_ports(port for entry, entity in ways for port in entry.ports_of(entity))


def _finding(ways: Sequence[_Way]) -> Finding:
    """A finding about the last of these, of which an approval has to hold all that they open."""
    entry, entity = ways[-1]
    names = dict.fromkeys(repr(one.rule.name) for one, _ in ways if one is not entry)
    together = f" together with {', '.join(names)}" if names else ""
    kinds = dict.fromkeys(f"{{entity: {each.kind}}}" for _, each in ways)
    finding = entry.finding(
        entity.at,
        f"{entry.rule.name!r} opens more than a thousand ports of {' and '.join(kinds)}{together}",
        "list the ports that listen there, or ask for an entry in values/exceptions.yaml",
        *dict.fromkeys(
            OnPort(subject_of(each), port)
            for _, each in ways
            for port in _ports([way for way in ways if way[1].kind is each.kind])
        ),
    )
    sources = tuple(sorted({each for one, _ in ways for each in one.rule.sources}))
    extent = Extent(limits=entry.rule, sources=sources, approximate=entry.rule.approximate)
    return replace(finding, extent=extent)
