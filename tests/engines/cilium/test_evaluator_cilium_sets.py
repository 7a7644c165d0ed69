from typing import Any

import pytest

from case_files import release
from transire.engines.cilium.evaluator import read
from transire.model.addresses import AddressSet
from transire.model.cluster import ClusterState, NamedPort, Pod
from transire.model.flows import FlowSet, Http
from transire.model.hosts import HostSet, Wild
from transire.model.manifests import Manifest
from transire.model.peers import Peer
from transire.model.ports import PortSet, Protocol
from transire.model.problems import Unjudgeable
from transire.model.query import Ask, Query, Source, Verdict
from transire.model.selectors import PodSet
from transire.model.texts import TextSet

CLUSTER = ClusterState(
    pods=(
        Pod(
            namespace="shop",
            name="web",
            named_ports={"http": NamedPort(port=8080, protocol="TCP")},
        ),
    )
)
UDP, TCP = Protocol.UDP, Protocol.TCP
SHOP = PodSet.in_namespace("shop")
DNS_PODS = PodSet.in_namespace("kube-system") & PodSet.labels({"k8s-app": "kube-dns"})
EVERY = PortSet.everything()
HTTPS = PortSet.of_port(TCP, 443)
A = HostSet.exact(["a.example.com"])
BELOW = HostSet.pattern([Wild.CHARS, ".example.com"])
ALL_NAMES = HostSet.everything() | HostSet.root()


def manifest(spec: dict[str, Any]) -> Manifest:
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": spec,
    }
    return Manifest(source="p.yaml", index=0, body=body)


def asking(*names: str, port: str = "53", protocol: str = "UDP") -> dict[str, Any]:
    labels = {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}
    ports: dict[str, Any] = {"ports": [{"port": port, "protocol": protocol}]}
    if names:
        ports["rules"] = {"dns": [{"matchPattern": name} for name in names]}
    return {"toEndpoints": [{"matchLabels": labels}], "toPorts": [ports]}


def https(**more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the fields of a port rule
    return [{"ports": [{"port": "443", "protocol": "TCP"}], **more}]


def flows_of(
    *egress: dict[str, Any],
    minor: int = 19,
    source: PodSet = SHOP,
    more: dict[str, Any] | None = None,
) -> FlowSet:
    spec = {"endpointSelector": {}, "egress": list(egress), **(more or {})}
    return read([manifest(spec)], release(f"cilium@1.{minor}"), CLUSTER).flows(source)


def everything(source: PodSet) -> FlowSet:
    return FlowSet.reach(source=source, peer=Peer.everything(), ports=EVERY)


def lookups(names: HostSet, protocol: Protocol = UDP) -> FlowSet:
    ports, peer = PortSet.of_port(protocol, 53), Peer.pods(DNS_PODS)
    return FlowSet.connect(source=SHOP, peer=peer, ports=ports) | FlowSet.ask(
        source=SHOP, resolver=peer, ports=ports, names=names
    )


class TestSets:
    def test_pods_that_no_rule_selects_may_do_everything(self) -> None:
        assert flows_of({}, source=PodSet.everything()) == everything(~SHOP)

    def test_names_need_lookups_that_the_proxy_sees(self) -> None:
        names = {"toFQDNs": [{"matchPattern": "*.example.com"}], "toPorts": https()}
        by_name = FlowSet.reach(source=SHOP, peer=Peer.outside(), ports=HTTPS, hosts=A)

        assert flows_of(names) == FlowSet.nothing()
        assert flows_of(names, asking()) == lookups(ALL_NAMES)
        assert flows_of(names, asking("a.example.com")) == lookups(A) | by_name
        assert flows_of(names, asking("*.example.org")) == (
            lookups(HostSet.pattern([Wild.CHARS, ".example.org"]))
        )

    def test_lookups_over_tcp_count(self) -> None:
        names = {"toFQDNs": [{"matchName": "a.example.com"}]}

        assert flows_of(names, asking("*", protocol="TCP")) == (
            lookups(ALL_NAMES, TCP)
            | FlowSet.reach(source=SHOP, peer=Peer.outside(), ports=EVERY, hosts=A)
        )

    def test_a_denied_resolver_teaches_nothing(self) -> None:
        names = {"toFQDNs": [{"matchName": "a.example.com"}]}
        denied = [{"toEndpoints": asking()["toEndpoints"]}]

        assert flows_of(names, asking("*"), more={"egressDeny": denied}) == FlowSet.nothing()

    def test_a_plain_rule_for_the_same_port_lets_every_name_through(self) -> None:
        every = {"toEntities": ["all"], "toPorts": [{"ports": [{"port": "53", "protocol": "UDP"}]}]}
        reached = FlowSet.reach(source=SHOP, peer=Peer.everything(), ports=PortSet.of_port(UDP, 53))

        assert flows_of(asking("a.example.com"), every) == reached

    def test_a_wider_rule_lets_no_name_through(self) -> None:
        peer = Peer.pods(DNS_PODS)
        reached = FlowSet.reach(source=SHOP, peer=Peer.everything(), ports=EVERY)
        claimed = FlowSet.ask(
            source=SHOP, resolver=peer, ports=PortSet.of_port(UDP, 53), names=ALL_NAMES - A
        )

        assert flows_of(asking("a.example.com"), {"toEntities": ["all"]}) == reached - claimed

    def test_without_default_deny_lists_of_names_bind_until_1_17(self) -> None:
        off = {"enableDefaultDeny": {"egress": False}}
        claimed = FlowSet.ask(
            source=SHOP,
            resolver=Peer.pods(DNS_PODS),
            ports=PortSet.of_port(UDP, 53),
            names=ALL_NAMES - A,
        )

        assert flows_of(asking("a.example.com"), minor=17, more=off) == everything(SHOP) - claimed
        assert flows_of(asking("a.example.com"), minor=18, more=off) == everything(SHOP)

    def test_without_default_deny_only_denials_count(self) -> None:
        flows = flows_of(
            more={
                "enableDefaultDeny": {"egress": False},
                "egressDeny": [{"toCIDR": ["198.51.100.0/24"]}],
            }
        )

        assert flows == everything(SHOP) - FlowSet.reach(
            source=SHOP,
            peer=Peer.outside(),
            ports=EVERY,
            addresses=AddressSet.nets(["198.51.100.0/24"]),
        )

    def test_server_names(self) -> None:
        servers = HostSet.pattern([Wild.LABELS, ".example.org"])
        names = {"toEntities": ["world"], "toPorts": https(serverNames=["**.example.org"])}
        by_server = FlowSet.connect(
            source=SHOP, peer=Peer.outside(), ports=HTTPS, server_names=servers
        )

        assert flows_of(names, minor=18) == by_server
        assert flows_of(names, minor=17) == FlowSet.nothing()

    def test_server_names_were_compared_to_the_letter_until_1_17(self) -> None:
        for name, servers in (
            ("a.example.com", A),
            ("A.example.com", None),
            ("a.example.com.", None),
        ):
            names = {"toEntities": ["world"], "toPorts": https(serverNames=[name])}
            expected = (
                FlowSet.nothing()
                if servers is None
                else FlowSet.connect(
                    source=SHOP, peer=Peer.outside(), ports=HTTPS, server_names=servers
                )
            )

            assert flows_of(names, minor=17) == expected

    def test_server_names_of_the_same_peer_bind_plain_rules(self) -> None:
        bound = {"toEntities": ["kube-apiserver"], "toPorts": https(serverNames=["a.example.com"])}
        plain = {"toEntities": ["kube-apiserver"], "toPorts": https()}
        other = {"toEntities": ["all"], "toPorts": https()}

        assert flows_of(bound, plain) == FlowSet.connect(
            source=SHOP, peer=Peer.reserved("kube-apiserver"), ports=HTTPS, server_names=A
        )
        assert flows_of(bound, plain, other) == FlowSet.reach(
            source=SHOP, peer=Peer.everything(), ports=HTTPS
        )

    def test_requests(self) -> None:
        entry = {"method": "GET|PUT", "path": "/v1/.*", "host": "a", "headers": ["X-A: b", "X-C"]}
        rule = {"toEntities": ["world"], "toPorts": https(rules={"http": [entry, {}]})}
        http = Http(
            method=TextSet.of(["GET", "PUT"]),
            path=TextSet.starting("/v1/"),
            host=TextSet.of(["a"]),
            headers={"x-a": TextSet.of(["b"]), "x-c": TextSet.present()},
        )
        first = {"toEntities": ["world"], "toPorts": https(rules={"http": [entry]})}
        by_request = FlowSet.connect(source=SHOP, peer=Peer.outside(), ports=HTTPS, http=http)
        any_request = FlowSet.connect(source=SHOP, peer=Peer.outside(), ports=HTTPS, http=Http())

        assert flows_of(first) == by_request
        assert flows_of(rule) == any_request
        assert flows_of(first, {"toEntities": ["world"], "toPorts": https()}) == any_request
        assert flows_of(first, more={"enableDefaultDeny": {"egress": False}}) == (
            any_request
            | (
                everything(SHOP)
                - FlowSet.connect(source=SHOP, peer=Peer.outside(), ports=HTTPS)
                - FlowSet.ask(source=SHOP, resolver=Peer.outside(), ports=HTTPS, names=ALL_NAMES)
            )
        )

    def test_nodes_by_address(self) -> None:
        objects = [manifest({"endpointSelector": {}, "egress": [{"toCIDR": ["192.168.0.0/16"]}]})]
        nodes = Peer.outside() | Peer.node("host") | Peer.node("remote-node")
        flags = {"policy-cidr-match-mode": "nodes"}

        flows = read(objects, release("cilium@1.19"), CLUSTER, flags).flows(SHOP)

        assert flows == FlowSet.reach(
            source=SHOP,
            peer=nodes,
            ports=EVERY,
            addresses=AddressSet.nets(["192.168.0.0/16"]),
        )

    def test_ports(self) -> None:
        ports = [
            {"port": "0", "protocol": "SCTP"},
            {"port": "http", "protocol": "TCP"},
            {"port": "8000", "endPort": 8010, "protocol": "UDP"},
        ]
        rule = {"toEntities": ["all"], "toPorts": [{"ports": ports}]}
        ping = {
            "toEntities": ["all"],
            "icmps": [{"fields": [{"type": 8}, {"type": 256}, {"family": "IPv6", "type": 128}]}],
        }

        assert flows_of(rule, ping) == FlowSet.reach(
            source=SHOP,
            peer=Peer.everything(),
            ports=PortSet.union(
                [
                    PortSet.of_protocol(Protocol.SCTP),
                    PortSet.of_port(TCP, 8080),
                    PortSet.of_port(UDP, 8000, 8010),
                    PortSet.of_icmp(4, 8),
                    PortSet.of_icmp(6, 128),
                ]
            ),
        )


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
    ([{"toServices": [{}]}], f"{P}/0/toServices: what this selects is not modelled"),
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
        [{"toPorts": ports("80", more={"rules": {"http": [{"headerMatches": [{"name": "a"}]}]}})}],
        f"{P}/0: headerMatches are not modelled",
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
    query = Query(id="", source=Source(namespace="shop"), what=Ask(host="a.example.com"))
    assert reading.decide(query).verdict is Verdict.UNJUDGEABLE
    assert flows_of(asked, minor=16, more=denied).restrict(
        ports=PortSet.of_protocol(UDP) | PortSet.of_protocol(TCP)
    ) == lookups(A) | lookups(A, TCP)
