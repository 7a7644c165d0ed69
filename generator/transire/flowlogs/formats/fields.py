"""Fields of JSON whose types a log does not promise: what has another type counts as not there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from transire.flowlogs.record import Unreadable
from transire.flowlogs.scalars import seconds_of, time_of


def json_tree(line: bytes) -> Any:  # noqa: ANN401 - a tree of JSON
    """What a line of JSON holds.

    Raises:
        Unreadable: if it is none.
    """
    try:
        return msgspec.json.decode(line)
    except msgspec.MsgspecError:
        raise Unreadable("no JSON") from None


def mapping(tree: object) -> dict[str, Any]:
    """The mapping, or an empty one."""
    return tree if isinstance(tree, dict) else {}


def listed(tree: object) -> list[Any]:
    """The list, or an empty one."""
    return tree if isinstance(tree, list) else []


def text(value: object) -> str:
    """The text, or an empty one; a dash stands for nothing."""
    return value if isinstance(value, str) and value != "-" else ""


def keyed(tree: Mapping[str, Any], *keys: str) -> Any:  # noqa: ANN401 - a tree of JSON
    """What the first of these keys holds that is there and not null."""
    return next((tree[key] for key in keys if tree.get(key) is not None), None)


def time_at(value: object) -> float | None:
    """A number since the epoch, or RFC 3339, as seconds; None where there is neither, or a zero.

    Raises:
        Unreadable: if the number or the text is no time.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return seconds_of(value) if value else None
    return time_of(value) if isinstance(value, str) and value else None


def counted(value: object) -> int:
    """How many a line stands for: at least one."""
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else 1


_LASTING = re.compile(r"-(?:[bcdfghjklmnpqrstvwxz2456789]{5,10}|\d{8,})$")
"""What a ReplicaSet adds to its Deployment's name (`k8s.io/apimachinery/pkg/util/rand`), and the
time that a CronJob adds to its own."""


def lasting_name(name: str) -> str:
    """The name of what made a ReplicaSet or a Job, where theirs has it: it outlives releases."""
    return _LASTING.sub("", name)


def labels_of(written: object) -> Mapping[str, str] | None:
    """Labels as a mapping, as a list of `key=value`, or as one text with bars between them."""
    if isinstance(written, Mapping):
        inner = written.get("labels")
        if isinstance(inner, list):
            return labels_of(inner)
        return {str(key): str(value) for key, value in written.items()}
    if isinstance(written, str):
        written = [each.strip() for each in written.split("|")]
    if isinstance(written, list):
        pairs = (str(each).partition("=") for each in written if each)
        return {key: value for key, _, value in pairs if key}
    return None
