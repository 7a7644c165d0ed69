"""Refuse names of services inside the cluster.

What it does: reports hosts below `svc`, below `svc.` and below the domain of any cluster.
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


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every host that is or lies below a name of the cluster's own."""
    domains = {each.network.domain for each in review.organisation.platform.clusters}
    inside = {"svc", *domains, *(f"svc.{domain}" for domain in domains)}
    for entry, host in review.hosts():
        if any(host.pattern.is_within(name) for name in inside):
            yield entry.finding(
                host.at,
                f"{host.pattern.shown} is a name inside the cluster",
                "write {namespace: NAME, pods: {LABEL: VALUE}} instead",
            )
