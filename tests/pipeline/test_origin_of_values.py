"""Where the values of a folder are from."""

from __future__ import annotations

from pathlib import Path

import pytest

import transire
from support.policy_repository import copy_example, edit, git
from transire.model.origin import Origin

DECLARED = "git.example.com/platform/egress"


def origin(root: Path) -> Origin:
    return transire.report(root).origin


def test_without_git_the_repository_is_the_declared_one(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "policies")
    edit(
        root, "values/platform.yaml", "kind: Platform", "kind: Platform\norganisation: Example Ltd"
    )

    assert origin(root) == Origin(organisation="Example Ltd", repository=DECLARED)


def test_with_git_there_is_a_commit_and_whether_it_is_all(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "policies")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "values")
    commit = git(root, "rev-parse", "HEAD").strip()

    assert origin(root) == Origin(repository=DECLARED, commit=commit)

    edit(root, "values/teams/payments.yaml", "charge cards", "charge all cards")

    assert origin(root) == Origin(repository=DECLARED, commit=commit, is_modified=True)


def test_without_a_declared_repository_it_is_the_remote(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "policies")
    line = "  git: https://git.example.com/platform/egress.git\n"
    edit(root, "values/platform.yaml", line, "")
    for name in ("prod-us", "prod-onprem"):
        assert name in (root / "values/platform.yaml").read_text(encoding="utf-8")
    git(root, "init", "-q")
    git(root, "remote", "add", "origin", "https://somebody:secret@git.example.com/other/egress.git")

    assert origin(root).repository == "git.example.com/other/egress"


@pytest.mark.slow("long runs in a repository")
def test_a_diff_is_from_the_commit_of_its_head(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "policies")
    transire.generate(root)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "values")
    commit = git(root, "rev-parse", "HEAD").strip()

    assert transire.diff(root, base="HEAD", head="HEAD").origin.commit == commit
    assert transire.diff(root, base="HEAD").origin == Origin(repository=DECLARED, commit=commit)
    assert transire.diff(root, base="HEAD", head=root).origin == Origin(repository=DECLARED)
