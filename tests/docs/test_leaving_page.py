"""No step of the page leaves a pod with more than it had, on any engine."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import transire
from support.paths import DOCS, ROOT
from support.policy_repository import copy_example, edit, run
from transire.engines.registry import ENGINES
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.helm import read_yaml
from transire.queries.cluster_state import ClusterState
from transire.values.load import load

pytestmark = pytest.mark.slow("long runs in a repository")

PAGE = (DOCS / "leaving.md").read_text(encoding="utf-8")
TARGETS = {
    "payments-prod.prod-eu": "payments",
    "payments-prod.prod-onprem": "payments",
    "ledger.staging": "ledger",
    "factory.edge": "factory",
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("leaving") / "policies")
    assert run(root, "generate").code == 0
    return root


def rendered(root: Path, target: str) -> list[dict[str, Any]]:
    """The objects of one target, without those of the baseline."""
    text = dict(transire.render(root, team=TARGETS[target], target=target))[target]
    return [each for each in yaml.safe_load_all(text) if each]


def tier(root: Path, cluster: str) -> list[dict[str, Any]]:
    """The tier of a cluster that has one; it goes last of all."""
    if not (root / f"charts/egress-tier/targets/{cluster}.yaml").exists():
        return []
    text = dict(transire.render(root, team="egress-tier", target=cluster))[cluster]
    return [each for each in yaml.safe_load_all(text) if each and each["kind"] == "Tier"]


def flows(root: Path, target: str, objects: list[dict[str, Any]]) -> FlowSet:
    """What the pods of the namespace may reach with these objects."""
    namespace, _, name = target.partition(".")
    cluster = load(root).platform.cluster(name)
    engine = ENGINES[cluster.release.engine]
    text = "\n---\n".join(yaml.safe_dump(each) for each in [*tier(root, name), *objects])
    reading = engine.read(
        tuple(read_yaml(text, "objects")), cluster.release, ClusterState(), engine.options(cluster)
    )
    assert not reading.refused
    return reading.flows(PodSet.in_namespace(namespace), PortSet.nothing())


def own(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects under other names and without our labels, as the page has it."""
    found = []
    for each in objects:
        about = each["metadata"]
        labels = (
            {"transire/set": about["labels"]["transire/set"]}
            if "transire/set" in about["labels"]
            else {}
        )
        name = re.sub(r"^(egress\.)?(.*)$", r"\1own-\2", about["name"])
        found.append(
            {**each, "metadata": {"name": name, "namespace": about["namespace"], "labels": labels}}
        )
    return found


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("target", TARGETS)
def test_the_same_policies_under_other_names_take_the_place_of_ours_at_every_step(
    repository: Path, target: str
) -> None:
    ours = rendered(repository, target)
    yours = own(ours)
    before = flows(repository, target, ours)

    assert len(ours) > 2
    assert flows(repository, target, [*ours, *yours]) == before
    for left in range(len(ours)):
        assert flows(repository, target, [*ours[left:], *yours]) == before
        assert flows(repository, target, [*ours[:left], *yours]) == before
    assert flows(repository, target, yours) == before


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("target", TARGETS)
def test_ours_go_in_any_order_and_open_nothing_until_the_last(
    repository: Path, target: str
) -> None:
    ours = rendered(repository, target)
    before = flows(repository, target, ours)

    for gone in range(len(ours)):
        rest = [*ours[:gone], *ours[gone + 1 :]]
        assert flows(repository, target, rest) <= before
    for left in range(1, len(ours)):
        policies = [each for each in ours[:left] if "NetworkPolicy" in each["kind"]]
        if policies:
            assert flows(repository, target, ours[:left]) <= before


@pytest.mark.parametrize(
    ("edits", "left"),
    [
        (
            [("values/teams/payments.yaml", "[prod-eu, prod-onprem]", "[prod-onprem]")],
            ["payments-prod.prod-eu"],
        ),
        (
            [
                ("values/teams/factory.yaml", "  factory: [edge]\n", "  factory: [prod-us]\n"),
                ("values/teams/identity.yaml", "edge", "prod-us"),
            ],
            ["factory.edge", "identity.edge"],
        ),
    ],
    ids=["a namespace", "a cluster"],
)
def test_a_change_of_the_values_leaves_and_opens_nothing(
    repository: Path, tmp_path: Path, edits: list[tuple[str, str, str]], left: list[str]
) -> None:
    after = shutil.copytree(repository, tmp_path / "after")
    for path, old, new in edits:
        edit(after, path, old, new)

    found = {each.name: each for each in transire.diff(after, base=repository).targets}

    for name in left:
        assert "left" in {str(event) for event in found[name].events}
        assert found[name].gains == ()


def test_every_command_names_an_object_that_is_generated() -> None:
    text = "".join(
        path.read_text("utf-8")
        for folder in ("argocd", "flux")
        for path in (ROOT / folder).rglob("*.yaml")
    )
    named = set(re.findall(r"\begress-payments-[a-z-]+", PAGE))

    assert named == {
        "egress-payments-payments-prod-prod-eu",
        "egress-payments-payments-prod-prod-onprem",
    }
    assert all(f'"{each}"' in text for each in named)


def test_what_publishes_takes_nothing_with_it() -> None:
    bodies = [
        body
        for folder in ("argocd", "flux")
        for path in (ROOT / folder).rglob("*.yaml")
        for body in yaml.safe_load_all(path.read_text("utf-8"))
        if body and body["kind"] in {"Application", "HelmRelease"}
    ]

    assert len(bodies) > 10
    assert not [each for each in bodies if "finalizers" in each["metadata"]]
    for each in bodies:
        annotations = each["metadata"]["annotations"]
        kept = "Delete=false" in annotations.get("argocd.argoproj.io/sync-options", "")
        assert kept or annotations["kustomize.toolkit.fluxcd.io/prune"] == "disabled"
