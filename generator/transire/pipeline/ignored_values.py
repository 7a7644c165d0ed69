"""Values files that Git ignores: they are generated from, and no commit has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from transire.git.repository import Repository, open_repository
from transire.model.problems import Level, Position, Problem
from transire.workspace.value_paths import VALUES, is_values_file


def ignored_values(root: Path) -> Iterator[Problem]:
    """A warning for each, where the folder is in a Git repository.

    Raises:
        GitFailed: if Git fails.
    """
    repository = open_repository(root)
    if not isinstance(repository, Repository):
        return
    for path in filter(is_values_file, repository.ignored((VALUES,))):
        yield Problem(
            at=Position(path=path),
            id="ignored-values",
            level=Level.WARNING,
            message=f"Git ignores {path}: it is read here, and no commit has it",
            help="take it out of .gitignore, or move it elsewhere",
        )
