"""The example organisation, generated and committed, with somewhere to publish to."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from support.policy_repository import copy_example, git
from transire.api import generate
from transire.commands.publish.publish import RegistryOptions, publish
from transire.delivery.registry.result import Published

AS_OF = date(2026, 11, 23)
TEAMS = ("identity", "payments")
REGISTRY = "registry: oci://registry.example.com/egress"


def organisation(folder: Path, publish_to: str) -> Path:
    """Two teams' worth of the example, committed; `publish_to` replaces the registry's line."""
    copy_example(folder)
    for path in (folder / "values/teams").glob("*.yaml"):
        if path.stem not in TEAMS:
            path.unlink()
    rewrite(folder / "values/platform.yaml", REGISTRY, publish_to)
    generate(folder, as_of=AS_OF)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return commit(folder)


def commit(folder: Path, *, empty: bool = False) -> Path:
    """Commit everything that is there."""
    git(folder, "add", "--all")
    options = ["--allow-empty"] if empty else []
    git(folder, "commit", "--quiet", "--message", "change", *options)
    return folder


def copy(folder: Path, to: Path) -> Path:
    """A copy of the organisation, Git's folder and all."""
    shutil.copytree(folder, to)
    return to


def rewrite(path: Path, before: str, after: str) -> None:
    """Replace a text that is there."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def published(root: Path, *sign: str, dry_run: bool = False, base: str | None = None) -> Published:
    """Publish without TLS and without a login."""
    options = RegistryOptions(plain_http=True, sign=sign, environment={})
    return publish(root, options=options, base=base, as_of=AS_OF, dry_run=dry_run)
