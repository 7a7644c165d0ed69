"""An organisation that has everything publishing must tell apart, and pins for its charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from transire.charts.layout import BASELINE, TIER, ChartPin, team_place
from transire.delivery.gitops.manifests_file import Files
from transire.model.engine import Release, Version
from transire.model.intent import (
    Cluster,
    Dns,
    DnsProfile,
    GitOps,
    InCluster,
    Mode,
    Organisation,
    Platform,
    Publication,
    Team,
)
from transire.model.net import PortRange, Protocol
from transire.model.problems import Position
from transire.model.publish import ArgoCdSync, Publish, Verify

REGISTRY = "oci://registry.example.com/egress"
GIT = "https://git.example.com/platform/egress.git"


def cluster(name: str, engine: str, version: str, gitops: str, line: int = 1) -> Cluster:
    """A cluster; an empty version is none."""
    release = Release(engine=engine, version=Version.parse(version) if version else None)
    return Cluster(
        name=name,
        release=release,
        environment="prod",
        dns=Dns(profile=DnsProfile.COREDNS),
        gitops=GitOps(gitops),
        at=Position(path="values/platform.yaml", line=line, column=3),
    )


def team(name: str, *published: str) -> Team:
    """A team that publishes `NAMESPACE.CLUSTER`, with `!` after it in audit."""
    publications = []
    for line, each in enumerate(published, start=6):
        namespace, _, where = each.removesuffix("!").partition(".")
        mode = Mode.AUDIT if each.endswith("!") else Mode.ENFORCE
        at = Position(path=f"values/teams/{name}.yaml", line=line, column=3)
        publications.append(Publication(namespace=namespace, cluster=where, mode=mode, at=at))
    return Team(
        name=name,
        contact=f"{name}@example.com",
        path=f"values/teams/{name}.yaml",
        publications=tuple(publications),
        rules=(),
        at=Position(path=f"values/teams/{name}.yaml", line=3, column=1),
    )


CLUSTERS = (
    cluster("prod-eu", "cilium", "1.19", "argocd", 11),
    cluster("prod-us", "cilium", "1.17", "flux", 12),
    cluster("prod-onprem", "calico-enterprise", "3.22", "flux", 13),
    cluster("staging", "calico", "3.30", "argocd", 14),
    cluster("edge", "kubernetes", "", "argocd", 15),
    cluster("edge-flux", "kubernetes", "1.33", "flux", 16),
    cluster("lab", "calico", "3.32", "flux", 17),
)
TEAMS = (
    team(
        "payments",
        "payments-prod.prod-eu",
        "payments-prod.prod-onprem",
        "payments-staging.staging!",
        "payments-lab.lab",
    ),
    team("ledger", "ledger.prod-eu", "ledger.prod-us", "ledger-batch.prod-eu", "ledger.edge-flux"),
    team("factory", "factory.edge"),
)


def organisation(
    *,
    registry: str = REGISTRY,
    git: str = GIT,
    clusters: tuple[Cluster, ...] = CLUSTERS,
    teams: tuple[Team, ...] = TEAMS,
    admission: bool = False,
    verify: Verify | None = None,
    sync: ArgoCdSync | None = ArgoCdSync.IMPERSONATION,
) -> Organisation:
    """The example; `batch` is enrolled everywhere."""
    platform = Platform(
        path="values/platform.yaml",
        mode=Mode.ENFORCE,
        ports=(PortRange(first=443, last=443, protocol=Protocol.TCP),),
        in_cluster=InCluster.SAME_NAMESPACE,
        clusters=clusters,
        publish=Publish(registry=registry, git=git, verify=verify),
        enrol=("batch",),
        admission=admission,
        argocd_sync=sync,
        admission_at=Position(path="values/platform.yaml", line=21, column=1),
    )
    return Organisation(platform=platform, teams=teams)


def pins(of: Organisation, version: str = "1.4.2", digest: str = "") -> Mapping[str, ChartPin]:
    """The same version for every chart."""
    places = {BASELINE: BASELINE, TIER: TIER, **{team_place(t.name): t.name for t in of.teams}}
    return {
        place: ChartPin(name=name, version=version, digest=digest) for place, name in places.items()
    }


def with_agent(of: Organisation, **flags: str) -> Organisation:
    """The organisation with agent flags on every cluster; `_` stands for `-`."""
    agent = tuple(sorted((key.replace("_", "-"), value) for key, value in flags.items()))
    clusters = tuple(replace(each, agent=agent) for each in of.platform.clusters)
    return replace(of, platform=replace(of.platform, clusters=clusters))


def objects(files: Files, kind: str) -> dict[str, Any]:
    """All objects of a kind by `namespace/name`, or by name where they have no namespace."""
    found = [each for file in files.values() for each in file.objects if each["kind"] == kind]
    by_name = {name_of(each): each for each in found}
    assert len(found) == len(by_name), f"two {kind} objects share a name"
    return by_name


def name_of(body: Mapping[str, Any]) -> str:
    """`namespace/name`, without the namespace where all objects of the kind share one."""
    metadata = body["metadata"]
    shared = metadata.get("namespace", "") in {"", "argocd", "egress-system"}
    return str(metadata["name"] if shared else f"{metadata['namespace']}/{metadata['name']}")
