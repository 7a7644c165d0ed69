"""Refuse the addresses where clouds hand out credentials.

What it does: reports ranges that lie within a metadata address, and hosts that resolve there.
A larger range that covers one is rendered with that address left out.
Why is this bad? Whoever reaches it can act as the node.
Bad:
    {name: identity, reason: find the region, ticket: SEC-1, to: [{cidr: 169.254.169.254/32}]}
Good:
    {name: identity, reason: find the region, to: [sts.eu-west-1.amazonaws.com]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.meaning.hosts import matches
from transire.model.guardrail import Finding
from transire.model.net import METADATA, contains
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "no-metadata-address"
LEVEL = Level.ERROR

NAMES = ("instance-data.ec2.internal", "metadata.goog", "metadata.google.internal")
"""Names that clouds resolve to a metadata address."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range inside a metadata address, and every host that covers one of the names."""
    for entry in review.entries():
        for each in entry.rule.ranges:
            if any(contains(address, each.cidr) for address in METADATA):
                yield entry.finding(
                    each.at,
                    f"{each.cidr} is a cloud metadata address",
                    "give the workload an identity of its own instead of the node's",
                )
        for host in entry.rule.hosts:
            if any(matches(host.pattern, name) for name in NAMES):
                yield entry.finding(
                    host.at,
                    f"{host.pattern.shown} resolves to a cloud metadata address",
                    "give the workload an identity of its own instead of the node's",
                )
