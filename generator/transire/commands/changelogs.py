"""The changelog of every chart, for whoever publishes it."""

from __future__ import annotations

from pathlib import Path

from transire.charts.chart_yaml import NAME
from transire.charts.layout import CHARTS
from transire.charts.versions.changelog import changelog, versions
from transire.commands.arguments import StrPath, folder_at
from transire.git.repository import NoRepository, open_repository
from transire.model.problems import UsageError
from transire.workspace.beside import write_beside


def write_changelogs(root: StrPath, folder: StrPath) -> tuple[str, ...]:
    """Write the changelog of every chart of HEAD below `folder`; the paths, such as `teams/a.md`.

    Raises:
        UsageError: if there is no commit to read from.
        GitFailed: if Git fails.
        DiskFailed: if the disk refuses.
    """
    repository = open_repository(folder_at(root))
    commit = None if isinstance(repository, NoRepository) else repository.commit("HEAD")
    if isinstance(repository, NoRepository) or commit is None:
        raise UsageError("changelogs are read from the history, and there is no commit")
    whole = not repository.is_shallow()
    there = {
        each.path.removesuffix(f"/{NAME}")
        for each in repository.tree(commit, CHARTS)
        if each.path.endswith(f"/{NAME}")
    }
    files = {
        f"{place}.md": changelog(place.rpartition("/")[2], known, whole=whole).encode()
        for place, known in versions(repository, commit).items()
        if f"charts/{place}" in there
    }
    write_beside(Path(folder), files)
    return tuple(files)
