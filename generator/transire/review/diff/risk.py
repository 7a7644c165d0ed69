"""What a reviewer should look at closely in a change, and how closely.

Every reason has a level of its own, and the risk of a target is the highest. Where a change opens
something in production, each level counts one higher.

| id | level | what it is about |
|---|---|---|
| `unjudged` | high | nobody knows what the change does |
| `released` | high | nothing holds in the namespace any more, so everything is open |
| `files` | high | generated files open what the values do not |
| `audited` | high | nothing is dropped any more |
| `any-address` | high | every address outside |
| `any-host` | high | hosts below every top-level domain |
| `public-suffix` | high | hosts below a suffix where anybody can have one |
| `cidr` | medium | addresses, whoever holds them |
| `wildcard` | medium | hosts that nobody has listed |
| `top-level-domain` | medium | the first host below a top-level domain |
| `any-name` | medium | any name may be asked, so questions can carry data out |
| `all-pods` | medium | every pod of the cluster |
| `namespace-labels` | medium | namespaces by their labels: those of others and of the system too |
| `nodes` | medium | nodes, with all that listens there |
| `left` | medium | what was published stays until a person takes it away, which opens |
| `handover` | medium | another release publishes the namespace; the old one stays |
| `delegated` | medium | a host is delegated to something else |
| `approximated` | medium | a host is widened or narrowed |
| `enforced` | medium | what no rule allows is dropped from now on |
| `audit-longer` | medium | audit ends later, or never; high in production |
| `domain` | low | the first host of a domain |
| `api-server` | low | the API server of the cluster |
| `port` | low | a port other than 443/TCP |
| `every-pod` | low | every pod of the namespace, or every pod but some |
| `content` | low | more than before passes to the same destinations |
| `closed` | low | what still uses it breaks; medium in production |
| `production` | low | the change opens something in production |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer, ReservedIdentity
from transire.flows.pod_set import PodSet, Workload
from transire.flows.port_set import PortSet, Protocol
from transire.meaning.host_sets import host_sets
from transire.meaning.public_suffixes import registrable_domain
from transire.meaning.shared_suffixes import shared_suffix
from transire.model.intent import Mode
from transire.model.names import HostPattern
from transire.review.diff.changes import ChangeClass, Event, Reason, Side, TargetChange
from transire.review.diff.destinations import ANY_ADDRESS, ANY_NAME
from transire.review.diff.grants import API_SERVER, Grant, GrantKind
from transire.review.diff.grouped_targets import listed
from transire.review.diff.risk_level import RiskLevel

PRODUCTION = ("prod", "live")
"""How the names of environments begin in which the stakes are highest."""

_HTTPS = PortSet.of_port(Protocol.TCP, 443)
_PLAIN_NAME = re.compile(r"[-a-z0-9_.]+")
_MOST_SHOWN = 3
_PRODUCTION, _LONGER = "production", "audit-longer"
_UNKNOWN = Workload(namespace="", account="")
"""A pod without a label, of a namespace and an account that no selector can name."""
_IN_UNNAMED = Peer.pods(PodSet.in_namespace("")) - Peer.union(
    Peer.reserved(each) for each in ReservedIdentity
)
"""Pods of a namespace that no selector can name, and that are nothing besides."""


def is_production(side: Side) -> bool:
    """Whether the stakes are highest there, by the name of the environment."""
    return side.environment.lower().startswith(PRODUCTION)


def with_reasons(change: TargetChange, reached: HostSet) -> TargetChange:
    """The change with every reason to look closely, and each of its lines with its own risk.

    `reached` holds the hosts that were in reach before.
    """
    found = list(_as_a_whole(change))

    def rated(lines: Iterable[Grant], of_line: Callable[[Grant], Iterable[Reason]]) -> list[Grant]:
        rated_lines = []
        for line in lines:
            some = [_weighed(each, change) for each in of_line(line)]
            found.extend(some)
            rated_lines.append(replace(line, risk=_highest(some)))
        return rated_lines

    gains = rated(change.gains, lambda line: _of_gain(line, change, reached))
    beyond = rated(change.beyond, _of_file)
    losses = rated(change.losses, lambda _: _of_loss(change))
    unique = dict.fromkeys(found)
    return replace(
        change,
        reasons=tuple(sorted(unique, key=lambda each: (-each.level.rank, each.id, each.text))),
        gains=tuple(gains),
        beyond=tuple(beyond),
        losses=tuple(losses),
    )


def _highest(some: Iterable[Reason]) -> RiskLevel:
    return max((each.level for each in some), key=lambda each: each.rank, default=RiskLevel.NONE)


def _production(change: TargetChange) -> str:
    """The environment that is production, before or after; empty where none is."""
    sides = (change.after, change.before)
    return next((each.environment for each in sides if each and is_production(each)), "")


def _weighed(reason: Reason, change: TargetChange) -> Reason:
    """The reason as it counts there: one level higher where it is production, and it matters."""
    environment = _production(change)
    if not environment or reason.id == _PRODUCTION:
        return reason
    if reason.id == "closed":
        text = f"access is taken away in {environment}, which is production: {reason.text}"
        return replace(reason, level=RiskLevel.MEDIUM, text=text)
    if change.change.opens or reason.id == _LONGER:
        return replace(reason, level=reason.level.one_higher)
    return reason


def _as_a_whole(change: TargetChange) -> Iterator[Reason]:
    """The reasons that no single line gives."""
    yield from (_weighed(each, change) for each in (*_events(change), *_of_sides(change)))
    if change.change.opens:
        yield from _opens_in_production(change)


def _of_sides(change: TargetChange) -> Iterator[Reason]:
    yield from _longer_audit(change.before, change.after)
    for host, to in change.delegated[0]:
        yield _reason("delegated", RiskLevel.MEDIUM, f"{host} is delegated to {to}")
    before = change.before.approximated if change.before else frozenset[str]()
    for each in sorted((change.after.approximated if change.after else frozenset()) - before):
        yield _reason("approximated", RiskLevel.MEDIUM, each)


def _longer_audit(before: Side | None, after: Side | None) -> Iterator[Reason]:
    """A reason where an audit goes on for longer than it would have."""
    if before is None or after is None or not (_audited(before) and _audited(after)):
        return
    if before.until is None or (after.until is not None and after.until <= before.until):
        return
    ends = f"ends {after.until}" if after.until else "has no end"
    text = f"audit goes on, so nothing is dropped for longer: it ended {before.until} and {ends}"
    yield _reason("audit-longer", RiskLevel.MEDIUM, text)


def _opens_in_production(change: TargetChange) -> Iterator[Reason]:
    environment = _production(change)
    if environment:
        yield _reason("production", RiskLevel.LOW, f"{environment} is production")


def _of_gain(line: Grant, change: TargetChange, reached: HostSet) -> Iterator[Reason]:
    if line.implied:
        return
    yield from _of_grant(line)
    if Event.GOVERNED not in change.events:
        yield from _new_domains(line, reached)
    if change.change.opens:
        yield from _opens_in_production(change)


def _of_file(line: Grant) -> Iterator[Reason]:
    text = "the files as they are open what the values do not, which generate takes back"
    yield _reason("files", RiskLevel.HIGH, text)
    if not line.implied:
        yield from _of_grant(line)


def _of_loss(change: TargetChange) -> Iterator[Reason]:
    when = " once audit ends" if change.pending else ""
    yield _reason("closed", RiskLevel.LOW, f"what still uses it breaks{when}")


def _events(change: TargetChange) -> Iterator[Reason]:
    if change.unjudged:
        yield _reason("unjudged", RiskLevel.HIGH, f"cannot be judged: {change.unjudged}")
    for event in change.events:
        match event:
            case Event.RELEASED if change.change is ChangeClass.SAME and _audited(change.before):
                text = "nothing holds here any more; audit dropped nothing before either"
                yield _reason("released", RiskLevel.LOW, text)
            case Event.RELEASED:
                text = "nothing holds here any more: every destination is open"
                yield _reason("released", RiskLevel.HIGH, text)
            case Event.GOVERNED if change.change.closes:
                text = "the namespace comes under policy: what no rule allows is dropped"
                yield _reason("enforced", RiskLevel.MEDIUM, text)
            case _ if event in _OF_EVENTS:
                yield _OF_EVENTS[event]
            case _:
                continue


def _audited(side: Side | None) -> bool:
    return side is not None and side.mode is Mode.AUDIT


def _of_grant(grant: Grant) -> Iterator[Reason]:
    texts = [each.text for each in grant.destinations]
    shown = listed(texts, _MOST_SHOWN)
    match grant.kind:
        case GrantKind.CIDR if ANY_ADDRESS in texts:
            yield _reason("any-address", RiskLevel.HIGH, "every address outside the cluster")
        case GrantKind.CIDR:
            yield _reason("cidr", RiskLevel.MEDIUM, f"{shown}, whoever holds these addresses")
        case GrantKind.FQDN:
            yield from _wildcards(texts)
        case GrantKind.IN_CLUSTER:
            yield from _inside(grant, shown)
        case GrantKind.DNS if ANY_NAME in texts:
            text = f"{ANY_NAME} may be asked, so questions can carry data out"
            yield _reason("any-name", RiskLevel.MEDIUM, text)
        case GrantKind.DETAIL:
            yield _reason("content", RiskLevel.LOW, f"more passes to {shown}")
        case _:
            pass
    if grant.kind in {GrantKind.CIDR, GrantKind.FQDN}:
        if not _only_https(grant):
            yield _reason("port", RiskLevel.LOW, f"{grant.ports} to {shown}")
        if _takes_any_pod(grant):
            yield _reason("every-pod", RiskLevel.LOW, f"{_every_pod(grant)} to {shown}")


def _takes_any_pod(grant: Grant) -> bool:
    """Whether pods are among its sources of which nothing is known, so that it names exceptions."""
    return _UNKNOWN in grant.flows.sources()


def _every_pod(grant: Grant) -> str:
    every = "every pod of the namespace"
    return every if grant.every_pod else f"{every} but those with {~grant.flows.sources()}"


def _wildcards(texts: Iterable[str]) -> Iterator[Reason]:
    for each in texts:
        if _PLAIN_NAME.fullmatch(each):
            continue
        fixed = _fixed_end(each)
        shared = shared_suffix(each.partition(" except ")[0].split("."))
        if not fixed:
            yield _reason("any-host", RiskLevel.HIGH, f"{each} is held to no domain")
        elif shared is not None:
            text = f"{each}: anybody can have a host below {shared.suffix}"
            yield _reason("public-suffix", RiskLevel.HIGH, text)
        else:
            yield _reason("wildcard", RiskLevel.MEDIUM, f"{each} has hosts that nobody listed")


def _fixed_end(pattern: str) -> str:
    """The labels at the right end of a pattern that are plain, without what is left out of it."""
    labels = pattern.partition(" except ")[0].split(".")
    plain = next((n for n, each in enumerate(labels[::-1]) if not _PLAIN_NAME.fullmatch(each)), 0)
    return ".".join(labels[len(labels) - plain :])


def _inside(grant: Grant, shown: str) -> Iterator[Reason]:
    to = grant.flows.peers()
    if Peer.pods(PodSet.everything()) <= to:
        yield _reason("all-pods", RiskLevel.MEDIUM, "every pod of the cluster can be reached")
    elif not to.is_disjoint(_IN_UNNAMED):
        text = f"{shown}, in whatever namespaces: those of other teams and of the system too"
        yield _reason("namespace-labels", RiskLevel.MEDIUM, text)
    if to <= API_SERVER:
        yield _reason("api-server", RiskLevel.LOW, "the API server of the cluster can be reached")
    if not to.is_disjoint(Peer.node() - API_SERVER):
        yield _reason("nodes", RiskLevel.MEDIUM, f"{shown}, with all that listens there")


def _only_https(grant: Grant) -> bool:
    others = PortSet.everything() - _HTTPS
    return not grant.flows.restrict(ports=others)


def _new_domains(line: Grant, reached: HostSet) -> Iterator[Reason]:
    """A reason for each domain, or else top-level domain, of which no host was in reach."""
    if line.kind is not GrantKind.FQDN:
        return
    written = (each.text.partition(" except ")[0] for each in line.destinations)
    for domain in dict.fromkeys(map(registrable_domain, written)):
        if domain is None:
            continue
        top = domain.rpartition(".")[2]
        if reached.is_disjoint(_below(top)):
            yield _reason("top-level-domain", RiskLevel.MEDIUM, f"the first host below .{top}")
        if reached.is_disjoint(_below(domain)):
            yield _reason("domain", RiskLevel.LOW, f"the first host of {domain}")


@lru_cache(maxsize=1_024)
def _below(domain: str) -> HostSet:
    return host_sets([HostPattern(domain), HostPattern(f"**.{domain}")])


def _reason(rule: str, level: RiskLevel, text: str) -> Reason:
    return Reason(id=rule, level=level, text=text)


_OF_EVENTS: Final[Mapping[Event, Reason]] = {
    Event.LEFT: _reason(
        "left",
        RiskLevel.MEDIUM,
        "its policies stay until somebody decommissions it, which opens",
    ),
    Event.AUDITED: _reason(
        "audited", RiskLevel.HIGH, "enforce became audit: nothing is dropped any more"
    ),
    Event.ENFORCED: _reason(
        "enforced",
        RiskLevel.MEDIUM,
        "audit became enforce: what no rule allows is dropped from now on",
    ),
    Event.HANDOVER: _reason(
        "handover",
        RiskLevel.MEDIUM,
        "the old release stays, with its policies, until somebody hands them over",
    ),
}
