"""A diff as the JSON that pipelines and pages read; `diff.schema.json` beside this is its shape."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from transire.flows.flow import Flow
from transire.model.problems import Problem
from transire.review.diff.bases import Basis
from transire.review.diff.changes import Diff, ObjectChange, Side, TargetChange
from transire.review.diff.connections import keeping, restarts, sentence
from transire.review.diff.destinations import Destination
from transire.review.diff.explain_notation import destination_of, source_of
from transire.review.diff.grants import Grant

SCHEMA = "transire.diff/2"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_API_VERSION = "transire/v1"

JsonObject = dict[str, Any]


def as_json(diff: Diff) -> str:
    """The JSON document, with a newline at its end."""
    return json.dumps(document(diff), indent=2, ensure_ascii=False) + "\n"


def diff_schema() -> str:
    """The JSON Schema of what `as_json` gives."""
    return (files("transire.review.diff") / "diff.schema.json").read_text(encoding="utf-8")


def document(diff: Diff) -> JsonObject:
    """The same as a tree of mappings, lists, strings, numbers and booleans."""
    return {
        "schema": SCHEMA,
        "apiVersion": _API_VERSION,
        "kind": "Diff",
        "base": diff.base,
        "head": diff.head,
        "origin": {
            "organisation": diff.origin.organisation or None,
            "repository": diff.origin.repository or None,
            "commit": diff.origin.commit or None,
            "isModified": diff.origin.is_modified,
        },
        "class": str(diff.change),
        "risk": str(diff.risk),
        "lookedAt": diff.looked_at,
        "outOfStep": list(diff.out_of_step),
        "refused": [_problem(each) for each in diff.refused],
        "edited": list(diff.edited),
        "notes": list(diff.notes),
        "settings": [
            {"name": each.name, "before": each.before, "after": each.after}
            for each in diff.settings
        ],
        "shared": [
            {"cluster": each.cluster, "objects": [_object(change) for change in each.objects]}
            for each in diff.shared
        ],
        "targets": [_target(each) for each in diff.targets],
    }


def _problem(problem: Problem) -> JsonObject:
    return {
        "path": problem.at.path,
        "line": problem.at.line,
        "column": problem.at.column,
        "id": problem.id,
        "message": problem.message,
        "help": problem.help,
    }


def _target(change: TargetChange) -> JsonObject:
    begun, ended = change.delegated
    return {
        "team": change.side.team,
        "namespace": change.namespace,
        "cluster": change.cluster,
        "environment": change.side.environment,
        "before": _side(change.before),
        "after": _side(change.after),
        "class": str(change.change),
        "risk": str(change.risk),
        "reasons": [
            {"id": each.id, "level": str(each.level), "text": each.text} for each in change.reasons
        ],
        "events": [str(each) for each in change.events],
        "pending": change.pending,
        "unjudged": change.unjudged,
        "gains": [_grant(each, change.namespace) for each in change.gains],
        "losses": [_grant(each, change.namespace) for each in change.losses],
        "beyond": [_grant(each, change.namespace) for each in change.beyond],
        "delegated": {
            "gains": [{"host": host, "to": to} for host, to in begun],
            "losses": [{"host": host, "to": to} for host, to in ended],
        },
        "openConnections": _open_connections(change),
        "objects": [_object(each) for each in change.objects],
    }


def _open_connections(change: TargetChange) -> JsonObject | None:
    revocation = change.side.revocation
    if revocation is None or not sentence(change):
        return None
    return {
        "become": str(revocation.become),
        "text": sentence(change),
        "pods": list(keeping(change)),
        "restart": list(restarts(change)),
        "endedBy": list(revocation.ended_by),
        "notBy": list(revocation.not_by),
    }


def _side(side: Side | None) -> JsonObject | None:
    if side is None:
        return None
    return {
        "engine": side.engine,
        "mode": str(side.mode),
        **({"until": str(side.until)} if side.until else {}),
        "release": side.release,
        "tool": side.tool,
    }


def _grant(grant: Grant, namespace: str) -> JsonObject:
    return {
        "kind": str(grant.kind),
        "from": grant.who,
        "everyPod": grant.every_pod,
        "to": [_destination(each) for each in grant.destinations],
        "manner": grant.conditions,
        "ports": grant.ports,
        "implied": grant.implied,
        "risk": str(grant.risk),
        "rules": [_basis(each) for each in grant.rules],
        "example": {
            "from": source_of(grant.example, namespace),
            "to": destination_of(grant.example),
            **_request(grant.example),
        },
    }


def _request(flow: Flow) -> JsonObject:
    """What it carries, as `--method` and `--path` take it; nothing where that is no request."""
    if flow.method is None:
        return {}
    return {"method": flow.method, "path": flow.path or "/"}


def _basis(basis: Basis) -> JsonObject:
    return {
        "name": basis.name,
        "source": basis.source,
        "reason": basis.reason,
        "ticket": basis.ticket,
        "expires": str(basis.expires) if basis.expires else "",
    }


def _destination(each: Destination) -> JsonObject:
    return {"text": each.text, "shown": each.shown, "insteadOf": list(each.instead_of)}


def _object(each: ObjectChange) -> JsonObject:
    return {
        "how": each.how,
        "kind": each.object.kind,
        "namespace": each.object.namespace,
        "name": each.object.name,
        "lines": list(each.lines),
    }
