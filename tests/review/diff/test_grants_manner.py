"""What a reviewer reads where it matters how something is reached: DNS, TLS names, HTTP."""

from __future__ import annotations

import pytest

from support.review.reviewed import (
    EVERY_NAME,
    EVERYWHERE,
    GET,
    NOTHING,
    POST,
    RESOLVER,
    WEB,
    checked,
    gains,
    hosts,
    inside,
    names,
    pods,
    ports,
    resolving,
    rows,
    some,
    union,
)
from transire.flows.address_set import AddressSet
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import Protocol
from transire.review.diff.grants import GrantKind


def with_server_name(peer: Peer, *tls: str, at: str | None = None) -> FlowSet:
    return FlowSet.connect(
        source=PodSet.everything(),
        peer=peer,
        ports=ports(443),
        hosts=None if at is None else names(at),
        addresses=AddressSet.nets(["198.51.100.0/24"]) if peer == Peer.outside() else None,
        server_names=names(*tls),
    )


def asking(*resolvers: str) -> FlowSet:
    return FlowSet.query(
        source=PodSet.everything(),
        resolver=Peer.outside(),
        ports=ports(53),
        names=names("a.example"),
        hosts=names(*resolvers),
        addresses=EVERYWHERE,
    )


LINES: dict[str, tuple[FlowSet, FlowSet, list[str]]] = {
    "a name that may be asked": (
        resolving(names("a.example")),
        resolving(names("a.example", "b.example")),
        [
            (
                "+ opens: any pod to b.example asked at pods with k8s-app=kube-dns in kube-system on "
                "53/UDP"
            )
        ],
    ),
    "more names that may be asked": (
        resolving(names("*.a.example")),
        resolving(names("**.a.example")),
        [
            (
                "+ opens: any pod to **.a.example (instead of *.a.example) asked at pods with "
                "k8s-app=kube-dns in kube-system on 53/UDP"
            )
        ],
    ),
    "any name may be asked": (
        resolving(names("a.example")),
        resolving(EVERY_NAME),
        [
            (
                "+ opens: any pod to any name (instead of a.example) asked at pods with "
                "k8s-app=kube-dns in kube-system on 53/UDP"
            )
        ],
    ),
    "names that may be asked no longer": (
        resolving(EVERY_NAME),
        resolving(names("a.example")),
        [
            (
                "- closes: any pod to any name (leaves a.example) asked at pods with k8s-app=kube-dns "
                "in kube-system on 53/UDP"
            )
        ],
    ),
    "a resolver and whatever it is asked": (
        NOTHING,
        resolving(EVERY_NAME),
        ["+ opens: any pod to pods with k8s-app=kube-dns in kube-system on 53/UDP"],
    ),
    "a name asked at an address outside": (
        NOTHING,
        FlowSet.query(
            source=PodSet.everything(),
            resolver=Peer.outside(),
            ports=ports(53, protocol=Protocol.UDP),
            names=names("a.example"),
            addresses=AddressSet.nets(["192.0.2.53/32"]),
        ),
        ["+ opens: any pod to a.example asked at 192.0.2.53/32 on 53/UDP"],
    ),
    "a host where TLS names are checked": (
        checked("a.example"),
        checked("a.example", "b.example"),
        ["+ opens: any pod to b.example on 443/TCP"],
    ),
    "TLS names that nobody checks any more": (
        hosts("a.example", "b.example", tls=names("a.example", "b.example")),
        hosts("a.example", "b.example", tls=EVERY_NAME),
        ["+ more passes: any pod to a.example, b.example with any other TLS name on 443/TCP"],
    ),
    "a TLS name that no new host explains": (
        checked("a.example"),
        hosts("a.example", "b.example", tls=names("a.example", "b.example", "evil.example")),
        [
            "+ opens: any pod to b.example on 443/TCP",
            "+ more passes: any pod to a.example with the TLS names b.example, evil.example on 443/TCP",
        ],
    ),
    "TLS names that are checked from now on": (
        FlowSet.connect(
            source=PodSet.everything(),
            peer=Peer.outside(),
            ports=ports(443),
            hosts=names("a.example"),
            addresses=EVERYWHERE,
        ),
        checked("a.example"),
        ["- less passes: any pod to a.example with any other TLS name, or none on 443/TCP"],
    ),
    "a TLS name of a new host that other pods get": (
        union(checked("a.example", who=WEB), checked("a.example", who=some(app="job"))),
        union(
            hosts("a.example", who=WEB, tls=names("a.example", "b.example")),
            checked("a.example", "b.example", who=some(app="job")),
        ),
        [
            "+ opens: app=job to b.example on 443/TCP",
            "+ more passes: app in (job, web) to a.example with the TLS name b.example on 443/TCP",
        ],
    ),
    "a TLS name of a new host that passes to pods": (
        union(
            checked("a.example"),
            FlowSet.connect(
                source=PodSet.everything(),
                peer=pods("ledger"),
                ports=ports(443),
                server_names=names("a.example"),
            ),
        ),
        union(
            checked("a.example", "b.example"),
            FlowSet.connect(
                source=PodSet.everything(),
                peer=pods("ledger"),
                ports=ports(443),
                server_names=names("a.example", "b.example"),
            ),
        ),
        [
            "+ opens: any pod to b.example on 443/TCP",
            "+ more passes: any pod to any pod in ledger with the TLS name b.example on 443/TCP",
        ],
    ),
    "a TLS name of a new host that passes to pods of some name": (
        union(checked("a.example"), with_server_name(pods("ledger"), "a.example", at="x.example")),
        union(
            checked("a.example", "b.example"),
            with_server_name(pods("ledger"), "a.example", "b.example", at="x.example"),
        ),
        [
            "+ opens: any pod to b.example on 443/TCP",
            (
                "+ more passes: any pod to any pod in ledger named x.example with the TLS name "
                "b.example on 443/TCP"
            ),
        ],
    ),
    "a TLS name of a new host that passes to addresses": (
        union(checked("a.example"), with_server_name(Peer.outside(), "a.example")),
        union(
            checked("a.example", "b.example"),
            with_server_name(Peer.outside(), "a.example", "b.example"),
        ),
        [
            "+ opens: any pod to b.example on 443/TCP",
            "+ more passes: any pod to 198.51.100.0/24 with the TLS name b.example on 443/TCP",
        ],
    ),
    "a TLS name of a new host that passes on another port": (
        union(checked("a.example"), checked("a.example", on=ports(8443))),
        union(
            checked("a.example", "b.example"),
            hosts("a.example", on=ports(8443), tls=names("a.example", "b.example")),
        ),
        [
            "+ opens: any pod to b.example on 443/TCP",
            "+ more passes: any pod to a.example with the TLS name b.example on 443/TCP, 8443/TCP",
        ],
    ),
    "a TLS name that passes while pods open": (
        checked("a.example"),
        union(hosts("a.example", tls=names("a.example", "b.example")), inside(pods("ledger"))),
        [
            "+ opens: any pod to any pod in ledger on 443/TCP",
            "+ more passes: any pod to a.example with the TLS name b.example on 443/TCP",
        ],
    ),
    "any TLS name but some": (
        checked("a.example"),
        hosts("a.example", tls=HostSet.everything() - names("c.example")),
        [
            (
                "+ more passes: any pod to a.example with any TLS name except a.example, c.example on "
                "443/TCP"
            )
        ],
    ),
    "names asked at any address": (
        NOTHING,
        FlowSet.query(
            source=PodSet.everything(),
            resolver=Peer.outside(),
            ports=ports(53),
            names=names("a.example"),
            addresses=EVERYWHERE,
        ),
        ["+ opens: any pod to a.example asked at any address outside the cluster on 53/TCP"],
    ),
    "names asked at a resolver with another name": (
        asking("one.example"),
        asking("one.example", "two.example"),
        ["+ more passes: any pod to two.example asked for a.example on 53/TCP"],
    ),
    "a method": (
        hosts("a.example", http=GET),
        union(hosts("a.example", http=GET), hosts("a.example", http=POST)),
        ["+ more passes: any pod to a.example with HTTP method=POST, path on 443/TCP"],
    ),
    "a host for some requests only": (
        NOTHING,
        hosts("a.example", http=GET),
        ["+ opens: any pod to a.example only HTTP method=GET, path on 443/TCP"],
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_says_how_destinations_are_reached(name: str) -> None:
    before, after, expected = LINES[name]

    assert rows(before, after) == expected


def test_the_name_of_a_new_host_that_passes_to_old_ones_is_only_implied() -> None:
    found = gains(checked("a.example", "b.example"), checked("a.example"))

    assert [(each.kind, each.implied, each.conditions) for each in found] == [
        (GrantKind.FQDN, False, ""),
        (GrantKind.DETAIL, True, "with the TLS name b.example"),
    ]


def test_a_missing_tls_name_is_never_only_implied() -> None:
    free = hosts("a.example", "b.example", tls=names("a.example", "b.example")) | FlowSet.connect(
        source=PodSet.everything(),
        peer=Peer.outside(),
        ports=ports(443),
        hosts=names("a.example"),
        addresses=EVERYWHERE,
    )

    found = gains(free, checked("a.example"))

    assert [each.conditions for each in found if not each.implied] == [
        "",
        "with any other TLS name, or none",
    ]


def test_the_resolver_stands_for_itself() -> None:
    (found,) = gains(resolving(EVERY_NAME), NOTHING)

    assert found.flows.peers() == RESOLVER
