"""What meaning and lowering share is pinned here, because no proof can find a mistake in it.

Everything that is expected is written out: a table that takes its values from the constants under
test would follow them wherever they go.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network, ip_network

import pytest

from support.engines.lowering_parts import NETWORK, Text, cluster, rule
from support.paths import ROOT
from transire.engines.registry import ENGINES
from transire.meaning import premises
from transire.meaning.premises.address_ranges import (
    family_missing,
    is_known,
    known_ranges,
    matched_own,
    node_ranges,
    outside_cluster,
)
from transire.meaning.premises.dns_resolvers import Resolvers, dns_resolvers
from transire.meaning.premises.metadata_services import METADATA, SERVICES, WIDESPREAD
from transire.meaning.premises.queryable_names import queryable_names, search_suffixes
from transire.model.engine import Traits
from transire.model.intent import Cluster, DnsProfile, Pods
from transire.model.names import HostKind
from transire.model.net import network_key

COREDNS = ("kube-system", {"k8s-app": "kube-dns"})
NODE_LOCAL = ("kube-system", {"k8s-app": "node-local-dns"})
OPENSHIFT = ("openshift-dns", {"dns.operator.openshift.io/daemonset-dns": "default"})
PodsText = tuple[str, dict[str, str]]

PROFILES: dict[str, tuple[Text, list[PodsText], list[str], bool, int]] = {
    "coredns": ({"profile": "coredns"}, [COREDNS], [], False, 53),
    "coredns with addresses": (
        {"profile": "coredns", "addresses": ["10.96.0.10/32"]},
        [COREDNS], ["10.96.0.10/32"], False, 53,
    ),
    "nodelocal with addresses": (
        {"profile": "nodelocal", "addresses": ["169.254.20.10/32", "fd00::a/128"]},
        [COREDNS, NODE_LOCAL], ["169.254.20.10/32", "fd00::a/128"], True, 53,
    ),
    "nodelocal": ({"profile": "nodelocal"}, [COREDNS, NODE_LOCAL], [], False, 53),
    "openshift": ({"profile": "openshift"}, [OPENSHIFT], [], False, 5353),
    "gke-cloud-dns": ({"profile": "gke-cloud-dns"}, [], ["169.254.169.254/32"], True, 53),
    "gke-cloud-dns with addresses": (
        {"profile": "gke-cloud-dns", "addresses": ["169.254.20.10/32"]},
        [], ["169.254.20.10/32"], True, 53,
    ),
    "eks-auto": (
        {"profile": "eks-auto", "addresses": ["172.20.0.10/32"]},
        [], ["172.20.0.10/32"], True, 53,
    ),
    "aks-localdns": ({"profile": "aks-localdns"}, [], ["169.254.10.0/24"], True, 53),
    "custom pods": (
        {"profile": "custom", "resolver": {"namespace": "dns", "pods": {"app": "unbound"}, "port": 5300}},
        [("dns", {"app": "unbound"})], [], False, 5300,
    ),
    "custom addresses": (
        {"profile": "custom", "resolver": {"addresses": ["192.0.2.0/25", "192.0.2.128/25"]}},
        [], ["192.0.2.0/24"], False, 53,
    ),
    "custom without a resolver": ({"profile": "custom"}, [], [], False, 53),
}  # fmt: skip
"""The key of `dns` in a values file, and the pods, addresses, place and port that it stands for."""


def here(dns: Text | None = None, **text: object) -> Cluster:
    return cluster("cilium", "1.19", dns=dns or {"profile": "coredns"}, **text)


@pytest.mark.parametrize("name", PROFILES)
def test_pods_ask_the_resolvers_of_their_profile(name: str) -> None:
    dns, pods, addresses, on_node, port = PROFILES[name]

    found = dns_resolvers(here(dns))

    assert found == Resolvers(
        pods=tuple(Pods(namespace=where, labels=tuple(labels.items())) for where, labels in pods),
        addresses=tuple(map(ip_network, addresses)),
        on_node=on_node,
        port=port,
    )


def test_every_profile_is_in_the_table() -> None:
    assert {str(dns["profile"]) for dns, *_ in PROFILES.values()} == {*map(str, DnsProfile)}


CREDENTIALS = {
    "100.80.80.80/32": ["UCloud"],
    "100.96.0.96/32": ["Volcengine"],
    "100.100.100.200/32": ["Alibaba Cloud"],
    "168.63.129.16/32": ["Azure"],
    "169.254.0.23/32": ["Tencent Cloud"],
    "169.254.42.42/32": ["Scaleway"],
    "169.254.169.252/32": ["Google Cloud"],
    "169.254.170.2/32": ["AWS, roles of tasks and of pods included"],
    "169.254.170.23/32": ["AWS, roles of tasks and of pods included"],
    "192.0.0.192/32": ["Oracle Cloud"],
    "fd00:42::42/128": ["Scaleway"],
    "fd00:a9fe:a9fe::1/128": ["Linode"],
    "fd00:c1::a9fe:a9fe/128": ["Oracle Cloud"],
    "fd00:ec2::23/128": ["AWS, roles of tasks and of pods included"],
    "fd00:ec2::254/128": ["AWS, roles of tasks and of pods included"],
    "fd20:ce::254/128": ["Google Cloud"],
    "fe80::a9fe:a9fe/128": ["OpenStack and its hosters"],
}
"""Addresses where one cloud hands out credentials; most do so at 169.254.169.254."""

COMMON = "169.254.169.254/32"


def test_the_addresses_where_clouds_hand_out_credentials_are_these() -> None:
    own = {str(each) for service in SERVICES for each in service.addresses}
    clouds = {
        address: [each.cloud for each in SERVICES if address in map(str, each.addresses)]
        for address in sorted(own - {COMMON}, key=lambda each: network_key(ip_network(each)))
    }

    assert clouds == CREDENTIALS
    assert COMMON in own


def test_no_form_of_such_an_address_is_opened() -> None:
    own = {each for service in SERVICES for each in service.addresses}
    four = [each for each in own if isinstance(each, IPv4Network)]
    forms = {
        *(ip_network(f"64:ff9b::{each.network_address}/128") for each in four),
        *(ip_network(((0x2002 << 112) | int(each.network_address) << 80, 48)) for each in four),
    }

    assert own | forms == set(METADATA)
    assert [*METADATA] == sorted(METADATA, key=network_key)
    assert set(WIDESPREAD) < own


BY_IDENTITY = Traits(
    by_identity=True, ranges_match_nodes=False, hosts=True, before_translation=False
)
BY_IDENTITY_AND_NODES = replace(BY_IDENTITY, ranges_match_nodes=True)
BY_ADDRESS = replace(BY_IDENTITY_AND_NODES, by_identity=False)
SERVER_NAMES = frozenset({HostKind.EXACT, HostKind.ONE_LABEL, HostKind.ANY_DEPTH})
"""What Cilium 1.19 takes as server names."""

OUTSIDE: list[tuple[str, Traits, list[str], list[str]]] = [
    ("198.51.100.0/24", BY_ADDRESS, [], []),
    ("10.0.0.0/8", BY_IDENTITY, [], []),
    ("10.0.0.0/8", BY_IDENTITY_AND_NODES, [], []),
    ("10.0.0.0/8", BY_ADDRESS, ["10.0.0.0/16", "10.96.0.0/12"], []),
    ("192.168.0.0/16", BY_IDENTITY, [], []),
    ("192.168.0.0/16", BY_IDENTITY_AND_NODES, ["192.168.10.0/24"], []),
    ("192.168.0.0/16", BY_ADDRESS, ["192.168.10.0/24"], []),
    (
        "100.64.0.0/10",
        BY_IDENTITY,
        [],
        ["100.80.80.80/32", "100.96.0.96/32", "100.100.100.200/32"],
    ),
    ("64:ff9b::a9fe:0/119", BY_ADDRESS, [], ["64:ff9b::a9fe:17/128"]),
    ("2002:a9fe::/34", BY_IDENTITY, [], ["2002:a9fe:17::/48", "2002:a9fe:2a2a::/48"]),
    ("168.63.0.0/16", BY_ADDRESS, [], ["168.63.129.16/32"]),
    (
        "169.254.0.0/16",
        BY_IDENTITY,
        [],
        [
            "169.254.0.23/32",
            "169.254.42.42/32",
            "169.254.169.252/32",
            "169.254.169.254/32",
            "169.254.170.2/32",
            "169.254.170.23/32",
        ],
    ),
    (
        "fd00::/16",
        BY_ADDRESS,
        ["fd00:10::/56", "fd00:96::/112", "fd00:168::/64"],
        [
            "fd00:42::42/128",
            "fd00:c1::a9fe:a9fe/128",
            "fd00:ec2::23/128",
            "fd00:ec2::254/128",
            "fd00:a9fe:a9fe::1/128",
        ],
    ),
    ("fd20::/16", BY_IDENTITY, [], ["fd20:ce::254/128"]),
    ("10.0.0.0/24", BY_ADDRESS, [], []),
]
"""A range, how the engine knows destinations, and what is left out: the cluster's own, metadata."""


@pytest.mark.parametrize(("cidr", "traits", "own", "metadata"), OUTSIDE)
def test_a_range_means_addresses_outside_the_cluster_without_credentials(
    cidr: str, traits: Traits, own: list[str], metadata: list[str]
) -> None:
    found = outside_cluster(ip_network(cidr), here(network=NETWORK), traits)

    assert sorted(map(str, found.own)) == sorted(own)
    assert list(map(str, found.metadata)) == metadata
    assert sorted(map(str, found.without)) == sorted([*own, *metadata])


def test_the_cluster_is_its_pods_services_and_nodes() -> None:
    both = here(network=NETWORK)

    assert {
        name: [str(each) for each in matched_own(both, traits)]
        for name, traits in (
            ("identity", BY_IDENTITY),
            ("identity and nodes", BY_IDENTITY_AND_NODES),
            ("address", BY_ADDRESS),
        )
    } == {
        "identity": [],
        "identity and nodes": ["192.168.10.0/24", "fd00:168::/64"],
        "address": [
            "10.0.0.0/16",
            "fd00:10::/56",
            "10.96.0.0/12",
            "fd00:96::/112",
            "192.168.10.0/24",
            "fd00:168::/64",
        ],
    }


def test_nodes_by_address_are_their_ranges_without_pods_services_and_credentials() -> None:
    network = {
        "podCIDRs": ["172.16.4.0/24"],
        "serviceCIDRs": ["172.16.5.0/24"],
        "nodeCIDRs": ["172.16.0.0/16", "169.254.0.0/16"],
    }

    found = node_ranges(here(network=network))

    assert [(str(each.cidr), [str(hole) for hole in each.without]) for each in found] == [
        (
            "169.254.0.0/16",
            [
                "169.254.0.23/32",
                "169.254.42.42/32",
                "169.254.169.252/32",
                "169.254.169.254/32",
                "169.254.170.2/32",
                "169.254.170.23/32",
            ],
        ),
        ("172.16.0.0/16", ["172.16.4.0/23"]),
    ]


@pytest.mark.parametrize(
    ("families", "cidr", "missing"),
    [
        (["IPv4"], "198.51.100.0/24", ""),
        (["IPv4"], "2001:db8::/32", "IPv6"),
        (["IPv6"], "198.51.100.0/24", "IPv4"),
        (["IPv4", "IPv6"], "2001:db8::/32", ""),
    ],
)
def test_a_range_of_a_family_that_the_cluster_lacks_means_nothing(
    families: list[str], cidr: str, missing: str
) -> None:
    found = family_missing(ip_network(cidr), here(network={**NETWORK, "families": families}))

    assert found == missing


KNOWN: dict[str, Traits] = {
    "cilium": replace(BY_IDENTITY, server_name_kinds=SERVER_NAMES),
    "calico": replace(BY_ADDRESS, hosts=False),
    "calico-enterprise": BY_ADDRESS,
    "kubernetes": replace(BY_ADDRESS, hosts=False, before_translation=True),
}


def test_every_engine_knows_destinations_in_its_way() -> None:
    assert {name: engine.traits(here()) for name, engine in ENGINES.items()} == KNOWN


def test_cilium_matches_nodes_by_range_where_its_agent_is_told_to() -> None:
    flagged = here(agent={"policy-cidr-match-mode": "nodes"})

    assert ENGINES["cilium"].traits(flagged) == replace(KNOWN["cilium"], ranges_match_nodes=True)


def test_a_resolver_library_tries_these_suffixes_in_this_order() -> None:
    dns = {"profile": "coredns", "search": ["corp.example", "cluster.local"]}

    assert search_suffixes(here(dns), ("shop", "cart")) == (
        "shop.svc.cluster.local",
        "cart.svc.cluster.local",
        "svc.cluster.local",
        "cluster.local",
        "corp.example",
    )


def test_the_suffixes_are_those_of_the_cluster_domain() -> None:
    own = here(network={**NETWORK, "domain": "k8s.example"})

    assert search_suffixes(own, ("shop",)) == (
        "shop.svc.k8s.example",
        "svc.k8s.example",
        "k8s.example",
    )


def test_pods_may_ask_their_hosts_with_each_suffix_and_every_name_of_the_cluster() -> None:
    dns = {"profile": "coredns", "restrict": True, "search": ["corp.example"]}
    rules = [
        rule({"name": "everyone", "to": ["*.log.example"]}),
        rule({"name": "cards", "from": {"app": "checkout"}, "to": ["api.example"]}),
    ]

    found = queryable_names(rules, here(dns), ("shop",))

    assert [
        (dict(group.selector.labels), sorted(each.pattern.text for each in group.names))
        for group in found
    ] == [
        (
            {},
            [
                "**.cluster.local",
                "*.log.example",
                "*.log.example.cluster.local",
                "*.log.example.corp.example",
                "*.log.example.shop.svc.cluster.local",
                "*.log.example.svc.cluster.local",
            ],
        ),
        (
            {"app": "checkout"},
            [
                "api.example",
                "api.example.cluster.local",
                "api.example.corp.example",
                "api.example.shop.svc.cluster.local",
                "api.example.svc.cluster.local",
            ],
        ),
    ]


@pytest.mark.parametrize(("last", "suffixed"), [(47, [".cluster.local"]), (48, []), (60, [])])
def test_a_name_that_is_too_long_for_a_resolver_is_left_out(last: int, suffixed: list[str]) -> None:
    host = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * last])

    found = queryable_names([rule({"name": "long", "to": [host]})], here(), ("shop",))

    assert len(host) == 192 + last
    assert sorted(each.pattern.text for each in found[0].names) == sorted(
        ["**.cluster.local", host, *(f"{host}{each}" for each in suffixed)]
    )


def test_the_readme_has_a_line_for_every_premise() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    folder = "generator/transire/meaning/premises"
    modules = sorted(
        path.name for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py"
    )

    assert premises.__doc__
    assert modules
    assert [each for each in modules if readme.count(f"{folder}/{each})") != 1] == []


def test_a_range_is_known_inside_all_networks_of_the_cluster_together() -> None:
    halves = {
        "low": {"cidrs": ["10.90.0.0/17"]},
        "high": {"cidrs": ["10.90.128.0/17", "fd00:90::/48"]},
    }
    found = here(networks=halves)

    assert list(map(str, known_ranges(found))) == ["10.90.0.0/16", "fd00:90::/48"]
    assert [
        is_known(ip_network(each), found)
        for each in ("10.90.0.0/16", "10.90.127.0/24", "10.88.0.0/14", "fd00:90:0:1::/64", "::/0")
    ] == [True, True, False, True, False]
    assert known_ranges(here()) == ()
