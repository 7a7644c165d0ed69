"""Strict validation against the custom resource definitions of Argo CD and Flux.

The definitions are turned into JSON Schema in which a field that is not declared is an error, and
their CEL rules are run as well. They are kept beside the repository, so tests that need them skip
where they are missing.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support import needs
from support.shared_data import shared

_CELPY: Any = importlib.import_module("celpy") if importlib.util.find_spec("celpy") else None

_FILES = {
    "Application": "argocd/argocd-application.yaml",
    "AppProject": "argocd/argocd-appproject.yaml",
    "GitRepository": "flux/flux-gitrepositories.yaml",
    "HelmRelease": "flux/flux-helmrelease.yaml",
    "HelmRepository": "flux/flux-helmrepositories.yaml",
    "Kustomization": "flux/flux-kustomization.yaml",
}
KINDS = frozenset(_FILES)
"""Kinds that have a definition here."""

_METADATA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"},
        "namespace": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"},
        "labels": {
            "type": "object",
            "additionalProperties": {
                "type": "string",
                "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$",
            },
        },
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["name"],
    "additionalProperties": False,
}
_KEPT = (
    *("type", "enum", "pattern", "required", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)


def crds() -> Path:
    """The folder of definitions; the test is skipped where there is none."""
    folder = shared("crds")
    if folder is None:
        pytest.skip(needs.DEFINITIONS)
    return folder


@cache
def _definition(folder: Path, kind: str) -> Mapping[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (folder / _FILES[kind]).open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=loader)  # type: ignore[no-any-return] # noqa: S506 - safe


def _version(definition: Mapping[str, Any], version: str) -> Mapping[str, Any]:
    served = [each for each in definition["spec"]["versions"] if each["served"]]
    return next(each["schema"]["openAPIV3Schema"] for each in served if each["name"] == version)


def _strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    strict = {key: schema[key] for key in _KEPT if key in schema}
    if "properties" in schema:
        strict["properties"] = {key: _strict(each) for key, each in schema["properties"].items()}
    if isinstance(schema.get("items"), Mapping):
        strict["items"] = _strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), Mapping):
        strict["additionalProperties"] = _strict(schema["additionalProperties"])
    elif schema.get("type") == "object" and not schema.get("x-kubernetes-preserve-unknown-fields"):
        strict["additionalProperties"] = False
    return strict


@cache
def _validator(folder: Path, kind: str, version: str) -> jsonschema.Draft202012Validator:
    strict = _strict(_version(_definition(folder, kind), version))
    strict["properties"] |= {
        "apiVersion": {"type": "string"},
        "kind": {"const": kind},
        "metadata": _METADATA,
    }
    strict["required"] = ["apiVersion", "kind", "metadata", "spec"]
    return jsonschema.Draft202012Validator(strict)


def definition(kind: str) -> Mapping[str, Any]:
    """Upstream's own schema of the newest version of one of `KINDS` that is served."""
    found: Mapping[str, Any] = [
        each["schema"]["openAPIV3Schema"]
        for each in _definition(crds(), kind)["spec"]["versions"]
        if each["served"]
    ][-1]
    return found


def faults(body: Mapping[str, Any]) -> list[str]:
    """What the API server would not take, or would drop, in an object of one of `KINDS`."""
    folder, kind = crds(), body["kind"]
    group, _, version = body["apiVersion"].partition("/")
    definition = _definition(folder, kind)
    if group != definition["spec"]["group"]:
        return [f"{kind} is of {definition['spec']['group']}, not {group}"]
    errors = _validator(folder, kind, version).iter_errors(body)
    found = [f"{error.json_path}: {error.message}" for error in errors]
    return [*found, *_broken_rules(_version(definition, version), body, "$")]


def _broken_rules(schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:  # noqa: ANN401
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" not in rule["rule"] and not _holds(rule["rule"], value):
            yield f"{at}: {rule.get('message', rule['rule'])}"
    if isinstance(value, Mapping):
        for key, each in value.items():
            below = schema.get("properties", {}).get(key)
            if below is not None:
                yield from _broken_rules(below, each, f"{at}.{key}")
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, each in enumerate(value):
            yield from _broken_rules(schema["items"], each, f"{at}[{index}]")


@cache
def _program(rule: str) -> Any:  # noqa: ANN401
    if _CELPY is None:
        pytest.skip(needs.CEL)
    limit = sys.getrecursionlimit()
    try:
        environment = _CELPY.Environment()
        return environment.program(environment.compile(rule))
    finally:
        sys.setrecursionlimit(limit)  # compiling raises it, and Hypothesis watches it


def _holds(rule: str, value: Any) -> bool:  # noqa: ANN401
    program = _program(rule)
    return bool(program.evaluate({"self": _CELPY.json_to_cel(value)}))
