"""Projects and Applications of Argo CD."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.delivery.gitops_example import (
    GIT,
    REGISTRY,
    cluster,
    objects,
    organisation,
    pins,
    team,
)
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.argocd.settings import WIDENING
from transire.engines.api.kinds import Kind
from transire.engines.registry import engine_of
from transire.model.engine import Release
from transire.model.intent import Organisation


def of_kind(kind: str, of: Organisation | None = None, **pinned: str) -> dict[str, Any]:
    of = of or organisation()
    return objects(argocd_files(of, pins(of, **pinned)), kind)


APPLICATIONS = of_kind("Application")
PROJECTS = {k: v for k, v in of_kind("AppProject").items() if k != "tenant-example"}


def test_there_is_one_application_for_each_target_and_for_each_part_of_the_platform() -> None:
    assert sorted(APPLICATIONS) == [
        "egress-baseline-edge",
        "egress-baseline-prod-eu",
        "egress-baseline-staging",
        "egress-factory-factory-edge",
        "egress-ledger-ledger-batch-prod-eu",
        "egress-ledger-ledger-prod-eu",
        "egress-payments-payments-prod-prod-eu",
        "egress-payments-payments-staging-staging",
        "egress-tier-staging",
    ]


def test_a_chart_comes_from_the_registry_at_its_version() -> None:
    source = APPLICATIONS["egress-payments-payments-prod-prod-eu"]["spec"]["source"]

    assert {
        "repoURL": f"{REGISTRY}/teams/payments",
        "path": ".",
        "targetRevision": "1.4.2",
        "helm": {
            "releaseName": "egress",
            "valueFiles": ["targets/payments-prod.prod-eu.yaml"],
            "values": "",
            "parameters": [{"name": "global.parameters", "value": "none"}],
            "fileParameters": [{"name": "global.fileParameters", "path": "Chart.yaml"}],
            "passCredentials": False,
            "ignoreMissingValueFiles": False,
            "skipSchemaValidation": False,
        },
    } == source


def test_no_list_that_argo_cd_compares_with_its_own_copy_is_empty() -> None:
    for application in APPLICATIONS.values():
        spec = application["spec"]
        lists = [each for each in spec["source"]["helm"].values() if isinstance(each, list)]

        assert all([*lists, spec["ignoreDifferences"]])


def test_a_digest_that_is_known_pins_harder_than_a_version_that_can_be_overwritten() -> None:
    digest = "sha256:" + "0" * 64
    application = of_kind("Application", digest=digest)["egress-baseline-edge"]

    assert digest == application["spec"]["source"]["targetRevision"]
    assert application["metadata"]["annotations"]["transire/version"] == "1.4.2"


def test_without_a_registry_a_chart_comes_from_its_folder_at_its_tag_in_full() -> None:
    applications = of_kind("Application", organisation(registry=""))
    team_source = applications["egress-payments-payments-prod-prod-eu"]["spec"]["source"]
    platform_source = applications["egress-baseline-edge"]["spec"]["source"]

    assert (
        team_source["repoURL"],
        team_source["path"],
        team_source["targetRevision"],
    ) == (GIT, "charts/teams/payments", "refs/tags/payments-1.4.2")
    assert (
        platform_source["repoURL"],
        platform_source["path"],
        platform_source["targetRevision"],
    ) == (GIT, "charts/egress-baseline", "refs/tags/egress-baseline-1.4.2")


def test_a_project_of_a_team_permits_its_source_its_namespaces_and_its_engine_s_policies() -> None:
    spec = PROJECTS["egress-ledger-prod-eu"]["spec"]

    assert [f"{REGISTRY}/teams/ledger"] == spec["sourceRepos"]
    assert spec["destinations"] == [
        {"name": "prod-eu", "namespace": "ledger"},
        {"name": "prod-eu", "namespace": "ledger-batch"},
    ]
    assert spec["namespaceResourceWhitelist"] == [
        {"group": "cilium.io", "kind": "CiliumNetworkPolicy"}
    ]
    assert spec["clusterResourceWhitelist"] == []
    assert spec["orphanedResources"] == {"warn": True}


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        ("cilium", "1.14", ["CiliumNetworkPolicy"]),
        ("calico", "3.29", ["NetworkPolicy"]),
        ("calico", "3.30", ["NetworkPolicy", "StagedNetworkPolicy"]),
        ("calico-enterprise", "3.21", ["NetworkPolicy", "NetworkSet", "StagedNetworkPolicy"]),
        ("kubernetes", "", ["NetworkPolicy"]),
    ],
)
def test_a_team_may_write_the_kinds_of_its_engine_in_either_mode_and_no_other(
    engine: str, version: str, expected: list[str]
) -> None:
    of = organisation(
        clusters=(cluster("c", engine, version, "argocd"),), teams=(team("t", "n.c"),)
    )
    allowed = of_kind("AppProject", of)["egress-t-c"]["spec"]["namespaceResourceWhitelist"]

    assert expected == [each["kind"] for each in allowed]


def test_every_application_is_permitted_by_its_project() -> None:
    for name, application in APPLICATIONS.items():
        spec = application["spec"]
        project = PROJECTS[spec["project"]]["spec"]

        assert spec["source"]["repoURL"] in project["sourceRepos"], name
        assert spec["destination"] in project["destinations"], name


def test_the_platform_s_project_may_write_its_tier_and_its_role_and_nothing_in_namespaces() -> None:
    spec = PROJECTS["platform-egress-staging"]["spec"]

    assert [(each["kind"], each.get("name")) for each in spec["clusterResourceWhitelist"]] == [
        ("GlobalNetworkPolicy", None),
        ("StagedGlobalNetworkPolicy", None),
        ("ValidatingAdmissionPolicy", "egress-baseline"),
        ("ValidatingAdmissionPolicyBinding", "egress-baseline"),
        ("Tier", "egress"),
        ("ClusterRole", "egress-tier-egress"),
        ("ClusterRoleBinding", "egress-tier-egress"),
    ]
    assert spec["namespaceResourceBlacklist"] == [{"group": "*", "kind": "*"}]


def test_where_no_kind_is_cluster_wide_the_platform_still_reaches_what_is_enrolled_no_longer() -> (
    None
):
    spec = PROJECTS["platform-egress-edge"]["spec"]

    assert spec["namespaceResourceWhitelist"] == [
        {"group": "networking.k8s.io", "kind": "NetworkPolicy"}
    ]
    assert [e["namespace"] for e in spec["destinations"]] == ["egress-system", "*"]
    assert [each["namespace"] for each in spec["destinationServiceAccounts"]] == ["egress-system"]
    assert {each["kind"] for each in spec["clusterResourceWhitelist"]} == {
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }


@pytest.mark.parametrize("admission", [True, False])
def test_the_sync_that_takes_the_admission_policy_away_is_permitted_to(*, admission: bool) -> None:
    spec = of_kind("AppProject", organisation(admission=admission))["platform-egress-prod-eu"]

    assert spec["spec"]["clusterResourceWhitelist"] == [
        {"group": "cilium.io", "kind": "CiliumClusterwideNetworkPolicy"},
        {
            "group": "admissionregistration.k8s.io",
            "kind": "ValidatingAdmissionPolicy",
            "name": "egress-baseline",
        },
        {
            "group": "admissionregistration.k8s.io",
            "kind": "ValidatingAdmissionPolicyBinding",
            "name": "egress-baseline",
        },
    ]


def test_what_bends_a_chart_is_written_so_that_the_root_heals_it() -> None:
    for application in APPLICATIONS.values():
        spec = application["spec"]
        helm = spec["source"]["helm"]

        assert (spec["sources"], helm["values"]) == ([], "")
        assert "chart" not in spec["source"]
        assert [each["kind"] for each in spec["ignoreDifferences"]] == ["None"]
        assert [each["name"] for each in helm["parameters"]] == ["global.parameters"]
        assert [each["name"] for each in helm["fileParameters"]] == ["global.fileParameters"]
        assert helm["passCredentials"] is False
        assert spec["syncPolicy"]["automated"]["enabled"] is True


@pytest.mark.parametrize("name", sorted(APPLICATIONS))
def test_nothing_that_argo_cd_does_by_itself_takes_a_policy_s_protection_away(name: str) -> None:
    application = APPLICATIONS[name]
    policy = application["spec"]["syncPolicy"]

    assert "finalizers" not in application["metadata"]
    assert (
        application["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
        == "Prune=false,Delete=false"
    )
    assert {"CreateNamespace=false", "Delete=false", "FailOnSharedResource=true"} < set(
        policy["syncOptions"]
    )
    assert "PrunePropagationPolicy=background" in policy["syncOptions"]
    assert policy["automated"]["selfHeal"]
    assert not policy["automated"]["allowEmpty"]
    assert policy["retry"]["limit"] == -1
    assert policy["retry"]["refresh"]
    assert policy["retry"]["backoff"] == {"duration": "10s", "factor": 2, "maxDuration": "1m"}


def test_only_the_tier_is_never_pruned() -> None:
    pruned = {k: v["spec"]["syncPolicy"]["automated"]["prune"] for k, v in APPLICATIONS.items()}
    spared = {k for k, v in APPLICATIONS.items() if "Prune=false" in options(v)}

    assert {"egress-tier-staging"} == {name for name, prune in pruned.items() if not prune}
    assert {"egress-tier-staging"} == spared


def options(application: dict[str, Any]) -> list[str]:
    found: list[str] = application["spec"]["syncPolicy"]["syncOptions"]
    return found


def test_projects_come_first_then_the_tier_then_baseline_and_teams_together() -> None:
    waves = {
        name: int(body["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for name, body in {**PROJECTS, **APPLICATIONS}.items()
    }

    assert {-3} == {waves[name] for name in PROJECTS}
    assert [
        waves["egress-tier-staging"],
        waves["egress-baseline-staging"],
        waves["egress-payments-payments-staging-staging"],
    ] == [-2, -1, -1]


@pytest.mark.parametrize(
    ("engine", "version", "by_server"),
    [
        ("cilium", "1.19", True),
        ("kubernetes", "", True),
        ("calico", "3.31", True),
        ("calico", "3.32", False),
        ("calico", "3.32.0", False),
        ("calico", "3.32.1", True),
        ("calico-enterprise", "3.23", True),
    ],
)
def test_the_server_applies_and_so_refuses_unknown_fields_unless_it_cannot(
    engine: str, version: str, by_server: bool
) -> None:
    of = organisation(clusters=(cluster("c", engine, version, "argocd"),), teams=())
    application = of_kind("Application", of)["egress-baseline-c"]
    annotations = application["metadata"]["annotations"]

    assert by_server == ("ServerSideApply=true" in options(application))
    assert by_server == ("argocd.argoproj.io/compare-options" in annotations)
    assert "Validate=true" in options(application)


def test_argo_cd_acts_as_the_publishing_accounts_where_it_impersonates() -> None:
    team_spec = PROJECTS["egress-payments-staging"]["spec"]
    platform_spec = PROJECTS["platform-egress-staging"]["spec"]

    assert team_spec["destinationServiceAccounts"] == [
        {
            "server": "*",
            "namespace": "payments-staging",
            "defaultServiceAccount": "egress-system:egress-applier",
        }
    ]
    assert [
        each["defaultServiceAccount"] for each in platform_spec["destinationServiceAccounts"]
    ] == ["egress-system:egress-platform"]


def kinds_of(release: Release) -> tuple[Kind, ...]:
    kinds = engine_of(release).kinds(release)
    return (*kinds.team, *kinds.cluster_wide)


def test_a_tenant_of_the_example_can_write_no_kind_that_widens_egress() -> None:
    spec = of_kind("AppProject")["tenant-example"]["spec"]
    denied = [(each["group"], each["kind"]) for each in spec["namespaceResourceBlacklist"]]
    ours = {
        (kind.group, kind.kind)
        for each in organisation().platform.clusters
        for kind in kinds_of(each.release)
    }

    def is_denied(group: str, kind: str) -> bool:
        return (group, kind) in denied or (group, "*") in denied

    assert list(WIDENING) == denied
    assert all(is_denied(*each) for each in ours)
    assert is_denied("rbac.authorization.k8s.io", "RoleBinding")
    assert spec["clusterResourceWhitelist"] == []


def test_no_secret_and_no_password_is_in_any_file() -> None:
    bodies = [
        body
        for file in argocd_files(organisation(), pins(organisation())).values()
        for body in file.objects
    ]

    assert "Secret" not in {body["kind"] for body in bodies}
    assert not re.search("password|token:", str(bodies))


@pytest.mark.parametrize("length", [40, 63])
def test_long_names_are_shortened_and_stay_apart(length: int) -> None:
    first, second = ("n" * length, "n" * (length - 1) + "m")
    of = organisation(
        clusters=(cluster("c" * length, "cilium", "1.19", "argocd"),),
        teams=(team("t" * length, f"{first}.{'c' * length}", f"{second}.{'c' * length}"),),
    )
    names = [name for name in of_kind("Application", of) if "baseline" not in name]

    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)
    assert all(re.fullmatch(r"egress-t+-?[-a-z0-9]*-[0-9a-f]{10}", name) for name in names)
