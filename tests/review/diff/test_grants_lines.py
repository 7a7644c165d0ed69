"""What a reviewer reads for a change of rules, line by line."""

from __future__ import annotations

import pytest

from support.measured.steps import assert_linear
from support.review.reviewed import (
    EVERYWHERE,
    GET,
    NOTHING,
    WEB,
    changed,
    checked,
    examples,
    gains,
    hosts,
    inside,
    names,
    nets,
    pods,
    ports,
    resolving,
    rows,
    seen,
    some,
    union,
)
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet, Http
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet

LINES: dict[str, tuple[FlowSet, FlowSet, list[str]]] = {
    "a host": (
        hosts("a.example"),
        hosts("a.example", "b.example"),
        ["+ opens: any pod to b.example on 443/TCP"],
    ),
    "a host less": (
        hosts("a.example", "b.example"),
        hosts("a.example"),
        ["- closes: any pod to b.example on 443/TCP"],
    ),
    "one host for another": (
        hosts("a.example"),
        hosts("b.example"),
        [
            "+ opens: any pod to b.example on 443/TCP",
            "- closes: any pod to a.example on 443/TCP",
        ],
    ),
    "a wildcard that grows": (
        hosts("*.corp.example.com"),
        hosts("**.corp.example.com"),
        ["+ opens: any pod to **.corp.example.com (instead of *.corp.example.com) on 443/TCP"],
    ),
    "a wildcard that shrinks": (
        hosts("**.corp.example.com"),
        hosts("*.corp.example.com"),
        ["- closes: any pod to **.corp.example.com (leaves *.corp.example.com) on 443/TCP"],
    ),
    "a wildcard for single hosts": (
        hosts("a.x.example", "b.x.example", "z.example"),
        hosts("*.x.example", "z.example"),
        ["+ opens: any pod to *.x.example (instead of a.x.example, b.x.example) on 443/TCP"],
    ),
    "a wildcard for many hosts": (
        hosts(*(f"{each}.x.example" for each in "abcde")),
        hosts("*.x.example"),
        [
            ("+ opens: any pod to *.x.example (instead of a.x.example, b.x.example, c.x.example and "
            "2 more) on 443/TCP")
        ],
    ),
    "single hosts for a wildcard": (
        hosts("*.x.example"),
        hosts("a.x.example", "b.x.example"),
        ["- closes: any pod to *.x.example (leaves a.x.example, b.x.example) on 443/TCP"],
    ),
    "a wildcard with a host left out": (
        hosts("a.example"),
        FlowSet.connect(
            source=PodSet.everything(),
            peer=Peer.outside(),
            ports=ports(443),
            hosts=names("a.example", "*.b.example") - names("bad.b.example"),
            addresses=EVERYWHERE,
        )
        | hosts("a.example"),
        ["+ opens: any pod to *.b.example except bad.b.example on 443/TCP"],
    ),
    "a wildcard without the host that was left out": (
        FlowSet.reach(
            source=PodSet.everything(),
            peer=Peer.outside(),
            ports=ports(443),
            hosts=names("*.b.example") - names("bad.b.example"),
            addresses=EVERYWHERE,
        ),
        hosts("*.b.example"),
        [
            ("+ opens: any pod to *.b.example (instead of *.b.example except bad.b.example) on "
            "443/TCP")
        ],
    ),
    "names of other scripts": (
        hosts("a.example"),
        hosts("a.example", "bücher.example", "*.münchen.example"),
        [
            ("+ opens: any pod to bücher.example (xn--bcher-kva.example), *.münchen.example "
            "(*.xn--mnchen-3ya.example) on 443/TCP")
        ],
    ),
    "a port": (
        hosts("a.example"),
        hosts("a.example", on=ports(443, 22)),
        ["+ opens: any pod to a.example on 22/TCP"],
    ),
    "a range of ports": (
        hosts("a.example", on=ports((8000, 8010))),
        hosts("a.example", on=ports((8000, 8020))),
        ["+ opens: any pod to a.example on 8011-8020/TCP"],
    ),
    "another protocol": (
        NOTHING,
        hosts("time.example", on=ports(123, protocol=Protocol.UDP)),
        ["+ opens: any pod to time.example on 123/UDP"],
    ),
    "the same host for more pods": (
        hosts("a.example", who=WEB),
        hosts("a.example"),
        ["+ opens: app!=web to a.example on 443/TCP"],
    ),
    "one of two sources": (
        union(hosts("a.example", who=WEB), hosts("b.example", who=some(app="job"))),
        union(hosts("a.example", who=WEB), hosts("a.example", "b.example", who=some(app="job"))),
        ["+ opens: app=job to a.example on 443/TCP"],
    ),
    "a wildcard that grows for all while some pods had the narrow one": (
        hosts("*.a.example", who=WEB),
        hosts("**.a.example"),
        [
            "+ opens: any pod to **.a.example on 443/TCP",
            "+ opens: app!=web to **.a.example on 443/TCP",
        ],
    ),
    "a range": (
        hosts("a.example"),
        union(hosts("a.example"), nets("198.51.100.16/28")),
        ["+ opens: any pod to 198.51.100.16/28 on 443/TCP"],
    ),
    "a range that grows": (
        nets("198.51.100.16/28", "192.0.2.1/32"),
        nets("198.51.100.0/24", "192.0.2.1/32"),
        ["+ opens: any pod to 198.51.100.0/24 (instead of 198.51.100.16/28) on 443/TCP"],
    ),
    "a range that shrinks": (
        nets("198.51.100.0/24"),
        nets("198.51.100.16/28"),
        ["- closes: any pod to 198.51.100.0/24 (leaves 198.51.100.16/28) on 443/TCP"],
    ),
    "any address": (
        nets("198.51.100.16/28"),
        nets("0.0.0.0/0"),
        [
            ("+ opens: any pod to any address outside the cluster (instead of 198.51.100.16/28) on "
            "443/TCP")
        ],
    ),
    "any address but some is not said to be any": (
        NOTHING,
        FlowSet.reach(
            source=PodSet.everything(),
            peer=Peer.outside(),
            ports=ports(443),
            addresses=EVERYWHERE - AddressSet.nets(["169.254.169.254/32"]),
        ),
        [
            "+ opens: any pod to 0.0.0.0/0 except 10.0.0.0/8 and 169.254.169.254/32 on 443/TCP"
        ],
    ),
    "a host whose address was in reach in part": (
        nets("198.51.100.0/24"),
        union(nets("198.51.100.0/24"), hosts("a.example")),
        ["+ opens: any pod to a.example on 443/TCP"],
    ),
    "a host that is in reach by address": (
        nets("0.0.0.0/0"),
        union(nets("0.0.0.0/0"), hosts("a.example")),
        [],
    ),
    "pods by label": (
        NOTHING,
        inside(pods("ledger", app="books"), on=ports(8080)),
        ["+ opens: any pod to pods with app=books in ledger on 8080/TCP"],
    ),
    "all pods of a namespace instead of some": (
        inside(pods("ledger", app="books")),
        inside(pods("ledger")),
        ["+ opens: any pod to any pod in ledger (instead of pods with app=books in ledger) on 443/TCP"],
    ),
    "some pods of a namespace instead of all": (
        inside(pods("ledger")),
        inside(pods("ledger", app="books")),
        ["- closes: any pod to any pod in ledger (leaves pods with app=books in ledger) on 443/TCP"],
    ),
    "every pod there is": (
        inside(pods("ledger")),
        inside(Peer.pods(PodSet.everything())),
        ["+ opens: any pod to any pod of the cluster (instead of any pod in ledger) on 443/TCP"],
    ),
    "nodes": (
        NOTHING,
        union(inside(Peer.node("host")), inside(Peer.node("remote-node"))),
        ["+ opens: any pod to other nodes, the pod's own node on 443/TCP"],
    ),
    "every node": (NOTHING, inside(Peer.node()), ["+ opens: any pod to nodes on 443/TCP"]),
    "the API server is not any address": (
        NOTHING,
        inside(Peer.reserved("kube-apiserver")),
        [
            "+ opens: any pod to the API server on 443/TCP",
        ],
    ),
    "the API server among pods": (
        inside(pods("ledger")),
        inside(pods("ledger")) | inside(Peer.reserved("kube-apiserver")),
        ["+ opens: any pod to the API server on 443/TCP"],
    ),
    "all addresses, that of the API server among them": (
        NOTHING,
        nets("0.0.0.0/0"),
        ["+ opens: any pod to any address outside the cluster on 443/TCP"],
    ),
    "all pods of a namespace on any port": (
        NOTHING,
        inside(pods("ledger"), on=PortSet.everything() - ports(0) - ports(0, protocol=Protocol.UDP)
        - ports(0, protocol=Protocol.SCTP)),
        ["+ opens: any pod to any pod in ledger on any port"],
    ),
    "what carries an identity outside is not any address": (
        NOTHING,
        nets("0.0.0.0/0") & inside(Peer.reserved("ingress")),
        ["+ opens: any pod to outside carrying ingress on 443/TCP"],
    ),
    "pods that carry an identity are not all pods": (
        NOTHING,
        inside(Peer.pods(PodSet.everything()) & Peer.reserved("host")),
        ["+ opens: any pod to the pod's own node in pods on 443/TCP"],
    ),
    "everything": (
        NOTHING,
        FlowSet.reach(
            source=PodSet.everything(), peer=Peer.outside(), ports=PortSet.everything(),
            addresses=EVERYWHERE,
        ),
        ["+ opens: any pod to any address outside the cluster on any port"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_line_says_what_opens_and_what_closes(name: str) -> None:
    before, after, expected = LINES[name]

    if expected:
        assert rows(before, after) == expected
    else:
        assert before == after or gains(after, before) == gains(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            hosts("*.corp.example.com"),
            hosts("**.corp.example.com"),
            "a.a.corp.example.com:443",
        ),
        (hosts("a.example"), hosts("*.example"), "example.example:443"),
        (NOTHING, nets("198.51.100.16/28"), "198.51.100.16:443"),
        (NOTHING, nets("0.0.0.0/0"), "203.0.113.10:443"),
        (NOTHING, inside(pods("ledger", app="books")), "pod:ledger/app=books:443"),
        (NOTHING, hosts("a.example", on=ports(53, protocol=Protocol.UDP)), "a.example:53/UDP"),
        (resolving(names("a.example")), resolving(names("a.example", "b.example")), "dns:b.example"),
        (
            checked("a.example"),
            hosts("a.example", tls=names("a.example", "evil.example")),
            "a.example:443 with the TLS name evil.example",
        ),
        (
            hosts("a.example", http=GET),
            hosts("a.example", http=Http(method=TextSet.of(["GET", "POST"]))),
            "POST http://a.example:443/",
        ),
    ],
)  # fmt: skip
def test_an_example_is_what_a_person_would_try(
    before: FlowSet, after: FlowSet, expected: str
) -> None:
    assert examples(before, after) == [expected]


def test_a_namespace_is_not_said_with_each_of_its_pods() -> None:
    own = PodSet.in_namespace("shop")

    found = changed(seen(NOTHING), seen(hosts("a.example", who=own & WEB))).gains

    assert [(each.who, each.every_pod) for each in found] == [("app=web", False)]


@pytest.mark.slow("many hosts")
def test_half_of_many_hosts_for_the_other_half_is_told_in_steps_in_proportion() -> None:
    def tell(size: int) -> None:
        many = [f"host{each}.zone{each % 50}.example" for each in range(size)]
        (line,) = gains(hosts(*many[::2]), hosts(*many[1::2]))

        assert len(line.destinations) == size / 2

    assert_linear(tell, 400)
