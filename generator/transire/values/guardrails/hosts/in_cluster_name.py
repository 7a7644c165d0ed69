"""Refuse names of services inside the cluster.

What it does: reports hosts below `svc`, and below `cluster.local` and the domain of any cluster.
Why is this bad? Such names resolve to service or pod addresses, which host rules never match.
Bad:
    {name: ledger, reason: internal ledger, to: [ledger.ledger.svc.cluster.local]}
Good:
    {name: ledger, reason: internal ledger, to: [{namespace: ledger, pods: {app: ledger}}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "in-cluster-name"
LEVEL = Level.ERROR

USUAL = "cluster.local"
"""The domain of a cluster that has no other."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host that is or lies below a name of the cluster's own."""
    clusters = review.organisation.platform.clusters
    inside = {"svc", "svc.cluster", USUAL, *(each.network.domain for each in clusters)}
    for entry, host in review.hosts():
        if any(host.pattern.is_within(name) for name in inside):
            yield entry.finding(
                host.at,
                f"{host.pattern.shown} is a name inside the cluster",
                "write {namespace: NAME, pods: {LABEL: VALUE}} instead",
                host.pattern,
            )
