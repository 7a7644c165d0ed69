from support.engines.case_files import release
from support.engines.cilium_sets import (
    ALL_NAMES,
    CLUSTER,
    DNS_PODS,
    EVERY,
    HTTPS,
    SHOP,
    TCP,
    UDP,
    A,
    asking,
    everything,
    flows_of,
    https,
    lookups,
    manifest,
)
from transire.engines.cilium.reading import read
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet, Wild
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet


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
        claimed = FlowSet.query(
            source=SHOP, resolver=peer, ports=PortSet.of_port(UDP, 53), names=ALL_NAMES - A
        )

        assert flows_of(asking("a.example.com"), {"toEntities": ["all"]}) == reached - claimed

    def test_without_default_deny_lists_of_names_bind_until_1_17(self) -> None:
        off = {"enableDefaultDeny": {"egress": False}}
        claimed = FlowSet.query(
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
                - FlowSet.query(source=SHOP, resolver=Peer.outside(), ports=HTTPS, names=ALL_NAMES)
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
