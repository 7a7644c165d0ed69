"""Rules for single requests as Cilium's `rules.http`, or why they cannot be written exactly.

Method and path are expressions of RE2 that must match from end to end. The path comes normalised
(`http-normalize-path`, on unless the agent is told otherwise) and with its query. Envoy takes no
expression whose program has more than 100 steps, refuses the whole policy of the pod for one, and
every other rule with it (https://github.com/cilium/cilium/issues/41314).
Sources: `pkg/envoy/policy/envoy_l7_rules_translator.go`, `pkg/envoy/xds_server.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from transire.engines.api.refusal import Refusal
from transire.engines.cilium.lower.ports import as_written
from transire.engines.lowering.chart_values import Item
from transire.engines.lowering.scope import Scope
from transire.meaning.hosts import matches
from transire.meaning.premises.dns_resolvers import dns_resolvers
from transire.model.http import BELOW, ONE_SEGMENT, Http, PathPattern
from transire.model.intent import Rule
from transire.model.names import HostPattern
from transire.model.net import PortRange, Protocol

_MOST_STEPS: Final = 100
"""`re2.max_program_size.error_level` of Envoy, where nobody sets it."""

_START, _WILD, _QUERY = 4, 12, 13
"""No fewer steps than RE2 takes for what is around an expression, for one wildcard, for a query."""

_SEGMENT, _ANYTHING, _OPTIONAL_QUERY = "[^/?]+", ".*", r"(\?.*)?"


def requests(http: Http) -> list[Item]:
    """The requests as entries of `rules.http`, each for one path or for all of them."""
    method: Item = {"method": "|".join(map(_quoted, http.methods))} if http.methods else {}
    if not http.paths:
        return [method]
    return [{**method, "path": _expression(each)} for each in http.paths]


def _expression(pattern: PathPattern) -> str:
    text = "".join(f"/{_part(each)}" for each in pattern.segments)
    return text if pattern.segments[-1] == BELOW else text + _OPTIONAL_QUERY


def _part(segment: str) -> str:
    return {BELOW: _ANYTHING, ONE_SEGMENT: _SEGMENT}.get(segment) or _quoted(segment)


def _quoted(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_/-]", lambda found: f"\\{found[0]}", text)


def http_fault(rule: Rule, scope: Scope) -> Refusal | None:
    """Why the requests of a rule cannot be written exactly, or None."""
    if rule.http is None:
        return None
    return (
        _size_fault(rule.http)
        or _resolver_fault(rule, scope)
        or next(_meetings(rule, scope, (rule, *scope.resolving)), None)
    )


def meets_requests(rule: Rule, scope: Scope) -> Iterator[Refusal]:
    """Why a rule for connections cannot stand beside one for requests that others wrote."""
    if rule.http is None:
        theirs = [each for each in scope.resolving if each not in scope.rules and each.http]
        for other in theirs:
            yield from _meetings(other, scope, (rule,))


def _size_fault(http: Http) -> Refusal | None:
    if _START + sum(len(each) + 1 for each in http.methods) > _MOST_STEPS:
        return _too_long(f"{len(http.methods)} methods make", "write fewer of them in one rule")
    for each in http.paths:
        if steps(each) > _MOST_STEPS:
            return _too_long(f"path {each} makes", "write a shorter one with /** at its end")
    return None


def steps(pattern: PathPattern) -> int:
    """No fewer steps than the program of RE2 has for the expression of a path."""
    found = _START + (0 if pattern.segments[-1] == BELOW else _QUERY)
    for segment in pattern.segments:
        found += 1 + (_WILD if segment in {BELOW, ONE_SEGMENT} else len(segment))
    return found


def _too_long(what: str, remedy: str) -> Refusal:
    return Refusal(
        id="http-expression-too-long",
        why=f"{what} an expression of more than {_MOST_STEPS} steps, for which envoy refuses "
        "every rule of the pod",
        remedy=remedy,
    )


def _resolver_fault(rule: Rule, scope: Scope) -> Refusal | None:
    port = dns_resolvers(scope.cluster).port
    for part in rule.parts:
        for each in part.ports:
            if each.protocol is Protocol.TCP and each.first <= port <= each.last:
                return Refusal(
                    id="http-on-resolver-port",
                    why=f"its ports have {port}/TCP, on which the agent looks at lookups, and no "
                    "port has both",
                    remedy=f"take {port} out of the rule",
                )
    return None


def _meetings(rule: Rule, scope: Scope, others: tuple[Rule, ...]) -> Iterator[Refusal]:
    """Where the agent would join the rule with another into something that is neither."""
    for other in others:
        if not any(one.may_meet(two) for one in rule.sources for two in other.sources):
            continue
        for mine in rule.parts:
            for theirs in other.parts:
                if mine != theirs:
                    yield from _meeting(mine, theirs, scope)


def _meeting(mine: Rule, theirs: Rule, scope: Scope) -> Iterator[Refusal]:
    for port in _written(mine, scope):
        for other in _written(theirs, scope):
            if port != other and _overlap(port, other):
                yield _refusal(
                    "http-ports-overlap",
                    f"{port} overlaps with {other} in rule {theirs.name!r}, and the agent keeps "
                    "requests to ports that all rules write alike",
                    "write the same port in both rules",
                )
            elif port == other and theirs.http is None:
                for text in _shared(mine, theirs):
                    yield _refusal(
                        "http-both-ways",
                        f"{text} is on {port} for every connection, too, in rule {theirs.name!r}, "
                        "which the agent would narrow to requests",
                        "write http alike in both rules, or leave one of them out",
                    )


def _refusal(refusal_id: str, why: str, remedy: str) -> Refusal:
    return Refusal(
        id=refusal_id,
        why=why,
        remedy=f"{remedy}, or write them for pods that differ by a label",
    )


def _written(part: Rule, scope: Scope) -> tuple[PortRange, ...]:
    release, alone = scope.cluster.release, scope.server_names
    return as_written(part.ports, release, https_alone=alone)


def _overlap(one: PortRange, other: PortRange) -> bool:
    return one.protocol is other.protocol and one.first <= other.last and other.first <= one.last


def _shared(mine: Rule, theirs: Rule) -> Iterator[str]:
    """Hosts of one rule that are, wholly or in part, among those of the other."""
    for one in mine.hosts:
        for other in theirs.hosts:
            if _may_share(one.pattern, other.pattern):
                yield one.pattern.text


def _may_share(one: HostPattern, other: HostPattern) -> bool:
    return matches(one, other.example()) or matches(other, one.example())
