"""The files of both tools: where they are, byte for byte, and valid against upstream."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.delivery.crd_schema import KINDS, crds, faults
from support.delivery.gitops_example import organisation, pins
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.gitops.manifests_file import Files, text
from transire.model.intent import Organisation

GOLDEN = Path(__file__).parent / "golden" / "gitops"
EXAMPLES = {
    "registry": organisation(),
    "git": organisation(registry=""),
}


def both(of: Organisation) -> Files:
    """What `generate` would write for both tools."""
    return {**argocd_files(of, pins(of)), **flux_files(of, pins(of))}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_files_are_exactly_the_golden_ones(name: str, *, update_golden: bool) -> None:
    folder = GOLDEN / name
    written = {path: text(file) for path, file in both(EXAMPLES[name]).items()}
    if update_golden:
        for path in folder.rglob("*.yaml"):
            path.unlink()
        for name_in, content in written.items():
            (folder / name_in).parent.mkdir(parents=True, exist_ok=True)
            (folder / name_in).write_text(content, encoding="utf-8")

    expected = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.yaml")
    }
    assert expected == written


@pytest.mark.parametrize("of", [*EXAMPLES.values(), organisation(admission=True)])
def test_every_object_is_valid_against_the_upstream_definitions(of: Organisation) -> None:
    bodies = [body for file in both(of).values() for body in file.objects]
    published = [body for body in bodies if body["kind"] in KINDS]

    assert [(body["metadata"], faults(body)) for body in published if faults(body)] == []
    assert len(published) > 20


@pytest.mark.parametrize(
    ("kind", "path", "value", "expected"),
    [
        ("Application", ("spec", "syncPolicy", "automated", "selfheal"), True, "selfheal"),
        ("AppProject", ("spec", "sourceRepo"), [], "sourceRepo"),
        ("HelmRelease", ("spec", "install", "createNamespaces"), False, "createNamespaces"),
        ("HelmRelease", ("spec", "chartRef"), {"kind": "HelmChart", "name": "x"}, "chart or"),
        ("HelmRepository", ("spec", "url"), "registry.example.com", "does not match"),
        ("GitRepository", ("spec", "reference"), {"tag": "x"}, "reference"),
    ],
)
def test_the_validation_has_teeth(
    kind: str, path: tuple[str, ...], value: object, expected: str
) -> None:
    crds()
    of = EXAMPLES["git" if kind == "GitRepository" else "registry"]
    body = next(b for f in both(of).values() for b in f.objects if b["kind"] == kind)
    changed = _with(body, path, value)

    assert faults(body) == []
    assert any(expected in fault for fault in faults(changed)), faults(changed)


def _with(body: object, path: tuple[str, ...], value: object) -> dict[str, object]:
    assert isinstance(body, dict)
    key, *rest = path
    return {**body, key: _with(body[key], tuple(rest), value) if rest else value}


def test_a_person_finds_the_files_of_a_team_by_tool_cluster_and_team() -> None:
    paths = sorted(both(organisation()))

    assert paths == [
        "argocd/argocd-cm.yaml",
        "argocd/edge/access/platform.yaml",
        "argocd/edge/access/teams/factory.yaml",
        "argocd/edge/applications/platform.yaml",
        "argocd/edge/applications/teams/factory.yaml",
        "argocd/guard.yaml",
        "argocd/prod-eu/access/platform.yaml",
        "argocd/prod-eu/access/teams/ledger.yaml",
        "argocd/prod-eu/access/teams/payments.yaml",
        "argocd/prod-eu/applications/platform.yaml",
        "argocd/prod-eu/applications/teams/ledger.yaml",
        "argocd/prod-eu/applications/teams/payments.yaml",
        "argocd/staging/access/platform.yaml",
        "argocd/staging/access/teams/payments.yaml",
        "argocd/staging/applications/platform.yaml",
        "argocd/staging/applications/teams/payments.yaml",
        "argocd/tenants.example.yaml",
        "flux/edge-flux/access/platform.yaml",
        "flux/edge-flux/access/teams/ledger.yaml",
        "flux/edge-flux/releases/platform.yaml",
        "flux/edge-flux/releases/teams/ledger.yaml",
        "flux/lab/access/platform.yaml",
        "flux/lab/access/teams/payments.yaml",
        "flux/lab/releases/platform.yaml",
        "flux/lab/releases/teams/payments.yaml",
        "flux/prod-onprem/access/platform.yaml",
        "flux/prod-onprem/access/teams/payments.yaml",
        "flux/prod-onprem/releases/platform.yaml",
        "flux/prod-onprem/releases/teams/payments.yaml",
        "flux/prod-us/access/platform.yaml",
        "flux/prod-us/access/teams/ledger.yaml",
        "flux/prod-us/releases/platform.yaml",
        "flux/prod-us/releases/teams/ledger.yaml",
        "flux/receiver.yaml",
    ]


def test_a_change_of_one_team_touches_no_file_of_another_and_no_platform_file() -> None:
    of = organisation()
    before = both(of)
    after_pins = {**pins(of), "teams/payments": pins(of, "2.0.0")["teams/payments"]}
    after = {**argocd_files(of, after_pins), **flux_files(of, after_pins)}

    changed = {path for path in before if before[path] != after[path]}

    assert {
        "argocd/prod-eu/applications/teams/payments.yaml",
        "argocd/staging/applications/teams/payments.yaml",
        "flux/lab/releases/teams/payments.yaml",
        "flux/prod-onprem/releases/teams/payments.yaml",
    } == changed


def test_nothing_is_generated_for_a_tool_that_no_cluster_uses() -> None:
    only_flux = organisation(
        clusters=tuple(each for each in organisation().platform.clusters if each.gitops == "flux"),
        teams=(),
    )

    assert dict(argocd_files(only_flux, pins(only_flux))) == {}


def test_a_chart_without_a_pin_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"^no version is pinned for charts/egress-baseline$"):
        argocd_files(organisation(), {})
