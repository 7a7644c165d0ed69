"""Proposals in words and as JSON; `learn.schema.json`, beside this file, is its shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from transire.flowlogs.tally import Coverage
from transire.model.problems import Problem, printable
from transire.review.usage.audit_formats import coverage_json
from transire.review.usage.learn import Evidence, Learnt, LearntRule
from transire.review.usage.wording import coverage_lines, number, stamp

SCHEMA = "transire.learn/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""


def notes(learnt: Learnt, coverage: Coverage) -> str:
    """What was read, what is proposed, and what was seen and is not."""
    return "".join(f"{printable(line)}\n" for line in _lines(learnt, coverage))


def _lines(learnt: Learnt, coverage: Coverage) -> Iterator[str]:
    yield from coverage_lines(coverage)
    for why, count in learnt.passed_over.items():
        yield f"nothing proposed: {number(count)} flows, {why}"
    hosts = sum(len(each.hosts) for each in learnt.proposals)
    yield f"proposed: {len(learnt.proposals)} rules with {hosts} hosts"


def as_json(learnt: Learnt, coverage: Coverage, patch: str, problems: Sequence[Problem]) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "proposals": [_proposal(each) for each in learnt.proposals],
        "patch": patch,
        "problems": [str(each) for each in problems],
        "passedOver": dict(learnt.passed_over),
        "coverage": coverage_json(coverage),
    }
    return json.dumps(document, indent=2) + "\n"


def _proposal(each: LearntRule) -> dict[str, Any]:
    return {
        "team": each.team,
        "rule": each.name,
        "from": dict(each.labels),
        "ports": [f"{port}/{protocol}" for port, protocol in each.ports],
        "bundle": each.bundle,
        "targets": list(each.targets),
        "hosts": [_host(host) for host in each.hosts],
    }


def _host(each: Evidence) -> dict[str, Any]:
    return {
        "host": each.host,
        "count": each.count,
        "denied": each.denied,
        "workloads": each.workloads,
        "last": stamp(each.last),
        "names": list(each.names),
    }
