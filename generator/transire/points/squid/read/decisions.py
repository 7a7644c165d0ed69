"""The verdict about one request, rule by rule as Squid goes through them."""

from __future__ import annotations

import re

from transire.flows.request_set import Request
from transire.points.api.reading import PointDecision
from transire.points.squid.read.configuration import Configuration, Rule, Term
from transire.points.squid.read.lists import Acl
from transire.points.squid.read.rules import WOULD_DENY

_NOTHING = "no rule let it through"
_OPPOSITE = "the opposite of the last rule"


def decide(whole: Configuration, listener: str, request: Request) -> PointDecision:
    """The first rule that matches decides; in audit, without the rule that lets all through.

    A configuration that holds what is not modelled has to be refused before.
    """
    for rule in whole.rules:
        notes = _notes(whole, rule)
        if notes.get("verdict") == WOULD_DENY:
            continue
        if all(_holds(whole, rule, term, listener, request) for term in rule.terms):
            if not rule.allow:
                return PointDecision(allowed=False, rule=f"{rule.line.key} denies it")
            return PointDecision(allowed=True, rule=notes.get("rule", rule.line.key))
    if whole.rules and not whole.rules[-1].allow:
        return PointDecision(allowed=True, rule=_OPPOSITE)
    return PointDecision(allowed=False, rule=_NOTHING)


def _notes(whole: Configuration, rule: Rule) -> dict[str, str]:
    return {
        name: value
        for term in rule.terms
        if term.name in whole.conditions
        for name, value in whole.conditions[term.name].notes.items()
    }


def _holds(whole: Configuration, rule: Rule, term: Term, listener: str, request: Request) -> bool:
    acl = whole.acls.get(term.name)
    if acl is not None and acl.kind == "dst":
        return rule.allow  # a name has no denied address where a set is without addresses
    if term.name == "manager":
        found = not request.tunnel and (request.path or "").startswith("/squid-internal-mgr/")
    elif acl is None:
        found = term.name == "all" or request.tunnel
    else:
        found = _matches(acl, listener, request)
    return found != term.negated


def _matches(acl: Acl, listener: str, request: Request) -> bool:
    match acl.kind:
        case "myportname":
            return listener in acl.values
        case "port":
            return any(_in_range(value, request.port) for value in acl.values)
        case "dstdomain":
            return any(_in_domain(value, request.host) for value in acl.values)
        case "dstdom_regex":
            return any(_finds(value, request.host, re.IGNORECASE) for value in acl.values)
        case "proto":
            scheme = "HTTPS" if request.tls else "HTTP"
            return not request.tunnel and scheme in map(str.upper, acl.values)
        case "method":
            return (request.method or "CONNECT") in acl.values
        case "urlpath_regex":
            path = _decoded(request.path or "")
            return not request.tunnel and any(_finds(value, path) for value in acl.values)
    return True


def _in_range(value: str, port: int) -> bool:
    first, _, last = value.partition("-")
    return int(first) <= port <= int(last or first)


def _in_domain(value: str, host: str) -> bool:
    return host == value.removeprefix(".") or (value.startswith(".") and host.endswith(value))


def _finds(expression: str, text: str, flags: int = 0) -> bool:
    """As POSIX finds it, where a dot is any character and `$` the very end."""
    pattern = re.sub(r"\$$", r"\\Z", expression)
    return re.search(pattern, text, flags | re.DOTALL) is not None


def _decoded(path: str) -> str:
    return re.sub(r"%(?!00)([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), path)
