"""A small team with two targets, for tests of charts and their READMEs."""

from __future__ import annotations

from datetime import date

from transire.meaning.target import Lowered, Target
from transire.model.ends import End
from transire.model.engine import Release, Version
from transire.model.intent import (
    Cluster,
    ClusterNetwork,
    Dns,
    DnsProfile,
    GitOps,
    Host,
    InCluster,
    Mode,
    Platform,
    Publication,
    Rule,
    Team,
)
from transire.model.names import HostPattern
from transire.model.net import PortRange

EU = Cluster(
    name="prod-eu",
    release=Release(engine="cilium", version=Version.parse("1.19")),
    environment="prod",
    dns=Dns(profile=DnsProfile.COREDNS),
    gitops=GitOps.ARGOCD,
    network=ClusterNetwork(),
)
STAGING = Cluster(
    name="staging",
    release=Release(engine="calico", version=Version.parse("3.30")),
    environment="staging",
    dns=Dns(profile=DnsProfile.NODELOCAL),
    gitops=GitOps.ARGOCD,
)
PLATFORM = Platform(
    path="values/platform.yaml",
    mode=Mode.ENFORCE,
    ports=(PortRange.parse("443"),),
    in_cluster=InCluster.SAME_NAMESPACE,
    clusters=(EU, STAGING),
)
TCP = (PortRange.parse("443"),)


def host(written: str, bundle: str = "") -> Host:
    return Host(pattern=HostPattern.parse(written), bundle=bundle)


def rule(name: str = "api", reason: str = "call the API", **changed: object) -> Rule:
    fields = {"destinations": (host("api.example.com"),), "ports": TCP, "source": f"x#{name}"}
    return Rule(name=name, reason=reason, **(fields | changed))  # type: ignore[arg-type]


def team(*rules: Rule, contact: str = "oncall@example.com") -> Team:
    return Team(
        name="payments",
        contact=contact,
        path="values/teams/payments.yaml",
        publications=(
            Publication(namespace="payments-prod", cluster="prod-eu", mode=Mode.ENFORCE),
            Publication(
                namespace="payments-staging",
                cluster="staging",
                mode=Mode.AUDIT,
                until=End.on(date(2026, 12, 31)),
            ),
        ),
        rules=rules,
    )


def target(namespace: str, cluster: Cluster, mode: Mode = Mode.ENFORCE) -> Target:
    return Target(
        team="payments",
        team_path="values/teams/payments.yaml",
        namespace=namespace,
        cluster=cluster,
        mode=mode,
        rules=(),
        everyone=(),
        platform=PLATFORM,
    )


TARGETS = (
    target("payments-prod", EU),
    target("payments-staging", STAGING, Mode.AUDIT),
)
NOTHING = {each.name: Lowered(values={}) for each in TARGETS}
