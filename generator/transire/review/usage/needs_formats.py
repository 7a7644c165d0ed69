"""Declared hosts as text and JSON; `needs.schema.json`, beside this file, is its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from transire.model.problems import printable
from transire.review.usage.needs import Cover, Need, Needs

SCHEMA = "transire.needs/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_ORDER = (Cover.MISSING, Cover.NO_TARGET, Cover.OTHER_PORT, Cover.OTHER_PODS, Cover.COVERED)


def as_text(needs: Needs) -> str:
    """What is missing first, then what is covered, what nothing declares, and what is not seen."""
    return "".join(f"{printable(line)}\n" for line in _lines(needs))


def _lines(needs: Needs) -> Iterator[str]:
    for cover in _ORDER:
        yield from (_line(each) for each in needs.needs if each.cover is cover)
    for entry in needs.undeclared:
        yield f"not declared: {entry.target.name}: {entry.rule.name}: {entry.shown}"
    yield from (f"not seen: {each}" for each in needs.unseen)
    counts = {each: sum(need.cover is each for need in needs.needs) for each in Cover}
    listed = ", ".join(f"{count} {each.value}" for each, count in counts.items() if count)
    yield f"workloads: {needs.workloads}; hosts: {listed or 'none'}"


def _line(need: Need) -> str:
    found = need.declared
    port = "" if found.named.port is None else f":{found.named.port}"
    where = need.target.name if need.target else found.workload.namespace or "no namespace"
    rules = f", rule {', '.join(need.rules)}" if need.rules else ""
    return (
        f"{need.cover.value}: {where}: {found.named.host}{port} by {found.workload.shown} "
        f"({found.at}){rules}"
    )


def as_json(needs: Needs) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "workloads": needs.workloads,
        "needs": [_need(each) for each in needs.needs],
        "undeclared": [
            {"target": each.target.name, "rule": each.rule.name, "entry": each.shown}
            for each in needs.undeclared
        ],
        "unseen": list(needs.unseen),
    }
    return json.dumps(document, indent=2) + "\n"


def _need(need: Need) -> dict[str, Any]:
    found = need.declared
    return {
        "target": need.target.name if need.target else None,
        "namespace": found.workload.namespace,
        "workload": found.workload.shown,
        "host": found.named.host,
        "port": found.named.port,
        "at": found.at,
        "cover": need.cover.value,
        "rules": list(need.rules),
    }


NEEDS_FORMATS: Mapping[str, Callable[[Needs], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How declared hosts are shown, by the name that `--format` takes."""
