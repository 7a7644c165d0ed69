"""Questions with one answer share it, and no others do."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest

from transire.engines.cilium.reading import CiliumReading, read
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Decision, Query, Source, Verdict

RELEASE = Release(engine="cilium", version=Version.parse("1.19"))
HOSTS = ("one.test", "two.test", "a.wide.test", "plain.wide.test", "b.wide.test", "evil.test")
TLS = {"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": ["a.wide.test", "b.wide.test"]}


def ports(*numbers: int) -> list[dict[str, Any]]:
    return [{"ports": [{"port": str(each), "protocol": "TCP"} for each in numbers]}]


RULES: dict[str, Any] = {
    "egress": [
        {
            "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
            "toPorts": [{
                "ports": [{"port": "53", "protocol": "UDP"}],
                "rules": {"dns": [{"matchPattern": "**.test"}]},
            }],
        },
        {"toCIDR": ["8.8.8.8/32"], "toPorts": [{"ports": [{"port": "53", "protocol": "UDP"}]}]},
        {"toFQDNs": [{"matchName": "one.test"}], "toPorts": ports(443, 8443)},
        {"toFQDNs": [{"matchName": "two.test"}], "toPorts": ports(443)},
        {"toFQDNs": [{"matchPattern": "*.wide.test"}], "toPorts": [TLS]},
        {"toFQDNs": [{"matchName": "plain.wide.test"}], "toPorts": ports(443)},
        {"toCIDR": ["203.0.113.0/25"], "toPorts": ports(443)},
    ],
    "egressDeny": [{"toCIDR": ["203.0.113.0/28"]}],
}  # fmt: skip


def reading() -> CiliumReading:
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"endpointSelector": {}, **RULES},
    }
    return read([Manifest(source="p.yaml", index=0, body=body)], RELEASE, ClusterState())


SHOP, BANK = Source(namespace="shop"), Source(namespace="bank")


IPS = (None, *map(ip_address, ("203.0.113.1", "203.0.113.100", "203.0.113.200")))


QUESTIONS = [
    Query(
        id="x",
        source=source,
        what=Connection(ip=ip, host=host, port=port, protocol=protocol, dns_server=server),
    )
    for source in (SHOP, BANK)
    for ip in IPS
    for host in (*HOSTS, *([""] if ip else ()))
    for port in (443, 8443)
    for protocol in ("TCP", "SCTP")
    for server in ("", "8.8.8.8")
]


@cache
def alone() -> list[Decision]:
    """The answer to each question from a reading that was asked nothing else."""
    return [reading().decide(each) for each in QUESTIONS]


@pytest.mark.parametrize("seed", range(5))
def test_an_answer_does_not_depend_on_what_was_asked_before(seed: int) -> None:
    order = list(range(len(QUESTIONS)))
    Random(seed).shuffle(order)
    together = reading()

    found = {each: together.decide(QUESTIONS[each]) for each in order}
    assert [found[each] for each in range(len(QUESTIONS))] == alone()


def to_name(host: str) -> Query:
    return Query(id="x", source=SHOP, what=Connection(host=host, port=443, protocol="TCP"))


def test_names_that_the_same_rules_know_share_their_answer() -> None:
    together = reading()

    one, *others = (together.decide(to_name(f"evil{each}.test")) for each in range(3))
    assert [each is one for each in others] == [True, True]
    assert together.decide(to_name("a.wide.test")) is together.decide(to_name("b.wide.test"))
    assert together.decide(to_name("one.test")) is not together.decide(to_name("two.test"))


@pytest.mark.slow("many drawn examples")
def test_answers_that_are_forgotten_are_not_mistaken_for_others() -> None:
    together = reading()
    for number in range(10_000):
        ip = ip_address("20.0.0.0") + number
        what = Connection(host=f"evil{number}.test", ip=ip, port=443, protocol="TCP")
        decision = together.decide(Query(id="x", source=SHOP, what=what))
        assert decision.verdict is Verdict.DENY
        assert f" {ip} " in decision.reason
