"""Is a file in the form its schema requires, and if not, what a person should do.

The schemas are those that editors use. They also describe what a string must look like, but here
only their structure counts: keys, kinds of values, closed choices, bounds of whole numbers. What a
string means is judged where it is read, with a better message than a pattern allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from transire.engines.api.capabilities import Audit, Capabilities, Never, Since
from transire.engines.registry import ENGINES
from transire.model.problems import Problem, in_order
from transire.values.schema_errors import Explainer
from transire.values.vendors.registry import VENDORS
from transire.yamlio import Document, plain

if TYPE_CHECKING:
    import jsonschema

_FOLDER = files("transire.values").joinpath("schema")
_MOST = 100
_CAPABILITIES = tuple(each.name for each in fields(Capabilities))
"""What the schemas may name as `@name@`, or as `@name_since@` with the first release of each."""


class ValuesKind(StrEnum):
    """The kinds of values files, by the name of their schema."""

    PLATFORM = "platform"
    TEAM = "team-egress"
    BUNDLE = "bundle"
    EXCEPTIONS = "exceptions"
    EXPECTATIONS = "expectations"


@cache
def schema_text(kind: ValuesKind) -> str:
    """The JSON Schema of a kind of file, draft-07 and self-contained, for editors.

    What depends on the engines stands in the file as `@name@`, and is filled in here.
    """
    text = _FOLDER.joinpath(f"{kind}.schema.json").read_text("utf-8")
    for name, value in _facts().items():
        text = text.replace(name, value)
    return text


@cache
def engine_notes() -> Mapping[str, str]:
    """What engines make of a key where they differ, by the key's place, such as `cluster.agent`.

    A place is the definition that has the key, or the kind of file with the keys that lead there.
    """
    text = _FOLDER.joinpath("engine-notes.json").read_text("utf-8")
    for name, value in _facts().items():
        text = text.replace(name, value)
    notes: dict[str, str] = json.loads(text)
    return MappingProxyType(notes)


def _facts() -> dict[str, str]:
    """Which engines there are and what they can do, as the schemas describe it to people."""
    return {
        '"@engines@"': json.dumps(list(ENGINES)),
        '"@vendors@"': json.dumps(list(VENDORS)),
        "@releases@": _listed(f"{each.title} {each.releases}" for each in ENGINES.values()),
        "@unversioned@": _listed(each.name for each in ENGINES.values() if each.releases.newer),
        "@nameless@": _listed(
            each.title for each in ENGINES.values() if isinstance(each.capabilities.hosts, Never)
        ),
        **{f"@{name}@": _able(name, since=False) for name in _CAPABILITIES},
        **{f"@{name}_since@": _able(name, since=True) for name in _CAPABILITIES},
    }


def _able(capability: str, *, since: bool) -> str:
    """The engines that have a capability; none of the schemas names one that nobody has."""
    found = []
    for engine in ENGINES.values():
        value = getattr(engine.capabilities, capability)
        support = value.support if isinstance(value, Audit) else value
        if isinstance(support, Since):
            first = f" since {support.version}" if since and support.version else ""
            found.append(f"{engine.title}{first}")
    return _listed(found)


def _listed(some: Iterable[str]) -> str:
    *first, last = list(some) or ("no engine",)
    return f"{', '.join(first)} and {last}" if first else last


def is_sound(document: Document, kind: ValuesKind) -> bool:
    """Whether the file conforms to the schema; fast."""
    return _fast(kind).is_valid(plain(document.root))


def mistakes(document: Document, kind: ValuesKind) -> tuple[Problem, ...]:
    """What is wrong with the structure of the file, as our own messages; may be nothing."""
    problems: list[Problem] = []
    explainer = Explainer(document.root, _schema(kind))
    for error in _thorough(kind).iter_errors(plain(document.root)):
        problems.extend(explainer.explain(error))
        if len(problems) >= _MOST:
            break
    return in_order(problems)


def schema_error(document: Document, kind: ValuesKind) -> Problem:
    """The validator's own message, for a mistake for which there is no message of ours."""
    error = next(_thorough(kind).iter_errors(plain(document.root)))
    where = "/".join(map(str, error.absolute_path)) or "the file"
    return Problem(
        at=document.root.at,
        id="schema",
        message=f"{where} does not match the schema: {error.message[:200]}",
        help=f"see values/.schema/{kind}.schema.json",
    )


@cache
def _schema(kind: ValuesKind) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(schema_text(kind))
    return loaded


@cache
def _fast(kind: ValuesKind) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(_schema(kind))


@cache
def _thorough(kind: ValuesKind) -> jsonschema.Draft7Validator:
    import jsonschema  # noqa: PLC0415 - only for files that are wrong

    return jsonschema.Draft7Validator(_schema(kind))
