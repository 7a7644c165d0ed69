"""Refuse a way to all that listens on nodes.

What it does: reports rules to `entity: nodes` or `entity: kube-apiserver` that open more than a
thousand ports of one protocol, those of a team's other rules for the same pods included.
Why is this bad? Kubelets, container runtimes and agents listen there, and whoever reaches one of
them may run anything on the node.
Bad:
    {name: nodes, reason: talk to agents, to: [{entity: nodes}], ports: [1-65535]}
Good:
    {name: nodes, reason: rotate keys, to: [{entity: nodes}], ports: [8443]}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from transire.model.guardrail import Finding
from transire.model.intent import Entity, EntityKind
from transire.model.problems import Level
from transire.model.scoped import Place
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of
from transire.values.guardrails.source_groups import by_source
from transire.values.guardrails.wide_ports import is_wide

ID = "all-ports-of-nodes"
LEVEL = Level.ERROR

KINDS = (EntityKind.KUBE_APISERVER, EntityKind.NODES)
"""Entities that are nodes, or run on them with all that listens there."""

_Way = tuple[Entry, Entity]


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every rule with too many ports, and of rules that come to as many together the last."""
    by_place: defaultdict[tuple[str, Place], list[Entry]] = defaultdict(list)
    for entry in review.entries():
        if entry.rule.entities:
            for place in filter(entry.rule.holds_in, review.places[entry.team]):
                by_place[entry.team, place].append(entry)
    found = (
        each for entries in by_place.values() for kind in KINDS for each in _of_kind(entries, kind)
    )
    yield from dict.fromkeys(found)


def _of_kind(entries: Sequence[Entry], kind: EntityKind) -> Iterator[Finding]:
    ways = [(entry, each) for entry in entries for each in entry.rule.entities if each.kind is kind]
    alone = [way for way in ways if is_wide(way[0].ports_of(way[1]))]
    for entry, each in alone:
        yield _finding(entry, each, "")
    others = [way for way in ways if way not in alone]
    for group in by_source(list(dict.fromkeys(entry for entry, _ in others))):
        together = [way for way in others if way[0] in group]
        if is_wide(port for entry, each in together for port in entry.ports_of(each)):
            entry, each = together[-1]
            names = ", ".join(repr(one.rule.name) for one in group if one is not entry)
            yield _finding(entry, each, f" together with {names}" if names else "")
            return


def _finding(entry: Entry, entity: Entity, together: str) -> Finding:
    return entry.finding(
        entity.at,
        f"{entry.rule.name!r} opens more than a thousand ports of {{entity: {entity.kind}}}"
        f"{together}",
        "list the ports that listen there",
        subject_of(entity),
        *entry.ports_of(entity),
    )
