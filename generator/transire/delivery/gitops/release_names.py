"""What the published releases and their projects are called.

Names join team, namespace and cluster, are DNS labels of at most 63 characters, and change only
when one of the three does: a new name is a new release, and taking the old one away may open the
network (see `docs/publishing.md`).
"""

from __future__ import annotations

from transire.model.names import shorten

MAX_HELM_RELEASE = 53
"""Longest name of a Helm release."""


def team_release(team: str, namespace: str, cluster: str) -> str:
    """Application and HelmRelease of one target."""
    return shorten(f"egress-{team}-{namespace}-{cluster}")


def baseline_release(cluster: str) -> str:
    """Application and HelmRelease of the cluster's baseline."""
    return shorten(f"egress-baseline-{cluster}")


def tier_release(cluster: str) -> str:
    """Application and HelmRelease of the cluster's tier."""
    return shorten(f"egress-tier-{cluster}")


def team_project(team: str, cluster: str) -> str:
    """Argo CD project of what the team publishes to the cluster."""
    return shorten(f"egress-{team}-{cluster}")


def platform_project(cluster: str) -> str:
    """Argo CD project of the cluster's baseline and tier; no team's project is called so."""
    return shorten(f"platform-egress-{cluster}")


def helm_release(name: str) -> str:
    """The Helm release of a HelmRelease.

    Helm identifies a release by the namespace of its storage and this name. All releases of a
    cluster share one such namespace, so each needs a name of its own: with one name for all, every
    HelmRelease would take over, and empty, the one before it.
    """
    return shorten(name, MAX_HELM_RELEASE)
