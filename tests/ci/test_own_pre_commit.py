"""The hooks on this project's own commits: they need no network, and mend what they find."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.paths import ROOT
from support.policy_repository import git

CONFIG = ROOT / ".pre-commit-config.yaml"
SCRIPTS = Path(sys.prefix) / "bin"


def hooks() -> dict[str, dict[str, str]]:
    (repository,) = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    return {each["id"]: each for each in repository["hooks"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the hooks, a file to mend, and the programs that are running here."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    shutil.copy(CONFIG, folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "a.py").write_text('"""Doc."""\n\nimport os\nx = [ 1 ]\n', encoding="utf-8")
    git(folder, "add", "a.py", CONFIG.name, "pyproject.toml")
    return folder


def test_every_hook_runs_a_program_of_the_virtual_environment() -> None:
    assert {name: each["entry"].split()[0] for name, each in hooks().items()} == {
        "ruff-check": ".venv/bin/ruff",
        "ruff-format": ".venv/bin/ruff",
        "transire-check": ".venv/bin/transire",
    }
    assert {each["language"] for each in hooks().values()} == {"system"}
    assert re.search(r"^ruff==\d", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)


def test_the_example_is_checked_where_the_published_hook_would_check_it() -> None:
    published = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (check,) = [each for each in published if each["id"] == "transire-check"]

    assert hooks()["transire-check"]["files"] == check["files"]


def test_a_commit_is_mended_without_a_network(project: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [SCRIPTS / "pre-commit", "run", "--color=never"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")},
    )

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert re.findall(r"^(\S.*?)\.{3,}.*?(\w+)$", ran.stdout, re.MULTILINE) == [
        ("ruff check", "Failed"),
        ("ruff format", "Failed"),
        ("transire check", "Skipped"),
    ]
    assert (project / "a.py").read_text(encoding="utf-8") == '"""Doc."""\n\nx = [1]\n'
    assert not (tmp_path / "home").is_dir() or not list((tmp_path / "home").glob("repo*"))
