"""What `docs/publishing.md` tells people to apply, and what it says of the files."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from support.delivery.crd_schema import KINDS, faults
from support.delivery.gitops_example import organisation, pins
from support.paths import DOCS
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.flux.files import flux_files
from transire.engines.cilium.health import LUA

PAGE = (DOCS / "publishing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


OBJECTS: list[dict[str, Any]] = [
    body for block in blocks("yaml") for body in yaml.safe_load_all(block)
]


@pytest.mark.parametrize("body", OBJECTS, ids=lambda body: str(body["kind"]))
def test_every_object_to_apply_is_valid_upstream(body: dict[str, Any]) -> None:
    assert body["metadata"]["name"]
    if body["kind"] in KINDS:
        assert faults(body) == []


def test_both_tools_are_started_from_folders_that_are_generated() -> None:
    of = organisation()
    paths = [*argocd_files(of, pins(of)), *flux_files(of, pins(of))]
    applied = [
        str(
            body["spec"]["path"]
            if body["kind"] == "Kustomization"
            else body["spec"]["source"]["path"]
        )
        for body in OBJECTS
        if body["kind"] in {"Application", "Kustomization"}
    ]

    assert sorted(applied) == [
        "./flux/prod-onprem/access",
        "./flux/prod-onprem/releases",
        "argocd/prod-eu/applications",
    ]
    for each in applied:
        assert any(path.startswith(f"{each.removeprefix('./')}/") for path in paths)


def test_the_root_may_write_projects_and_applications_only_and_takes_nothing_with_it() -> None:
    project = next(body for body in OBJECTS if body["kind"] == "AppProject")
    root = next(body for body in OBJECTS if body["kind"] == "Application")

    assert [each["kind"] for each in project["spec"]["namespaceResourceWhitelist"]] == [
        "AppProject",
        "Application",
    ]
    assert project["spec"]["clusterResourceWhitelist"] == []
    assert root["spec"]["source"]["repoURL"] in project["spec"]["sourceRepos"]
    assert root["spec"]["destination"] in project["spec"]["destinations"]
    assert "finalizers" not in root["metadata"]


def test_deleting_a_kustomization_leaves_what_it_applied() -> None:
    found = [body["spec"] for body in OBJECTS if body["kind"] == "Kustomization"]

    assert [(spec["prune"], spec["deletionPolicy"]) for spec in found] == [(True, "Orphan")] * 2
    assert not any("dependsOn" in spec or spec.get("wait") for spec in found)


def test_the_lua_on_the_page_is_the_lua_in_the_settings() -> None:
    assert blocks("lua") == [LUA]


def test_names_in_commands_are_names_that_are_generated() -> None:
    of = organisation()
    files = {**argocd_files(of, pins(of)), **flux_files(of, pins(of))}
    names = {
        str(body["metadata"]["name"])  # type: ignore[call-overload,index]
        for file in files.values()
        for body in file.objects
    }
    told = set(re.findall(r"\begress-(?:payments|baseline)-[-a-z]+", PAGE))

    assert told
    assert told <= names


def test_links_lead_to_pages() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (DOCS / link).is_file(), link
