"""The admission policies for the objects that publish: what they name, and whom they hold for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from support.delivery.crd_schema import definition
from support.delivery.gitops_example import objects, organisation, pins
from support.paths import DOCS
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.gitops.guard import APPLICATION, FLUX_KINDS, GuardedKind
from transire.model.intent import Organisation

KINDS = {each.kind: each for each in (APPLICATION, *FLUX_KINDS)}
PAGE = (DOCS / "publishing.md").read_text("utf-8")
APPLIED = [
    body
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    for body in yaml.safe_load_all(block)
    if body["kind"] in {"Application", "Kustomization"}
]
TYPES: Mapping[str, set[str | None]] = {
    "{}": {"object", None},
    "[]": {"array"},
    '""': {"string"},
}
EXAMPLES = [organisation(), organisation(registry=""), organisation(admission=True)]


def generated(of: Organisation, kind: str) -> Iterator[Mapping[str, Any]]:
    files = {**argocd_files(of, pins(of)), **flux_files(of, pins(of))}
    yield from objects(files, kind).values()


def at(body: object, path: str) -> object:
    """What the object has at a path of keys; None where there is nothing."""
    for key in path.split("."):
        body = body.get(key) if isinstance(body, Mapping) else None
    return body


@pytest.mark.parametrize("of", EXAMPLES, ids=["registry", "git", "admission"])
@pytest.mark.parametrize("kind", ["Application", "HelmRelease"])
def test_no_generated_object_has_what_the_guard_refuses(of: Organisation, kind: str) -> None:
    bodies = list(generated(of, kind))
    held = {
        path: value
        for body in bodies
        for path, _ in KINDS[kind].fields()
        if (value := at(body, path))
    }

    assert bodies
    assert held == {}


@pytest.mark.parametrize("body", APPLIED, ids=lambda body: str(body["metadata"]["name"]))
def test_what_a_person_applies_has_the_label_by_which_the_guards_find_it(
    body: Mapping[str, Any],
) -> None:
    labels = body["metadata"]["labels"]
    refused = [path for path, _ in KINDS[body["kind"]].fields() if at(body, path)]

    assert labels == {"app.kubernetes.io/part-of": "transire"}
    assert refused == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_that_is_named_is_one_of_upstream_s(kind: GuardedKind) -> None:
    schema = definition(kind.kind)
    unknown = []
    for path, empty in kind.fields():
        found: Any = schema
        for key in path.split("."):
            found = (found or {}).get("properties", {}).get(key)
        if found is None or found.get("type") not in TYPES[empty]:
            unknown.append(path)

    assert unknown == []


def test_flux_is_guarded_where_the_platform_asks_for_admission_and_argo_cd_by_a_person() -> None:
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
    found = {}
    for admission in (False, True):
        of = organisation(admission=admission)
        files = {**argocd_files(of, pins(of)), **flux_files(of, pins(of))}
        found[admission] = {
            path
            for path, file in files.items()
            if {str(body["kind"]) for body in file.objects} & set(kinds)
        }

    flux = {"edge-flux", "lab", "prod-onprem", "prod-us"}
    assert found[False] == {"argocd/guard.yaml"}
    assert found[True] == found[False] | {f"flux/{each}/access/platform.yaml" for each in flux}
