"""An audit as text, Markdown and JSON; `audit.schema.json`, beside this file, is its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from transire.flowlogs.record import Outcome
from transire.flowlogs.tally import Coverage
from transire.model.problems import printable
from transire.review.usage.audit import Audit, Standing, Use, Wanted
from transire.review.usage.wording import (
    besides,
    coverage_lines,
    day,
    number,
    some,
    stamp,
    times,
    when,
)

SCHEMA = "transire.audit/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_MOST_WANTED = 200
"""Places beside the entries that text and Markdown list; JSON has all."""


def as_text(audit: Audit) -> str:
    """Coverage first, then each target with its entries and what was wanted beside them."""
    return "".join(f"{printable(line)}\n" for line in _lines(audit))


def _lines(audit: Audit) -> Iterator[str]:
    yield from coverage_lines(audit.coverage)
    yield from _besides(audit)
    for target, uses in groupby(audit.uses, key=lambda each: each.entry.target):
        yield ""
        yield f"{target.name} ({target.team}, {target.mode.value})"
        found = list(uses)
        thin = _shared(found)
        if thin:
            yield f"  nothing here can be called unused: {'; '.join(thin)}"
        yield from (f"  {_use(each, thin)}" for each in found)
        beside = [each for each in audit.wanted if each.target is target]
        yield from (f"  {wanted_line(each)}" for each in beside[:_MOST_WANTED])
        if len(beside) > _MOST_WANTED:
            yield f"  and {number(len(beside) - _MOST_WANTED)} more places"
        for (place, origin, name), count in audit.refused_names.items():
            if place == target.name:
                yield f"  refused lookup: {name}, {times(count)}, by {origin.shown}"
    yield ""
    yield summary(audit)


def _besides(audit: Audit) -> Iterator[str]:
    yield from besides(audit.elsewhere, audit.unplaced, audit.left_out)
    if audit.nameless:
        yield f"without a name: {number(audit.nameless)} flows to addresses outside"
    if audit.merged:
        yield f"counted without address and pod: {number(audit.merged)} flows, of too many kinds"


def _shared(uses: list[Use]) -> tuple[str, ...]:
    """The reasons that all entries of a target have which were not seen in use."""
    open_ = [each.why for each in uses if each.standing is Standing.UNKNOWN]
    return tuple(why for why in open_[0] if all(why in each for each in open_)) if open_ else ()


def _use(use: Use, thin: tuple[str, ...]) -> str:
    head = f"{use.standing.value}: {use.entry.rule.name}: {use.entry.shown}"
    if use.standing is Standing.USED:
        names = f", as {some(use.names)}" if use.names else ""
        by = some(use.workloads)
        return f"{head}, {times(use.count)}, last {day(use.last)}, by {by}{names}"
    before = [f"{times(use.count)} before, last {day(use.last)}"] if use.count else []
    why = [*before, *(each for each in use.why if each not in thin)]
    return f"{head}, {'; '.join(why)}" if why else head


def wanted_line(wanted: Wanted) -> str:
    """One place beside the entries, in a line."""
    what = {
        Outcome.DENIED: "denied",
        Outcome.WOULD_BE_DENIED: "would be denied",
        Outcome.PASSED: "passed without an entry",
        Outcome.FAILED: "failed, without an entry",
        Outcome.UNKNOWN: "without an entry",
    }[wanted.outcome]
    if wanted.listed:
        what = f"{what} although listed"
    port = "" if wanted.port is None else f":{wanted.port}"
    return (
        f"{what}: {wanted.place}{port} {wanted.protocol}, {times(wanted.count)}, "
        f"last {day(wanted.last)}, by {wanted.origin.shown}"
    )


def summary(audit: Audit) -> str:
    """How many entries stand how, in a line."""
    counts = dict.fromkeys(Standing, 0)
    for use in audit.uses:
        counts[use.standing] += 1
    listed = ", ".join(f"{count} {each.value}" for each, count in counts.items())
    return f"{len(audit.uses)} entries: {listed} (within {audit.days} days)"


def as_markdown(audit: Audit) -> str:
    """The same as tables, for an issue or a pull request."""
    rows = [
        "## Egress entries in use",
        "",
        *(f"- {escaped(line)}" for line in (*coverage_lines(audit.coverage), *_besides(audit))),
        "",
        f"**{summary(audit)}**",
    ]
    for target, uses in groupby(audit.uses, key=lambda each: each.entry.target):
        rows += ["", f"### {escaped(target.name)}", "", "| entry | rule | standing | last | seen |"]
        rows.append("|---|---|---|---|---|")
        rows += [_row(each) for each in uses]
        beside = [each for each in audit.wanted if each.target is target][:_MOST_WANTED]
        if beside:
            rows += ["", "Beside the entries:", ""]
            rows += [f"- {escaped(wanted_line(each))}" for each in beside]
    return "\n".join(rows) + "\n"


def _row(use: Use) -> str:
    seen = some(use.workloads) if use.count else "; ".join(use.why)
    return "| " + " | ".join(
        map(
            escaped,
            (use.entry.shown, use.entry.rule.name, use.standing.value, day(use.last), seen),
        )
    ) + " |"  # fmt: skip


_MARKUP = str.maketrans({each: f"\\{each}" for each in "\\`*_{}[]<>()#+|~@!"})


def escaped(text: str) -> str:
    """A text in which Markdown finds no markup."""
    return printable(text).translate(_MARKUP)


def as_json(audit: Audit) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "days": audit.days,
        "coverage": coverage_json(audit.coverage),
        "entries": [_use_json(each) for each in audit.uses],
        "wanted": [_wanted_json(each) for each in audit.wanted],
        "refusedLookups": [
            {"target": target, "workload": origin.shown, "name": name, "count": count}
            for (target, origin, name), count in audit.refused_names.items()
        ],
        "ofNoTarget": dict(audit.elsewhere),
        "ofSeveralClusters": dict(audit.unplaced),
        "passedOver": dict(audit.left_out),
        "withoutName": audit.nameless,
        "merged": audit.merged,
    }
    return json.dumps(document, indent=2) + "\n"


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """What was read and what was not."""
    return {
        "lines": coverage.lines,
        "records": dict(coverage.records),
        "other": coverage.other,
        "duplicates": coverage.duplicates,
        "first": stamp(coverage.first),
        "last": stamp(coverage.last),
        "gaps": [{"from": when(begin), "to": when(end)} for begin, end in coverage.gaps],
        "clusters": list(coverage.clusters),
        "namespaces": list(coverage.namespaces),
        "lacks": dict(coverage.lacks),
        "lost": dict(coverage.lost),
        "namesCut": coverage.names_cut,
        "withoutTime": coverage.without_time,
        "ofAnotherTime": coverage.stray,
        "unread": [
            {"source": each.source, "why": each.why, "count": each.count, "first": each.first}
            for each in coverage.unread
        ],
    }


def _use_json(use: Use) -> dict[str, Any]:
    return {
        "target": use.entry.target.name,
        "team": use.entry.target.team,
        "rule": use.entry.rule.name,
        "entry": use.entry.shown,
        "standing": use.standing.value,
        "count": use.count,
        "last": stamp(use.last),
        "workloads": dict(use.workloads),
        "names": dict(use.names),
        "maybe": use.maybe,
        "why": list(use.why),
    }


def _wanted_json(wanted: Wanted) -> dict[str, Any]:
    return {
        "target": wanted.target.name,
        "workload": wanted.origin.shown,
        "labels": None if wanted.origin.labels is None else dict(wanted.origin.labels),
        "place": wanted.place,
        "port": wanted.port,
        "protocol": wanted.protocol,
        "outcome": wanted.outcome.value,
        "listed": wanted.listed,
        "count": wanted.count,
        "last": stamp(wanted.last),
    }


AUDIT_FORMATS: Mapping[str, Callable[[Audit], str]] = MappingProxyType(
    {"text": as_text, "markdown": as_markdown, "json": as_json}
)
"""How an audit is shown, by the name that `--format` takes."""
