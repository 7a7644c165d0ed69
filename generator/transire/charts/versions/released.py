"""The charts of a revision, with their versions and digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.layout import CHARTS
from transire.charts.versions.change_list import written_changes
from transire.charts.versions.version import Released, released
from transire.git.base import Base
from transire.git.repository import NoRepository, Repository
from transire.model.problems import Rejected


def releases(
    repository: Repository | NoRepository, base: Base, folders: Collection[str]
) -> Mapping[str, tuple[Released, ...]]:
    """For every folder the chart as the base has it, and as the branch's tip has it if that counts.

    A chart that the base has no more, as that of a team that left, counts in its greatest version:
    that one is published, so one that comes back must not be less.

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
        if commit == base.commit:
            gone = _gone(repository, commit, found.keys() - charts.keys())
            found |= {folder: (chart,) for folder, chart in gone.items()}
        for folder in sorted(charts.keys() & found.keys()):
            chart = released(charts[folder], f"{commit[:12]}:{folder}")
            found[folder] = (*found[folder], chart)
    return found


def _gone(repository: Repository, commit: str, folders: Collection[str]) -> Mapping[str, Released]:
    """The greatest versions that the history of a commit had of charts that it has no more.

    Their files are left out, so that whatever follows takes everything anew. A `Chart.yaml`
    without a version, as one that was being merged, is passed over.
    """
    wanted = {f"{folder}/{NAME}": folder for folder in folders}
    if not wanted:
        return {}
    under = next(iter(wanted)) if len(wanted) == 1 else CHARTS
    past = [each for each in repository.history(commit, under) if each.oid and each.path in wanted]
    contents = repository.blobs(each.oid for each in past)
    found: dict[str, Released] = {}
    for each in past:
        try:
            chart = read_chart_file(contents[each.oid], each.path)
        except Rejected:
            continue
        folder = wanted[each.path]
        if folder not in found or found[folder].version < chart.version:
            found[folder] = Released(
                version=chart.version,
                content=chart.content,
                changes=written_changes(contents[each.oid]),
            )
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
