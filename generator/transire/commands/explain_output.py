"""Verdicts for single flows, as people and as scripts read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from transire.flows.pod_set import written_labels
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import ObjectRef
from transire.model.problems import escaped
from transire.queries.expectation import Standing, outcome_of, standing_of
from transire.queries.query import Caveat, Connection, Decision, DnsQuery, Query

SCHEMA = "transire.explain/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_MOST_KEPT = 4096
Show = Callable[[Query, Decision], str]
"""One verdict of a run as it is printed, without the last line's end."""


def as_json(
    refused: Sequence[Refused] = (), pruned: Sequence[Pruned] = (), caveats: Sequence[Caveat] = ()
) -> Show:
    """One line of JSON for each verdict; the shape is `explain.schema.json` beside this module.

    `caveats` are those of the whole run, such as an engine version that nobody named. Evaluators
    give one decision for many queries; all but the id is then written once.
    """
    rests: dict[int, tuple[Decision, str]] = {}
    head = f'{{"schema": {_ENCODER.encode(SCHEMA)}, "id": '
    left_out = _ENCODER.encode(
        {
            "refused": [
                {"manifest": each.manifest, **_ref(each.object), "by": each.by, "why": each.why}
                for each in refused
            ],
            "pruned": [{"manifest": each.manifest, "path": each.path} for each in pruned],
        }
    )

    def show(query: Query, decision: Decision) -> str:
        known = rests.get(id(decision))
        if known is None:
            if len(rests) >= _MOST_KEPT:
                rests.clear()
            known = rests[id(decision)] = decision, rest(decision)
        return f"{head}{_ENCODER.encode(query.id)}, {_expected_json(query, decision)}{known[1]}"

    def rest(decision: Decision) -> str:
        decided = decision.decided_by
        document: dict[str, Any] = {
            "verdict": str(decision.verdict),
            "decided_by": decided and {**_ref(decided.object), "rule": decided.rule},
            "reason": decision.reason,
            "caveats": [
                {"id": each.id, "text": each.text} for each in (*decision.caveats, *caveats)
            ],
        }
        return f"{_ENCODER.encode(document)[1:-1]}, {left_out[1:]}"

    return show


def as_text(
    refused: Sequence[Refused] = (), pruned: Sequence[Pruned] = (), caveats: Sequence[Caveat] = ()
) -> Show:
    """The verdict, what decided, and what to know beside it: one fact a line."""

    def show(query: Query, decision: Decision) -> str:
        decided = decision.decided_by
        lines = [f"{decision.verdict}: {_source(query)} to {_destination(query)}"]
        if query.expect is not None:
            lines.append(f"  expected: {query.expect}, {_standing(query, decision)}")
        if decided is not None:
            lines.append(f"  decided by: {decided.object}, {decided.rule}")
        lines.append(f"  because: {decision.reason}")
        lines += [f"  note: {each.text} ({each.id})" for each in (*decision.caveats, *caveats)]
        lines += [
            f"  left out: {each.object}, refused by the {each.by}: {each.why}" for each in refused
        ]
        lines += [f"  left out: {each.path} of document {each.manifest}, pruned" for each in pruned]
        return "\n".join(map(escaped, lines))

    return show


VERDICT_FORMATS: Mapping[
    str, Callable[[Sequence[Refused], Sequence[Pruned], Sequence[Caveat]], Show]
] = MappingProxyType({"text": as_text, "json": as_json})
"""How verdicts are shown, by the name that `--format` takes."""


def _expected_json(query: Query, decision: Decision) -> str:
    if query.expect is None:
        return ""
    expected = {
        "expect": str(query.expect),
        "outcome": str(outcome_of(query, decision)),
        "standing": str(standing_of(query.expect, outcome_of(query, decision))),
    }
    return f'"expected": {_ENCODER.encode(expected)}, '


def _standing(query: Query, decision: Decision) -> str:
    outcome = outcome_of(query, decision)
    standing = query.expect and standing_of(query.expect, outcome)
    return f"{standing}" if standing is Standing.MET else f"{standing}: it is {outcome.done}"


def _ref(ref: ObjectRef) -> dict[str, str]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def _source(query: Query) -> str:
    labels = written_labels(query.source.labels)
    where = f"{query.source.namespace}/{labels}" if labels else query.source.namespace
    where += f"@{query.source.account}" if query.source.account else ""
    return f"{where} ({query.source.pod})" if query.source.pod else where


def _destination(query: Query) -> str:
    what = query.what
    if isinstance(what, DnsQuery):
        server = what.dns_server or "the cluster's resolver"
        return f"the name {what.host} at {server} on {what.port}/{what.protocol}"
    carried = f" with {what.request}" if what.request else ""
    return f"{_peer(what)} on {what.port}/{what.protocol}{carried}"


def _peer(what: Connection) -> str:
    if what.entity:
        return f"entity {what.entity}"
    if what.host and what.ip is not None:
        return f"{what.host} at {what.ip}"
    if what.ip is not None:
        return str(what.ip)
    if what.host:
        return what.host
    labels = written_labels(what.peer_labels or {})
    return f"pods {what.peer_namespace}/{labels}" if labels else f"pods of {what.peer_namespace}"
