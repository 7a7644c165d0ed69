"""The assertions of chart suites, in the words and with the meaning of helm-unittest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MISSING = object()
"""What a path finds where there is nothing."""

_STEP = re.compile(r"""\.?([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]+)\]|\["([^"]+)"\]""")

Object = Mapping[str, Any]
Check = Callable[[Object, Mapping[str, Any]], bool]


class SuiteError(Exception):
    """A suite that says something unknown: never skipped, always an error."""


def found(document: Any, path: str) -> Any:  # noqa: ANN401 - a tree of YAML
    """What stands at a path such as `spec.egress[0]` or `metadata.labels["a/b"]`, or `MISSING`."""
    node, place = document, 0
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            raise SuiteError(f"the path {path!r} is not understood from {path[place:]!r} on")
        place = step.end()
        key: str | int = int(step[2]) if step[2] else step[1] or step[3]
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return node


def _is_empty(value: Any) -> bool:  # noqa: ANN401
    return value is MISSING or value is None or value in ("", [], {})


def _contains(document: Object, want: Mapping[str, Any]) -> bool:
    value = found(document, want["path"])
    return isinstance(value, list) and want["content"] in value


def _matches(document: Object, want: Mapping[str, Any]) -> bool:
    value = found(document, want["path"])
    return isinstance(value, str) and re.search(want["pattern"], value) is not None


def _same(document: Object, want: Mapping[str, Any]) -> bool:
    value = found(document, want["path"])
    return bool(type(value) is type(want["value"]) and value == want["value"])


def _length(document: Object, want: Mapping[str, Any]) -> bool:
    value = found(document, want["path"])
    return isinstance(value, list | dict | str) and len(value) == want["count"]


DOCUMENT_ASSERTS: Mapping[str, tuple[frozenset[str], Check]] = {
    name: (frozenset(keys.split()), check)
    for name, keys, check in (
        ("equal", "path value", _same),
        ("notEqual", "path value", lambda each, want: not _same(each, want)),
        ("contains", "path content", _contains),
        ("notContains", "path content", lambda each, want: not _contains(each, want)),
        ("matchRegex", "path pattern", _matches),
        ("notMatchRegex", "path pattern", lambda each, want: not _matches(each, want)),
        ("exists", "path", lambda each, want: found(each, want["path"]) is not MISSING),
        ("notExists", "path", lambda each, want: found(each, want["path"]) is MISSING),
        ("isNullOrEmpty", "path", lambda each, want: _is_empty(found(each, want["path"]))),
        ("isNotNullOrEmpty", "path", lambda each, want: not _is_empty(found(each, want["path"]))),
        ("lengthEqual", "path count", _length),
        ("isKind", "of", lambda each, want: bool(each["kind"] == want["of"])),
        ("isAPIVersion", "of", lambda each, want: bool(each["apiVersion"] == want["of"])),
    )
}
"""Assertions that every chosen document must meet, with the keys that each one takes."""


def judge(name: str, want: Mapping[str, Any], chosen: Sequence[Object]) -> list[str]:
    """Why the documents do not meet an assertion, one line each; empty when they do.

    Raises:
        SuiteError: for an assertion that is not known, or keys that it does not take.
    """
    if name not in DOCUMENT_ASSERTS:
        raise SuiteError(f"the assertion {name!r} is not known")
    keys, check = DOCUMENT_ASSERTS[name]
    expect_keys(name, want, keys)
    if not chosen:
        return [f"{name}: there is no document to look at"]
    return [
        f"{name} {dict(want)}: {each['kind']} {each['metadata']['name']} has "
        f"{found(each, want['path']) if 'path' in want else [each['apiVersion'], each['kind']]!r}"
        for each in chosen
        if not check(each, want)
    ]


def expect_keys(
    what: str,
    given: Mapping[str, Any],
    keys: frozenset[str],
    *,
    optional: frozenset[str] = frozenset(),
) -> None:
    """Raise `SuiteError` unless these keys are given, and no others but the optional ones."""
    strange = given.keys() - keys - optional
    lacking = keys - given.keys()
    if strange or lacking:
        raise SuiteError(f"{what}: unknown keys {sorted(strange)}, missing keys {sorted(lacking)}")
