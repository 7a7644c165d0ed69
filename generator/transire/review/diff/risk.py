"""What a reviewer should look at closely in a change, and how closely.

Every reason has a level of its own, and the risk of a target is the highest. Where a change opens
something in production, each level counts one higher.

| id | level | what it is about |
|---|---|---|
| `unjudged` | high | nobody knows what the change does |
| `released` | high | nothing holds in the namespace any more, so everything is open |
| `audited` | high | nothing is dropped any more |
| `any-address` | high | every address outside |
| `any-host` | high | every host |
| `cidr` | medium | addresses, whoever holds them |
| `wildcard` | medium | hosts that nobody has listed |
| `top-level-domain` | medium | the first host below a top-level domain |
| `delegated` | medium | something else decides about a host |
| `domain` | low | the first host of a domain |
| `approximated` | medium | an engine says nearly what was meant |
| `port` | low | a port other than 443/TCP |
| `every-pod` | low | not only some pods of the namespace |
| `content` | low | more than before passes to the same destinations |
| `production` | low | the change opens something in production |
| `closed` | low | what still uses it breaks |
| `enforced` | medium | what no rule allows is dropped from now on |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from transire.model.hosts import HostSet, Wild
from transire.model.ports import PortSet, Protocol
from transire.model.public_suffixes import registrable_domain
from transire.review.diff.change import Event, Reason, RiskLevel, Side, TargetChange
from transire.review.diff.grants import ANY_ADDRESS, Grant, GrantKind

PRODUCTION = ("prod", "live")
"""How the names of environments begin in which the stakes are highest."""

_HTTPS = PortSet.of_port(Protocol.TCP, 443)
_MOST_SHOWN = 3
_STEP = {RiskLevel.LOW: RiskLevel.MEDIUM, RiskLevel.MEDIUM: RiskLevel.HIGH}


def is_production(side: Side) -> bool:
    """Whether the stakes are highest there, by the name of the environment."""
    return side.environment.startswith(PRODUCTION)


def reasons(change: TargetChange, reached: HostSet) -> tuple[Reason, ...]:
    """Every reason to look closely; `reached` holds the hosts that were in reach before."""
    found = list(_all(change, reached))
    if change.change.opens and is_production(change.side):
        found = [replace(each, level=_STEP.get(each.level, each.level)) for each in found]
        where = f"{change.side.environment} is production"
        found.append(Reason(id="production", level=RiskLevel.LOW, text=where))
    return tuple(sorted(found, key=lambda each: (-each.level.rank, each.id, each.text)))


def _all(change: TargetChange, reached: HostSet) -> Iterator[Reason]:
    yield from _events(change)
    for grant in change.gains:
        if grant.implied:
            continue
        yield from _of_grant(grant)
    yield from _new_domains(change.gains, reached)
    for host, to in change.delegated[0]:
        yield _reason("delegated", RiskLevel.MEDIUM, f"{to} decides about {host}")
    before = change.before.approximated if change.before else frozenset[str]()
    for each in sorted((change.after.approximated if change.after else frozenset()) - before):
        yield _reason("approximated", RiskLevel.MEDIUM, each)
    if change.losses and Event.GOVERNED not in change.events:
        yield _reason("closed", RiskLevel.LOW, "what still uses it breaks")


def _events(change: TargetChange) -> Iterator[Reason]:
    if change.unjudged:
        yield _reason("unjudged", RiskLevel.HIGH, f"cannot be judged: {change.unjudged}")
    for event in change.events:
        match event:
            case Event.RELEASED:
                text = "nothing holds here any more: every destination is open"
                yield _reason("released", RiskLevel.HIGH, text)
            case Event.AUDITED:
                text = "enforce became audit: nothing is dropped any more"
                yield _reason("audited", RiskLevel.HIGH, text)
            case Event.ENFORCED:
                text = "audit became enforce: what no rule allows is dropped from now on"
                yield _reason("enforced", RiskLevel.MEDIUM, text)
            case Event.GOVERNED if change.change.closes:
                text = "the namespace comes under policy: what no rule allows is dropped"
                yield _reason("enforced", RiskLevel.MEDIUM, text)
            case _:
                continue


def _of_grant(grant: Grant) -> Iterator[Reason]:
    texts = [each.text for each in grant.destinations]
    shown = _listed(texts)
    match grant.kind:
        case GrantKind.CIDR if texts == [ANY_ADDRESS]:
            yield _reason("any-address", RiskLevel.HIGH, "every address outside the cluster")
        case GrantKind.CIDR:
            yield _reason("cidr", RiskLevel.MEDIUM, f"{shown}, whoever holds these addresses")
        case GrantKind.FQDN:
            yield from _wildcards(texts)
        case GrantKind.DETAIL:
            yield _reason("content", RiskLevel.LOW, f"more passes to {shown}")
        case _:
            pass
    if grant.kind in {GrantKind.CIDR, GrantKind.FQDN}:
        if not _only_https(grant):
            yield _reason("port", RiskLevel.LOW, f"{grant.ports} to {shown}")
        if grant.every_pod:
            yield _reason("every-pod", RiskLevel.LOW, f"every pod of the namespace to {shown}")


def _wildcards(texts: Iterable[str]) -> Iterator[Reason]:
    for each in texts:
        if each.startswith("** except") or each in {"*", "**"}:
            yield _reason("any-host", RiskLevel.HIGH, f"{each} is nearly every host")
        elif "*" in each:
            yield _reason("wildcard", RiskLevel.MEDIUM, f"{each} has hosts that nobody listed")


def _only_https(grant: Grant) -> bool:
    others = PortSet.everything() - _HTTPS
    return not grant.flows.restrict(ports=others)


def _new_domains(gains: Iterable[Grant], reached: HostSet) -> Iterator[Reason]:
    """A reason for each domain, or else top-level domain, of which no host was in reach."""
    seen: set[str] = set()
    fqdns = (each.destinations for each in gains if each.kind is GrantKind.FQDN)
    for text in (each.text for destinations in fqdns for each in destinations):
        domain = registrable_domain(text)
        if domain is None or domain in seen:
            continue
        seen.add(domain)
        top = domain.rpartition(".")[2]
        if reached.is_disjoint(_below(top)):
            yield _reason("top-level-domain", RiskLevel.MEDIUM, f"the first host below .{top}")
        if reached.is_disjoint(_below(domain)):
            yield _reason("domain", RiskLevel.LOW, f"the first host of {domain}")


def _below(domain: str) -> HostSet:
    return HostSet.exact([domain]) | HostSet.pattern([Wild.LABELS, f".{domain}"])


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_SHOWN
    return ", ".join(texts[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _reason(rule: str, level: RiskLevel, text: str) -> Reason:
    return Reason(id=rule, level=level, text=text)
