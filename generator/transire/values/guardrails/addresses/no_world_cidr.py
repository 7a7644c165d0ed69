"""Refuse address ranges that are most of the internet.

What it does: reports IPv4 ranges shorter than /8 and IPv6 ranges shorter than /16, so that two
halves of the internet are no way around it; and such ranges as a known network, as the proxy of a
cluster, or as its resolver, which every pod may reach. An IPv6 range that carries IPv4 addresses
(NAT64, 6to4, mapped) counts as these. What the rules of one team give to the same pods counts as
one range would, and may be no more than sixteen of the widest ranges.
Why is this bad? A world range makes every other rule of the team meaningless.
Bad:
    {name: anything, reason: so that it works, ticket: SEC-1, to: [{cidr: 0.0.0.0/0}]}
Good:
    {name: partner, reason: partner's gateway, ticket: SEC-1, to: [{cidr: 198.51.100.16/28}]}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from transire.model.guardrail import Extent, Finding
from transire.model.intent import AddressRange, Platform, ProxyFallback
from transire.model.net import Network, contains, merge_networks
from transire.model.problems import Level
from transire.model.scoped import Place, Scoped
from transire.model.translated import carried
from transire.values.guardrails.context import Entry, GuardrailContext
from transire.values.guardrails.source_groups import by_source

ID = "no-world-cidr"
LEVEL = Level.ERROR

SHORTEST = {4: 8, 6: 16}
"""The shortest prefix that may be written, by IP version."""

_MOST = 16
"""How many of the widest ranges one team may reach in all."""
_IPV4 = 4


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every range with a prefix that is too short, and rules that come to one together."""
    for entry in review.entries():
        for each in entry.rule.ranges:
            if _is_world(each.cidr):
                yield entry.finding(
                    each.at,
                    f"egress to {each.cidr} is not allowed",
                    "name the hosts instead, or ask for an entry in values/exceptions.yaml",
                    each.cidr,
                )
    yield from _together(review)
    yield from _of_platform(review.organisation.platform)


def _of_platform(platform: Platform) -> Iterator[Finding]:
    """Where the platform's own settings lead to such a range."""
    for network in platform.networks:
        for cidr in filter(_is_world, network.cidrs):
            yield Finding(
                team="",
                entry=network.name,
                at=network.at,
                message=f"{cidr} as the known network {network.name!r} is not allowed",
                help="write the ranges of the network itself",
                about=(cidr,),
                extent=Extent(limits=Scoped(clusters=network.clusters)),
            )
    for cluster in platform.clusters:
        proxy = cluster.fallback.to if isinstance(cluster.fallback, ProxyFallback) else None
        if isinstance(proxy, AddressRange) and _is_world(proxy.cidr):
            yield Finding(
                team="",
                entry=cluster.name,
                at=proxy.at,
                message=f"{proxy.cidr} as the proxy of cluster {cluster.name!r} is not allowed",
                help="write the addresses of the proxy itself, and nothing around them",
                about=(proxy.cidr,),
            )
        resolver = cluster.dns.resolver
        given = (*cluster.dns.addresses, *(resolver.addresses if resolver else ()))
        for cidr in filter(_is_world, given):
            yield Finding(
                team="",
                entry=cluster.name,
                at=cluster.dns.at,
                message=f"{cidr} as the resolver of cluster {cluster.name!r} is not allowed",
                help="write the addresses that pods ask, and nothing around them",
                about=(cidr,),
            )


def _together(review: GuardrailContext) -> Iterator[Finding]:
    """What the rules of a team come to that is a world range in some place.

    A finding is about the last of the rules that take part; those for everyone count for all teams.
    """
    by_team: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in review.entries():
        by_team[entry.team].append(entry)
    shared = by_team.pop("", [])
    places = review.places
    everyone = [
        each
        for cluster in sorted(places[""])
        for place in _in_namespaces(cluster, shared)
        for each in _worldwide(shared, place)
    ]
    yield from map(_finding, _distinct(everyone))
    for team, own in by_team.items():
        found = (
            each for place in sorted(places[team]) for each in _worldwide([*shared, *own], place)
        )
        yield from map(_finding, _distinct(each for each in found if each not in everyone))


def _in_namespaces(cluster: Place, shared: Sequence[Entry]) -> Sequence[Place]:
    """The cluster once for each namespace that a rule names; others have no more than those."""
    names = sorted({name for each in shared for name in each.rule.namespaces or ()})
    return [replace(cluster, namespace=name) for name in names] or [cluster]


def _distinct(found: Iterable[_Worldwide]) -> Iterable[_Worldwide]:
    """Each once: an exception for one of them is none for another."""
    return {(each.reached, *map(_key, each.entries)): each for each in found}.values()


@dataclass(frozen=True, slots=True)
class _Worldwide:
    """Entries that reach too much together, and what that is."""

    entries: tuple[Entry, ...]
    reached: str
    networks: tuple[Network, ...]


def _worldwide(entries: Sequence[Entry], place: Place) -> Sequence[_Worldwide]:
    """What some pod reaches by these entries together, where no single range is too wide."""
    holding = [entry for entry in entries if entry.rule.ranges and entry.rule.holds_in(place)]
    if not any(_reached(holding)):
        return ()
    return [found for each in by_source(holding) for found in _reached(each)]


def _reached(entries: Sequence[Entry]) -> Iterator[_Worldwide]:
    ranges = [
        (entry, network)
        for entry in entries
        for each in entry.rule.ranges
        if not _is_world(each.cidr)
        for network in _counted(each.cidr)
    ]
    merged = merge_networks(cidr for _, cidr in ranges)
    for cidr in merged:
        if _is_world(cidr):
            taking_part = [entry for entry, each in ranges if contains(cidr, each)]
            yield _Worldwide(_once(taking_part), str(cidr), (cidr,))
    for version, shortest in SHORTEST.items():
        family = [each for each in merged if each.version == version and not _is_world(each)]
        whole = sum(each.num_addresses for each in family)
        widest = 1 << (32 if version == _IPV4 else 128) - shortest
        if whole > _MOST * widest:
            taking_part = [
                entry for entry, each in ranges if any(contains(one, each) for one in family)
            ]
            reached = f"as much of IPv{version} as {whole / widest:.1f} ranges of /{shortest}"
            yield _Worldwide(_once(taking_part), reached, tuple(family))


def _once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple({_key(entry): entry for entry in entries}.values())


def _key(entry: Entry) -> tuple[str, str]:
    return entry.team, entry.rule.name


def _finding(found: _Worldwide) -> Finding:
    *others, last = found.entries
    names = ", ".join(repr(entry.rule.name) for entry in others)
    ending = f" together with {names}" if others else ""
    return last.finding(
        last.rule.ranges[-1].at,
        f"egress to {found.reached} is not allowed, which rule {last.rule.name!r} reaches{ending}",
        "name the hosts instead, or ask for an entry in values/exceptions.yaml",
        *found.networks,
    )


def _is_world(cidr: Network) -> bool:
    return any(each.prefixlen < SHORTEST[each.version] for each in _counted(cidr))


def _counted(cidr: Network) -> Iterator[Network]:
    """The range and what it carries."""
    yield cidr
    yield from (inside for inside, _ in carried(cidr))
