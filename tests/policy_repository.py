"""A policy repository in a temporary folder, and the program run in it as a person would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

PROGRAM = "from transire.cli import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


def run(folder: Path, *words: str, **environment: str) -> Ran:
    """Run the program in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generator"), **environment},
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


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


def git(folder: Path, *words: str) -> str:
    """Run Git as somebody; what it printed."""
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    quiet = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
    done = subprocess.run(
        ["git", *who, *quiet, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout
