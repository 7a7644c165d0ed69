"""A correction is a change: a patch that leads from one object to the other, and its diff."""

from __future__ import annotations

import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.k8s.correction import corrected
from transire.k8s.json_pointer import plain
from transire.k8s.manifests import Manifest

TREES = st.recursive(
    st.one_of(st.booleans(), st.integers(-3, 3), st.text("ab~/", max_size=2)),
    lambda inside: st.one_of(
        st.lists(inside, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "c/d", "e~f"]), inside, max_size=4),
    ),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(["spec", "x/y", "z~"]), TREES, max_size=3)


def manifest(body: dict[str, Any]) -> Manifest:
    return Manifest(source="x.yaml", index=0, body=body)


@given(BODIES, BODIES)
def test_the_patch_of_a_correction_leads_to_the_corrected_object(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    def edit(body: dict[str, Any]) -> None:
        body.clear()
        body.update(plain(after))

    found = corrected(manifest(before), edit)

    if found is None:
        assert before == after
    else:
        patched = jsonpatch.apply_patch(before, json.dumps(found.patch))
        assert patched == after
        assert not any(each["path"] == "" for each in found.patch)


def test_the_diff_shows_the_change_and_nothing_that_servers_wrote() -> None:
    stored = {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {
            "name": "x",
            "uid": "0",
            "resourceVersion": "7",
            "creationTimestamp": None,
            "managedFields": [{"manager": "kubectl"}],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"},
        },
        "spec": {"ports": ["1", "2", "3", "4", "5"]},
        "status": {"conditions": [{"type": "Valid", "since": 1.5}]},
    }

    found = corrected(manifest(stored), lambda body: body["spec"]["ports"].__setitem__(4, "6"))

    assert found is not None
    assert found.patch == ({"op": "replace", "path": "/spec/ports/4", "value": "6"},)
    assert found.diff.splitlines() == [
        '     - "3"', '     - "4"', '-    - "5"', '+    - "6"',
    ]  # fmt: skip


def test_places_far_apart_are_shown_apart() -> None:
    body = {"spec": {"ports": [str(each) for each in range(20)]}}

    def edit(tree: dict[str, Any]) -> None:
        tree["spec"]["ports"][1] = "one"
        tree["spec"]["ports"][18] = "last"

    found = corrected(manifest(body), edit)

    assert found is not None
    assert found.diff.count("\n...\n") == 1
    assert [line for line in found.diff.splitlines() if line[0] in "+-"] == [
        '-    - "1"', '+    - "one"', '-    - "18"', '+    - "last"',
    ]  # fmt: skip


def nested(depth: int) -> Any:  # noqa: ANN401 - a tree of JSON
    tree: Any = {}
    for _ in range(depth):
        tree = {"a": [tree]}
    return tree


@pytest.mark.parametrize("body", [{"a": 1.5}, {"a": None}, {"a": "\ud800"}, nested(5_000)])
def test_what_our_yaml_cannot_say_is_not_offered_as_a_correction(body: dict[str, Any]) -> None:
    assert corrected(manifest(body), lambda tree: tree.update(b=1)) is None


def test_an_edit_that_does_not_fit_the_object_is_no_correction() -> None:
    given = manifest({"a": ["x"]})

    assert corrected(given, lambda body: body["a"][0].append(1)) is None
    assert corrected(given, lambda _: None) is None
    assert corrected(given, lambda body: body["a"].append("y")) is not None
