"""The accounts that publish, which guards and grants have to name.

Both live in one namespace of every cluster, and neither has a token.
"""

from __future__ import annotations

NAMESPACE = "egress-system"
"""Where the accounts live, and with Flux the releases, their storage and the Secrets to fetch."""

PUBLISHERS = frozenset({NAMESPACE, "argocd", "flux-system"})
"""Where those run that publish: no team may claim these."""

APPLIER = "egress-applier"
"""Writes the policies of teams, in exactly the namespaces that they publish to."""

PLATFORM = "egress-platform"
"""Writes what is cluster-wide: the baseline and the tier.

The role that `egress-tier` makes holds in every namespace, so it is for this account only.
"""


def user_of(account: str) -> str:
    """The service account `NAMESPACE/NAME` as Kubernetes names users."""
    return f"system:serviceaccount:{account.replace('/', ':')}"


USERS = tuple(user_of(f"{NAMESPACE}/{name}") for name in (APPLIER, PLATFORM))
"""The accounts as Kubernetes names users: for an admission policy that lets only them write."""
