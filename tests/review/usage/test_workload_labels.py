"""Labels of learnt rules: few that last, and no other workload's."""

from __future__ import annotations

import pytest

from support.flowlogs import flow, hubble
from support.paths import ROOT
from transire.commands.named_targets import targets_named
from transire.meaning.target import Target
from transire.review.usage.sightings import Origin
from transire.review.usage.workload_labels import WorkloadLabels
from transire.values.load import load

NAME, INSTANCE = "app.kubernetes.io/name", "app.kubernetes.io/instance"


@pytest.fixture(scope="module")
def target() -> Target:
    """One whose team goes by the label `app`."""
    found, _ = targets_named(load(ROOT, None), ("payments",), "prod-eu")["payments-prod.prod-eu"]
    return found


def origin(workload: str, **labels: str) -> Origin:
    written = {{"name": NAME, "instance": INSTANCE}.get(key, key.replace("_", "-")): value
               for key, value in labels.items()}  # fmt: skip
    return Origin(
        namespace="payments-prod", workload=workload, labels=tuple(sorted(written.items()))
    )


def chosen(target: Target, *origins: Origin) -> dict[str, str]:
    """The labels of the first among all of them."""
    known = WorkloadLabels()
    for each in origins:
        known.know(target, each)
    return dict(known.of(target, origins[0]))


@pytest.mark.parametrize(
    ("origins", "labels"),
    [
        ([origin("web", app="web", name="web")], {"app": "web"}),
        ([origin("web", name="web", instance="web")], {NAME: "web"}),
        ([origin("a", name="redis", instance="a"), origin("b", name="redis", instance="b")],
         {NAME: "redis", INSTANCE: "a"}),
        ([origin("a", app="redis", name="redis", tier="x"), origin("b", app="redis", name="redis")],
         {"app": "redis", "tier": "x"}),
        ([origin("web", app="web", pod_template_hash="7c9d8b6f5"),
          origin("web", app="web", pod_template_hash="5d8f9c7b6")], {"app": "web"}),
        ([origin("web", rollouts_pod_template_hash="7c9d8b6f5", tier="x", version="1")],
         {"tier": "x"}),
        ([origin("web", controller_revision_hash="7c9d8b6f5")], {}),
        ([origin("web", app="web", tier="x"), origin("web", app="web")], {"app": "web"}),
        ([origin("a", app="x", tier="1", zone="2"), origin("b", app="x", tier="1", zone="3"),
          origin("c", app="x", tier="2", zone="2")], {"app": "x", "tier": "1", "zone": "2"}),
    ],
)  # fmt: skip
def test_the_labels_that_a_rule_finds_a_workload_by(
    origins: list[Origin], labels: dict[str, str], target: Target
) -> None:
    assert chosen(target, *origins) == labels


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("Deployment", "web", "Deployment/web"),
        ("ReplicaSet", "web-7c9d8b6f5", "web"),
        ("ReplicaSet", "web", "ReplicaSet/web"),
        ("Job", "report-29012345", "report"),
        ("Job", "migrate", "Job/migrate"),
        ("", "web", "web"),
    ],
)
def test_a_workload_keeps_its_name_over_releases_and_runs(kind: str, name: str, shown: str) -> None:
    source = {
        "namespace": "a",
        "labels": ["k8s:app=web"],
        "workloads": [{"kind": kind, "name": name}],
    }

    assert flow(hubble(source=source)).source.workload == shown
