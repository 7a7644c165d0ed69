"""Real Git repositories for tests, untouched by the settings of whoever runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither the program nor the test see the user's own settings."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Run Git in the folder and give its answer."""
    done = subprocess.run(
        ["git", "-C", folder, *arguments],
        check=check,
        capture_output=True,
        text=True,
        env=os.environ | ENVIRONMENT,
    )
    return done.stdout.strip()


def new_repository(folder: Path) -> Path:
    """An empty repository with the branch `main`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def commit(folder: Path, message: str = "change", **files: str) -> str:
    """Write the files (`__` stands for `/`, `_` for `.`), commit everything, give the commit."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def clone(origin: Path, folder: Path, *options: str) -> Path:
    """A clone of the repository."""
    git(origin.parent, "clone", "--quiet", *options, f"file://{origin}", str(folder))
    return folder
