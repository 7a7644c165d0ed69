"""How changes get to the forge."""

from __future__ import annotations

from pathlib import Path

from support.policy_repository import git


def propose(clone: Path, message: str = "change") -> str:
    """Push what is there as a pull request; the ref of what its merge would give."""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", message)
    git(clone, "checkout", "--quiet", "--detach", "origin/main")
    git(clone, "merge", "--quiet", "--no-ff", "-m", "merge", "change")
    git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/7/merge", "change")
    return "refs/pull/7/merge"


def merge(clone: Path) -> str:
    """Push what is there to the target branch."""
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "change")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    return "refs/heads/main"
