"""A clone in which committed files look like a repository of their own, full of programs to run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from support.workspace.git_repositories import clone, commit, git, new_repository

PARTS = ("HEAD", "index", "objects", "refs")


def alarm(folder: Path) -> tuple[Path, Path]:
    """A program, and the file that is there once the program ran."""
    program, ran = folder / "alarm", folder / "ran"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n")
    program.chmod(0o755)
    return program, ran


def settings(program: Path) -> Mapping[str, str]:
    """Every setting by which a configuration names a program, but for how a remote is reached."""
    keys = (
        "alias.status", "core.alternateRefsCommand", "core.askPass", "core.editor",
        "core.fsmonitor", "core.pager", "diff.evil.command", "diff.evil.textconv", "diff.external",
        "filter.e=v.clean", "filter.evil.clean", "filter.evil.process", "filter.evil.smudge",
        "gc.recentObjectsHook", "gpg.program", "gpg.ssh.program", "merge.evil.driver",
        "pager.log", "pager.status", "sequence.editor", "uploadpack.packObjectsHook",
    )  # fmt: skip
    flags = ("log.showSignature", "filter.evil.required", "push.gpgSign", "commit.gpgSign")
    return {**dict.fromkeys(keys, str(program)), **dict.fromkeys(flags, "true")}


ATTRIBUTES = "* filter=evil diff=evil merge=evil\n*.yaml filter=e=v\n"
HOOKS = (
    "fsmonitor-watchman", "post-index-change", "pre-auto-gc", "pre-commit", "pre-push",
    "reference-transaction",
)  # fmt: skip


def arm(git_dir: Path, program: Path) -> None:
    """Let the configuration and the hooks of a Git folder run the program wherever they can."""
    for key, value in settings(program).items():
        git(git_dir.parent, "config", "--file", str(git_dir / "config"), key, value)
    (git_dir / "hooks").mkdir(exist_ok=True)
    for hook in HOOKS:
        shutil.copy2(program, git_dir / "hooks" / hook)


def committed_repository(source: Path, folder: Path, inside: str, program: Path) -> Path:
    """A clone whose folder `inside` holds a copy of `source`, and a bare repository in its place.

    The bare one has the same files in its last commit, so that it can stand for the real one.
    """
    inner = new_repository(folder / "inner")
    shutil.copytree(source, inner, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
    commit(inner)
    outer = new_repository(folder / "outer")
    shutil.copytree(inner, outer / inside, ignore=shutil.ignore_patterns(".git"))
    commit(outer)
    for part in PARTS:
        here = inner / ".git" / part
        (shutil.copytree if here.is_dir() else shutil.copy)(here, outer / inside / part)
    core = "[core]\nrepositoryFormatVersion = 0\nbare = false\nworktree = .\n"
    (outer / inside / "config").write_text(core)
    arm(outer / inside, program)
    (outer / inside / ".gitattributes").write_text(ATTRIBUTES)
    git(outer, "add", "--all", "--force")
    git(outer, "commit", "--quiet", "--message", "more files")
    return clone(outer, folder / "clone") / inside
