"""What `docs/publishing.md` tells people to apply, and what it says of the files."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from support.delivery.crd_schema import KINDS, faults
from support.delivery.gitops_example import objects, organisation, pins
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


def section(title: str) -> str:
    """The page from a heading to the next one of its level or above."""
    level = title.split(" ", 1)[0]
    rest = PAGE.split(f"\n{title}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", rest, maxsplit=1)[0]


@pytest.mark.parametrize(("tool", "steps"), [("## Argo CD", 6), ("## Flux", 5)])
def test_each_step_of_a_start_has_its_time_and_what_to_see(tool: str, steps: int) -> None:
    start = section(tool).split("\n### Start\n", 1)[1].split("\n### ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in start.splitlines() if line.startswith("| ")]
    head, *found = rows

    assert head == ["step", "takes", "what to see", "if it is not seen"]
    assert [each[0].split(".")[0] for each in found] == [str(n + 1) for n in range(steps)]
    for each in found:
        assert all(cell.strip() for cell in each[:3]), each


def test_waits_on_the_page_are_those_of_the_objects() -> None:
    of = organisation()
    releases = objects(flux_files(of, pins(of)), "HelmRelease").values()
    waits = {
        (each["spec"]["interval"], each["spec"][action]["strategy"]["retryInterval"])
        for each in releases
        for action in ("install", "upgrade")
    }
    applications = objects(argocd_files(of, pins(of)), "Application").values()
    backoffs = [each["spec"]["syncPolicy"]["retry"]["backoff"] for each in applications]
    roots = [each for each in OBJECTS if each["kind"] == "Application"]
    text = section("## How long it takes")

    assert waits == {("5m", "30s")}
    assert {tuple(each.items()) for each in backoffs} == {
        (("duration", "10s"), ("factor", 2), ("maxDuration", "1m"))
    }
    assert [each["spec"]["syncPolicy"]["retry"]["backoff"] for each in roots] == [backoffs[0]]
    assert {
        each["spec"]["retryInterval"] for each in OBJECTS if each["kind"] == "Kustomization"
    } == {"30s"}
    assert "by Argo CD after 10, 20, 40 and then every 60 s, by Flux every 30 s" in text
    assert "at the interval of the HelmRelease, within five minutes" in text


def test_the_page_leaves_the_secret_out_where_git_is_read_without_login() -> None:
    of = organisation(registry="")
    anonymous = replace(
        of, platform=replace(of.platform, publish=replace(of.platform.publish, credentials=""))
    )
    files = flux_files(anonymous, pins(anonymous))
    here = {path: file for path, file in files.items() if path.startswith("flux/prod-us/")}
    sources = objects(here, "GitRepository").values()

    assert sources
    assert not any("secretRef" in each["spec"] for each in sources)
    assert "A repository that is read without login needs none" in section("## Flux")
