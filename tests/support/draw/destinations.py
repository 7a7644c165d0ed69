"""Draw what a rule reaches, canonical as loading gives it: sorted, merged, without repetition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from ipaddress import ip_network

from hypothesis import strategies as st

from support.draw.strategies_parts import host_patterns, labels, names, networks, ports
from transire.model.intent import (
    AddressRange,
    Bundle,
    Destination,
    Entity,
    EntityKind,
    Host,
    KnownNetwork,
    Labels,
    Pods,
)
from transire.model.names import HostPattern
from transire.model.net import Network, PortRange, merge_networks

Own = tuple[PortRange, ...]
"""Ports that a destination has itself; mostly none."""

_OTHERS = st.sampled_from(["", "", "eks-b"])
"""The cluster of pods, mostly the own one."""

_KNOWN = {
    "data-vpc": ("10.90.0.0/16", "2001:db8:90::/48"),
    "office": ("192.168.240.0/20",),
    "on-prem": ("172.16.8.0/21", "172.16.32.0/22"),
}


@cache
def own_ports() -> st.SearchStrategy[Own]:
    """The ports of one destination alone."""
    return st.just(()) | st.just(()) | ports()


@cache
def own_destinations() -> st.SearchStrategy[tuple[Destination, ...]]:
    """What a rule itself lists under `to`, known networks apart; may be empty."""
    return st.builds(
        _destinations,
        st.sets(st.tuples(host_patterns(), own_ports()), max_size=4),
        st.dictionaries(own_ports(), st.sets(networks(), min_size=1, max_size=3), max_size=2),
        st.sets(st.tuples(names(), labels(), own_ports(), _OTHERS), max_size=2),
        st.sets(st.tuples(labels(min_size=1), labels(), own_ports()), max_size=1),
        st.sets(st.tuples(st.sampled_from(EntityKind), own_ports()), max_size=2),
    )


def _destinations(
    hosts: set[tuple[HostPattern, Own]],
    ranges: dict[Own, set[Network]],
    pods: set[tuple[str, Labels, Own, str]],
    others: set[tuple[Labels, Labels, Own]],
    entities: set[tuple[EntityKind, Own]],
) -> tuple[Destination, ...]:
    return canonical(
        (
            *(Host(pattern=each, ports=own) for each, own in hosts),
            *(
                AddressRange(cidr=each, ports=own)
                for own, several in ranges.items()
                for each in merge_networks(several)
            ),
            *(
                Pods(namespace=name, labels=chosen, ports=own, cluster=cluster)
                for name, chosen, own, cluster in pods
            ),
            *(
                Pods(namespace_labels=having, labels=chosen, ports=own)
                for having, chosen, own in others
            ),
            *(Entity(kind=each, ports=own) for each, own in entities),
        )
    )


def canonical(destinations: Iterable[Destination]) -> tuple[Destination, ...]:
    """Destinations in the order of loading."""
    found = list(destinations)
    hosts = [each for each in found if isinstance(each, Host)]
    ranges = [each for each in found if isinstance(each, AddressRange)]
    pods = [each for each in found if isinstance(each, Pods)]
    entities = [each for each in found if isinstance(each, Entity)]
    return (
        *sorted(hosts, key=lambda each: (each.pattern.text, each.ports)),
        *sorted(ranges, key=_place),
        *sorted(pods),
        *sorted(entities),
    )


def _place(each: AddressRange) -> tuple[object, ...]:
    cidr = each.cidr
    return (
        each.network,
        each.bundle,
        each.ports,
        cidr.version,
        int(cidr.network_address),
        cidr.prefixlen,
    )


def with_bundles(own: tuple[Destination, ...], named: Iterable[Bundle]) -> tuple[Destination, ...]:
    """The destinations with those of the bundles among them; an own host stays an own host."""
    named = list(named)
    hosts = {
        (host.pattern, host.ports): replace(host, bundle=bundle.name)
        for bundle in sorted(named, key=lambda each: each.name, reverse=True)
        for host in bundle.hosts
    }
    hosts.update(((each.pattern, each.ports), each) for each in own if isinstance(each, Host))
    others = (each for each in own if not isinstance(each, Host))
    ranges = (each for bundle in named for each in bundle.ranges)
    return canonical((*hosts.values(), *others, *ranges))


@st.composite
def vetted(draw: st.DrawFn, bundle: str) -> tuple[tuple[Host, ...], tuple[AddressRange, ...]]:
    """Hosts and ranges of a bundle, one at least."""
    found = draw(
        st.builds(
            _destinations,
            st.sets(st.tuples(host_patterns(), own_ports()), max_size=3),
            st.dictionaries(own_ports(), st.sets(networks(), min_size=1, max_size=2), max_size=2),
            st.just(set()),
            st.just(set()),
            st.just(set()),
        ).filter(bool)
    )
    return (
        tuple(replace(each, bundle=bundle) for each in found if isinstance(each, Host)),
        tuple(replace(each, bundle=bundle) for each in found if isinstance(each, AddressRange)),
    )


@st.composite
def with_networks_of(
    draw: st.DrawFn, own: tuple[Destination, ...], known: Sequence[KnownNetwork]
) -> tuple[Destination, ...]:
    """The destinations and perhaps some of these networks, whole."""
    chosen = draw(st.lists(st.sampled_from(known), unique=True, max_size=2)) if known else []
    found = list(own)
    for each in chosen:
        ports_there = draw(own_ports())
        found += [
            AddressRange(cidr=cidr, network=each.name, ports=ports_there) for cidr in each.cidrs
        ]
    return canonical(found)


@st.composite
def known_networks(draw: st.DrawFn, clusters: Sequence[str]) -> tuple[KnownNetwork, ...]:
    """Networks that the platform declares, each for all clusters or for some."""
    named = draw(st.sets(st.sampled_from(sorted(_KNOWN))))
    limited = st.none() | st.frozensets(st.sampled_from(clusters), min_size=1)
    return tuple(
        KnownNetwork(
            name=name,
            cidrs=tuple(map(ip_network, _KNOWN[name])),
            clusters=draw(limited),
            about=draw(st.sampled_from(["", "RDS and MSK"])),
        )
        for name in sorted(named)
    )
