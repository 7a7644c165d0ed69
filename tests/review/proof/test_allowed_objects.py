"""What a template may not slip into a release, though it changes nothing that a proof looks at."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support.policy_repository import contents, copy_example, edit
from transire import api
from transire.k8s.manifests import Manifest
from transire.model.problems import HelmFailed, Rejected, Unjudgeable
from transire.review.proof.own_metadata import OwnMetadata

POLICY = "charts/egress-policy/templates"
HEAD = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
LABELS = "{transire/team: factory, transire/layer: deny}"
SOURCE = "transire/source: values/teams/factory.yaml#x"
HELP = "  help: take it out of the templates, which `transire init --upgrade` renews"
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
            f'labels: {LABELS}, annotations: {{{SOURCE}, "argocd.argoproj.io/hook": Skip}}',
            "annotation argocd.argoproj.io/hook",
        ),
        (
            (
                "labels: {transire/team: factory, transire/layer: deny, "
                f'"helm.toolkit.fluxcd.io/driftDetection": disabled}}, annotations: {{{SOURCE}}}'
            ),
            "label helm.toolkit.fluxcd.io/driftDetection",
        ),
        (
            f"labels: {LABELS}, annotations: {{{SOURCE}}}, ownerReferences: []",
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


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    metadata = (
        f"metadata: {{name: x, namespace: factory, labels: {LABELS}, annotations: {{{SOURCE}}}}}\n"
    )
    spec = "spec:\n  podSelector: {}\n  policyTypes: [Egress]\n  egress: [{}]\n  egress: []\n"

    assert refusal(tmp_path, f"{POLICY}/more.yaml", f"{HEAD}{metadata}{spec}") == (
        "charts/teams/factory: error: factory.edge: NetworkPolicy factory/x has /spec/egress twice, "
        "of which some clients take the last and others none (strange-object)\n"
        f"{HELP}"
    )


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


def metadata_of(**changed: str | None) -> Manifest:
    """A set of the team factory with its labels and annotations, some of them changed."""
    found = {
        "team": "factory",
        "layer": "allow",
        "set": "allow-x",
        "source": "values/teams/factory.yaml#x",
        "wave": "-1",
        **changed,
    }
    kept = {key: value for key, value in found.items() if value is not None}
    labels = {f"transire/{key}": kept[key] for key in ("team", "layer", "set") if key in kept}
    annotations = {
        name: kept[key]
        for key, name in (("source", "transire/source"), ("wave", "argocd.argoproj.io/sync-wave"))
        if key in kept
    }
    metadata = {"name": "allow-x", "labels": labels, "annotations": annotations}
    body = {"apiVersion": "projectcalico.org/v3", "kind": "NetworkSet", "metadata": metadata}
    return Manifest(source="x", index=0, body=body)


OF_FACTORY = OwnMetadata(
    team="factory", files=("values/teams/factory.yaml", "values/platform.yaml")
)


def test_metadata_as_the_charts_render_it_is_no_finding() -> None:
    assert list(OF_FACTORY.faults(metadata_of())) == []
    assert list(OF_FACTORY.faults(metadata_of(source="values/platform.yaml#enrol"))) == []
    assert list(OF_FACTORY.faults(metadata_of(set=None, wave=None))) == []
    assert list(OwnMetadata(files=OF_FACTORY.files).faults(metadata_of(team=None))) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"team": "other"}, "has the label transire/team 'other', not factory"),
        ({"team": None}, "lacks the label transire/team, which is factory"),
        (
            {"layer": "x"},
            "has the label transire/layer 'x', not admission or allow or audit or deny or dns or in-cluster",
        ),
        ({"set": "allow-y"}, "has the label transire/set 'allow-y', not allow-x"),
        ({"wave": "5"}, "has the annotation argocd.argoproj.io/sync-wave '5', not -1"),
        ({"wave": None}, "lacks the annotation argocd.argoproj.io/sync-wave, which is -1"),
        (
            {"set": None},
            "has the annotation argocd.argoproj.io/sync-wave '-1', which is not for it",
        ),
        (
            {"source": "values/teams/other.yaml#x"},
            (
                "has the annotation transire/source 'values/teams/other.yaml#x', not "
                "values/teams/factory.yaml or values/platform.yaml"
            ),
        ),
        (
            {"source": None},
            (
                "lacks the annotation transire/source, which is values/teams/factory.yaml or "
                "values/platform.yaml"
            ),
        ),
    ],
)
def test_metadata_that_others_go_by_is_held(changed: dict[str, str | None], fault: str) -> None:
    assert list(OF_FACTORY.faults(metadata_of(**changed))) == [fault]


def test_an_object_of_the_platform_belongs_to_no_team() -> None:
    assert list(OwnMetadata(files=OF_FACTORY.files).faults(metadata_of())) == [
        "has the label transire/team 'factory', which is not for it"
    ]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + CLOSED,
        HEAD + "metadata: []\n" + CLOSED,
        HEAD + "metadata: {name: x, labels: [], annotations: 1}\n" + CLOSED,
        HEAD + "metadata: {name: x, labels: {1: a}}\n" + CLOSED,
    ],
)
def test_metadata_of_another_shape_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    root = copy_example(tmp_path)
    (root / f"{POLICY}/more.yaml").write_text(text, encoding="utf-8")

    with pytest.raises((HelmFailed, Rejected, Unjudgeable), match=r"metadata|namespace"):
        generate(root)


def test_a_lost_label_is_found_by_generate(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    edit(root, f"{POLICY}/_metadata.tpl", "transire/team:", "transire/cluster:")
    with pytest.raises(Rejected) as refused:
        generate(root)

    assert (
        "charts/teams/factory: error: factory.edge: NetworkPolicy factory/egress-deny lacks the "
        f"label transire/team, which is factory (strange-object)\n{HELP}"
    ) in str(refused.value)
