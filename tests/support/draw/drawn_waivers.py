"""Draw approved exceptions."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from support.draw.strategies_parts import (
    ends,
    host_patterns,
    labels,
    names,
    networks,
    ports,
    sources,
    texts,
)
from transire.model.destinations import Entity, EntityKind, Pods
from transire.model.intent import Platform, Team
from transire.model.waiver import Approved, ClusterName, HostCount, OnPort, Waiver, Where

_REACHED = (
    host_patterns()
    | networks()
    | st.builds(Pods, namespace=names(), labels=labels())
    | st.builds(Pods, namespace_labels=labels().filter(bool), labels=labels())
    | st.builds(Entity, kind=st.sampled_from(EntityKind))
)
_APPROVED = (
    _REACHED
    | st.builds(OnPort, _REACHED, ports().map(lambda several: several[0]))
    | st.integers(1, 100_000).map(HostCount)
    | names().map(ClusterName)
).map(lambda subject: Approved(subject=subject))


def _sorted(approved: set[Approved]) -> tuple[Approved, ...]:
    return tuple(sorted(approved, key=str))


def waivers(platform: Platform, members: Sequence[Team]) -> st.SearchStrategy[Waiver]:
    """An approved exception for an entry of one of the teams, or of the platform."""
    entries = [("", each.name) for each in platform.clusters]
    entries += [("", each.name) for each in platform.everyone]
    for team in members:
        entries.append((team.name, team.name))
        entries += [(team.name, each.name) for each in team.rules]
        entries += [(team.name, each.namespace) for each in team.publications]
    return st.sampled_from(entries).flatmap(_waivers)


def _places(*, in_namespaces: bool) -> st.SearchStrategy[tuple[Where, ...]]:
    namespaces = names() if in_namespaces else st.just("") | names()
    places = st.builds(Where, namespace=namespaces, cluster=names())
    return st.sets(places, max_size=3).map(lambda found: tuple(sorted(found)))


def _waivers(owned: tuple[str, str]) -> st.SearchStrategy[Waiver]:
    return st.builds(
        Waiver,
        rule=st.sampled_from(["redundant-host", "private-cidr", "too-many-hosts"]),
        team=st.just(owned[0]),
        entry=st.just(owned[1]),
        approved_by=texts(),
        reason=texts(),
        until=ends(),
        approved=st.sets(_APPROVED, max_size=3).map(_sorted),
        places=_places(in_namespaces=bool(owned[0])),
        sources=sources(),
    )
