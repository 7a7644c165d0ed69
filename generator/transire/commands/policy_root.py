"""Where the policy repository is."""

from __future__ import annotations

from pathlib import Path

from transire.commands.arguments import StrPath, folder_at
from transire.model.problems import UsageError
from transire.workspace.value_paths import PLATFORM


def find_root(start: StrPath = ".") -> Path:
    """The policy repository around `start`: the nearest folder with `values/platform.yaml`.

    Raises:
        UsageError: if there is none.
    """
    here = folder_at(start)
    for folder in (here, *here.parents):
        if (folder / PLATFORM).is_file():
            return folder
    raise UsageError(
        f"there is no {PLATFORM} in {here} or above it; name the repository with -C, or "
        "start one with `transire init`"
    )
