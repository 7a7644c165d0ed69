from typing import Any

import pytest

from support.engines.case_files import release
from support.engines.cilium_sets import (
    CLUSTER,
    SHOP,
    TCP,
    UDP,
    A,
    asking,
    everything,
    flows_of,
    lookups,
    manifest,
)
from transire.engines.cilium.reading import read
from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet
from transire.model.problems import Unjudgeable
from transire.queries.query import DnsQuery, Query, Source, Verdict

P = "CiliumNetworkPolicy shop/p: /spec/egress"
DNS_RULES = {"rules": {"dns": [{"matchPattern": "*"}]}}
HTTP_RULES: dict[str, Any] = {"rules": {"http": [{}]}}
LISTENER = {"envoyConfig": {"name": "x"}, "name": "y"}
SERVERS = {"serverNames": ["a.example.com"]}


def ports(
    text: str, protocol: str = "TCP", more: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    return [{"ports": [{"port": text, "protocol": protocol}], **(more or {})}]


UNJUDGED: tuple[tuple[list[dict[str, Any]], str], ...] = (
    (
        [{"toServices": [{}]}],
        f"{P}/0/toServices/0: what an item without a service selects is not modelled",
    ),
    (
        [{"toPorts": ports("nowhere")}],
        f"{P}/0: which number the port named nowhere has in the cluster is not known",
    ),
    (
        [{"toPorts": ports("0443")}, {"toPorts": ports("443")}],
        f"{P}/1: the agent takes the port '443' for one of another rule",
    ),
    (
        [{"toPorts": ports("9092", more={"rules": {"kafka": [{}]}})}],
        f"{P}/0: what a proxy for KAFKA lets through is not modelled",
    ),
    (
        [{"toPorts": ports("0", more=SERVERS)}],
        f"{P}/0: rules for TLS on every port are not modelled",
    ),
    (
        [{"toPorts": ports("443", "UDP", SERVERS)}],
        f"{P}/0: rules for TLS over UDP are not modelled",
    ),
    (
        [{"toPorts": ports("443", more={"listener": LISTENER})}],
        f"{P}/0: what a custom listener or TLS context lets through is not modelled",
    ),
    (
        [{"toPorts": ports("443", more={"originatingTLS": {"secret": {"name": "x"}}})}],
        f"{P}/0: what a custom listener or TLS context lets through is not modelled",
    ),
    (
        [{"toPorts": ports("443", more={"serverNames": ["a.example.com."]})}],
        f"{P}/0/toPorts/0/serverNames: a proxy refuses a server name with a trailing dot",
    ),
    (
        [
            {"toEntities": ["host"], "toPorts": ports("53", more=DNS_RULES)},
            {"toEntities": ["world"], "toPorts": ports("53", more=HTTP_RULES)},
        ],
        f"{P}/0: DNS and other L7 rules for one port are not modelled",
    ),
    (
        [
            {"toEntities": ["all"], "toPorts": ports("53", more=DNS_RULES)},
            {"toEntities": ["all"], "toPorts": ports("53", more=HTTP_RULES)},
        ],
        (
            f"{P}/0: with CiliumNetworkPolicy shop/p, rules for DNS and HTTP meet on one port: "
            "the agent computes no policy"
        ),
    ),
    (
        [{"toFQDNs": [{"matchName": "dns.example.com"}], "toPorts": ports("53", more=DNS_RULES)}],
        f"{P}/0: DNS rules for a resolver that is known by name are not modelled",
    ),
    (
        [
            {"toCIDR": ["9.9.9.9/32"], "toPorts": ports("53", more=DNS_RULES)},
            {"toFQDNs": [{"matchName": "dns.example.com"}], "toPorts": ports("53")},
        ],
        f"{P}/1: a resolver that is known by name too is not modelled",
    ),
    (
        [
            {"toPorts": ports("443", more=SERVERS)},
            {"toPorts": [{"ports": [{"port": "440", "endPort": 450, "protocol": "TCP"}]}]},
        ],
        (
            f"{P}/0: L7 rules on a port that CiliumNetworkPolicy shop/p at /spec/egress/1 writes "
            "otherwise are not modelled"
        ),
    ),
    (
        [{"toPorts": ports("80", more={"rules": {"http": [{"headerMatches": [{"name": ":a"}]}]}})}],
        f"{P}/0: the headerMatch of ':a' is not modelled",
    ),
    (
        [{"toPorts": ports("80", more={"rules": {"http": [{"path": "/(?i)a"}]}})}],
        f"{P}/0: the path '/(?i)a' is not modelled: a group with flags or a name is not modelled",
    ),
    (
        [{"toPorts": ports("80", more={"rules": {"http": [{"headers": [": b"]}]}})}],
        f"{P}/0: the header ': b' is not modelled",
    ),
)


@pytest.mark.parametrize(("egress", "message"), UNJUDGED)
def test_sets_that_are_not_known(egress: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Unjudgeable) as caught:
        flows_of(*egress)

    assert str(caught.value) == message
    assert flows_of(*egress, source=~SHOP) == everything(~SHOP)


def test_sets_of_a_proxy_that_does_not_run_are_not_known() -> None:
    spec = {"endpointSelector": {}, "egress": [{"toPorts": ports("443", more=SERVERS)}]}
    found = read([manifest(spec)], release("cilium@1.19"), CLUSTER, {"enable-l7-proxy": "false"})

    with pytest.raises(Unjudgeable) as caught:
        found.flows(SHOP)

    assert str(caught.value) == (
        f"{P}/0: rules for a proxy that the agent does not run are not modelled"
    )


def test_lists_of_names_over_udp_and_tcp_are_kept_apart_since_1_16() -> None:
    egress = [asking("a.example.com"), asking("b.example.com", protocol="TCP")]

    with pytest.raises(Unjudgeable) as caught:
        flows_of(*egress, minor=15)

    assert str(caught.value) == (
        f"{P}/0: before 1.16 DNS rules for one port over UDP and TCP overwrite each other"
    )
    assert flows_of(*egress, minor=16) == lookups(A) | lookups(
        HostSet.exact(["b.example.com"]), TCP
    )
    assert flows_of(asking("a.example.com", protocol="ANY"), minor=15).restrict(
        ports=PortSet.of_protocol(UDP) | PortSet.of_protocol(TCP)
    ) == lookups(A) | lookups(A, TCP)


def test_a_denial_over_udp_alone_is_part_of_what_is_overwritten_before_1_16() -> None:
    ports = [{"ports": [{"port": "53", "protocol": "UDP"}]}]
    denied = {"egressDeny": [{"toEndpoints": [{"matchLabels": {"app": "pay"}}], "toPorts": ports}]}
    asked = asking("a.example.com", protocol="ANY")

    with pytest.raises(Unjudgeable) as caught:
        flows_of(asked, minor=15, more=denied)

    assert str(caught.value) == (
        f"{P}/0: before 1.16 DNS rules for one port over UDP and TCP overwrite each other"
    )
    spec = {"endpointSelector": {}, "egress": [asked], **denied}
    reading = read([manifest(spec)], release("cilium@1.15"), CLUSTER)
    query = Query(id="", source=Source(namespace="shop"), what=DnsQuery(host="a.example.com"))
    assert reading.decide(query).verdict is Verdict.UNJUDGEABLE
    assert flows_of(asked, minor=16, more=denied).restrict(
        ports=PortSet.of_protocol(UDP) | PortSet.of_protocol(TCP)
    ) == lookups(A) | lookups(A, TCP)
