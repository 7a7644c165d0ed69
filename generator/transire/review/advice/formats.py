"""Advice as text, Markdown and JSON; `advice.schema.json`, beside this file, is its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from transire.engines.api.advice import Advice
from transire.model.problems import printable
from transire.review.advice.advice import ClusterAdvice
from transire.review.markdown_escape import cell, prose

SCHEMA = "transire.advice/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
UNKNOWN = "not known"


def as_text(found: Sequence[ClusterAdvice]) -> str:
    """Cluster by cluster, what is to change first."""
    return "".join(f"{printable(line)}\n" for each in found for line in _lines(each))


def _lines(found: ClusterAdvice) -> Iterator[str]:
    known = "" if found.read else ", without settings of its agents"
    yield f"{found.cluster.name}: {found.cluster.release}{known}"
    for each in found.advice:
        yield f"  {each.standing}: {each.setting}: {each.now or UNKNOWN}; advised: {each.value}"
        yield f"    why: {each.why} ({each.source})"
        yield f"    risk: {each.risk}"
        yield f"    where: {each.where}"
    for unseen in found.unseen:
        yield f"  not seen: {unseen.what}; instead: {unseen.instead}"


def as_markdown(found: Sequence[ClusterAdvice]) -> str:
    """A heading and a table for each cluster."""
    return "\n".join(_section(each) for each in found)


def _section(found: ClusterAdvice) -> str:
    rows = [
        (
            prose(each.standing),
            cell(each.setting),
            cell(each.now) if each.now else UNKNOWN,
            *map(prose, (each.value, each.why, each.risk)),
        )
        for each in found.advice
    ]
    lines = [
        f"## {prose(found.cluster.name)}: {prose(str(found.cluster.release))}",
        "",
        "| | setting | now | advice | why | risk of changing it |",
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        *(f"- not seen: {prose(each.what)}; {prose(each.instead)}" for each in found.unseen),
    ]
    return "\n".join(lines) + "\n"


def as_json(found: Sequence[ClusterAdvice]) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "clusters": [
            {
                "cluster": each.cluster.name,
                "engine": str(each.cluster.release),
                "settingsRead": each.read,
                "advice": [_advice(one) for one in each.advice],
                "unseen": [{"what": one.what, "instead": one.instead} for one in each.unseen],
            }
            for each in found
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _advice(each: Advice) -> dict[str, str | None]:
    return {
        "topic": each.topic.value,
        "standing": each.standing.value,
        "setting": each.setting,
        "where": each.where,
        "now": each.now or None,
        "value": each.value,
        "why": each.why,
        "source": each.source,
        "risk": each.risk,
    }


ADVICE_FORMATS: Mapping[str, Callable[[Sequence[ClusterAdvice]], str]] = MappingProxyType(
    {"text": as_text, "markdown": as_markdown, "json": as_json}
)
"""How advice is shown, by the name that `--format` takes."""
