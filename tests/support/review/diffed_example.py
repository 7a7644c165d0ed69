"""Two teams of the example organisation in Git, and what changes to them mean."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from support.policy_repository import copy_example, git
from transire.api import diff, generate
from transire.review.diff.changes import Diff

AS_OF = date(2026, 11, 23)
TEAMS = ("identity", "payments")


def organisation(folder: Path) -> Path:
    """The teams, generated and committed on `main`; the branch `change` is checked out."""
    copy_example(folder)
    for path in (folder / "values/teams").glob("*.yaml"):
        if path.stem not in TEAMS:
            path.unlink()
    generate(folder, as_of=AS_OF)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    git(folder, "switch", "--quiet", "--create", "change")
    return folder


def commit(folder: Path, message: str = "change") -> str:
    """Commit everything; the commit's id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def copy(folder: Path, to: Path) -> Path:
    """A copy of the organisation, Git's folder and all."""
    return Path(shutil.copytree(folder, to))


def changed(root: Path) -> Diff:
    """Generate what the values at hand give, and compare it with `main`."""
    generate(root, base="main", as_of=AS_OF)
    return diff(root, base="main")


def version(root: Path, team: str = "payments") -> str:
    """The version of the team's chart as it is on the disk."""
    text = (root / f"charts/teams/{team}/Chart.yaml").read_text(encoding="utf-8")
    return text.partition("version: ")[2].split()[0]
