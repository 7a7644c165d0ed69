"""What a cluster holds, in words and as JSON; `verify.schema.json`, beside it, is the shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from transire.commands.verify.verify import Verified
from transire.model.problems import printable
from transire.review.diff.formats import DIFF_FORMATS

SCHEMA = "transire.verify/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_MOST = 20
"""Pods that text lists; JSON has all."""


def as_text(found: Verified) -> str:
    """Objects first, then what they open and close, and pods that nothing holds."""
    lists = "".join(f"{printable(line)}\n" for line in _lines(found))
    return f"{lists}{DIFF_FORMATS['text'](found.diff)}{summary(found)}\n"


def _lines(found: Verified) -> Iterator[str]:
    now = datetime.now(UTC)
    if found.ahead:
        yield f"the working tree is ahead of {found.revision}, and does not count"
    yield from (f"missing: {each}" for each in found.missing)
    yield from (f"changed: {each}" for each in found.changed)
    for each in found.strangers:
        yield f"{each.whose.value}: {each.shown}, {each.age(now)}"
    for pod in found.unheld[:_MOST]:
        yield f"not held: pod {pod.namespace}/{pod.name}, {pod.why}"
    if len(found.unheld) > _MOST:
        yield f"not held: {len(found.unheld) - _MOST} more pods"


def summary(found: Verified) -> str:
    """The answer in a line."""
    if found.upgrade:
        return f"{found.cluster} on {found.upgrade}: {len(found.diff.targets)} namespaces change"
    if found.is_true:
        return f"{found.cluster} holds what {found.revision} has, and nothing beside it"
    return (
        f"{found.cluster} against {found.revision}: {len(found.missing)} missing, "
        f"{len(found.changed)} changed, {len(found.strangers)} that the values do not have"
    )


def as_json(found: Verified) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "cluster": found.cluster,
        "revision": found.revision,
        "release": found.upgrade,
        "ahead": found.ahead,
        "holds": found.is_true,
        "missing": list(found.missing),
        "changed": list(found.changed),
        "strangers": [
            {
                "object": each.shown,
                "whose": each.whose.value,
                "since": None if each.since is None else each.since.isoformat(),
            }
            for each in found.strangers
        ],
        "unheld": [
            {"namespace": each.namespace, "pod": each.name, "why": each.why}
            for each in found.unheld
        ],
        "diff": json.loads(DIFF_FORMATS["json"](found.diff)),
    }
    return json.dumps(document, indent=2) + "\n"


VERIFY_FORMATS: Mapping[str, Callable[[Verified], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How it is shown, by the name that `--format` takes."""


def verify_exit_code(found: Verified) -> int:
    """3 where a namespace could not be judged, 1 where the cluster holds anything else, else 0."""
    if found.is_unknown:
        return 3
    return 0 if found.is_true else 1
