"""What became of policies, in words and as JSON; `import.schema.json`, beside it, is the shape."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from transire.commands.importing.results import ImportedPolicies, NamespaceResult
from transire.commands.importing.way_formats import way_json, way_text
from transire.k8s.manifests import ObjectRef
from transire.model.problems import Problem, printable
from transire.review.diff.explain_notation import destination_of, source_of
from transire.review.diff.formats import DIFF_FORMATS
from transire.review.migration.candidates import LeftOut
from transire.review.migration.rules import Imported

SCHEMA = "transire.import/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_MOST = 3
"""Findings of one guardrail that text shows; JSON has all."""


def as_text(found: ImportedPolicies) -> str:
    """Each namespace, what is left out, what differs, and what is told beside."""
    lines = "".join(f"{printable(line)}\n" for line in _lines(found))
    differs = DIFF_FORMATS["text"](found.diff.briefly()) if found.diff.targets else ""
    beside = "".join(f"{each}\n" for each in _beside(found))
    return f"{lines}{differs}{way_text(found.way)}{beside}{_summary(found)}\n"


def _lines(found: ImportedPolicies) -> Iterator[str]:
    yield f"read {found.objects} policies, as {found.engine} enforces them on {found.cluster}"
    yield from found.notes
    for each in found.namespaces:
        yield (
            f"{each.name} (team {each.team}): {_verdict(each)}"
            if each.team
            else (f"{each.name}: {_verdict(each)}")
        )
        if each.unlimited:
            yield (
                f"  pods that no object limits reach everything today, and only what values allow "
                f"from then on: {each.unlimited}"
            )
    for name in found.limits_nothing:
        yield f"{name}: the objects limit no egress, so there is nothing to import"
    for lost in found.left_out:
        parts = (str(lost.object), lost.pointer, f"({lost.what})" if lost.what else "")
        where = " ".join(filter(None, (*parts, f"in {lost.namespace}" if lost.namespace else "")))
        yield f"left out: {where}: {lost.why}{_such_as(lost)}"


def _such_as(lost: LeftOut) -> str:
    """An example of what a rule would allow besides, as `explain` takes flows."""
    if lost.example is None:
        return ""
    flow, source = lost.example, source_of(lost.example, lost.namespace)
    at = f" at {flow.address}" if flow.host and flow.queried is None else ""
    return f", such as {source} to {destination_of(flow)}{at}"


def _verdict(each: NamespaceResult) -> str:
    if each.unjudged:
        return f"not judged: {each.unjudged}"
    without = f" without {len(each.partly)} of their rules, which could not be judged"
    objects = f"the objects do{without if each.partly else ''}"
    allow = "allows" if len(each.rules) == 1 else "allow"
    if each.change is None:
        return f"{_rules(each)}, which {allow} exactly what {objects}"
    return f"{_rules(each)}, which {allow} other than {objects}, as shown below"


def _rules(each: NamespaceResult) -> str:
    return f"{len(each.rules)} {'rule' if len(each.rules) == 1 else 'rules'}"


def _beside(found: ImportedPolicies) -> Iterator[str]:
    """What was not read, traps of the objects, and what guardrails find in the values."""
    yield from map(str, found.unread)
    yield from (str(each.problem) for each in found.traps)
    seen: Counter[tuple[str, str]] = Counter()
    for problem in found.problems:
        key = problem.at.path, problem.id
        seen[key] += 1
        if seen[key] <= _MOST:
            yield str(problem)
    for (path, rule), count in seen.items():
        if count > _MOST:
            yield f"{path}: {count - _MOST} more like these ({rule})"


def _summary(found: ImportedPolicies) -> str:
    equal = sum(each.is_equal for each in found.namespaces)
    unjudged = sum(bool(each.unjudged or each.partly) for each in found.namespaces)
    differs = len(found.namespaces) - equal - unjudged
    return (
        f"{equal} of {len(found.namespaces)} namespaces allow exactly the same, {differs} differ, "
        f"{unjudged} could not be judged; {len(found.left_out)} left out, "
        f"{len(found.unread)} not read"
    )


def as_json(found: ImportedPolicies) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "cluster": found.cluster,
        "engine": found.engine,
        "objects": found.objects,
        "namespaces": [
            *(_namespace(each) for each in found.namespaces),
            *(
                _namespace(NamespaceResult(name=name, team=""), "unlimited")
                for name in found.limits_nothing
            ),
        ],
        "leftOut": [_left_out(each) for each in found.left_out],
        "unread": _problems(found.unread),
        "patch": found.patch,
        "problems": _problems(found.problems),
        "traps": _problems([each.problem for each in found.traps]),
        "notes": list(found.notes),
        "wayOver": way_json(found.way),
        "diff": json.loads(DIFF_FORMATS["json"](found.diff)),
    }
    return json.dumps(document, indent=2) + "\n"


def _namespace(each: NamespaceResult, verdict: str = "") -> dict[str, Any]:
    judged = "equal" if each.is_equal else "different"
    judged = "unjudged" if each.unjudged else "partly" if each.partly else judged
    return {
        "namespace": each.name,
        "team": each.team,
        "verdict": verdict or judged,
        "why": each.unjudged,
        "unlimitedPods": each.unlimited,
        "rules": [_rule(rule) for rule in each.rules],
    }


def _rule(each: Imported) -> dict[str, Any]:
    return {"rule": each.rule.name, "object": _ref(each.object), "pointers": list(each.pointers)}


def _left_out(each: LeftOut) -> dict[str, Any]:
    return {
        "object": _ref(each.object),
        "pointer": each.pointer,
        "destination": each.what,
        "namespace": each.namespace,
        "why": f"{each.why}{_such_as(each)}",
    }


def _ref(ref: ObjectRef) -> dict[str, str]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def _problems(found: Sequence[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "file": each.at.path,
            "line": each.at.line,
            "column": each.at.column,
            "id": each.id,
            "level": str(each.level),
            "message": each.message,
            "help": each.help,
        }
        for each in found
    ]


IMPORT_FORMATS: Mapping[str, Callable[[ImportedPolicies], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How it is shown, by the name that `--format` takes."""
