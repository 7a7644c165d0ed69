"""The schemas as editors get them, in `values/.schema`: with the names of this repository.

They are those by which files are read, made better for what editors do with them. A key shows its
own text and not that of the form that it shares with others. Clusters, environments, bundles and
known networks are lists of the names that are there, which editors complete and check. Patterns
have words. And what a text must look like is described as closely as a pattern can: reading finds
the rest, and everything that is read conforms.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from transire.model.intent import Organisation
from transire.values.schema_patterns import CLOSER, PATTERNS
from transire.values.schemas import ValuesKind, schema_text

Schema = dict[str, Any]

_REFERENCE = "#/definitions/"
_KINDS = MappingProxyType(
    {
        "bundles": ("Bundle", "A bundle of values/bundles."),
        "clusters": ("Cluster", "A cluster of values/platform.yaml."),
        "environments": ("Environment", "An environment of a cluster of values/platform.yaml."),
        "networks": ("Network", "A network of values/platform.yaml."),
    }
)
_HOLDS = MappingProxyType({**{kind: kind for kind in _KINDS}, "network": "networks"})
"""By key, the kind of name that its value is, or its items or keys are."""

_LISTED = MappingProxyType({"Clusters": "clusters", "Modes of clusters": "clusters"})
"""The same by title, for what stands under a key that people choose."""

_NAMED = frozenset({"clusters", "namespaces", "networks", "teams"})
"""Keys of maps whose own keys are names that people choose."""

_OTHERS = frozenset({"Agreed clusters", "Other clusters"})
"""Titles of keys whose names need not be those of this repository: other clusters of a mesh, and
those of exceptions, which may outlive a cluster."""

_TEXTS = frozenset({"title", "description", "examples"})
_NOTHING: Schema = {"not": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryNames:
    """The names of a repository that other files refer to, by their kind."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, organisation: Organisation) -> RepositoryNames:
        """The names that the values define."""
        platform = organisation.platform
        return cls(
            names={
                "bundles": _sorted(each.name for each in organisation.bundles),
                "clusters": _sorted(each.name for each in platform.clusters),
                "environments": _sorted(each.environment for each in platform.clusters),
                "networks": _sorted(each.name for each in platform.networks),
            }
        )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def editor_schema(kind: ValuesKind, known: RepositoryNames) -> str:
    """The schema of a kind of file, draft-07 and self-contained, as text with stable bytes."""
    editing = _Editing(whole=json.loads(schema_text(kind)), known=known)
    return json.dumps(editing.made(), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Editing:
    whole: Schema
    known: RepositoryNames

    def made(self) -> Schema:
        """The schema, with the definitions that it still refers to."""
        definitions = {
            name: self._part(self._worded(name, each), "")
            for name, each in self.whole["definitions"].items()
        }
        rest = {key: value for key, value in self.whole.items() if key != "definitions"}
        found = self._part(rest, "")
        waiting, used = [found], dict[str, Schema]()
        while waiting:
            for name in _references(waiting.pop()):
                if name not in used:
                    used[name] = definitions[name]
                    waiting.append(definitions[name])
        return {**found, "definitions": {name: used[name] for name in definitions if name in used}}

    def _worded(self, name: str, schema: Schema) -> Schema:
        """A shared form with a closer pattern, if there is one, and words for it."""
        closer = {"pattern": PATTERNS[name]} if name in PATTERNS else {}
        return _with_words({**schema, **closer})

    def _merged(self, schema: Schema) -> Schema:
        """A key with its own title, and both texts where the form has another one."""
        name = str(schema["allOf"][0]["$ref"]).removeprefix(_REFERENCE)
        form = self._worded(name, self.whole["definitions"][name])
        own = {key: value for key, value in schema.items() if key != "allOf"}
        texts = [own.get("description", ""), form.get("description", "")]
        about = " ".join(dict.fromkeys(filter(None, texts)))
        both = {word for word in own.keys() & form.keys() - _TEXTS if own[word] != form[word]}
        more = [{word: own.pop(word)} for word in sorted(both)]
        closer = CLOSER.get(form.get("title", ""), {})
        made = {**form, **closer, **own, "description": about}
        return {**made, "allOf": more} if more else made

    def _part(self, schema: Schema, holds: str) -> Schema:
        """A part of the schema; `holds` is the kind of names that its values are, or empty."""
        if "$ref" in schema.get("allOf", ({},))[0]:
            schema = self._merged(schema)
        holds = _LISTED.get(schema.get("title", ""), holds)
        if holds and schema.get("$ref", f"{_REFERENCE}name") == f"{_REFERENCE}name":
            named = self._named(schema, holds)
            if named is not None:
                return named
        made: Schema = {}
        for word, value in schema.items():
            match value:
                case dict() if word == "properties":
                    made[word] = {key: self._property(key, each) for key, each in value.items()}
                case dict() if word in {"items", "additionalProperties", "if", "then", "else"}:
                    made[word] = self._part(value, holds if word == "items" else "")
                case list() if word in {"oneOf", "anyOf"}:
                    made[word] = [self._part(each, holds) for each in value]
                case _:
                    made[word] = value
        closer = (
            CLOSER.get(schema.get("title", ""), {}) if "object" in schema.get("type", ()) else {}
        )
        return _with_words({**self._with_names_as_keys(made, holds), **closer})

    def _property(self, key: str, schema: Schema) -> Schema:
        closer = PATTERNS.get(f"{schema.get('title', '')}:{key}")
        if closer is not None:
            schema = _with_words({**schema, "pattern": closer})
        holds = "" if schema.get("title") in _OTHERS else _HOLDS.get(key, "")
        made = self._part(schema, holds)
        if key in _NAMED and "additionalProperties" in made and "properties" not in made:
            made = {"propertyNames": _with_words(self.whole["definitions"]["name"]), **made}
        if "oneOf" not in made:
            return made
        return {**made, "oneOf": [self._without_texts(each) for each in made["oneOf"]]}

    def _without_texts(self, branch: Schema) -> Schema:
        """An alternative of a key, whose texts an editor would show in place of the key's own."""
        if "$ref" in branch:
            name = str(branch["$ref"]).removeprefix(_REFERENCE)
            branch = self._part(self._worded(name, self.whole["definitions"][name]), "")
        return {word: value for word, value in branch.items() if word not in _TEXTS}

    def _named(self, schema: Schema, holds: str) -> Schema | None:
        """A single name as one of those that are there; None for what holds names inside."""
        if "$ref" not in schema and schema.get("type") != "string":
            return None
        title, about = _KINDS[holds]
        names = list(self.known.names.get(holds, ()))
        return {
            "title": schema.get("title", title),
            "description": schema.get("description", about),
            **({"enum": names} if names else _NOTHING),
        }

    def _with_names_as_keys(self, schema: Schema, holds: str) -> Schema:
        """A map whose keys are such names, which editors then complete."""
        inner = schema.get("additionalProperties")
        names = self.known.names.get(holds, ())
        if not (holds and names and isinstance(inner, dict) and "$ref" not in inner):
            return schema
        return {**schema, "properties": dict.fromkeys(names, inner), "additionalProperties": False}


def _with_words(schema: Schema) -> Schema:
    worded = "patternErrorMessage" in schema or not schema.get("description")
    if worded or not isinstance(schema.get("pattern"), str):
        return schema
    return {**schema, "patternErrorMessage": schema["description"]}


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield str(node["$ref"]).removeprefix(_REFERENCE)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
