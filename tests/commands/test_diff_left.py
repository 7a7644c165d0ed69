"""What a change means for a namespace that the values name no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import edit
from support.review.diffed_example import changed, copy, organisation
from transire.api import DIFF_FORMATS
from transire.review.diff.changes import ChangeClass, Diff, Event
from transire.review.diff.risk_level import RiskLevel

TEAM = "values/teams/payments.yaml"
PLATFORM = "values/platform.yaml"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


def told(found: Diff) -> list[str]:
    return DIFF_FORMATS["text"](found).splitlines()


LEFT = (
    "  ! the namespace is in the values no longer, and nothing takes its policies away: they stay "
    "until somebody decommissions it, which opens what they close"
)


@pytest.mark.slow("long runs in a repository")
def test_a_team_that_goes_leaves_its_policies_and_loses_what_the_baseline_allowed(
    root: Path,
) -> None:
    (root / "values/teams/identity.yaml").unlink()
    (root / "values/exceptions.yaml").unlink()

    found = changed(root)

    assert {(each.name, each.change, each.events, each.risk) for each in found.targets} == {
        ("identity.prod-eu", ChangeClass.NARROWER, (Event.LEFT,), RiskLevel.MEDIUM),
        ("identity.edge", ChangeClass.SAME, (Event.LEFT,), RiskLevel.MEDIUM),
    }
    assert LEFT in told(found)
    assert not [each for target in found.targets for each in target.gains]
    assert {"time.example.com"} == {
        destination.text
        for target in found.targets
        if target.name == "identity.prod-eu"
        for each in target.losses
        for destination in each.destinations
        if not each.implied
    }


@pytest.mark.slow("long runs in a repository")
def test_a_target_that_goes_while_its_team_stays_is_left_as_well(root: Path) -> None:
    edit(root, TEAM, "payments-prod: [prod-eu, prod-onprem]", "payments-prod: [prod-onprem]")

    found = changed(root)

    assert [(each.name, each.events) for each in found.targets] == [
        ("payments-prod.prod-eu", (Event.LEFT,))
    ]
    assert LEFT in told(found)


@pytest.mark.slow("long runs in a repository")
def test_a_cluster_that_goes_keeps_every_policy(root: Path) -> None:
    for path in sorted((root / "values/teams").glob("*.yaml")):
        text = path.read_text("utf-8")
        path.write_text(text.replace("prod-onprem, ", "").replace(", prod-onprem", ""), "utf-8")
    platform = root / PLATFORM
    text = platform.read_text("utf-8")
    start, end = text.index("  prod-onprem:\n"), text.index("  staging:\n")
    platform.write_text(text[:start] + text[end:], "utf-8")

    found = changed(root)
    gone = {each.name: each for each in found.targets if each.cluster == "prod-onprem"}

    assert {"payments-prod.prod-onprem", "batch.prod-onprem"} <= set(gone)
    assert {(each.change, each.events) for each in gone.values()} == {
        (ChangeClass.SAME, (Event.LEFT,))
    }


@pytest.mark.slow("long runs in a repository")
def test_a_namespace_that_is_enrolled_no_longer_is_open(root: Path) -> None:
    edit(root, PLATFORM, "enrol: [batch]", "enrol: []")

    found = changed(root)

    assert {(each.change, each.events) for each in found.targets} == {
        (ChangeClass.WIDER, (Event.RELEASED,))
    }
