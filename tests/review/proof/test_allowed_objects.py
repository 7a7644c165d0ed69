"""What a template may not slip into a release, though it changes nothing that a proof looks at."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support.policy_repository import contents, copy_example
from transire import api
from transire.model.problems import HelmFailed, Rejected

POLICY = "charts/egress-policy/templates"
HEAD = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
CLOSED = "spec: {podSelector: {}, policyTypes: [Egress]}\n"


def generate(root: Path) -> None:
    api.generate(root, teams=("factory",), as_of=date(2026, 11, 23), helm="sdk")


def refusal(folder: Path, template: str, text: str) -> str:
    """What is said of a repository with one more template, in which nothing may be written."""
    root = copy_example(folder)
    (root / template).write_text(text, encoding="utf-8")
    before = contents(root)

    with pytest.raises(Rejected) as refused:
        generate(root)

    assert before == contents(root)
    return str(refused.value)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (
            'annotations: {"argocd.argoproj.io/hook": Skip}',
            "annotation argocd.argoproj.io/hook",
        ),
        (
            'labels: {"helm.toolkit.fluxcd.io/driftDetection": disabled}',
            "label helm.toolkit.fluxcd.io/driftDetection",
        ),
        (
            "ownerReferences: []",
            "metadata ownerReferences",
        ),
    ],
)
def test_a_note_that_may_keep_a_policy_from_being_applied_is_refused(
    tmp_path: Path, note: str, said: str
) -> None:
    text = f"{HEAD}metadata: {{name: x, namespace: factory, {note}}}\n{CLOSED}"
    expected = (
        f"charts/teams/factory: error: factory.edge: NetworkPolicy factory/x has the {said}, "
        "which may keep it from being applied (strange-object)\n"
        "  help: take it out of the templates, which `transire init --upgrade` renews"
    )

    assert expected == refusal(tmp_path, f"{POLICY}/more.yaml", text)


def test_the_baseline_holds_policies_only(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"

    said = refusal(tmp_path, "charts/egress-baseline/templates/more.yaml", text)

    assert said == (
        "charts/egress-baseline: error: edge: ConfigMap x (v1) is no object that the chart is for "
        "(strange-object)\n"
        "  help: take it out of the templates, which `transire init --upgrade` renews"
    )


@pytest.mark.parametrize("folder", ["crds", "charts"])
def test_what_helm_installs_beside_the_templates_is_refused(tmp_path: Path, folder: str) -> None:
    root = copy_example(tmp_path)
    (root / f"charts/egress-policy/{folder}").mkdir()

    said = refusal_of(root, f"charts/egress-policy/{folder}/open.yaml")

    assert said == (
        f"charts/egress-policy/{folder}/open.yaml: error: Helm would install this beside what the "
        "chart's own templates render (chart-beside)\n"
        "  help: move it into a chart of its own"
    )


def refusal_of(root: Path, path: str) -> str:
    text = f"{HEAD}metadata: {{name: open, namespace: factory}}\n"
    (root / path).write_text(text, encoding="utf-8")
    with pytest.raises(Rejected) as refused:
        generate(root)
    return str(refused.value)


def test_a_hook_which_helm_does_not_list_is_refused(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    (root / f"{POLICY}/open.yaml").write_text(
        f"{HEAD}metadata: {{name: open, namespace: factory, annotations: "
        '{"helm.sh/hook": post-install}}\n'
        "spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}\n",
        encoding="utf-8",
    )

    with pytest.raises(HelmFailed) as failed:
        generate(root)

    assert str(failed.value).endswith(
        " failed: of 6 objects Helm would install 1 as hooks, beside the others; take the "
        "annotation helm.sh/hook away"
    )
