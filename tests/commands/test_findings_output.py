"""Findings where forges look for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.policy_repository import copy_example, git, run


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
    locations = [each["locations"][0]["physicalLocation"] for each in told["results"]]
    assert {each["artifactLocation"]["uri"] for each in locations} == {at}
    assert by_format["text"].startswith("values/teams/payments.yaml:")
