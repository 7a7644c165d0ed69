"""A policy repository in a temporary folder, and the program run in it as a person would."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support.forked_runs import PROGRAM, Ran, run
from support.paths import ROOT

__all__ = ["PROGRAM", "Ran", "contents", "copy_example", "edit", "git", "no_base", "run"]


def copy_example(folder: Path) -> Path:
    """The example organisation and the charts, without anything generated."""
    shutil.copytree(ROOT / "values", folder / "values", ignore=shutil.ignore_patterns(".schema"))
    for chart in ("egress-policy", "egress-baseline", "egress-tier"):
        shutil.copytree(
            ROOT / "charts" / chart,
            folder / "charts" / chart,
            ignore=shutil.ignore_patterns("targets"),
        )
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` but Git's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def git(folder: Path, *words: str, check: bool = True) -> str:
    """Run Git as somebody; what it printed."""
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    quiet = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
    done = subprocess.run(
        ["git", *who, *quiet, *words], cwd=folder, capture_output=True, text=True, check=check
    )
    return done.stdout


def edit(folder: Path, path: str, before: str, after: str) -> None:
    """Replace the first `before` in a file, which must be there."""
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def no_base(why: str) -> str:
    """What `check` prints where nothing is wrong and there is nothing to compare versions with."""
    return (
        f"charts: note: versions are compared with nothing: {why} (no-base)\n"
        "  help: in CI, fetch the target branch with its history and name it with --base\n"
        "1 note\n"
    )
