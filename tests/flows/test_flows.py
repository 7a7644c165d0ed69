"""Sets of flows by example: what a rule holds, how a set reads, and what stands for it."""

from __future__ import annotations

import pickle
from ipaddress import ip_address

import pytest

from support.draw.flow_parts import parts_of
from transire.flows.address_set import AddressSet
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet, Http
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer, PeerKind
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable

TEAM = PodSet.in_namespace("team-a")
CHECKOUT = TEAM & PodSet.labels({"app": "checkout"})
HTTPS = PortSet.of_port(Protocol.TCP, 443)
SSH = PortSet.of_port(Protocol.TCP, 22)
DNS = PortSet.of_port(Protocol.TCP, 53) | PortSet.of_port(Protocol.UDP, 53)
RESOLVER = Peer.pods(PodSet.in_namespace("kube-system") & PodSet.labels({"k8s-app": "kube-dns"}))
OFFICE = AddressSet.nets(["198.51.100.16/28"])


def like(*patterns: str) -> HostSet:
    return HostSet.union(HostSet.pattern(parts_of(pattern)) for pattern in patterns)


def to_hosts(*patterns: str, source: PodSet = CHECKOUT, ports: PortSet = HTTPS) -> FlowSet:
    return FlowSet.reach(source=source, peer=Peer.outside(), ports=ports, hosts=like(*patterns))


def to_office(source: PodSet = TEAM) -> FlowSet:
    return FlowSet.reach(source=source, peer=Peer.outside(), ports=SSH, addresses=OFFICE)


def flow(host: str | None, address: str = "203.0.113.1", port: int = 443) -> Flow:
    return Flow(
        source=Workload(namespace="team-a", labels={"app": "checkout"}),
        host=host,
        address=ip_address(address),
        protocol=Protocol.TCP,
        port=port,
    )


def test_a_rule_with_hosts_needs_the_name_and_takes_any_address() -> None:
    allowed = to_hosts("*.example.com")

    assert allowed.contains(flow("a.example.com"))
    assert allowed.contains(flow("a.example.com", "2001:db8::1"))
    assert not allowed.contains(flow("example.com"))
    assert not allowed.contains(flow(None))


def test_every_host_is_still_not_an_address_without_a_name() -> None:
    names = HostSet.everything() | HostSet.root()
    allowed = FlowSet.reach(source=TEAM, peer=Peer.outside(), ports=HTTPS, hosts=names)

    assert allowed.contains(flow("a.b"))
    assert not allowed.contains(flow(None))


def test_a_rule_with_addresses_takes_any_name_and_none() -> None:
    assert to_office().contains(flow(None, "198.51.100.17", 22))
    assert to_office().contains(flow("a.b", "198.51.100.17", 22))
    assert not to_office().contains(flow(None, "198.51.100.15", 22))


def test_what_is_outside_is_no_pod_and_no_node() -> None:
    rest = Peer.everything() - Peer.outside()

    assert Peer.pods(PodSet.everything()) | Peer.node() == rest


def test_a_node_may_carry_several_identities() -> None:
    both = Peer.node("remote-node", "kube-apiserver")

    assert both < Peer.node("remote-node")
    assert both == Peer.node() & Peer.reserved("remote-node") & Peer.reserved("kube-apiserver")
    assert not Peer.reserved("kube-apiserver") <= Peer.node()


def test_a_question_is_no_connection() -> None:
    asked = FlowSet.query(source=TEAM, resolver=RESOLVER, ports=DNS, names=HostSet.everything())
    opened = FlowSet.connect(source=TEAM, peer=RESOLVER, ports=DNS)

    assert asked.is_disjoint(opened)
    assert asked | opened < FlowSet.reach(source=TEAM, peer=RESOLVER, ports=DNS)


def test_a_plain_rule_to_a_resolver_lets_every_name_be_asked_and_the_root() -> None:
    names = HostSet.everything() | HostSet.root()
    asked = FlowSet.query(source=TEAM, resolver=RESOLVER, ports=DNS, names=names)
    opened = FlowSet.connect(source=TEAM, peer=RESOLVER, ports=DNS)

    assert asked | opened == FlowSet.reach(source=TEAM, peer=RESOLVER, ports=DNS)


def test_the_same_meaning_in_other_words_is_equal() -> None:
    one = to_hosts("a.com", "b.com", source=TEAM)
    other = FlowSet.union(
        [
            to_hosts("a.com", source=TEAM - CHECKOUT),
            to_hosts("b.com", source=TEAM - CHECKOUT),
            to_hosts("a.com", "b.com"),
        ]
    )

    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)


def test_a_restriction_keeps_what_fits() -> None:
    both = to_hosts("a.com", "b.com") | to_office()

    assert to_hosts("a.com") == both.restrict(hosts=like("a.com"), source=CHECKOUT, ports=HTTPS)
    assert to_office() == both.restrict(addresses=OFFICE, ports=SSH, peer=Peer.outside())


def test_sources_and_hosts_are_what_any_flow_has() -> None:
    both = to_hosts("a.com", "*.b.com") | to_office(PodSet.in_namespace("team-b"))

    assert CHECKOUT | PodSet.in_namespace("team-b") == both.sources()
    assert like("a.com", "*.b.com") == to_hosts("a.com", "*.b.com").hosts()
    assert PodSet.nothing() == FlowSet.nothing().sources()


RULES = {
    "app=checkout in team-a reaches a.com, *.b.com on 443/TCP": to_hosts("*.b.com", "a.com"),
    "any pod in team-a reaches 198.51.100.16/28 on 22/TCP": to_office(),
    "any pod in team-a asks pods that are k8s-app=kube-dns in kube-system on 53/TCP, 53/UDP "
    "for example.com": FlowSet.query(
        source=TEAM, resolver=RESOLVER, ports=DNS, names=like("example.com")
    ),
    "any pod in team-a connects to a.com at 198.51.100.16/28 on 443/TCP with TLS for *.com": (
        FlowSet.connect(
            source=TEAM,
            peer=Peer.outside(),
            ports=HTTPS,
            hosts=like("a.com"),
            addresses=OFFICE,
            server_names=like("*.com"),
        )
    ),
    "any pod connects to a.com with HTTP method in (GET, HEAD), path like /v1/**, x-team=a": (
        FlowSet.connect(
            source=PodSet.everything(),
            peer=Peer.outside(),
            ports=PortSet.everything(),
            hosts=like("a.com"),
            http=Http(
                method=TextSet.of(["GET", "HEAD"]),
                path=TextSet.starting("/v1/"),
                headers={"x-team": TextSet.of("a")},
            ),
        )
    ),
    "any pod in team-a reaches nodes carrying kube-apiserver, remote-node on 443/TCP": (
        FlowSet.reach(source=TEAM, peer=Peer.node("remote-node", "kube-apiserver"), ports=HTTPS)
    ),
    "any pod in team-a reaches outside on 443/TCP": FlowSet.reach(
        source=TEAM, peer=Peer.outside(), ports=HTTPS
    ),
    "any pod in team-a reaches pods at 10.0.0.0/8 on 443/TCP": FlowSet.reach(
        source=TEAM,
        peer=Peer.pods(PodSet.everything()),
        ports=HTTPS,
        addresses=AddressSet.nets(["10.0.0.0/8"]),
    ),
    "any pod reaches anything": FlowSet.everything(),
    "nothing": FlowSet.nothing(),
}


@pytest.mark.parametrize("shown", RULES)
def test_a_rule_reads_as_one_line(shown: str) -> None:
    assert shown == str(RULES[shown])


def test_rules_that_do_not_meet_read_together_as_each_of_them() -> None:
    meeting = (
        "any pod in team-a reaches outside",
        "any pod connects",
        "any pod reaches",
        "nothing",
    )
    apart = {
        shown: made
        for shown, made in RULES.items()
        if not shown.startswith((*meeting, "any pod in team-a connects"))
    }

    assert len(apart) == 5
    assert sorted(apart) == list(map(str, FlowSet.union(apart.values()).boxes()))


def test_what_a_wildcard_allows_is_not_said_again_for_a_name_below_it() -> None:
    both = to_hosts("*.x.com") | to_hosts("a.x.com", ports=SSH | HTTPS)

    assert str(both) == (
        "app=checkout in team-a reaches *.x.com on 443/TCP\n"
        "app=checkout in team-a reaches a.x.com on 22/TCP"
    )


def test_what_is_left_reads_as_what_is_taken_away() -> None:
    assert str(to_hosts("*.x.com", source=TEAM) - to_hosts("a.x.com")) == (
        "any pod in team-a reaches *.x.com except a.x.com on 443/TCP\n"
        "app!=checkout in team-a reaches a.x.com on 443/TCP"
    )


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("no address", AddressSet.nothing()),
        ("any address", AddressSet.everything()),
        ("any IPv4 address", AddressSet.family(4)),
        ("any IPv6 address", AddressSet.nets(["::/0"])),
        ("10.0.0.0/8, fd00::/8", AddressSet.nets(["fd00::/8", "10.1.0.0/16", "10.0.0.0/8"])),
        (
            "0.0.0.0/0 except 10.0.0.0/8, ::/0 except fd00::/8",
            ~AddressSet.nets(["10.0.0.0/8", "fd00::/8"]),
        ),
        ("10.0.0.0/31", AddressSet.nets(["10.0.0.0", "10.0.0.1"])),
        (
            "10.0.0.0/32, 10.0.0.2-10.255.255.255",
            AddressSet.nets(["10.0.0.0/8"]) - AddressSet.nets(["10.0.0.1/32"]),
        ),
    ],
)
def test_a_set_of_addresses_reads_as_networks(shown: str, made: AddressSet) -> None:
    assert shown == str(made)


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("no port", PortSet.nothing()),
        ("any port", PortSet.everything()),
        ("TCP", PortSet.of_protocol(6)),
        (
            "443/TCP, 8000-8010/TCP, 53/UDP",
            HTTPS | DNS - PortSet.of_port(6, 53) | PortSet.of_port(6, 8000, 8010),
        ),
        ("ICMP type 8, ICMPv6 type 128 code 0", PortSet.of_icmp(4, 8) | PortSet.of_icmp(6, 128, 0)),
        ("ICMP types 3-4", PortSet.of_icmp(4, 3) | PortSet.of_icmp(4, 4)),
        (
            "ICMP type 3 code 255 to type 4 code 0",
            PortSet.of_icmp(4, 3, 255) | PortSet.of_icmp(4, 4, 0),
        ),
        ("protocol 47", PortSet.of_protocol(47)),
        ("any protocol except TCP", ~PortSet.of_protocol(6)),
        ("any port except 443/TCP", ~HTTPS),
    ],
)
def test_a_set_of_ports_reads_as_people_write_them(shown: str, made: PortSet) -> None:
    assert shown == str(made)


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("nothing", Peer.nothing()),
        ("anything", Peer.everything()),
        ("outside or nodes", Peer.outside() | Peer.node()),
        ("nodes carrying !host", Peer.node() - Peer.reserved("host")),
        ("anything carrying kube-apiserver", Peer.reserved("kube-apiserver")),
        ("pods that are app=a", Peer.pods(PodSet.labels({"app": "a"}))),
    ],
)
def test_a_set_of_peers_reads_as_what_they_are(shown: str, made: Peer) -> None:
    assert shown == str(made)


def test_no_witness_stands_for_nothing() -> None:
    assert FlowSet.nothing().witness() is None


@pytest.mark.parametrize(
    ("made", "witness"),
    [
        (to_hosts("*.example.com"), flow("a.example.com", "203.0.113.10")),
        (
            to_office() & to_office(CHECKOUT),
            flow(None, "198.51.100.16", 22),
        ),
        (
            FlowSet.reach(source=CHECKOUT, peer=Peer.outside(), ports=PortSet.of_port(6, 400, 500)),
            flow(None, "203.0.113.10"),
        ),
        (
            FlowSet.query(
                source=CHECKOUT, resolver=RESOLVER, ports=DNS, names=HostSet.everything()
            ),
            Flow(
                source=Workload(namespace="team-a", labels={"app": "checkout"}),
                peer=PeerKind.POD,
                pod=Workload(namespace="kube-system", labels={"k8s-app": "kube-dns"}),
                address=ip_address("10.0.0.10"),
                protocol=Protocol.TCP,
                port=53,
                queried="example.com",
            ),
        ),
    ],
)
def test_a_witness_is_something_a_person_can_try(made: FlowSet, witness: Flow) -> None:
    assert witness == made.witness()


def test_the_root_can_be_asked_for() -> None:
    root = FlowSet.query(source=TEAM, resolver=RESOLVER, ports=DNS, names=HostSet.root())
    witness = root.witness()

    assert witness is not None
    assert witness.queried == "."
    assert root.contains(witness)


def test_a_set_comes_back_from_another_process_as_it_was() -> None:
    made = FlowSet.union(RULES.values()) - to_hosts("s3-*.b.com")

    back = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert made == back
    assert hash(made) == hash(back)


def test_rules_over_other_labels_each_are_not_judged_when_they_multiply() -> None:
    pods = [PodSet.labels({f"a{each:02}": "x", f"b{each:02}": "y"}) for each in range(40)]

    with pytest.raises(Unjudgeable) as caught:
        PodSet.union(pods)

    assert (
        str(caught.value)
        == "set of flows: size: the rules overlap in too many ways to tell all cases apart"
    )


def test_pods_that_opt_in_by_a_label_key_for_each_destination_do_not_multiply() -> None:
    rules = [
        FlowSet.reach(
            source=PodSet.labels({f"allow-{each}": "true"}),
            peer=Peer.pods(PodSet.labels({"app": f"server-{each}"})),
            ports=HTTPS,
        )
        for each in range(60)
    ]

    assert len(rules) == len(FlowSet.union(rules).boxes())


def test_a_selector_over_more_labels_than_can_be_followed_is_not_judged() -> None:
    pods = PodSet.labels({f"key-{each}": "x" for each in range(3000)})

    with pytest.raises(Unjudgeable) as caught:
        _ = pods | PodSet.labels({"key-2999": "y"})

    assert (
        str(caught.value) == "set of flows: depth: the rules test too many labels one after another"
    )


@pytest.mark.parametrize(("first", "last"), [(-1, None), (65536, None), (443, 442), (0, 70000)])
def test_a_range_of_ports_that_is_none_is_refused(first: int, last: int | None) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        PortSet.of_port(6, first, last)

    shown = f"{first}-{first if last is None else last}"
    assert f"{shown} is not a range of ports between 0 and 65535" == str(caught.value)


def test_a_protocol_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="256 is not an IP protocol between 0 and 255"):
        PortSet.of_protocol(256)
