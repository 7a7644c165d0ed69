"""The charts of a revision, with their versions and digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from transire.charts.layout import CHARTS
from transire.charts.versions.version import Released, released
from transire.git.base import Base
from transire.git.repository import NoRepository, Repository


def releases(
    repository: Repository | NoRepository, base: Base, folders: Collection[str]
) -> Mapping[str, tuple[Released, ...]]:
    """For every folder the chart as the base has it, and as the branch's tip has it if that counts.

    Raises:
        Rejected: if one of these charts has a version that is not MAJOR.MINOR.PATCH.
        GitFailed: if Git fails.
    """
    found: dict[str, tuple[Released, ...]] = dict.fromkeys(folders, ())
    if isinstance(repository, NoRepository):
        return found
    under = next(iter(folders)) if len(folders) == 1 else CHARTS
    for commit in base.commits:
        charts = charts_of(repository, commit, under)
        for folder in sorted(charts.keys() & found.keys()):
            chart = released(charts[folder], f"{commit[:12]}:{folder}")
            found[folder] = (*found[folder], chart)
    return found


def charts_of(
    repository: Repository, commit: str, under: str = CHARTS
) -> Mapping[str, Mapping[str, bytes]]:
    """The charts that a commit holds: folder, then path in it and content.

    A chart is a folder below `under`, or `under` itself, that holds a `Chart.yaml`.

    Raises:
        GitFailed: if Git fails.
    """
    files = repository.files(commit, under)
    folders = [path.removesuffix("/Chart.yaml") for path in files if path.endswith("/Chart.yaml")]
    found: dict[str, dict[str, bytes]] = {folder: {} for folder in folders}
    for path, content in files.items():
        parts = path.split("/")
        for depth in range(len(parts) - 1, 0, -1):
            folder = "/".join(parts[:depth])
            if folder in found:
                found[folder]["/".join(parts[depth:])] = content
                break
    return found
