"""Sources and HelmReleases of Flux."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from support.delivery.crd_schema import faults
from support.delivery.gitops_example import (
    GIT,
    REGISTRY,
    cluster,
    objects,
    organisation,
    pins,
    team,
)
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.gitops.manifests_file import Files
from transire.model.intent import Organisation
from transire.model.publish import Publish, SignatureProvider, Verify


def written(of: Organisation | None = None) -> Files:
    of = of or organisation()
    return flux_files(of, pins(of))


def on_cluster(name: str, of: Organisation | None = None) -> Files:
    return {path: file for path, file in written(of).items() if path.startswith(f"flux/{name}/")}


def fetching(**publish: str) -> Organisation:
    of = organisation()
    usual = Publish(registry=REGISTRY, git=GIT)
    given = replace(usual, **publish)  # type: ignore[arg-type] # none of these is `verify`
    return replace(of, platform=replace(of.platform, publish=given))


RELEASES: dict[str, Any] = objects(written(), "HelmRelease")


def test_there_is_one_release_for_each_target_and_for_each_part_of_the_platform() -> None:
    assert sorted(RELEASES) == [
        "egress-baseline-edge-flux",
        "egress-baseline-lab",
        "egress-baseline-prod-onprem",
        "egress-baseline-prod-us",
        "egress-ledger-ledger-edge-flux",
        "egress-ledger-ledger-prod-us",
        "egress-payments-payments-lab-lab",
        "egress-payments-payments-prod-prod-onprem",
        "egress-tier-lab",
        "egress-tier-prod-onprem",
    ]


def test_the_pin_and_the_values_file_stand_in_one_object_and_change_in_one_instant() -> None:
    spec = RELEASES["egress-ledger-ledger-prod-us"]["spec"]

    assert spec["chart"]["spec"] == {
        "chart": "ledger",
        "version": "1.4.2",
        "reconcileStrategy": "ChartVersion",
        "sourceRef": {
            "kind": "HelmRepository",
            "name": "egress-teams",
            "namespace": "egress-system",
        },
        "interval": "5m",
        "valuesFiles": ["values.yaml", "targets/ledger.prod-us.yaml"],
        "ignoreMissingValuesFiles": False,
    }
    assert not {"values", "chartRef"} & set(spec)


def test_what_bends_a_chart_is_written_empty_so_that_the_kustomization_heals_it() -> None:
    for body in RELEASES.values():
        spec = body["spec"]

        assert (spec["valuesFrom"], spec["postRenderers"]) == ([], [])
        assert spec["driftDetection"] == {"mode": "enabled", "ignore": []}
        assert (spec["upgrade"]["preserveValues"], spec["upgrade"]["force"]) == (False, False)
        for action in (spec["install"], spec["upgrade"]):
            assert action["disableSchemaValidation"] is False
            assert action["disableOpenAPIValidation"] is False


def test_every_chart_of_the_registry_is_verified_where_the_platform_signs() -> None:
    verify = Verify(provider=SignatureProvider.COSIGN, secret="egress-cosign")  # noqa: S106
    of = organisation(verify=verify)
    releases = objects(written(of), "HelmRelease").values()

    assert [each["spec"]["chart"]["spec"]["verify"] for each in releases] == [
        {"provider": "cosign", "secretRef": {"name": "egress-cosign"}}
    ] * len(RELEASES)
    assert [(each["metadata"]["name"], faults(each)) for each in releases if faults(each)] == []


def test_without_a_registry_a_chart_comes_from_its_folder_at_its_tag() -> None:
    of = organisation(registry="")
    files = on_cluster("prod-us", of)
    source = objects(files, "GitRepository")["egress-ledger"]["spec"]
    chart = objects(files, "HelmRelease")["egress-ledger-ledger-prod-us"]["spec"]["chart"]["spec"]

    assert source == {
        "interval": "10m",
        "url": GIT,
        "ref": {"tag": "ledger-1.4.2"},
        "sparseCheckout": ["charts/teams/ledger"],
        "include": [],
        "secretRef": {"name": "egress-charts"},
    }
    assert chart["chart"] == "charts/teams/ledger"
    assert chart["reconcileStrategy"] == "Revision"
    assert chart["sourceRef"]["name"] == "egress-ledger"
    assert "version" not in chart
    assert chart["valuesFiles"] == [
        "charts/teams/ledger/values.yaml",
        "charts/teams/ledger/targets/ledger.prod-us.yaml",
    ]


def test_without_a_registry_the_platform_has_a_source_for_each_of_its_charts() -> None:
    sources = objects(on_cluster("lab", organisation(registry="")), "GitRepository")

    assert {name: source["spec"]["ref"]["tag"] for name, source in sources.items()} == {
        "egress-payments": "payments-1.4.2",
        "platform-egress-baseline": "egress-baseline-1.4.2",
        "platform-egress-tier": "egress-tier-1.4.2",
    }


def test_the_registry_has_one_source_for_teams_and_one_for_the_platform() -> None:
    sources = objects(on_cluster("prod-us"), "HelmRepository")

    assert {name: source["spec"]["url"] for name, source in sources.items()} == {
        "egress-platform": REGISTRY,
        "egress-teams": f"{REGISTRY}/teams",
    }
    assert {source["spec"]["type"] for source in sources.values()} == {"oci"}


@pytest.mark.parametrize(
    ("publish", "expected"),
    [
        ({}, {"secretRef": {"name": "egress-charts"}}),
        ({"credentials": ""}, {}),
        (
            {"credentials": "pull", "ca": "our-ca"},
            {"secretRef": {"name": "pull"}, "certSecretRef": {"name": "our-ca"}},
        ),
    ],
)
def test_a_source_names_the_secrets_that_the_platform_names(
    publish: dict[str, str], expected: dict[str, Any]
) -> None:
    sources = objects(on_cluster("prod-us", fetching(**publish)), "HelmRepository")

    for source in sources.values():
        found = {key: source["spec"][key] for key in source["spec"] if key.endswith("Ref")}
        assert expected == found


def test_the_authority_of_a_git_server_is_in_the_secret_of_its_credentials() -> None:
    source = objects(on_cluster("prod-us", fetching(registry="", ca="our-ca")), "GitRepository")

    assert "certSecretRef" not in source["egress-ledger"]["spec"]


@pytest.mark.parametrize("name", sorted(RELEASES))
def test_nothing_that_flux_does_by_itself_takes_a_policy_away_from_a_namespace(name: str) -> None:
    body = RELEASES[name]
    spec = body["spec"]

    assert body["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/prune"] == "disabled"
    assert spec["driftDetection"]["mode"] == "enabled"
    assert spec["upgrade"]["chartNameChangeStrategy"] == "InPlaceUpdate"
    assert not spec["install"]["createNamespace"]
    for action in (spec["install"], spec["upgrade"]):
        assert action["strategy"] == {"name": "RetryOnFailure", "retryInterval": "30s"}
        assert action["disableTakeOwnership"]
        assert "remediation" not in action


def test_nothing_is_taken_for_a_variable_of_a_kustomization() -> None:
    for file in written().values():
        for body in file.objects:
            if body["apiVersion"] in {"source.toolkit.fluxcd.io/v1", "helm.toolkit.fluxcd.io/v2"}:
                metadata: Any = body["metadata"]
                mark = metadata["annotations"]["kustomize.toolkit.fluxcd.io/substitute"]
                assert mark == "disabled"


def test_teams_and_the_baseline_wait_for_the_tier_and_not_for_each_other() -> None:
    after = {
        name: [(each["name"], each["namespace"]) for each in body["spec"].get("dependsOn", [])]
        for name, body in RELEASES.items()
        if name.endswith(("onprem", "prod-us"))
    }

    assert after == {
        "egress-tier-prod-onprem": [],
        "egress-baseline-prod-onprem": [("egress-tier-prod-onprem", "egress-system")],
        "egress-payments-payments-prod-prod-onprem": [("egress-tier-prod-onprem", "egress-system")],
        "egress-baseline-prod-us": [],
        "egress-ledger-ledger-prod-us": [],
    }


@pytest.mark.parametrize(
    ("registry", "kind"),
    [("oci://registry.example.com/egress", "HelmChart"), ("", "GitRepository")],
)
def test_a_receiver_makes_flux_look_for_charts_at_once(registry: str, kind: str) -> None:
    (one,) = written(organisation(registry=registry))["flux/receiver.yaml"].objects

    assert one["kind"] == "Receiver"
    assert one["metadata"] == {
        "name": "egress-charts",
        "namespace": "egress-system",
        "labels": {"app.kubernetes.io/part-of": "transire"},
    }
    assert one["spec"] == {
        "type": "generic",
        "secretRef": {"name": "egress-receiver"},
        "resources": [
            {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": kind, "name": "*"},
        ],
    }


def test_every_dependency_and_every_source_is_in_the_cluster_s_own_files() -> None:
    for each in ("edge-flux", "lab", "prod-onprem", "prod-us"):
        for of in (organisation(), organisation(registry="")):
            files = on_cluster(each, of)
            releases = objects(files, "HelmRelease")
            sources = {*objects(files, "HelmRepository"), *objects(files, "GitRepository")}
            for release in releases.values():
                spec = release["spec"]
                assert spec["chart"]["spec"]["sourceRef"]["name"] in sources
                assert {after["name"] for after in spec.get("dependsOn", [])} <= set(releases)


def test_releases_are_kept_out_of_reach_of_tenants_and_written_by_the_right_account() -> None:
    by_account = {
        name: (spec["serviceAccountName"], spec["targetNamespace"], spec["storageNamespace"])
        for name, spec in ((name, body["spec"]) for name, body in RELEASES.items())
    }

    assert by_account["egress-payments-payments-lab-lab"] == (
        "egress-applier",
        "payments-lab",
        "egress-system",
    )
    assert by_account["egress-tier-lab"] == (
        "egress-platform",
        "egress-system",
        "egress-system",
    )
    assert {storage for _, _, storage in by_account.values()} == {"egress-system"}


def test_no_two_releases_of_a_cluster_are_one_release_to_helm() -> None:
    of = organisation(
        clusters=(cluster("c", "cilium", "1.19", "flux"),),
        teams=(team("t", f"{'n' * 62}a.c", f"{'n' * 62}b.c", f"{'n' * 40}.c"),),
    )
    names = [body["spec"]["releaseName"] for body in objects(written(of), "HelmRelease").values()]

    assert len(set(names)) == len(names) == 4
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?", name) for name in names)


@pytest.mark.parametrize(
    ("engine", "version", "install", "upgrade"),
    [
        ("cilium", "1.19", True, "enabled"),
        ("calico", "3.31", True, "enabled"),
        ("calico", "3.32", False, "disabled"),
        ("calico", "3.32.1", True, "enabled"),
    ],
)
def test_the_server_applies_and_so_refuses_unknown_fields_unless_it_cannot(
    engine: str, version: str, install: bool, upgrade: str
) -> None:
    of = organisation(clusters=(cluster("c", engine, version, "flux"),), teams=())
    spec = objects(written(of), "HelmRelease")["egress-baseline-c"]["spec"]

    assert (spec["install"]["serverSideApply"], spec["upgrade"]["serverSideApply"]) == (
        install,
        upgrade,
    )


def test_the_accounts_have_files_of_their_own_so_that_a_missing_namespace_blocks_no_release() -> (
    None
):
    for path, file in written().items():
        kinds = {str(body["kind"]) for body in file.objects}
        releases = {"HelmRelease", "HelmRepository", "GitRepository"}
        assert kinds <= releases if "/releases/" in path else not kinds & releases
