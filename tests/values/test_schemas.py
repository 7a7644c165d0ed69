"""The schemas that editors use: complete, closed, explained, and of one mind with the loader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given

from support.draw.strategies import organisations
from support.values.values_files import values_of
from transire.delivery.gitops import renamed_release
from transire.engines.registry import ENGINES
from transire.model.intent import (
    Approximation,
    DnsProfile,
    EntityKind,
    GitOps,
    InCluster,
    Mode,
    Organisation,
)
from transire.model.owners import OwnersFile
from transire.queries.query import Expected
from transire.values.guardrails.registry import GUARDRAILS
from transire.values.schemas import ValuesKind, is_sound, schema_text
from transire.yamlio import plain, read

SCHEMAS: Mapping[ValuesKind, dict[str, Any]] = {
    kind: json.loads(schema_text(kind)) for kind in ValuesKind
}
VALIDATORS = {kind: jsonschema.Draft7Validator(schema) for kind, schema in SCHEMAS.items()}
SETTINGS = {
    "allowedPorts",
    "bundleMaxAge",
    "maxHostsPerTeam",
    "expiresSoonDays",
    "requireTicketFor",
}


def _parts(node: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every map of a schema with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from _parts(value, f"{path}/{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _parts(value, f"{path}/{place}")


def _fields(kind: ValuesKind) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, part in _parts(SCHEMAS[kind]):
        if path.endswith("/properties"):
            for key, field in part.items():
                yield f"{path}/{key}", field


@pytest.mark.parametrize("kind", ValuesKind)
def test_a_schema_is_draft_7_and_needs_nothing_else(kind: ValuesKind) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[kind])
    references = [part["$ref"] for _, part in _parts(SCHEMAS[kind]) if "$ref" in part]

    assert SCHEMAS[kind]["$schema"] == "http://json-schema.org/draft-07/schema#"
    names = {reference.removeprefix("#/definitions/") for reference in references}
    assert set(SCHEMAS[kind]["definitions"]) == names


@pytest.mark.parametrize("kind", ValuesKind)
def test_every_key_has_a_title_and_a_description(kind: ValuesKind) -> None:
    fields = list(_fields(kind))

    assert [path for path, field in fields if not field.get("title")] == []
    assert [path for path, field in fields if not field.get("description", "").endswith(".")] == []


@pytest.mark.parametrize("kind", ValuesKind)
def test_every_map_is_closed_or_says_what_its_values_are(kind: ValuesKind) -> None:
    maps = [part for _, part in _parts(SCHEMAS[kind]) if part.get("type") == "object"]

    assert maps
    for part in maps:
        if "properties" in part:
            assert part["additionalProperties"] is False
        else:
            assert isinstance(part["additionalProperties"], dict)


@pytest.mark.parametrize("kind", ValuesKind)
def test_a_schema_uses_only_words_that_the_loader_can_explain(kind: ValuesKind) -> None:
    explained = {"type", "required", "additionalProperties", "enum", "const", "oneOf", "anyOf"}
    explained |= {
        "minItems",
        "minProperties",
        "minimum",
        "maximum",
        "allOf",
        "$ref",
        "items",
        "not",
        "if",
        "then",
        "else",
    }
    judged_where_read = {"pattern", "maxLength"}
    silent = {"title", "description", "examples", "properties", "definitions", "$schema"}
    words = {
        word
        for path, part in _parts(SCHEMAS[kind])
        if not path.endswith(("/properties", "/definitions")) and "/examples/" not in path
        for word in part
    }

    assert words - explained - judged_where_read - silent == set()


def test_what_schemas_share_they_define_alike() -> None:
    for one in SCHEMAS.values():
        for other in SCHEMAS.values():
            for name in set(one["definitions"]) & set(other["definitions"]):
                assert one["definitions"][name] == other["definitions"][name]


def _platform(*path: str) -> list[str]:
    node = SCHEMAS[ValuesKind.PLATFORM]
    for step in path:
        node = node[step]
    words: list[str] = node["enum"]
    return words


@pytest.mark.parametrize(
    ("words", "constants"),
    [
        (_platform("definitions", "cluster", "properties", "engine"), tuple(ENGINES)),
        (_platform("definitions", "cluster", "properties", "gitops"), GitOps),
        (
            _platform("definitions", "cluster", "properties", "dns", "properties", "profile"),
            DnsProfile,
        ),
        (_platform("definitions", "modeName"), Mode),
        (_platform("definitions", "approximation"), Approximation),
        (_platform("properties", "codeowners", "properties", "path"), OwnersFile),
        (_platform("properties", "defaults", "properties", "inCluster"), InCluster),
        (
            SCHEMAS[ValuesKind.EXPECTATIONS]["properties"]["expectations"]["items"]["properties"][
                "expect"
            ]["enum"],
            Expected,
        ),
        (
            SCHEMAS[ValuesKind.TEAM]["definitions"]["destination"]["oneOf"][-1]["properties"][
                "entity"
            ]["enum"],
            EntityKind,
        ),
    ],
)
def test_choices_are_the_constants_of_the_model(words: list[str], constants: Iterable[str]) -> None:
    assert [str(each) for each in constants] == words


def test_every_guardrail_has_a_level_and_can_be_excepted() -> None:
    settings = SCHEMAS[ValuesKind.PLATFORM]["properties"]["guardrails"]["properties"]
    entry = SCHEMAS[ValuesKind.EXCEPTIONS]["properties"]["exceptions"]["items"]["properties"]

    changeable = {*GUARDRAILS, renamed_release.ID}
    assert changeable == set(settings) - SETTINGS
    assert sorted(changeable) == entry["rule"]["enum"]


@pytest.mark.slow("many drawn examples")
@given(organisation=organisations())
def test_whatever_loads_pleases_the_editor(organisation: Organisation) -> None:
    kinds = {
        "platform": ValuesKind.PLATFORM,
        "teams": ValuesKind.TEAM,
        "bundles": ValuesKind.BUNDLE,
    }
    for path, content in values_of(organisation).items():
        kind = kinds.get(path.split("/")[1].removesuffix(".yaml"), ValuesKind.EXCEPTIONS)
        document = read(content, path)
        assert is_sound(document, kind)
        assert list(VALIDATORS[kind].iter_errors(plain(document.root))) == []


@pytest.mark.parametrize("kind", ValuesKind)
def test_both_validators_know_the_schema(kind: ValuesKind) -> None:
    fast, thorough = (
        jsonschema_rs.Draft7Validator(SCHEMAS[kind]),
        jsonschema.Draft7Validator(SCHEMAS[kind]),
    )

    wrong: list[object] = [{}, [], "", None, {"apiVersion": "transire/v1"}, {"kind": 1, "x": {}}]
    for instance in wrong:
        assert fast.is_valid(instance) is thorough.is_valid(instance) is False


def test_what_depends_on_engines_is_filled_in_from_the_registry() -> None:
    text = schema_text(ValuesKind.PLATFORM)

    assert not re.findall(r"@[a-z_]+@", "".join(schema_text(kind) for kind in ValuesKind))
    assert "those its rules name (Cilium only)" in text
    assert "checks the TLS server name (Cilium only)" in text
    assert "Flags of the Cilium agent" in text
    assert "Not needed for kubernetes." in text
