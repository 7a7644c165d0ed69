"""Strict JSON Schemas of upstream custom resources, made from their definitions when tests run.

An API server drops fields that a definition does not have. Here such a field is a complaint, so a
test sees what a cluster would silently lose. Rules in CEL are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

Schema = dict[str, Any]
Schemas = Mapping[tuple[str, str], Schema]
"""Strict schemas by `apiVersion` and kind."""

_NAMES: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 253},
        "namespace": {"type": "string", "minLength": 1, "maxLength": 63},
        "labels": _NAMES,
        "annotations": _NAMES,
        "finalizers": {"type": "array", "items": {"type": "string"}},
    },
}
"""What our objects may say about themselves."""

_KEPT = frozenset(
    {
        "anyOf",
        "allOf",
        "oneOf",
        "not",
        "enum",
        "required",
        "type",
        "pattern",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "multipleOf",
    }
)
_ONE_LETTER_CLASS = re.compile(r"\\([pP])([A-Z])")
"""Go's short form of a Unicode class, such as `\\PC`."""

_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


@cache
def schemas_in(*folders: Path) -> Schemas:
    """The strict schemas of every definition in these folders, at any depth.

    Where several folders define one kind, the last one counts.
    """
    found: dict[tuple[str, str], Schema] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            found.update(_defined_in(path))
    return found


def complaints(
    objects: Iterable[Mapping[str, Any]],
    schemas: Schemas,
    *,
    renamed: Mapping[str, str] | None = None,
) -> list[str]:
    """What an API server would refuse or drop, one line each; empty when all is well.

    Args:
        objects: what to check.
        schemas: the schemas by `apiVersion` and kind.
        renamed: API versions to look another one up for, such as `projectcalico.org/v3` where
            only the definitions behind its API server are known.
    """
    return [line for each in objects for line in _complaints(each, schemas, renamed or {})]


def _complaints(
    each: Mapping[str, Any], schemas: Schemas, renamed: Mapping[str, str]
) -> Iterator[str]:
    version, kind = each["apiVersion"], each["kind"]
    where = f"{kind} {each['metadata'].get('name')}"
    known = renamed.get(version, version)
    schema = schemas.get((known, kind))
    if schema is None:
        yield f"{where}: {version} {kind} has no schema"
        return
    checked = {**each, "apiVersion": known}
    for error in _validator(schema).iter_errors(checked):
        place = "/".join(map(str, error.instance_path))
        yield f"{where}: /{place}: {error.message}"


_validators: dict[int, tuple[Schema, jsonschema_rs.Draft7Validator]] = {}
"""Compiling takes longer than validating; each schema is kept with its number."""


def _validator(schema: Schema) -> jsonschema_rs.Draft7Validator:
    if id(schema) not in _validators:
        _validators[id(schema)] = schema, jsonschema_rs.Draft7Validator(schema)
    return _validators[id(schema)][1]


def _defined_in(path: Path) -> Iterator[tuple[tuple[str, str], Schema]]:
    for document in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader):
        if not document or document.get("kind") != "CustomResourceDefinition":
            continue
        spec = document["spec"]
        for version in spec["versions"]:
            name = f"{spec['group']}/{version['name']}"
            kind = spec["names"]["kind"]
            yield (
                (name, kind),
                strict_object(name, kind, version["schema"]["openAPIV3Schema"]),
            )


def strict_object(version: str, kind: str, schema: Schema) -> Schema:
    """The strict schema of an object whose fields, such as `spec`, this OpenAPI schema describes."""
    made = strict(schema)
    made["properties"] |= {
        "apiVersion": {"const": version},
        "kind": {"const": kind},
        "metadata": METADATA,
    }
    made["required"] = sorted({*made.get("required", ()), "apiVersion", "kind", "metadata"})
    return made


def strict(schema: Schema, *, junctor: bool = False) -> Schema:
    """The schema with every object closed; inside `anyOf` and its like, objects stay as they are."""
    made = {key: schema[key] for key in schema.keys() & _KEPT}
    for key in ("anyOf", "allOf", "oneOf"):
        if key in made:
            made[key] = [strict(each, junctor=True) for each in made[key]]
    if "not" in made:
        made["not"] = strict(made["not"], junctor=True)
    if "pattern" in made:
        made["pattern"] = _ONE_LETTER_CLASS.sub(r"\\\1{\2}", made["pattern"])
    for key, bound in _BOUNDS.items():
        if schema.get(key) is True:
            made[key] = made.pop(bound)
    return _widened(made | _parts(schema, junctor=junctor), schema)


def _parts(schema: Schema, *, junctor: bool) -> Schema:
    """The keywords that hold schemas of fields and items."""
    made: Schema = {}
    if "properties" in schema:
        fields = schema["properties"].items()
        made["properties"] = {key: strict(each, junctor=junctor) for key, each in fields}
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        made["additionalProperties"] = strict(extra, junctor=junctor)
    elif "properties" in schema and not (junctor or _open(schema)):
        made["additionalProperties"] = False
    if "items" in schema:
        made["items"] = strict(schema["items"], junctor=junctor)
    return made


def _open(schema: Schema) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields"))


def _widened(made: Schema, schema: Schema) -> Schema:
    """The schema with what OpenAPI says outside of JSON Schema: numbers as text, and null."""
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made
