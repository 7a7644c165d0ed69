"""A backtest as text, Markdown and JSON; `backtest.schema.json`, beside this file, is its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from transire.model.problems import printable
from transire.review.usage.audit_formats import coverage_json, escaped
from transire.review.usage.backtest import Affected, Backtest, Effect
from transire.review.usage.wording import besides, coverage_lines, day, number, stamp, times

SCHEMA = "transire.backtest/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_MOST = 50
"""Lines of one effect that text and Markdown list; JSON has all."""


def verdict(found: Backtest) -> str:
    """The one sentence that a reviewer needs."""
    days = found.coverage.days or 0.0
    unknown = found.counts.get(Effect.UNKNOWN, 0)
    left = f"; {number(unknown)} could not be judged" if unknown else ""
    opened = found.counts.get(Effect.OPENED, 0)
    passing = f"; {number(opened)} of {number(found.denied)} denied ones would pass"
    return (
        f"{number(found.blocked)} of {number(found.passed)} flows of {days:.1f} days would be "
        f"blocked{passing if found.denied else ''}{left}"
    )


def as_text(found: Backtest) -> str:
    """The sentence first, then what is affected, and what was read."""
    return "".join(f"{printable(line)}\n" for line in _lines(found))


def _lines(found: Backtest) -> Iterator[str]:
    yield verdict(found)
    for effect in Effect:
        those = [each for each in found.affected if each.effect is effect]
        if not those:
            continue
        yield ""
        yield f"{effect.value}:"
        yield from (f"  {_line(each)}" for each in those[:_MOST])
        if len(those) > _MOST:
            yield f"  and {number(len(those) - _MOST)} more"
    yield ""
    yield from coverage_lines(found.coverage)
    yield from _besides(found)


def _besides(found: Backtest) -> Iterator[str]:
    return besides(found.elsewhere, found.unplaced, found.left_out)


def _line(each: Affected) -> str:
    port = "" if each.port is None else f":{each.port}"
    why = f", {each.why}" if each.why else ""
    return (
        f"{each.target} ({each.team}): {each.place}{port} {each.protocol}, {times(each.count)}, "
        f"last {day(each.last)}, by {each.origin.shown}{why}"
    )


def as_markdown(found: Backtest) -> str:
    """The sentence, and a list for each effect, for the comment on a pull request."""
    rows = [f"**{escaped(verdict(found))}**"]
    for effect in Effect:
        those = [each for each in found.affected if each.effect is effect]
        if those:
            rows += ["", f"{effect.value.capitalize()}:", ""]
            rows += [f"- {escaped(_line(each))}" for each in those[:_MOST]]
            if len(those) > _MOST:
                rows.append(f"- and {number(len(those) - _MOST)} more")
    read = (*coverage_lines(found.coverage), *_besides(found))
    rows += ["", "<details><summary>What was read</summary>", ""]
    rows += [*(f"- {escaped(line)}" for line in read), "", "</details>"]
    return "\n".join(rows) + "\n"


def as_json(found: Backtest) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "verdict": verdict(found),
        "change": found.change,
        "blocked": found.blocked,
        "passed": found.passed,
        "denied": found.denied,
        "counts": {effect.value: found.counts.get(effect, 0) for effect in Effect},
        "affected": [_json(each) for each in found.affected],
        "coverage": coverage_json(found.coverage),
        "ofNoTarget": dict(found.elsewhere),
        "ofSeveralClusters": dict(found.unplaced),
        "passedOver": dict(found.left_out),
    }
    return json.dumps(document, indent=2) + "\n"


def _json(each: Affected) -> dict[str, Any]:
    return {
        "target": each.target,
        "team": each.team,
        "workload": each.origin.shown,
        "place": each.place,
        "port": each.port,
        "protocol": each.protocol,
        "effect": each.effect.value,
        "outcome": each.outcome.value,
        "count": each.count,
        "last": stamp(each.last),
        "why": each.why,
    }


BACKTEST_FORMATS: Mapping[str, Callable[[Backtest], str]] = MappingProxyType(
    {"text": as_text, "markdown": as_markdown, "json": as_json}
)
"""How a backtest is shown, by the name that `--format` takes."""
