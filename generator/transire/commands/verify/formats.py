"""What a cluster holds, in words and as JSON; `verify.schema.json`, beside it, is the shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from transire.commands.verify import unheld_pods
from transire.commands.verify.live_objects import State
from transire.commands.verify.metrics import as_metrics
from transire.commands.verify.verify import Verified
from transire.model.problems import printable
from transire.review.diff.changes import TargetChange
from transire.review.diff.formats import DIFF_FORMATS

SCHEMA = "transire.verify/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""


def as_text(found: Verified) -> str:
    """Objects first, then what they open and close, and pods that nothing holds."""
    lists = "".join(f"{printable(line)}\n" for line in _lines(found))
    if found.is_redacted:
        return f"{lists}{''.join(map(_effect, found.diff.targets))}{summary(found)}\n"
    return f"{lists}{DIFF_FORMATS['text'](found.diff)}{summary(found)}\n"


def _effect(each: TargetChange) -> str:
    """What becomes of a namespace, without the hosts."""
    return f"{each.namespace}: {each.unjudged or each.change.value}, risk {each.risk.value}\n"


def _lines(found: Verified) -> Iterator[str]:
    now = datetime.now(UTC)
    if found.ahead:
        yield f"the working tree is ahead of {found.revision}, and does not count"
    yield from found.notes
    yield from (f"pinned otherwise: {each}" for each in found.pinned_otherwise)
    yield from (f"missing: {each}" for each in found.missing)
    yield from (f"changed: {each.object}, at {each.why}" for each in found.changed)
    yield from (f"not in force: {each.object}: {each.why}" for each in found.rejected)
    yield from (f"being deleted: {each.object}, {each.why}" for each in found.going)
    for each in found.strangers:
        yield f"{each.whose.value}: {each.shown}, {each.age(now)}"
    for other in found.read_otherwise:
        yield f"{'ours' if other.ours else 'foreign'}: {other.object}: {other.what}"
    yield from unheld_pods.lines(found.unheld)


def summary(found: Verified) -> str:
    """The answer in a line."""
    if found.upgrade:
        return (
            f"{found.cluster} on {found.upgrade}: {len(found.read_otherwise)} readings of objects "
            f"and {len(found.diff.targets)} namespaces differ"
        )
    if found.is_true:
        return f"{found.cluster} holds what {found.revision} has, and nothing beside it"
    counts = {
        "missing": found.missing,
        "changed": found.changed,
        "not in force": found.rejected,
        "being deleted": found.going,
        "that the values do not have": found.strangers,
        "releases pinned otherwise": found.pinned_otherwise,
        "namespaces that differ": found.diff.targets,
    }
    always = ("missing", "changed", "that the values do not have")
    shown = ", ".join(f"{len(e)} {name}" for name, e in counts.items() if e or name in always)
    return f"{found.cluster} against {found.revision}: {shown}"


def as_json(found: Verified) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "cluster": found.cluster,
        "revision": found.revision,
        "release": found.upgrade,
        "ahead": found.ahead,
        "notes": list(found.notes),
        "holds": found.is_true,
        "missing": list(found.missing),
        "changed": _states(found.changed),
        "rejected": _states(found.rejected),
        "beingDeleted": _states(found.going),
        "pinnedOtherwise": list(found.pinned_otherwise),
        "strangers": [
            {
                "object": each.shown,
                "whose": each.whose.value,
                "since": None if each.since is None else each.since.isoformat(),
            }
            for each in found.strangers
        ],
        "readOtherwise": [
            {"object": each.object, "ours": each.ours, "what": each.what}
            for each in found.read_otherwise
        ],
        "unheld": [
            {"namespace": each.namespace, "pod": each.name, "why": each.why}
            for each in found.unheld
        ],
        "effects": [
            {"target": each.name, "effect": each.change.value, "risk": each.risk.value}
            for each in found.diff.targets
        ],
        "diff": None if found.is_redacted else json.loads(DIFF_FORMATS["json"](found.diff)),
    }
    return json.dumps(document, indent=2) + "\n"


def _states(found: Iterable[State]) -> list[dict[str, str]]:
    return [{"object": each.object, "why": each.why} for each in found]


VERIFY_FORMATS: Mapping[str, Callable[[Verified], str]] = MappingProxyType(
    {"text": as_text, "json": as_json, "prometheus": as_metrics}
)
"""How it is shown, by the name that `--format` takes."""


def verify_exit_code(found: Verified) -> int:
    """3 where a namespace could not be judged, 1 where the cluster holds anything else, else 0."""
    if found.is_unknown:
        return 3
    return 0 if found.is_true else 1
