"""Findings where forges look for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.policy_repository import copy_example, git, run


def _place(result: dict[str, Any]) -> str:
    found: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return found


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("inside", ["", "network/policies/"])
def test_a_forge_is_told_of_files_from_the_top_of_its_repository(
    tmp_path: Path, inside: str
) -> None:
    git(tmp_path, "init", "--quiet")
    folder = copy_example(tmp_path / inside)
    (folder / "values/teams/payments.yaml").write_text("kind: [\n")
    at = f"{inside}values/teams/payments.yaml"

    by_format = {
        form: run(tmp_path, "-C", inside or ".", "check", "--format", form).out
        for form in ("github", "sarif", "text")
    }

    assert by_format["github"].startswith(f"::error file={at},line=")
    [told] = json.loads(by_format["sarif"])["runs"]
    errors = [each for each in told["results"] if each["level"] == "error"]
    assert {_place(each) for each in errors} == {at}
    assert all(_place(each).startswith(inside) for each in told["results"])
    assert "\nvalues/teams/payments.yaml:" in "\n" + by_format["text"]
