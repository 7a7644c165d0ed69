"""A few targets of every engine that together use every line of the charts' templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from support.engines.lowering_parts import NETWORK, PLATFORM_FILE, Text, cluster, target
from support.engines.lowering_parts import rule as rule_of
from transire.meaning.target import Target

_PODS: list[Text] = [
    {
        "name": "ledger",
        "from": {"app": "web"},
        "to": [{"namespace": "ledger", "pods": {"app": "ledger"}}, {"namespace": "archive"}],
        "ports": [8080],
    },
    {
        "name": "settlement",
        "to": [{"cidr": "198.51.100.16/28"}, {"cidr": "169.254.0.0/16"}, {"cidr": "2001:db8::/32"}],
        "ports": [22, "8000-8010/TCP", "123/UDP"],
    },
    {"name": "agents", "to": [{"entity": "nodes"}], "ports": [9100]},
]
_HOSTS: list[Text] = [
    {"name": "cards", "from": {"app": "checkout"}, "to": ["api.stripe.com", "files.stripe.com"]},
    {"name": "receipts", "to": ["**.storage.example.net"], "ports": [443, 8443]},
]
_API: Text = {"name": "election", "to": [{"entity": "kube-apiserver"}], "ports": [6443]}
_CLOCK: Text = {"name": "time", "to": ["time.example.com"], "ports": ["123/UDP"]}
_OFFICE: Text = {
    "name": "office",
    "from": {"tier": "batch"},
    "to": [{"cidr": "0.0.0.0/0"}, {"namespace": "proxy"}, {"entity": "nodes"}],
    "ports": [8443, "9000-9010"],
}
_MANY = tuple(f"batch-{number:02}" for number in range(16))
_ON_NODE = {"profile": "nodelocal", "addresses": ["169.254.20.10"]}


def _target(
    engine: str,
    version: str,
    egress: Sequence[Text],
    everyone: Sequence[Text] = (),
    *,
    enrol: Sequence[str] = ("batch",),
    in_cluster: str = "same-namespace",
    mode: str = "enforce",
    **here: Any,  # noqa: ANN401 - as in a values file
) -> Target:
    found = target(
        cluster(engine, version, network=NETWORK, **here),
        egress,
        mode=mode,
        everyone=everyone,
        inCluster=in_cluster,
        admission=True,
    )
    platform = replace(
        found.platform,
        enrol=tuple(sorted(enrol)),
        mode=found.mode,
        everyone=tuple(rule_of(each, path=PLATFORM_FILE) for each in everyone),
    )
    return replace(found, platform=platform)


@cache
def example_targets() -> Mapping[str, tuple[Target, ...]]:
    """The targets by engine."""
    proxy = {"proxy": {"namespace": "egress-proxy", "pods": {"app": "squid"}, "port": 3128}}
    found = {"networkSet": {"labels": {"egress": "partners"}}}
    restricted = {"profile": "coredns", "restrict": True}
    status: Text = {"name": "status", "to": ["status.example.com"]}
    return {
        "cilium": (
            _target("cilium", "1.19", [*_PODS, *_HOSTS, _API], [_CLOCK, _OFFICE]),
            _target(
                *("cilium", "1.19", [*_PODS, *_HOSTS], [_CLOCK, status]),
                in_cluster="all",
                dns=restricted,
                hardening=["sni"],
            ),
            _target("cilium", "1.16", [*_PODS, _HOSTS[0]], [_CLOCK, _OFFICE], mode="audit"),
            _target("cilium", "1.18", [], [], in_cluster="declared", dns=_ON_NODE),
        ),
        "calico": (
            _target("calico", "3.30", [*_PODS, *_HOSTS, _API], [_OFFICE, _API], fallback=proxy),
            _target(
                "calico",
                "3.32",
                [*_PODS, _HOSTS[0]],
                [_CLOCK],
                fallback=found,
                enrol=_MANY,
                in_cluster="all",
            ),
            _target("calico", "3.30", [*_PODS, _API], [_OFFICE], mode="audit", enrol=_MANY),
            _target("calico", "3.29", [], [], in_cluster="declared", dns=_ON_NODE),
        ),
        "calico-enterprise": (
            _target("calico-enterprise", "3.22", [*_PODS, *_HOSTS, _API], [_CLOCK, _OFFICE]),
            _target(
                "calico-enterprise",
                "3.23",
                [*_PODS, *_HOSTS],
                [_CLOCK, _OFFICE],
                enrol=_MANY,
                in_cluster="all",
            ),
            _target("calico-enterprise", "3.21", [*_PODS, *_HOSTS], [_CLOCK], mode="audit"),
        ),
        "kubernetes": (
            _target("kubernetes", "", _PODS, [_OFFICE]),
            _target("kubernetes", "1.33", _PODS, [_OFFICE], in_cluster="all", dns=_ON_NODE),
            _target("kubernetes", "", [], [], in_cluster="declared"),
        ),
    }
