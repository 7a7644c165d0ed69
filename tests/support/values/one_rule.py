"""An organisation of one team with one rule, and what guardrails find in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from ipaddress import ip_network

from transire.model.engine import Release, Version
from transire.model.intent import (
    AddressRange,
    Cluster,
    Dns,
    DnsProfile,
    GitOps,
    InCluster,
    Mode,
    Organisation,
    Platform,
    Publication,
    Rule,
    Team,
)
from transire.model.net import PortRange
from transire.model.problems import Position
from transire.values.guardrails.registry import review

HTTPS = PortRange.parse("443")
DAY = date(2030, 6, 15)


def organisation(rule: Rule, **changes: object) -> Organisation:
    """That organisation, changed."""
    cluster = Cluster(
        name="eu",
        release=Release(engine="cilium", version=Version.parse("1.19")),
        environment="prod",
        dns=Dns(profile=DnsProfile.COREDNS),
        gitops=GitOps.ARGOCD,
    )
    platform = Platform(
        path="values/platform.yaml",
        mode=Mode.ENFORCE,
        ports=(HTTPS,),
        in_cluster=InCluster.DECLARED,
        clusters=(cluster,),
    )
    team = Team(
        name="shop",
        contact="shop@example.com",
        path="values/teams/shop.yaml",
        publications=(Publication(namespace="shop", cluster="eu", mode=Mode.ENFORCE),),
        rules=(rule,),
    )
    whole = Organisation(platform=platform, teams=(team,))
    return replace(whole, **changes)  # type: ignore[arg-type]


def rule(**changes: object) -> Rule:
    """The rule, changed; by itself it reaches everything."""
    base = Rule(
        name="world",
        reason="so that it works",
        destinations=(AddressRange(cidr=ip_network("0.0.0.0/0"), at=at(9)),),
        ports=(HTTPS,),
        source="values/teams/shop.yaml#world",
        at=at(7),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def at(line: int) -> Position:
    """A place in the file of the team."""
    return Position(path="values/teams/shop.yaml", line=line, column=5)


def ids(whole: Organisation) -> list[tuple[str, str]]:
    """What is found on that day, by id and level."""
    return [(each.id, str(each.level)) for each in review(whole, DAY)]
