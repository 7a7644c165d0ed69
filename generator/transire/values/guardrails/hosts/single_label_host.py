"""Refuse a host of one label.

What it does: reports hosts without a dot, such as `redis` and `localhost`.
Why is this bad? Search domains make the name longer before it is asked for: the answer is about
`redis.shop.svc.cluster.local`, which is no host of the rule, so the rule looks right and allows
nothing.
Bad:
    {name: cache, reason: keep baskets, to: [redis]}
Good:
    {name: cache, reason: keep baskets, to: [{namespace: shop, pods: {app: redis}}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.guardrail import Finding
from transire.model.names import HostKind
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.hosts.ip_is_not_a_host import is_address

ID = "single-label-host"
LEVEL = Level.ERROR


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every exact host that has no dot and is no address."""
    for entry, host in review.hosts():
        pattern = host.pattern
        if pattern.kind is HostKind.EXACT and not pattern.parent and not is_address(pattern.text):
            yield entry.finding(
                host.at,
                f"{pattern.shown} has no dot, so search domains make it a name inside the cluster",
                "write {namespace: NAME, pods: {LABEL: VALUE}} for a service of the cluster, or "
                "the whole name of a host outside",
                pattern,
            )
