"""Is a file in the form its schema requires, and if not, what a person should do.

The schemas are those that editors use. They also describe what a string must look like, but here
only their structure counts: keys, kinds of values, closed choices, bounds of whole numbers. What a
string means is judged where it is read, with a better message than a pattern allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from transire.engines.api.capabilities import Never
from transire.engines.registry import ENGINES
from transire.model.problems import Problem, in_order
from transire.values.schema_errors import Explainer
from transire.yamlio import Document, plain

if TYPE_CHECKING:
    import jsonschema

_FOLDER = files("transire.values").joinpath("schema")
_MOST = 100
_CAPABILITIES = ("agent_flags", "dns_names", "native_definitions", "server_names")
"""Those that the schemas name."""


class ValuesKind(StrEnum):
    """The kinds of values files, by the name of their schema."""

    PLATFORM = "platform"
    TEAM = "team-egress"
    BUNDLE = "bundle"
    EXCEPTIONS = "exceptions"


@cache
def schema_text(kind: ValuesKind) -> str:
    """The JSON Schema of a kind of file, draft-07 and self-contained, for editors.

    What depends on the engines stands in the file as `@name@`, and is filled in here.
    """
    text = _FOLDER.joinpath(f"{kind}.schema.json").read_text("utf-8")
    for name, value in _facts().items():
        text = text.replace(name, value)
    return text


def _facts() -> dict[str, str]:
    """Which engines there are and what they can do, as the schemas describe it to people."""

    def able(capability: str) -> str:
        supports = ((each, getattr(each.capabilities, capability)) for each in ENGINES.values())
        return _listed(each.title for each, support in supports if not isinstance(support, Never))

    return {
        '"@engines@"': json.dumps(list(ENGINES)),
        "@unversioned@": _listed(each.name for each in ENGINES.values() if each.releases.newer),
        **{f"@{name}@": able(name) for name in _CAPABILITIES},
    }


def _listed(names: Iterable[str]) -> str:
    *first, last = names
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
