"""The accounts that publish, and exactly what they may write where."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from support.delivery.gitops_example import cluster, objects, organisation, pins, team
from support.paths import CHARTS
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.gitops.manifests_file import Files
from transire.model.accounts import USERS
from transire.model.intent import Organisation


def access(tool: str, name: str, of: Organisation | None = None) -> Files:
    of = of or organisation()
    files = argocd_files(of, pins(of)) if tool == "argocd" else flux_files(of, pins(of))
    return {p: file for p, file in files.items() if p.startswith(f"{tool}/{name}/access/")}


ADMISSION = {
    "admissionregistration.k8s.io/validatingadmissionpolicies",
    "admissionregistration.k8s.io/validatingadmissionpolicybindings",
}


def granted(files: Files, role: str) -> set[tuple[str, str, str]]:
    """The role's rights as `group/resource`, names joined by commas, and verb."""
    return {
        (f"{group}/{resource}", ",".join(rule.get("resourceNames", [])), verb)
        for rule in objects(files, "ClusterRole")[role]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def resources(files: Files, role: str) -> set[str]:
    return {resource for resource, _, _ in granted(files, role)}


def bindings(files: Files) -> set[tuple[str, str, str]]:
    """Namespace, role and account of every binding inside a namespace."""
    return {
        (body["metadata"]["namespace"], body["roleRef"]["name"], subject["name"])
        for file in files.values()
        for body in _any(file.objects)
        if body["kind"] == "RoleBinding"
        for subject in body["subjects"]
    }


def _any(bodies: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - trees without types
    return list(bodies)


def test_the_applier_is_bound_in_exactly_the_namespaces_that_are_published_to() -> None:
    assert bindings(access("argocd", "prod-eu")) == {
        ("payments-prod", "egress-applier", "egress-applier"),
        ("ledger", "egress-applier", "egress-applier"),
        ("ledger-batch", "egress-applier", "egress-applier"),
    }


def test_a_team_s_bindings_stand_in_the_team_s_own_file() -> None:
    files = access("argocd", "prod-eu")

    assert bindings({"x": files["argocd/prod-eu/access/teams/payments.yaml"]}) == {
        ("payments-prod", "egress-applier", "egress-applier")
    }


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        ("cilium", "1.19", {"cilium.io/ciliumnetworkpolicies"}),
        ("kubernetes", "", {"networking.k8s.io/networkpolicies"}),
        (
            "calico",
            "3.29",
            {"projectcalico.org/networkpolicies", "projectcalico.org/tier.networkpolicies"},
        ),
        (
            "calico-enterprise",
            "3.22",
            {
                "projectcalico.org/networkpolicies",
                "projectcalico.org/networksets",
                "projectcalico.org/stagednetworkpolicies",
                "projectcalico.org/tier.networkpolicies",
                "projectcalico.org/tier.stagednetworkpolicies",
            },
        ),
    ],
)
def test_the_applier_may_write_the_policies_of_its_engine_and_nothing_else(
    engine: str, version: str, expected: set[str]
) -> None:
    of = organisation(clusters=(cluster("c", engine, version, "flux"),), teams=(team("t", "n.c"),))

    assert resources(access("flux", "c", of), "egress-applier") == expected


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        ("cilium", "1.19", {"cilium.io/ciliumclusterwidenetworkpolicies"}),
        ("kubernetes", "", {"networking.k8s.io/networkpolicies"}),
        (
            "calico",
            "3.30",
            {
                "projectcalico.org/globalnetworkpolicies",
                "projectcalico.org/stagedglobalnetworkpolicies",
                "projectcalico.org/tier.globalnetworkpolicies",
                "projectcalico.org/tier.networkpolicies",
                "projectcalico.org/tier.stagedglobalnetworkpolicies",
                "projectcalico.org/tier.stagednetworkpolicies",
                "projectcalico.org/tiers",
                "rbac.authorization.k8s.io/clusterrolebindings",
                "rbac.authorization.k8s.io/clusterroles",
            },
        ),
    ],
)
def test_the_platform_s_account_may_write_the_kinds_of_its_baseline_everywhere(
    engine: str, version: str, expected: set[str]
) -> None:
    of = organisation(clusters=(cluster("c", engine, version, "flux"),), teams=())

    assert resources(access("flux", "c", of), "egress-platform") == expected | ADMISSION


def test_the_right_to_the_admission_policy_does_not_go_with_the_setting_that_brings_it() -> None:
    rights = granted(access("argocd", "prod-eu"), "egress-platform")
    on = organisation(admission=True)

    assert {r for r in rights if r[0] in ADMISSION} == {
        (kind, name, verb)
        for kind in ADMISSION
        for name, verbs in (
            ("", ("create", "list", "watch")),
            ("egress-baseline", ("delete", "get", "patch", "update")),
        )
        for verb in verbs
    }
    assert rights == granted(access("argocd", "prod-eu", on), "egress-platform")


def test_rights_in_a_tier_and_on_roles_are_limited_to_their_names() -> None:
    rights = granted(access("flux", "prod-onprem"), "egress-platform")
    nameless = {(what, verb) for what, names, verb in rights if not names}

    assert {names for what, names, _ in rights if "/tier." in what} == {"egress.*"}
    assert {
        ("projectcalico.org/tiers", "create"),
        ("rbac.authorization.k8s.io/clusterroles", "create"),
    } < nameless
    assert not {
        (what, verb)
        for what, verb in nameless
        if verb in {"update", "patch", "delete"} and what.endswith(("tiers", "roles", "bindings"))
    }


def test_nobody_may_escalate_bind_or_impersonate() -> None:
    verbs = {
        verb
        for each in ("edge-flux", "lab", "prod-onprem", "prod-us")
        for role in ("egress-applier", "egress-platform")
        for _, _, verb in granted(access("flux", each), role)
    }

    assert not verbs & {"*", "escalate", "bind", "impersonate"}


def test_the_applier_can_see_the_tier_that_calico_asks_it_for() -> None:
    files = access("flux", "prod-onprem")

    assert granted(files, "egress-applier-tier") == {("projectcalico.org/tiers", "egress", "get")}
    binding = objects(files, "ClusterRoleBinding")["egress-applier-tier"]
    assert [each["name"] for each in binding["subjects"]] == ["egress-applier"]


def test_the_platform_s_account_holds_every_right_that_the_tier_s_chart_grants() -> None:
    template = CHARTS / "egress-tier" / "templates" / "tier.yaml"
    found = re.findall(
        r"- apiGroups: (\[.*\])\n *resources: (\[.*\])\n *resourceNames: .*\n *verbs: (\[.*\])",
        template.read_text(encoding="utf-8"),
    )
    chart = {
        (f"{group}/{resource}", verb)
        for groups, resources_, verbs in found
        for group in yaml.safe_load(groups)
        for resource in yaml.safe_load(resources_)
        for verb in yaml.safe_load(verbs)
    }
    held = {(w, v) for w, _, v in granted(access("flux", "lab"), "egress-platform")}

    assert len(found) == 2
    assert chart <= held


def test_where_no_kind_is_cluster_wide_the_platform_s_role_is_bound_for_the_cluster() -> None:
    files = access("flux", "edge-flux")
    assert list(objects(files, "ClusterRoleBinding")) == ["egress-platform"]
    assert bindings(files) == {
        ("egress-system", "egress-storage", "egress-applier"),
        ("egress-system", "egress-storage", "egress-platform"),
        ("ledger", "egress-applier", "egress-applier"),
    }


def test_secrets_are_reached_only_where_flux_keeps_releases_and_only_with_flux() -> None:
    roles = objects(access("flux", "prod-us"), "Role")

    assert [(r["metadata"]["namespace"], r["rules"][0]["resources"]) for r in roles.values()] == [
        ("egress-system", ["secrets"])
    ]
    assert objects(access("argocd", "prod-eu"), "Role") == {}


def test_the_accounts_have_no_token_and_their_namespace_is_never_pruned() -> None:
    files = access("flux", "prod-us")
    accounts = objects(files, "ServiceAccount")
    namespace = objects(files, "Namespace")["egress-system"]

    assert sorted(accounts) == ["egress-applier", "egress-platform"]
    assert not any(each["automountServiceAccountToken"] for each in accounts.values())
    assert namespace["metadata"]["annotations"] == {"kustomize.toolkit.fluxcd.io/prune": "disabled"}


def test_whoever_lists_the_writers_names_both_accounts() -> None:
    assert USERS == (
        "system:serviceaccount:egress-system:egress-applier",
        "system:serviceaccount:egress-system:egress-platform",
    )
