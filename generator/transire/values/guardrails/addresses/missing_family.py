"""Report address ranges that take no traffic on a cluster.

What it does: reports a range of an IP family that a cluster does not have, by `network.families`
of the platform's file or by the flags of its agent, where the rule is published. The examples are
published to a cluster with `families: [IPv4]`. Ranges of a bundle are passed over, since it is for
clusters of either family.
Why is this bad? The policies hold the range, nothing ever has such an address, and whoever counts
on it finds out in production.
Bad:
    {name: depots, reason: reach depots, ticket: SEC-1, to: [{cidr: "2001:db8:40::/48"}]}
Good:
    {name: depots, reason: reach depots, ticket: SEC-1, to: [{cidr: 203.0.113.0/24}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.meaning.premises.address_ranges import family_missing
from transire.model.guardrail import Finding
from transire.model.intent import Cluster
from transire.model.problems import Level
from transire.values.guardrails.context import Entry, GuardrailContext

ID = "missing-family"
LEVEL = Level.WARNING


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range of a family that some cluster lacks to which its rule is published."""
    for entry in review.entries():
        if entry.rule.ranges:
            yield from _missing(entry, review.clusters(entry))


def _missing(entry: Entry, clusters: Sequence[Cluster]) -> Iterator[Finding]:
    for each in entry.rule.ranges:
        if each.bundle:
            continue
        without = [cluster for cluster in clusters if family_missing(each.cidr, cluster)]
        if without:
            family = family_missing(each.cidr, without[0])
            names = ", ".join(cluster.name for cluster in without)
            yield entry.finding(
                each.at,
                f"{each.cidr} takes no traffic on {names}, without {family} addresses",
                f"remove it, since network.families of the cluster does not have {family}",
                each.cidr,
            )
