"""What Felix makes of an object that the cluster took: most it enforces, some it cannot.

Felix checks policies again when it reads them, and treats one that it cannot use as missing. A
value that does not decode spoils the whole list that it is in, and a few texts stop Felix. Calico's
API server refuses nearly all of these before; native definitions and the storage form let them in.
Source: `felix/calc/validation_filter.go`, `libcalico-go/lib/validator/v1`, `numorstring`, and how
`updateprocessors` joins selectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from transire.engines.calico.objects.fields import WITH_PORTS, port_item, read_net, stored_protocol
from transire.engines.calico.objects.releases import Dialect
from transire.engines.calico.objects.rule_validation import syntax_fault
from transire.k8s.manifests import Tree
from transire.model.net import MAX_PORT


class Fate(Enum):
    """What becomes of an object."""

    DROPPED = "Felix drops it"
    UNREADABLE = "it does not decode"
    FATAL = "Felix stops"


@dataclass(frozen=True, slots=True)
class Failure:
    """An object that Felix does not enforce; `why` begins with a JSON pointer."""

    fate: Fate
    why: str


_MOST_PROTOCOLS = 255
_RANGE = re.compile(r"([0-9]+):([0-9]+)")
_PORT_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
_BLANK = re.compile(r"[ \t]+")
_SIDES = ("source", "destination")


def policy_failure(spec: Tree, *, namespaced: bool, dialect: Dialect) -> Failure | None:
    """Why Felix does not enforce a policy; None where it does."""
    for fate, faults in (
        (Fate.UNREADABLE, _undecodable(spec)),
        (Fate.DROPPED, _invalid(spec, dialect, namespaced=namespaced)),
        (Fate.FATAL, _fatal(spec, namespaced=namespaced)),
    ):
        why = next(faults, "")
        if why:
            return Failure(fate, why)
    return None


def set_failure(spec: Tree) -> Failure | None:
    """Why Felix does not live with a set; None where it does."""
    for place, text in enumerate(spec.get("nets", ())):
        if not text:
            return Failure(Fate.FATAL, f"/spec/nets/{place} is empty")
    return None


def dropped_nets(spec: Tree) -> Iterator[str]:
    """The entries of egress rules, or of a set, that Felix drops, as they are written."""
    for text in spec.get("nets", ()):
        if text and read_net(text) is None:
            yield text
    for rule in spec.get("egress", ()):
        for side in _SIDES:
            for key in ("nets", "notNets"):
                for text in rule.get(side, {}).get(key, ()):
                    if read_net(text) is None:
                        yield text


def _rules(spec: Tree) -> Iterator[tuple[str, Tree]]:
    for direction in ("ingress", "egress"):
        for place, rule in enumerate(spec.get(direction, ())):
            yield f"/spec/{direction}/{place}", rule


def _entities(spec: Tree) -> Iterator[tuple[str, Tree, Tree]]:
    for at, rule in _rules(spec):
        for side in _SIDES:
            yield f"{at}/{side}", rule.get(side, {}), rule


def _undecodable(spec: Tree) -> Iterator[str]:
    for at, rule in _rules(spec):
        for key in ("protocol", "notProtocol"):
            value = rule.get(key)
            if isinstance(value, int) and not 0 <= value <= _MOST_PROTOCOLS:
                yield f"{at}/{key} {value} does not decode"
    for at, entity, _ in _entities(spec):
        for key in ("ports", "notPorts"):
            for place, value in enumerate(entity.get(key, ())):
                if not _decodes(value):
                    yield f"{at}/{key}/{place} {value!r} does not decode"


def _decodes(port: int | str) -> bool:
    if isinstance(port, int):
        return 0 <= port <= MAX_PORT
    if port.isascii() and port.isdigit():
        return int(port) <= MAX_PORT
    between = _RANGE.fullmatch(port)
    if between is not None:
        return int(between[1]) <= int(between[2]) <= MAX_PORT
    return _PORT_NAME.fullmatch(port) is not None


def _invalid(spec: Tree, dialect: Dialect, *, namespaced: bool) -> Iterator[str]:
    for key in ("selector", "namespaceSelector", "serviceAccountSelector"):
        yield from filter(None, [syntax_fault(spec.get(key, ""), f"/spec/{key}")])
    joined = namespaced or spec.get("namespaceSelector") or spec.get("serviceAccountSelector")
    if joined and _is_blank(spec, "selector"):
        yield "/spec/selector is blank, and what it is joined to does not parse with it"
    for at, entity, rule in _entities(spec):
        yield from _invalid_selectors(entity, at, namespaced=namespaced)
        yield from _invalid_ports(entity, at, rule, dialect)
    for at, rule in _rules(spec):
        for key in ("protocol", "notProtocol"):
            if key in rule and stored_protocol(rule[key]) is None:
                yield f"{at}/{key} {rule[key]!r} is no protocol"
    hints = spec.get("performanceHints", [])
    if len(set(hints)) < len(hints):
        yield "/spec/performanceHints repeat one"


def _invalid_selectors(entity: Tree, at: str, *, namespaced: bool) -> Iterator[str]:
    accounts = entity.get("serviceAccounts", {})
    for key in ("selector", "notSelector", "namespaceSelector"):
        yield from filter(None, [syntax_fault(entity.get(key, ""), f"{at}/{key}")])
    yield from filter(
        None, [syntax_fault(accounts.get("selector", ""), f"{at}/serviceAccounts/selector")]
    )
    joined = namespaced or entity.get("namespaceSelector") or accounts.get("selector")
    if (joined or accounts.get("names")) and _is_blank(entity, "selector"):
        yield f"{at}/selector is blank, and what it is joined to does not parse with it"


def _invalid_ports(entity: Tree, at: str, rule: Tree, dialect: Dialect) -> Iterator[str]:
    written = rule.get("protocol")
    with_ports = written is not None and stored_protocol(written) in WITH_PORTS
    for key in ("ports", "notPorts"):
        items = [port_item(each) for each in entity.get(key, ())]
        for place, item in enumerate(items):
            if item is None:
                yield f"{at}/{key}/{place} {entity[key][place]!r} is no port"
        named = all(isinstance(each, str) for each in items)
        bare = written is None and dialect.bare_named_ports and named
        if items and not with_ports and not bare:
            yield f"{at}/{key} need the protocol TCP, UDP or SCTP"


def _fatal(spec: Tree, *, namespaced: bool) -> Iterator[str]:
    """An exclusion of blanks that is joined to something stops Felix where the policy applies."""
    for at, entity, _ in _entities(spec):
        joined = namespaced or entity.get("selector") or entity.get("namespaceSelector")
        if (joined or entity.get("serviceAccounts")) and _is_blank(entity, "notSelector"):
            yield f"{at}/notSelector is blank"


def _is_blank(tree: Tree, key: str) -> bool:
    return _BLANK.fullmatch(tree.get(key, "")) is not None
