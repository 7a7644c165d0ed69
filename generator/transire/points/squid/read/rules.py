"""What the rules of one listener let through, as a set: the first rule that matches decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NoReturn

from transire.flows.host_set import HostSet
from transire.flows.port_set import PortSet
from transire.flows.request_set import RequestSet
from transire.flows.text_set import TextSet
from transire.model.net import Network, merge_networks
from transire.model.problems import Unjudgeable
from transire.points.squid.read.configuration import Configuration, Rule, Term
from transire.points.squid.read.expressions import not_normalised
from transire.points.squid.read.lists import Condition, On, Way

WOULD_DENY = "would-deny"
"""The note `verdict` of a rule that only audit has."""

_SETS = (Way.TUNNEL, Way.CLEAR, Way.BY_TLS)


@dataclass(slots=True)
class _Box:
    """Requests of one way by what each condition leaves of them."""

    hosts: HostSet | None = None
    ports: PortSet | None = None
    methods: TextSet | None = None
    paths: TextSet | None = None

    @property
    def everything(self) -> bool:
        return (self.hosts, self.ports, self.methods, self.paths) == (None,) * 4

    def narrow(self, condition: Condition, *, negated: bool) -> None:
        among = condition.among
        match condition.on, among:
            case On.HOSTS, HostSet():
                found = HostSet.everything() - among if negated else among
                self.hosts = found if self.hosts is None else self.hosts & found
            case On.PORTS, PortSet():
                ports = ~among if negated else among
                self.ports = ports if self.ports is None else self.ports & ports
            case On.METHODS, TextSet():
                methods = ~among if negated else among
                self.methods = methods if self.methods is None else self.methods & methods
            case On.PATHS, TextSet():
                paths = ~among if negated else among
                self.paths = paths if self.paths is None else self.paths & paths

    def requests(self, way: Way) -> RequestSet:
        hosts = HostSet.everything() if self.hosts is None else self.hosts
        ports = PortSet.everything() if self.ports is None else self.ports
        if way is Way.TUNNEL:
            return RequestSet.tunnel(hosts, ports)
        return RequestSet.plain(hosts, ports, self.methods, self.paths, tls=way is Way.BY_TLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a listener lets through, whether it is in audit, and ranges that every rule denies."""

    requests: RequestSet
    audit: bool
    denied: tuple[Network, ...]


def effect(whole: Configuration, listener: str) -> Effect:
    """What the rules come to for one listener.

    Raises:
        Unjudgeable: if a rule holds what is not modelled.
    """
    applied = [each for each in whole.rules if _may_apply(whole, each, listener)]
    audit = [each for each in applied if _notes(whole, each).get("verdict") == WOULD_DENY]
    enforced = [each for each in applied if each not in audit]
    default = bool(whole.rules) and not whole.rules[-1].allow
    _refuse_other_schemes(whole, applied, default=default)
    _refuse_unclear_paths(whole, applied)
    requests = RequestSet.union(_of_way(whole, enforced, way, default=default) for way in _SETS)
    _check_audit(whole, applied, audit)
    return Effect(requests=requests, audit=bool(audit), denied=_denied(whole, applied))


def _refuse(rule: Rule, why: str) -> NoReturn:
    raise Unjudgeable(rule.line.file, rule.line.key, why)


def _terms(whole: Configuration, rule: Rule) -> Iterator[tuple[Term, Condition]]:
    for term in rule.terms:
        found = whole.conditions.get(term.name)
        if found is None:
            _refuse(rule, whole.why_not.get(term.name, f"there is no list {term.name}"))
        yield term, found


def _notes(whole: Configuration, rule: Rule) -> dict[str, str]:
    notes: dict[str, str] = {}
    for _, found in _terms(whole, rule):
        notes |= found.notes
    return notes


def _may_apply(whole: Configuration, rule: Rule, listener: str) -> bool:
    """Whether the rule is one for this listener, or for all."""
    return all(
        found.listener is None or (found.listener == listener) != term.negated
        for term, found in _terms(whole, rule)
    )


def _holds(term: Term, condition: Condition, way: Way) -> bool | None:
    """Whether a term holds of a whole way; None where that depends on the request."""
    if way in condition.unknown or (way in condition.ways and condition.on is not None):
        return None
    return (way in condition.ways) != term.negated


def _box(whole: Configuration, rule: Rule, way: Way) -> _Box | None:
    """What a rule matches on one way, addresses aside; None for nothing."""
    terms = [(term, found) for term, found in _terms(whole, rule) if not found.addresses]
    if any(_holds(term, found, way) is False for term, found in terms):
        return None
    box = _Box()
    for term, found in terms:
        if way in found.unknown:
            _refuse(rule, f"what {term.name} holds of for {way.value} is not modelled")
        if way in found.ways and found.on is not None:
            box.narrow(found, negated=term.negated)
    return box


def _of_way(whole: Configuration, rules: Iterable[Rule], way: Way, *, default: bool) -> RequestSet:
    """What the rules let through on one way."""
    decided: list[tuple[bool, RequestSet]] = []
    for rule in rules:
        if not rule.allow and _has_addresses(whole, rule):
            continue
        box = _box(whole, rule, way)
        if box is not None:
            decided.append((rule.allow, box.requests(way)))
            if box.everything:
                break
    else:
        if default:
            decided.append((True, _Box().requests(way)))
    found = RequestSet.nothing()
    for allow, group in groupby(reversed(decided), key=lambda each: each[0]):
        matched = RequestSet.union(each for _, each in group)
        found = found | matched if allow else found - matched
    return found


def _refuse_other_schemes(whole: Configuration, rules: Iterable[Rule], *, default: bool) -> None:
    """Requests by ftp and the like are in no set, so that no rule may let them through."""
    for rule in rules:
        held = [
            _holds(term, found, Way.OTHER)
            for term, found in _terms(whole, rule)
            if not found.addresses
        ]
        if False in held:
            continue
        if rule.allow:
            _refuse(rule, "it may let requests by ftp and other schemes through")
        if None not in held and not _has_addresses(whole, rule):
            return
    if default:
        raise Unjudgeable("http_access", "end", "what no rule matches is let through")


def _refuse_unclear_paths(whole: Configuration, rules: Iterable[Rule]) -> None:
    """Paths that are not normalised are in no set, so that no rule about paths may let one through.

    Origins differ on them: what is below `/v1/` for Squid may be another path for an origin.
    """
    for rule in rules:
        found = [(term, each.decoded) for term, each in _terms(whole, rule) if each.decoded]
        if not rule.allow or all(term.negated for term, _ in found):
            continue
        unclear = not_normalised()
        for term, decoded in found:
            unclear = unclear - decoded if term.negated else unclear & decoded
        if unclear:
            _refuse(rule, "it lets paths through that are not normalised, such as /a/../b")


def _has_addresses(whole: Configuration, rule: Rule) -> bool:
    return any(found.addresses for _, found in _terms(whole, rule))


def _denied(whole: Configuration, rules: Iterable[Rule]) -> tuple[Network, ...]:
    """The ranges that no rule lets a name lead to, which have to be the same for all of them."""
    before: list[Network] = []
    found: set[tuple[Network, ...]] = set()
    for rule in rules:
        terms = list(_terms(whole, rule))
        own = [(term, each) for term, each in terms if each.addresses]
        networks = [network for _, each in own for network in each.addresses]
        if rule.allow:
            if not all(term.negated for term, _ in own):
                _refuse(rule, "it lets names through by the addresses that they have")
            found.add(merge_networks([*before, *networks]))
        elif own:
            _check_deny(rule, terms)
            before += networks
    if len(found) > 1:
        raise Unjudgeable("http_access", "dst", "its rules deny different ranges")
    return found.pop() if found else ()


def _check_deny(rule: Rule, terms: Iterable[tuple[Term, Condition]]) -> None:
    """A rule that denies addresses is modelled where it denies them to all requests."""
    for term, each in terms:
        if term.negated if each.addresses else each.on is not None or each.ways != frozenset(Way):
            _refuse(rule, "it denies addresses to some requests alone")


def _check_audit(whole: Configuration, applied: Iterable[Rule], audit: Iterable[Rule]) -> None:
    """Audit lets everything through that rules before it leave, or it is none."""
    for rule in audit:
        if not rule.allow or not all(
            box is not None and box.everything
            for box in (_box(whole, rule, way) for way in (Way.TUNNEL, Way.CLEAR))
        ):
            _refuse(rule, f"a rule whose verdict is {WOULD_DENY} does not let everything through")
    rest = [each for each in applied if not each.allow and not _has_addresses(whole, each)]
    for rule in rest:
        for way in (Way.TUNNEL, Way.CLEAR):
            box = _box(whole, rule, way)
            if audit and box is not None and not box.everything:
                _refuse(rule, "it denies some requests, which is not modelled in audit")
