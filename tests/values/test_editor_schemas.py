"""The schemas that editors get: each key's own text, the repository's names, patterns with words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given

from support.draw.strategies import organisations
from support.paths import ROOT
from support.values.values_files import values_of
from transire.model.intent import Organisation
from transire.model.problems import Rejected
from transire.values.editor_schemas import RepositoryNames, editor_schema
from transire.values.load import load, load_files
from transire.values.schemas import ValuesKind
from transire.values.value_files import find
from transire.yamlio import plain, read

HERE = Path(__file__).parent
NAMES = RepositoryNames(
    names={
        "bundles": ("github",),
        "clusters": ("prod-eu", "staging"),
        "environments": ("prod", "staging"),
        "networks": ("data-vpc",),
    }
)
SCHEMAS: Mapping[ValuesKind, dict[str, Any]] = {
    kind: json.loads(editor_schema(kind, NAMES)) for kind in ValuesKind
}
KINDS = {
    "platform": ValuesKind.PLATFORM,
    "teams": ValuesKind.TEAM,
    "bundles": ValuesKind.BUNDLE,
    "exceptions": ValuesKind.EXCEPTIONS,
}
HEAD = {"apiVersion": "transire/v1", "kind": "TeamEgress", "team": "shop", "contact": "x"}


def kind_of(path: str) -> ValuesKind:
    return KINDS[path.split("/")[1].removesuffix(".yaml")]


def parts(node: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from parts(value, f"{path}/{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from parts(value, f"{path}/{place}")


def refused(kind: ValuesKind, document: object, names: RepositoryNames = NAMES) -> list[str]:
    """What an editor marks, as the keys that lead there."""
    schema = json.loads(editor_schema(kind, names))
    errors = jsonschema.Draft7Validator(schema).iter_errors(document)
    return sorted("/".join(map(str, each.absolute_path)) for each in errors)


def team(**more: object) -> dict[str, object]:
    return {**HEAD, "namespaces": {"shop": ["prod-eu"]}, "egress": [], **more}


def rule(**more: object) -> dict[str, object]:
    return team(egress=[{"name": "api", "reason": "x", "to": ["api.example.com"], **more}])


@pytest.mark.parametrize("kind", ValuesKind)
def test_it_is_draft_7_and_needs_nothing_else(kind: ValuesKind) -> None:
    schema = SCHEMAS[kind]
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema_rs.Draft7Validator(schema)

    references = {part["$ref"] for _, part in parts(schema) if "$ref" in part}
    assert references == {f"#/definitions/{name}" for name in schema["definitions"]}


@pytest.mark.parametrize("kind", ValuesKind)
def test_no_key_has_the_text_of_a_form_in_place_of_its_own(kind: ValuesKind) -> None:
    source = json.loads((ROOT / f"generator/transire/values/schema/{kind}.schema.json").read_text())
    texts: dict[str, str] = {}
    for path, part in parts(source):
        if path.endswith("/properties"):
            texts |= {f"{path}/{key}": each["description"] for key, each in part.items()}
    made = dict(parts(SCHEMAS[kind]))

    assert not [path for path, part in made.items() if "$ref" in part.get("allOf", [{}])[0]]
    for path, text in texts.items():
        if path in made and "@" not in text:
            assert made[path]["description"].startswith(text), path
            for branch in made[path].get("oneOf", ()):
                assert not {"title", "description", "$ref"} & branch.keys(), path


@pytest.mark.parametrize("kind", ValuesKind)
def test_every_pattern_has_words(kind: ValuesKind) -> None:
    bare = [
        path
        for path, part in parts(SCHEMAS[kind])
        if isinstance(part.get("pattern"), str) and not part.get("patternErrorMessage")
    ]

    assert bare == []


def test_names_are_those_of_the_repository() -> None:
    assert refused(ValuesKind.TEAM, rule(environments=["prod"], bundles=["github"])) == []
    assert refused(ValuesKind.TEAM, rule(environments=["prd"])) == ["egress/0/environments/0"]
    assert refused(ValuesKind.TEAM, rule(bundles=["gitlab"])) == ["egress/0/bundles/0"]
    assert refused(ValuesKind.TEAM, rule(clusters=["prod-us"])) == ["egress/0/clusters/0"]
    assert refused(ValuesKind.TEAM, rule(to=[{"network": "data-vpc"}])) == []
    assert refused(ValuesKind.TEAM, rule(to=[{"network": "vpc"}])) == ["egress/0/to/0"]


def test_clusters_of_a_namespace_are_too_in_each_of_its_forms() -> None:
    good: list[object] = [["prod-eu"], {"clusters": ["prod-eu"]}, {"clusters": {"staging": {}}}]
    bad: list[object] = [["prod"], {"clusters": ["prod"]}, {"clusters": {"prod": {}}}]
    for written in good:
        assert refused(ValuesKind.TEAM, team(namespaces={"shop": written})) == []
    for written in bad:
        assert refused(ValuesKind.TEAM, team(namespaces={"shop": written})) == ["namespaces/shop"]


def test_where_there_is_no_bundle_none_can_be_named() -> None:
    none = RepositoryNames(names={**NAMES.names, "bundles": ()})

    assert refused(ValuesKind.TEAM, rule(bundles=["github"]), none) == ["egress/0/bundles/0"]


@pytest.mark.parametrize("path", sorted(find(ROOT).files), ids=str)
def test_the_example_pleases_the_editor_with_its_own_names(path: str) -> None:
    names = RepositoryNames.of(load(ROOT))

    document = plain(read(find(ROOT).files[path], path).root)
    assert refused(kind_of(path), document, names) == []


@pytest.mark.slow("many drawn examples")
@given(organisation=organisations())
def test_whatever_loads_pleases_the_editor(organisation: Organisation) -> None:
    files = values_of(organisation)
    names = RepositoryNames.of(load_files(files))
    for path, content in files.items():
        schema = json.loads(editor_schema(kind_of(path), names))
        document = plain(read(content, path).root)
        assert jsonschema_rs.Draft7Validator(schema).is_valid(document), path


MARKED = {
    "bad-host",
    "bad-name",
    "bad-port",
    "bad-url",
    "empty",
    "missing-key",
    "out-of-range",
    "unknown-bundle",
    "unknown-cluster",
    "unknown-engine",
    "unknown-environment",
    "unknown-guardrail",
    "unknown-key",
    "unknown-network",
    "unknown-value",
    "until-without-audit",
    "wrong-type",
}
"""What the command line refuses and a schema can; the rest compares files, items or releases."""


@pytest.mark.parametrize(
    "case",
    sorted(path for path in (HERE / "cases").iterdir() if path.is_dir()),
    ids=lambda p: p.name,
)
def test_what_the_command_line_refuses_the_editor_marks_wherever_a_schema_can(case: Path) -> None:
    given = find(case)
    files = {**find(HERE / "base").files, **given.files}
    with pytest.raises(Rejected) as caught:
        load_files(files, given.problems)
    names = names_in(files)
    for path in sorted({each.at.path for each in caught.value.problems} & files.keys()):
        ids = {each.id for each in caught.value.problems if each.at.path == path}
        try:
            document = plain(read(files[path], path).root)
        except Rejected:
            continue  # no YAML, which the language server marks itself
        if ids & MARKED:
            assert refused(kind_of(path), document, names), (path, ids)


def names_in(files: Mapping[str, bytes]) -> RepositoryNames:
    """The names in values that have mistakes, as far as they can be read."""
    try:
        platform = plain(read(files["values/platform.yaml"], "values/platform.yaml").root)
    except Rejected:
        return NAMES
    clusters = platform.get("clusters") if isinstance(platform, dict) else None
    if not isinstance(clusters, dict):
        return NAMES
    found = [each.get("environment") for each in clusters.values() if isinstance(each, dict)]
    return RepositoryNames(
        names={
            **NAMES.names,
            "clusters": tuple(clusters),
            "environments": tuple(sorted({each for each in found if isinstance(each, str)})),
        }
    )


def test_patterns_find_most_of_what_is_no_host_range_port_or_text() -> None:
    wrong: dict[str, list[object]] = {
        "to": [
            "http://x", "a b", "api..example.com", "x:443", "a/b", "", ".example.com",
            {"cidr": "999.0.0.0/24"}, {"cidr": "10.0.0.0/33"}, {"cidr": "ten"},
            {"cidr": "2001:db8::/129"},
        ],
        "ports": [[0], [65536], ["99999/TCP"], ["http"], ["443/tcp"], ["9-"]],
        "from": [{"app": "-x"}, {"a b": "x"}, {"app": "x y"}, {"/x": "y"}],
        "expires": ["2027-3-1", "soon", "31.12.2027"],
    }  # fmt: skip
    for key, values in wrong.items():
        for value in values:
            given = [value] if key == "to" else value
            assert refused(ValuesKind.TEAM, rule(**{key: given})), (key, value)


def test_keys_that_people_choose_are_names() -> None:
    assert refused(ValuesKind.TEAM, team(namespaces={"Shop": ["prod-eu"]})) == ["namespaces"]


def test_a_contact_is_not_blank() -> None:
    assert refused(ValuesKind.TEAM, team(contact=" ")) == ["contact"]


def test_words_of_a_pattern_say_what_to_write() -> None:
    host = SCHEMAS[ValuesKind.TEAM]["definitions"]["host"]

    assert re.match(r"A name: api\.example\.com is that name", host["patternErrorMessage"])
