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

from transire.model.guardrail import Finding
from transire.model.intent import Entity, EntityKind
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.together import Way, as_one, in_places
from transire.values.guardrails.wide_ports import is_wide

ID = "all-ports-of-nodes"
LEVEL = Level.ERROR

KINDS = (EntityKind.KUBE_APISERVER, EntityKind.NODES)
"""Entities that are nodes, or run on them with all that listens there."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every rule with too many ports, and of rules that come to as many together the last."""
    found = in_places(
        review, lambda entry: (each for each in entry.rule.entities if each.kind in KINDS)
    )
    yield from dict.fromkeys(each for ways in found for each in _wide(ways))


def _wide(ways: Sequence[Way[Entity]]) -> Iterator[Finding]:
    """What ways open in one place, each by itself and then all others together."""
    yield from (_finding([way]) for way in ways if way.is_wide)
    others = [way for way in ways if not way.is_wide]
    if is_wide(port for way in others for port in way.ports):
        yield _finding(others)


def _finding(ways: Sequence[Way[Entity]]) -> Finding:
    kinds = dict.fromkeys(f"{{entity: {way.to.kind}}}" for way in ways)
    return as_one(
        ways,
        f"{ways[-1].entry.rule.name!r} opens more than a thousand ports of {' and '.join(kinds)}",
        "list the ports that listen there, or ask for an entry in values/exceptions.yaml",
    )
