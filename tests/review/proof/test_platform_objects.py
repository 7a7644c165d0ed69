"""The platform's own objects are what its values file means, one by one, and nothing beside them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from support.engines.example_targets import example_targets
from support.policy_repository import copy_example, edit, run
from transire.k8s.manifests import Manifest
from transire.model.intent import Cluster
from transire.review.proof.platform_objects import bent_objects

CLUSTER: Cluster = example_targets()["cilium"][0].cluster
ADMISSION = "admission: true\nargocd: {sync: impersonation}\nenrol:"
HELP = (
    "  help: take the change out of the templates: `transire init --upgrade` renews them and shows "
    "what it changes"
)


def binding(actions: list[str], name: str = "egress-baseline") -> Manifest:
    body: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": "egress-baseline", "validationActions": actions},
    }
    return Manifest(source="x", index=0, body=body)


def policy() -> Manifest:
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy",
        "metadata": {"name": "any"},
        "spec": {},
    }
    return Manifest(source="x", index=0, body=body)


def found(objects: list[Manifest], meant: list[Manifest]) -> list[str]:
    return [str(each) for each in bent_objects("egress-baseline", CLUSTER, objects, meant)]


def test_the_same_objects_in_any_order_are_no_finding() -> None:
    one, other = binding(["Deny"]), binding(["Deny"], "other")

    assert found([one, other], [other, one]) == []


@pytest.mark.parametrize(
    ("objects", "meant", "message"),
    [
        (
            [binding(["Audit"])],
            [binding(["Deny"])],
            (
                "ValidatingAdmissionPolicyBinding egress-baseline has 'Audit' at "
                "/spec/validationActions/0, and its values mean 'Deny'"
            ),
        ),
        (
            [binding(["Deny", "Warn"])],
            [binding(["Deny"])],
            (
                "ValidatingAdmissionPolicyBinding egress-baseline has 'Warn' at "
                "/spec/validationActions/1, and its values mean nothing"
            ),
        ),
        ([], [binding(["Deny"])], "ValidatingAdmissionPolicyBinding egress-baseline is missing"),
        (
            [binding(["Deny"]), binding(["Deny"], "second")],
            [binding(["Deny"])],
            "ValidatingAdmissionPolicyBinding second is there besides",
        ),
        (
            [binding(["Deny"]), binding(["Deny"])],
            [binding(["Deny"])],
            "ValidatingAdmissionPolicyBinding egress-baseline is there besides",
        ),
    ],
)
def test_what_differs_is_named_with_both_sides(
    objects: list[Manifest], meant: list[Manifest], message: str
) -> None:
    expected = f"charts/egress-baseline: error: {CLUSTER.name}: {message} (platform-object)\n{HELP}"

    assert found(objects, meant) == [expected]


def test_policies_are_for_the_proof_to_judge() -> None:
    assert found([policy()], []) == []


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("platform") / "policies")
    edit(root, "values/platform.yaml", "enrol:", ADMISSION)
    return root


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize(
    "change",
    [
        ("egress-baseline/templates/admission.yaml", "[Deny]", "[Audit]", "/validationActions/0"),
        ("egress-tier/templates/tier.yaml", "{{ .order | int }}", "2000000", "/spec/order"),
        (
            "egress-tier/templates/tier.yaml",
            'helm.sh/resource-policy: "keep"',
            'helm.sh/resource-policy: "delete"',
            "/metadata/annotations/helm.sh~1resource-policy",
        ),
        ("egress-tier/templates/tier.yaml", "verbs: [get]", 'verbs: ["*"]', "/rules/0/verbs/0"),
    ],
)
def test_a_changed_template_of_the_platform_is_found_by_check(
    tmp_path: Path, example: Path, change: tuple[str, str, str, str]
) -> None:
    template, before, after, place = change
    root = tmp_path / "policies"
    shutil.copytree(example, root)
    edit(root, f"charts/{template}", before, after)
    assert run(root, "generate").code == 1

    ran = run(root, "check")

    assert ran.code == 1
    assert "(platform-object)" in ran.out
    assert place in ran.out
