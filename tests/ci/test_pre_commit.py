"""The scaffolded hooks, run by pre-commit as it would on a commit and on a push."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from support.paths import ROOT
from support.policy_repository import edit, git

VALUES = "values/teams/messaging.yaml"


def hook(clone: Path, stage: str, home: Path) -> tuple[int, str]:
    """Run the hooks of a stage over all files: the exit code, and what was printed."""
    program = Path(sysconfig.get_path("scripts")) / "pre-commit"
    ran = subprocess.run(
        [program, "run", "--all-files", "--color=never", "--hook-stage", stage],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={
            **os.environ,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "generator"),
            "PRE_COMMIT_HOME": str(home),
        },
    )
    return ran.returncode, ran.stdout


@pytest.mark.slow("whole runs of the program")
def test_a_commit_brings_the_generated_files_and_a_push_is_checked(
    clone: Path, tmp_path: Path
) -> None:
    home = tmp_path / "hooks"
    edit(clone, VALUES, "api.adyen.com", "api.adyen.example")
    git(clone, "add", "--all")

    forgotten = hook(clone, "pre-push", home)
    first = hook(clone, "pre-commit", home)
    git(clone, "add", "--all")
    second, pushed = hook(clone, "pre-commit", home), hook(clone, "pre-push", home)

    assert forgotten[0] == 1
    assert "charts/teams/messaging/Chart.yaml: error: " in forgotten[1]
    assert first[0] == 1
    assert "- files were modified by this hook" in first[1]
    assert (second[0], pushed[0]) == (0, 0), second[1] + pushed[1]
    assert second[1].startswith("transire generate..")
    assert pushed[1].startswith("transire check..")


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        ("values/teams/payments.yaml", True),
        ("charts/egress-policy/templates/cilium.yaml", True),
        ("argocd/prod-eu/applications/platform.yaml", True),
        ("flux/prod-us/releases/platform.yaml", True),
        (".transire/owned/platform.json", True),
        ("CODEOWNERS", True),
        (".github/CODEOWNERS", True),
        ("README.md", False),
        ("docs/values/x.md", False),
    ],
)
def test_the_hooks_look_at_what_the_program_reads_and_writes(path: str, starts: bool) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert [bool(re.search(each["files"], path)) for each in hooks] == [starts, starts]
