"""A schema's error as a sentence with a position and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from transire.engines.other_engines import other_engine
from transire.model.problems import Position, Problem, Proposal
from transire.values import proposals
from transire.values.ends import no_day
from transire.values.guardrails.registry import FIXED
from transire.values.problem_collector import one_of, shown
from transire.values.scalars import ambiguous
from transire.values.schema_wording import (
    HOW,
    clause,
    is_missing,
    kind_of,
    kinds,
    other_key,
    quoted,
    seen,
    spaced,
    what,
)
from transire.yamlio import MappingNode, Node, ScalarNode, at_path, taken_for

if TYPE_CHECKING:
    from jsonschema import ValidationError  # it takes a tenth of a short command to load

Schema = Mapping[str, Any]

_FEW = 8
_IDS = {"engine": "unknown-engine", "rule": "unknown-guardrail"}


class Explainer:
    """Explains the errors of one file: `root` is what the file holds, `schema` what it should."""

    def __init__(self, root: Node, schema: Schema) -> None:
        self._root = root
        self._definitions: Schema = schema["definitions"]
        self._describers: Mapping[str, Callable[[ValidationError], Iterator[Problem]]] = {
            "additionalProperties": self._unknown_keys,
            "anyOf": self._neither,
            "const": self._constant,
            "enum": self._choice,
            "maximum": self._bounds,
            "minItems": self._empty,
            "minProperties": self._empty,
            "minimum": self._bounds,
            "not": self._excluded_keys,
            "oneOf": self._alternatives,
            "required": self._missing_keys,
            "type": self._kind,
        }

    def explain(self, error: ValidationError) -> Iterator[Problem]:
        """What is wrong; nothing for what a string looks like, which is judged where it is read."""
        describe = self._describers.get(str(error.validator))
        if describe is not None:
            yield from describe(error)

    def _node(self, error: ValidationError) -> Node:
        return at_path(self._root, tuple(error.absolute_path))

    def _problem(
        self,
        error: ValidationError,
        id: str,  # noqa: A002 - the field
        message: str,
        help: str,  # noqa: A002 - the field
        at: Position | None = None,
        *,
        proposal: Proposal | None = None,
    ) -> Problem:
        where = at or self._node(error).at
        return Problem(at=where, id=id, message=message, help=help, proposal=proposal)

    def _kind(self, error: ValidationError) -> Iterator[Problem]:
        yield self._wrong_kind(error, _kinds({"type": error.validator_value}))

    def _wrong_kind(self, error: ValidationError, wanted: list[str], how: str = "") -> Problem:
        node = self._node(error)
        if "string" in wanted and isinstance(node, ScalarNode) and node.plain and node.text:
            if _schema(error).get("title") == "End":
                return self._problem(error, *no_day(node.text))
            return self._problem(error, *ambiguous(node.text, taken_for(node.text)))
        has = "has no value" if is_missing(node) else f"is {seen(node)}"
        return self._problem(
            error,
            "wrong-type",
            f"{what(error)} {has}, and must be {kinds(wanted)}",
            how or self._how(error, wanted),
        )

    def _how(self, error: ValidationError, wanted: list[str]) -> str:
        """What to write: the schema's own description for text, the form of YAML for the rest."""
        about = _schema(error).get("description", "") if "string" in wanted else ""
        return f"write {clause(about)}" if about else HOW[wanted[0]]

    def _missing_keys(self, error: ValidationError) -> Iterator[Problem]:
        properties = _schema(error).get("properties", {})
        for key in _listed(error):
            if key not in _instance(error):
                about = properties[key]["description"]
                yield self._problem(
                    error,
                    "missing-key",
                    f"{what(error)} has no {key!r}",
                    f"add {key}: {clause(about)}",
                )

    def _unknown_keys(self, error: ValidationError) -> Iterator[Problem]:
        node = self._node(error)
        keys = list(_schema(error)["properties"])
        if isinstance(node, MappingNode):
            for key, entry in node.entries.items():
                if key in FIXED and error.absolute_path[-1] == "guardrails":
                    yield self._problem(error, *_fixed(key), entry.key.at)
                elif key not in keys:
                    free = [each for each in keys if each not in node.entries]
                    proposal = proposals.word(entry.key.at, key, free)
                    message = f"{shown(key)} is not a key of {what(error)}"
                    advice = other_key(key, keys, proposal)
                    at = entry.key.at
                    yield self._problem(
                        error, "unknown-key", message, advice, at, proposal=proposal
                    )

    def _excluded_keys(self, error: ValidationError) -> Iterator[Problem]:
        """Keys that are known, and that make no sense in this place."""
        excluded, node = cast("Schema", error.validator_value), self._node(error)
        for key in excluded["required"]:
            if isinstance(node, MappingNode) and key in node.entries:
                yield self._problem(
                    error,
                    "unknown-key",
                    f"{key!r} is not a key of {what(error)}",
                    clause(excluded["description"]),
                    node.entries[key].key.at,
                )

    def _choice(self, error: ValidationError) -> Iterator[Problem]:
        choices = [str(each) for each in _listed(error)]
        node = self._node(error)
        has = "has no value" if is_missing(node) else f"is {quoted(node)}"
        key = str(error.absolute_path[-1]) if error.absolute_path else ""
        if key == "rule" and isinstance(node, ScalarNode) and node.text in FIXED:
            yield self._problem(error, *_fixed(node.text))
            return
        other = (
            other_engine(node.text) if key == "engine" and isinstance(node, ScalarNode) else None
        )
        if other is not None:
            yield self._problem(error, "unknown-engine", *other)
            return
        must = one_of(choices) if len(choices) <= _FEW else f"one of {len(choices)} words"
        written = node.text if isinstance(node, ScalarNode) else ""
        proposal = proposals.word(node.at, written, choices)
        yield self._problem(
            error,
            _IDS.get(key, "unknown-value"),
            f"{what(error)} {has}, and must be {must}",
            f"write {proposal.text}" if proposal else _choose(key, choices),
            proposal=proposal,
        )

    def _constant(self, error: ValidationError) -> Iterator[Problem]:
        wanted = error.validator_value
        node = self._node(error)
        has = "has no value" if is_missing(node) else f"is {quoted(node)}"
        yield self._problem(
            error,
            "unknown-value",
            f"{what(error)} {has}, and must be {wanted} in this file",
            f"write {error.absolute_path[-1]}: {wanted}",
        )

    def _empty(self, error: ValidationError) -> Iterator[Problem]:
        yield self._problem(error, "empty", f"{what(error)} is empty", "add at least one entry")

    def _bounds(self, error: ValidationError) -> Iterator[Problem]:
        schema = _schema(error)
        if schema.get("type") == "integer":
            low, high = schema["minimum"], schema["maximum"]
            yield self._problem(
                error,
                "out-of-range",
                f"{what(error)} is {error.instance}, and must be from {low} to {high}",
                f"write a number from {low} to {high}",
            )

    def _neither(self, error: ValidationError) -> Iterator[Problem]:
        """A rule that names no destination at all, the one place where the schemas have anyOf."""
        first, second = (each["required"][0] for each in _listed(error))
        yield self._problem(
            error,
            "missing-key",
            f"{what(error)} has neither {first!r} nor {second!r}",
            "add to: with what may be reached, or bundles: with names of bundles",
        )

    def _alternatives(self, error: ValidationError) -> Iterator[Problem]:
        """What is wrong with the alternative that was meant, by its kind and then its keys."""
        branches = [self._resolved(each) for each in _listed(error)]
        how = f"write {clause(_schema(error)['description'])}"
        fitting = [
            place for place, each in enumerate(branches) if kind_of(error.instance) in _kinds(each)
        ]
        if not fitting:
            wanted = dict.fromkeys(kind for each in branches for kind in _kinds(each))
            yield self._wrong_kind(error, list(wanted), how)
            return
        if fitting[1:]:
            firsts = {branches[place]["required"][0]: place for place in fitting}
            named = _distinct([key for key in _instance(error) if key in firsts], branches, firsts)
            if len(named) != 1:
                yield self._mixed(error, named, list(firsts), how)
                return
            fitting = [firsts[named[0]]]
        for inner in error.context or ():
            if inner.relative_schema_path[0] == fitting[0]:
                yield from self.explain(inner)

    def _mixed(
        self, error: ValidationError, named: list[str], firsts: list[str], how: str
    ) -> Problem:
        for key in _instance(error):
            if not named and spaced(key, firsts):
                message = f"{shown(key)} is not a key of {what(error)}"
                return self._problem(error, "unknown-key", message, spaced(key, firsts))
        if not named:
            keys = [repr(key) for key in firsts]
            return self._problem(
                error, "missing-key", f"{what(error)} has none of the keys {one_of(keys)}", how
            )
        both = one_of([repr(key) for key in named], "and")
        return self._problem(error, "wrong-type", f"{what(error)} has {both} at once", how)

    def _resolved(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            found: Schema = self._definitions[schema["$ref"].rpartition("/")[2]]
            return found
        return schema


def _distinct(named: list[str], branches: Sequence[Schema], firsts: Mapping[str, int]) -> list[str]:
    """Those of the keys that tell which alternative is meant: no other one has them as well."""
    beside = {
        key
        for other in named
        for key in branches[firsts[other]].get("properties", {})
        if key != other
    }
    return [key for key in named if key not in beside]


def _choose(key: str, choices: list[str]) -> str:
    """What to write where no slip shows which word was meant."""
    if len(choices) > _FEW:
        return "`transire rules` lists them" if key == "rule" else "see the schema of the file"
    return f"write {one_of(choices)}"


def _fixed(rule: str) -> tuple[str, str, str]:
    return (
        "fixed-guardrail",
        f"{rule} is always an error: nothing can be generated while it stands",
        "remove this, and correct the values that it finds",
    )


def _schema(error: ValidationError) -> Schema:
    return error.schema if isinstance(error.schema, dict) else {}


def _listed(error: ValidationError) -> list[Any]:
    """What the schema lists under the keyword that failed."""
    return error.validator_value if isinstance(error.validator_value, list) else []


def _instance(error: ValidationError) -> Mapping[str, Any]:
    return error.instance if isinstance(error.instance, dict) else {}


def _kinds(schema: Schema) -> list[str]:
    kind = schema.get("type", "string")
    return [kind] if isinstance(kind, str) else list(kind)
