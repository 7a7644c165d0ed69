"""The way from objects to values, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transire.commands.importing.way_over import Action, Step
from transire.flows.flow import Flow
from transire.k8s.json_pointer import plain
from transire.model.problems import printable
from transire.review.diff.explain_notation import destination_of, source_of
from transire.yamlio import write

_MOST = 3
"""Namespaces whose examples text shows for a step; JSON has all."""


def way_text(way: Sequence[Step]) -> str:
    """The steps that do something, numbered, and what stays; nothing where there is none."""
    if not any(each.action is not Action.APPLY for each in way):
        return ""
    return "".join(f"{printable(each)}\n" for each in ("", *_lines(way), ""))


def _lines(way: Sequence[Step]) -> Iterator[str]:
    yield "the way over; at each step pods may do what both allow, and never what neither does:"
    moving = [each for each in way if each.action is not Action.KEEP]
    for number, step in enumerate(moving, start=1):
        yield f"  {number}. {_what(step)}"
        if step.unproved:
            yield f"     not proved: {step.unproved}"
        yield from (f"     {line}" for line in _examples("opens", step.opens))
        yield from (f"     {line}" for line in _examples("closes", step.closes))
        for each in step.by:
            text = write(plain({key: each.body[key] for key in each.body if key != "status"}))
            yield from (f"     | {line}" for line in text.splitlines())
    for step in way:
        if step.action is Action.KEEP:
            yield f"  keep {step.object}: {step.why}"


def _what(step: Step) -> str:
    match step.action:
        case Action.APPLY:
            return "publish the charts of the values, beside what is there"
        case Action.DELETE:
            return f"delete {step.object}"
        case _:
            return f"replace {step.object} by what is left of it"


def _examples(effect: str, found: Mapping[str, Flow]) -> Iterator[str]:
    """What the step changes, by namespace."""
    for namespace, flow in sorted(found.items())[:_MOST]:
        yield f"{effect}: {_flow(namespace, flow)}"
    if len(found) > _MOST:
        yield f"{effect} in {len(found) - _MOST} more namespaces"


def _flow(namespace: str, flow: Flow) -> str:
    return f"{source_of(flow, namespace)} to {destination_of(flow)}"


def way_json(way: Sequence[Step]) -> list[dict[str, Any]]:
    """Every step in its order."""
    return [
        {
            "action": str(each.action),
            "object": None
            if each.object is None
            else {
                "kind": each.object.kind,
                "namespace": each.object.namespace,
                "name": each.object.name,
            },
            "by": [plain(one.body) for one in each.by],
            "why": each.why,
            "proved": not each.unproved,
            "unproved": each.unproved,
            "opens": _by_namespace(each.opens),
            "closes": _by_namespace(each.closes),
        }
        for each in way
    ]


def _by_namespace(found: Mapping[str, Flow]) -> list[dict[str, str]]:
    return [
        {
            "namespace": namespace,
            "from": source_of(flow, namespace),
            "to": destination_of(flow),
        }
        for namespace, flow in sorted(found.items())
    ]
