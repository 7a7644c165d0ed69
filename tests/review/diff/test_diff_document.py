"""A diff as JSON: what is published is what comes out, and every word of it means something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from support.review.example_diff import DIFF
from support.review.reviewed import (
    NOTHING,
    changed,
    checked,
    diff,
    hosts,
    inside,
    manifest,
    names,
    nets,
    pods,
    resolving,
    seen,
    side,
)
from transire.model.intent import Mode
from transire.review.diff.changes import Diff, TargetChange
from transire.review.diff.json_document import as_json, diff_schema, document

SCHEMA = json.loads(diff_schema())

DELEGATING = side(delegated=[("b.example", "proxy")], approximated=["nearly"])
TARGETS: dict[str, TargetChange] = {
    "hosts": changed(seen(hosts("*.a.example")), seen(hosts("**.a.example", "bücher.example"))),
    "addresses": changed(seen(nets("192.0.2.0/24")), seen(NOTHING)),
    "pods": changed(seen(NOTHING), seen(inside(pods("ledger", app="books")))),
    "names": changed(seen(resolving(names("a.example"))), seen(resolving(names("*.example")))),
    "details": changed(seen(checked("a.example")), seen(checked("a.example", "b.example"))),
    "governed": changed(seen(NOTHING, None), seen(hosts("a.example"))),
    "released": changed(seen(hosts("a.example")), seen(NOTHING, None)),
    "left": changed(seen(hosts("a.example")), replace(seen(NOTHING), left=True)),
    "audited": changed(seen(hosts("a.example")), seen(hosts("b.example"), side(Mode.AUDIT))),
    "enforced": changed(seen(hosts("a.example"), side(Mode.AUDIT)), seen(hosts("b.example"))),
    "delegated": changed(seen(NOTHING, DELEGATING), seen(NOTHING)),
    "approximated": changed(seen(NOTHING), seen(NOTHING, DELEGATING)),
    "unjudged": changed(seen(NOTHING), seen(NOTHING, unjudged="toGroups is not modelled")),
    "no team": changed(seen(NOTHING, side(team="")), seen(hosts("a.example"), side(team=""))),
    "objects": changed(
        seen(NOTHING, objects=(manifest(spec="a"), manifest(kind="A"))),
        seen(NOTHING, objects=(manifest(spec="b"), manifest(kind="B"))),
    ),
}


def check(found: Diff) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(document(found))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", TARGETS)
def test_every_kind_of_change_has_the_published_shape(name: str) -> None:
    check(diff(TARGETS[name]))


def test_the_whole_has_the_published_shape_and_so_has_nothing() -> None:
    check(diff(*TARGETS.values()))
    check(diff())
    check(DIFF)


def test_the_json_is_the_document() -> None:
    text = as_json(DIFF)

    assert json.loads(text) == document(DIFF)
    assert text.endswith("}\n")
    assert "bücher.example" in as_json(diff(TARGETS["hosts"]))


def test_a_grant_is_told_in_full() -> None:
    found = changed(seen(checked("*.a.example")), seen(checked("**.a.example")))

    assert document(diff(found))["targets"][0]["gains"] == [
        {
            "kind": "fqdn",
            "from": "any pod",
            "everyPod": True,
            "to": [{"text": "**.a.example", "shown": "**.a.example", "insteadOf": ["*.a.example"]}],
            "manner": "",
            "ports": "443/TCP",
            "implied": False,
            "risk": "medium",
            "rules": [],
            "example": {"from": "shop", "to": "a.a.a.example:443"},
        },
        {
            "kind": "detail",
            "from": "any pod",
            "everyPod": True,
            "to": [{"text": "*.a.example", "shown": "*.a.example", "insteadOf": []}],
            "manner": "with the TLS name **.*.a.example",
            "ports": "443/TCP",
            "implied": True,
            "risk": "none",
            "rules": [],
            "example": {"from": "shop", "to": "a.a.example:443"},
        },
    ]


def fields(schema: Any, at: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a tree
    """Every property that the schema describes, by its place."""
    if not isinstance(schema, dict):
        return
    for name, part in schema.get("properties", {}).items():
        yield f"{at}.{name}", part
        yield from fields(part, f"{at}.{name}")
    for part in (schema.get("items"), *schema.get("oneOf", ())):
        yield from fields(part, at)
    for name, part in schema.get("definitions", {}).items():
        yield from fields(part, name)


def test_every_property_says_what_it_means() -> None:
    described = [
        (place, part)
        for place, part in fields(SCHEMA)
        if "description" not in part and "const" not in part and "$ref" not in part
    ]

    assert [place for place, _ in described] == []
    assert all(
        each.get("description") for each in (SCHEMA["definitions"][n] for n in ("class", "risk"))
    )


@pytest.mark.parametrize("word", ["class", "risk"])
def test_nothing_but_the_published_words_is_taken(word: str) -> None:
    broken = {**document(DIFF), word: "great"}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(broken)


@pytest.mark.parametrize("place", ["", "targets.0", "targets.0.gains.0", "targets.0.gains.0.to.0"])
def test_every_property_must_be_there_and_no_other_may_be(place: str) -> None:
    def at(tree: Any) -> Any:  # noqa: ANN401 - a tree
        for key in filter(None, place.split(".")):
            tree = tree[int(key) if key.isdigit() else key]
        return tree

    for key in at(document(DIFF)):
        tree = document(DIFF)
        del at(tree)[key]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(SCHEMA).validate(tree)
    tree = document(DIFF)
    at(tree)["more"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(tree)
