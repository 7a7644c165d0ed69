"""Find clusters whose pods may have an IPv4 way out that no policy covers.

What it does: reports a cluster with `engine: kubernetes` and `families: [IPv6]`. On EKS the CNI
gives each pod of such a cluster an IPv4 interface for egress, which AWS's agent does not look at.
From the values nobody can tell whether the cluster is one of these, or whether the way is closed;
so where it is, that is written down as an exception whose `entry` is the cluster. The level is a
warning.
Why is this bad? A pod that connects to an IPv4 address goes out whatever its policies are.
Bad:
    # values/platform.yaml
    network: {families: [IPv6]}
Good:
    # values/platform.yaml
    network: {families: [IPv4, IPv6]}
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.registry import ENGINES
from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.values.guardrails.context import GuardrailContext

ID = "ipv4-side-channel"
LEVEL = Level.WARNING


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every cluster of IPv6 alone whose engine may be anybody's."""
    for cluster in review.organisation.platform.clusters:
        anybodys = ENGINES[cluster.release.engine].releases.newer
        if anybodys and cluster.network.families == ("IPv6",):
            yield Finding(
                team="",
                entry=cluster.name,
                at=cluster.at,
                message=f"cluster {cluster.name} has IPv6 alone, and on EKS its pods would have an "
                "IPv4 way out that no policy covers",
                help="set ENABLE_V4_EGRESS to false on EKS, and write an exception for the cluster "
                "once no pod reaches IPv4",
            )
