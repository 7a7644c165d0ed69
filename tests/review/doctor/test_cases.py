"""Every cause is named for the cluster that has it, and not once what shows it is taken away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from support import needs
from support.doctor.cases import DoctorCase, all_cases, shown
from support.shared_data import shared
from transire.commands.doctor import doctor
from transire.review.doctor.registry import CAUSES

CASES = all_cases()
BROKEN = [each for each in CASES if each.cause]
HEALTHY = [each for each in CASES if not each.cause]
SHARED = shared("cases/doctor")


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_the_first_cause_is_the_true_one(case: DoctorCase, tmp_path: Path) -> None:
    found = case.diagnosed(tmp_path / "cluster")

    assert [each.id for each in found.causes[:1]] == [case.cause]
    text = shown(found.causes[0])
    assert [each for each in case.shows if not re.search(each, text)] == []
    assert all(each.evidence and each.fix for each in found.causes)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_without_what_shows_it_the_cause_is_not_first_and_something_is_unseen(
    case: DoctorCase, tmp_path: Path
) -> None:
    assert case.deciding
    less = case
    for each in case.deciding:
        less = less.without(each)
    found = less.diagnosed(tmp_path / "cluster")

    assert [each.id for each in found.causes[:1]] != [case.cause]
    assert found.unseen


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
def test_a_healthy_cluster_has_no_cause(case: DoctorCase, tmp_path: Path) -> None:
    found = case.diagnosed(tmp_path / "cluster")

    assert found.causes == ()
    assert found.judged


def test_every_cause_has_a_case() -> None:
    assert set(CAUSES) == {each.cause for each in BROKEN}


@pytest.mark.skipif(SHARED is None, reason=needs.RECORDED_CLUSTERS)
def test_the_recorded_clusters_have_their_true_cause() -> None:
    assert SHARED is not None
    wrong = {}
    for folder in sorted(SHARED.iterdir()):
        case = yaml.safe_load((folder / "case.yaml").read_text("utf-8"))
        found = doctor(
            files=folder / "policies.yaml",
            engine=case["engine"],
            namespace=case["target"]["namespace"],
            snapshot=folder / "snapshot",
            logs=folder / "logs",
            symptom=case["symptom"],
        )
        text = shown(found.causes[0]) if found.causes else ""
        missing = [each for each in case["words"] if not re.search(each, text)]
        refused = [each for each in case.get("not", []) if re.search(each, text)]
        if missing or refused:
            wrong[folder.name] = (text, missing, refused)

    assert wrong == {}
