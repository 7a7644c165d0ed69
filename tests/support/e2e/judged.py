"""A cluster of the example with its admission policy in force, and everybody who calls it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.e2e.admission import switch_on
from support.e2e.client import Client
from support.e2e.control_plane import ControlPlane, control_plane
from support.e2e.definitions import install, minimal, upstream
from support.e2e.example import PLATFORM_USER, ExampleCluster
from support.e2e.guarded import SOURCES, guarded_on
from support.e2e.programs import Programs
from support.e2e.setting import ARGOCD, add_namespaces, make_administrator

JUDGED = ("edge", "prod-eu", "staging")
"""Clusters of NetworkPolicy, Cilium and Calico."""

every_cluster = pytest.mark.parametrize("judged", JUDGED, indirect=True, scope="module")
_SYSTEM = "system:serviceaccount:kube-system:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The cluster and the callers; those that are not the cluster's own have every right."""

    cluster: ExampleCluster
    plane: ControlPlane
    admin: Client
    team: Client
    publisher: Client
    argocd: Client
    collector: Client
    namespaces: Client


@contextmanager
def judged_cluster(programs: Programs, cluster: ExampleCluster, folder: Path) -> Iterator[Judged]:
    """Every guarded kind is served; nobody but admission refuses anything."""
    with control_plane(programs, folder) as plane:
        admin = plane.client
        kinds = [each.kind for each in guarded_on(cluster.name) if not each.built_in]
        install(admin, [*upstream(*SOURCES), *(minimal(each) for each in kinds)])
        add_namespaces(admin, [*cluster.namespaces, "batch", "elsewhere"])
        for user in ("team", PLATFORM_USER, ARGOCD):
            make_administrator(admin, user)
        team = admin.as_user("team")
        switch_on(admin, team, cluster)
        yield Judged(
            cluster=cluster,
            plane=plane,
            admin=admin,
            team=team,
            publisher=admin.as_user(PLATFORM_USER),
            argocd=admin.as_user(ARGOCD),
            collector=admin.as_user(_SYSTEM + "generic-garbage-collector"),
            namespaces=admin.as_user(_SYSTEM + "namespace-controller"),
        )
