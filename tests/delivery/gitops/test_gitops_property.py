"""What holds for every organisation that can be published."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from support import needs
from support.delivery.crd_schema import KINDS, faults
from support.delivery.gitops_example import cluster, organisation, pins, team
from support.draw.rounds import in_rounds
from support.draw.strategies import organisations
from support.shared_data import shared
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.gitops.manifests_file import Files, text
from transire.delivery.gitops.publishable import publication_problems
from transire.model.intent import GitOps, Organisation

pytestmark = pytest.mark.slow("many drawn examples")

FEWER = settings(max_examples=40)
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SPEC: Any = "spec"


def both(of: Organisation) -> Files:
    """What `generate` would write for both tools."""
    return {**argocd_files(of, pins(of)), **flux_files(of, pins(of))}


def bodies(files: Files, *kinds: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        body for file in files.values() for body in file.objects if body["kind"] in kinds
    ]
    return [body for body in found if body["metadata"]["name"] != "tenant-example"]


def targets(of: Organisation) -> Counter[tuple[str, str]]:
    return Counter((each.namespace, each.cluster) for t in of.teams for each in t.publications)


def every_target_is_published_once_by_the_one_tool_of_its_cluster(
    of: Organisation, files: Files
) -> None:
    tools = {each.name: each.gitops for each in of.platform.clusters}
    applications = Counter(
        (body["spec"]["destination"]["namespace"], body["spec"]["destination"]["name"])
        for body in bodies(files, "Application")
        if body["metadata"]["labels"].get("transire/team")
    )
    releases = Counter(
        (body["spec"]["targetNamespace"], body["metadata"]["labels"]["transire/cluster"])
        for body in bodies(files, "HelmRelease")
        if body["metadata"]["labels"].get("transire/team")
    )

    assert applications + releases == targets(of)
    assert {tools[name] for _, name in applications} <= {GitOps.ARGOCD}
    assert {tools[name] for _, name in releases} <= {GitOps.FLUX}


def names_are_dns_labels_and_no_two_objects_of_a_cluster_share_one(
    of: Organisation, files: Files
) -> None:
    del of
    for body in bodies(files, *KINDS):
        assert DNS_LABEL.fullmatch(body["metadata"]["name"])
    applied = Counter(
        (path.split("/")[0], path.split("/")[1], body["kind"], str(body["metadata"]))
        for path, file in files.items()
        for body in file.objects
    )
    shared_by_all = Counter(
        (body["kind"], body["metadata"]["name"])
        for body in bodies(files, "Application", "AppProject", "HelmRelease")
    )

    assert set(applied.values()) <= {1}
    assert set(shared_by_all.values()) <= {1}


def no_team_s_project_reaches_another_team_s_namespace_or_chart(
    of: Organisation, files: Files
) -> None:
    owners = {(p.namespace, p.cluster): t.name for t in of.teams for p in t.publications}
    for project in bodies(files, "AppProject"):
        whose = project["metadata"]["labels"].get("transire/team")
        if whose is None:
            continue
        for each in project[SPEC]["destinations"]:
            assert owners[each["namespace"], each["name"]] == whose
            assert "server" not in each
        if of.platform.publish.registry:
            assert [source.rpartition("/")[2] for source in project[SPEC]["sourceRepos"]] == [whose]
        assert project[SPEC]["namespaceResourceWhitelist"]
        assert project[SPEC]["clusterResourceWhitelist"] == []


def accounts_are_bound_in_enrolled_namespaces_of_their_cluster_only(
    of: Organisation, files: Files
) -> None:
    enrolled = {(p.namespace, p.cluster) for t in of.teams for p in t.publications}
    enrolled |= {(name, c.name) for name in of.platform.enrol for c in of.platform.clusters}
    for path, file in files.items():
        for body in bodies({path: file}, "RoleBinding"):
            place = (body["metadata"]["namespace"], path.split("/")[1])
            assert place in enrolled or place[0] == "egress-system"


@FEWER
@given(of=organisations(min_teams=1))
def test_every_object_of_every_organisation_is_valid_upstream(of: Organisation) -> None:
    if shared("crds") is None:
        pytest.skip(needs.DEFINITIONS)
    assume(not publication_problems(of))

    assert [faults(body) for body in bodies(both(of), *KINDS) if faults(body)] == []


def equal_organisations_give_equal_bytes(of: Organisation, files: Files) -> None:
    shuffled = replace(
        of,
        teams=tuple(reversed(of.teams)),
        platform=replace(of.platform, clusters=tuple(reversed(of.platform.clusters))),
    )

    other = both(shuffled)
    assert {path: text(files[path]) for path in files} == {p: text(other[p]) for p in other}


HOLDS = (
    every_target_is_published_once_by_the_one_tool_of_its_cluster,
    names_are_dns_labels_and_no_two_objects_of_a_cluster_share_one,
    no_team_s_project_reaches_another_team_s_namespace_or_chart,
    accounts_are_bound_in_enrolled_namespaces_of_their_cluster_only,
    equal_organisations_give_equal_bytes,
)
"""Drawing an organisation takes longer than looking at its files, so all look at the same."""


def test_most_drawn_organisations_can_be_published_and_then_all_of_this_holds() -> None:
    seen: Counter[str] = Counter()

    def draw(of: Organisation) -> None:
        seen["drawn"] += 1
        if publication_problems(of):
            return
        files = both(of)
        seen["published"] += 1
        seen[f"published {seen['published']}"] += 1
        seen["of several teams"] += len(of.teams) > 1
        seen.update(str(b["kind"]) for file in files.values() for b in file.objects)
        for holds in HOLDS:
            holds(of, files)

    kinds = {"Application", "AppProject", "HelmRelease", "HelmRepository", "GitRepository"}
    in_rounds(organisations(min_teams=1), draw, seen=seen, wanted=kinds | {"published 80"})

    assert seen["published"] / seen["drawn"] > 0.5
    assert seen["of several teams"] >= 20


PARTS = ("a", "a-b", "b", "b-c", "c", "baseline", "tier", "platform", "n" * 63, "n" * 62 + "m")


@st.composite
def colliding(draw: st.DrawFn) -> Organisation:
    """Names that say the same when they are joined, and names too long to join."""
    names = st.sampled_from(PARTS)
    tools = st.sampled_from(["argocd", "flux"])
    clusters = sorted(draw(st.sets(names, min_size=1, max_size=3)))
    published: dict[str, list[str]] = {}
    for place in draw(st.sets(st.tuples(names, st.sampled_from(clusters)), min_size=1, max_size=5)):
        published.setdefault(draw(names), []).append(".".join(place))
    return organisation(
        clusters=tuple(cluster(name, "calico", "3.31", draw(tools)) for name in clusters),
        teams=tuple(team(name, *sorted(places)) for name, places in sorted(published.items())),
    )


COLLISION = organisation(
    clusters=(cluster("c", "calico", "3.31", "flux"),),
    teams=(team("a", "b-c.c"), team("a-b", "c.c")),
)


def test_names_that_would_collide_are_refused_and_no_others_do() -> None:
    judged: Counter[bool] = Counter()

    @settings(max_examples=100, database=None)
    @given(of=colliding())
    @example(of=COLLISION)
    def draw(of: Organisation) -> None:
        problems = publication_problems(of)
        judged[bool(problems)] += 1
        assert {each.id for each in problems} <= {"release-name-taken"}
        if not problems:
            named = bodies(both(of), "Application", "AppProject", "HelmRelease")
            names = Counter((body["kind"], body["metadata"]["name"]) for body in named)
            assert set(names.values()) == {1}
            assert all(DNS_LABEL.fullmatch(name) for _, name in names)

    draw()

    assert judged[False] / judged.total() >= 0.6
    assert judged[True]
