"""Hold destinations outside the cluster to the platform's ports.

What it does: reports ports that the platform's `allowedPorts` does not cover, for hosts and
address ranges. Pods, entities and the proxy are inside the cluster and not looked at.
Why is this bad? Odd ports are how data leaves unseen, and how a database ends on the internet.
Bad:
    {name: shell, reason: log in somewhere, to: [bastion.example.com], ports: [2222]}
Good:
    {name: site, reason: read the site, to: [www.example.com], ports: [443]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "port-not-allowed"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every port of a rule to the outside that no allowed range covers."""
    platform = review.organisation.platform
    allowed = platform.guardrails.allowed_ports or platform.ports
    shown = ", ".join(map(str, allowed))
    for entry in review.entries():
        if not entry.rule.hosts and not entry.rule.ranges:
            continue
        for port in entry.rule.ports:
            if not any(each.covers(port) for each in allowed):
                yield entry.finding(
                    entry.rule.at,
                    f"port {port} of {entry.rule.name!r} is not allowed outside the cluster",
                    f"use one of {shown}, or ask for an entry in values/exceptions.yaml",
                )
