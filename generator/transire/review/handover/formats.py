"""What is handed over, as a table for people and as JSON; `handover.schema.json` is its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from transire.model.intent import Rule
from transire.model.net import merge_networks
from transire.model.pod_selector import EVERY_POD
from transire.review.handover.handover import HandedOver, Handover

SCHEMA = "transire.handover/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""

_HEAD = ("rule", "pods", "host", "ports", "requests")
_GRAMMAR = "* is one label and ** one or more, neither holds the domain itself; case does not count"
_PATHS = "paths are compared after normalisation and without the query, * is one segment"


def as_text(handover: Handover) -> str:
    """The hosts in a table for each that decides, then what no name may lead to."""
    target = handover.target
    lines = [f"{target.name} ({target.cluster.release}, {target.mode})"]
    if not handover.items:
        lines.append(_nothing(handover))
    for to, found in groupby(sorted(handover.items, key=_by_decider), lambda each: each.to):
        items = list(found)
        lines += ["", _heading(to, items), *_table(items)]
    if handover.items:
        lines += ["", *_notes(handover)]
    return "".join(f"{line}\n" for line in lines)


def _nothing(handover: Handover) -> str:
    if handover.everything:
        return "no rule has a host"
    return "nothing is left to others: the policies decide about every host of its rules"


def _by_decider(item: HandedOver) -> tuple[bool, str]:
    return not item.to, item.to


def _heading(to: str, items: Sequence[HandedOver]) -> str:
    count = f"{len(items)} {'host' if len(items) == 1 else 'hosts'}"
    if not to:
        return f"by the policies, which are proved: {count}"
    return f"at {to}, which nothing here proves: {count}"


def _table(items: Sequence[HandedOver]) -> Iterator[str]:
    rows = [_HEAD, *(_row(each) for each in items)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _row(item: HandedOver) -> tuple[str, ...]:
    name = f"{item.rule.name} (for everyone)" if item.shared else item.rule.name
    ports = ", ".join(map(str, item.ports))
    return name, _pods(item.rule), item.host.pattern.shown, ports, _requests(item.rule)


def _pods(rule: Rule) -> str:
    return "every pod" if rule.sources == EVERY_POD else " or ".join(map(str, rule.sources))


def _requests(rule: Rule) -> str:
    if rule.http is None:
        return "any"
    return f"{rule.http}{', on by TLS' if rule.tls else ''}"


def _notes(handover: Handover) -> Iterator[str]:
    yield f"deny all else; {_GRAMMAR}"
    if any(each.rule.http for each in handover.items):
        yield _PATHS
    own = merge_networks(handover.target.cluster.network.own)
    if own:
        yield f"no name may lead into the cluster: {', '.join(map(str, own))}"
    yield "no name may lead to where clouds hand out credentials: denied of --format json has all"


def as_json(handover: Handover) -> str:
    """The JSON document, with a newline at its end."""
    return json.dumps(_tree(handover), indent=2, ensure_ascii=False) + "\n"


def _tree(handover: Handover) -> dict[str, Any]:
    target = handover.target
    return {
        "schema": SCHEMA,
        "team": target.team or None,
        "namespace": target.namespace,
        "cluster": target.cluster.name,
        "engine": str(target.cluster.release),
        "mode": str(target.mode),
        "everything": handover.everything,
        "unproved": len(handover.unproved),
        "items": [_item(each) for each in handover.items],
        "denied": [str(each) for each in handover.denied],
    }


def _item(item: HandedOver) -> dict[str, Any]:
    rule = item.rule
    return {
        "to": item.to or None,
        "rule": {
            "name": rule.name,
            "everyone": item.shared,
            "path": rule.source.partition("#")[0],
            "line": rule.at.line,
            "reason": rule.reason,
            "ticket": rule.ticket or None,
            "expires": None if rule.expires is None else str(rule.expires),
        },
        "pods": [str(each) or "every pod" for each in rule.sources],
        "host": item.host.pattern.text,
        "hostExpression": item.host_expression,
        "ports": [str(each) for each in item.ports],
        "serverName": rule.server_names,
        "methods": None if rule.http is None else list(rule.http.methods),
        "paths": None if rule.http is None else [each.text for each in rule.http.paths],
        "pathExpressions": list(item.path_expressions),
        "tls": None if rule.tls is None else str(rule.tls),
    }


HANDOVER_FORMATS: Mapping[str, Callable[[Handover], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How it is shown, by the name that `--format` takes."""
