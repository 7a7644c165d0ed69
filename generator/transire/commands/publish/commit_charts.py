"""What is to be published: the charts of a commit, as the commit has them.

Nothing of the working tree is read here, so what is pushed can be made again from the commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from transire.charts.archive import packed
from transire.charts.chart import TEMPLATE
from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.layout import BASELINE, TIER, ChartPin, PinnedChart
from transire.charts.oci_artifact import Digests
from transire.charts.versions.released import charts_of
from transire.charts.versions.version import content_digest
from transire.git.repository import Repository, open_repository
from transire.git.snapshots import Committed, values_of
from transire.model.problems import Position, Problem, Rejected
from transire.model.publish import Publish
from transire.values.load import load_files
from transire.workspace.file_plan import TEAM
from transire.workspace.helmignore import HelmIgnore

_NOWHERE = Digests(archive="", manifest="")
_PLATFORM = frozenset({BASELINE, TIER, TEMPLATE.removeprefix("charts/")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One chart in the version that its commit gives it.

    Files are by path in the chart; `content` is their digest, `sha256:...`. `digests` is what the
    registry will call it, empty where it goes to none.
    """

    chart: PinnedChart
    files: Mapping[str, bytes]
    content: str
    digests: Digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Every chart of a commit, sorted by place, and the destination that `platform.yaml` gives."""

    repository: Repository
    commit: str
    to: Publish
    charts: tuple[Source, ...]


def sources(root: Path) -> Sources:
    """The charts of the commit that is checked out, those of the platform and of the teams.

    Raises:
        Rejected: if there is no commit, if something is not committed, or if the platform's values
            or the description of a chart cannot be read.
        GitFailed: if Git fails.
    """
    repository = open_repository(root)
    commit = repository.commit("HEAD") if isinstance(repository, Repository) else None
    if not isinstance(repository, Repository) or commit is None:
        why = "there is no commit yet" if isinstance(repository, Repository) else repository.why
        message = f"charts are published from a commit, and {why}"
        raise _rejected(".", "no-commit", message, "commit everything, then publish")
    if repository.is_dirty():
        message = "the working tree has changes that are not committed"
        raise _rejected(".", "dirty-tree", message, "commit them, or take them back")
    values = values_of(Committed.at(repository, commit, "HEAD"), ())
    to = load_files(values).platform.publish
    charts = tuple(_charts(repository, commit, to))
    return Sources(repository=repository, commit=commit, to=to, charts=charts)


def _charts(repository: Repository, commit: str, to: Publish) -> Iterator[Source]:
    for folder, held in sorted(charts_of(repository, commit).items()):
        place = folder.removeprefix("charts/")
        if place not in _PLATFORM and not place.startswith(TEAM):
            continue
        ignored = HelmIgnore.of(held)
        files = {path: content for path, content in held.items() if not ignored.covers(path)}
        version = read_chart_file(files[NAME], f"{folder}/{NAME}").version
        digests = _digests(files, folder) if to.registry else _NOWHERE
        name = place.rpartition("/")[2]
        pin = ChartPin(name=name, version=str(version), digest=digests.manifest)
        yield Source(
            chart=PinnedChart(place=place, pin=pin),
            files=files,
            content=f"sha256:{content_digest(files, folder)}",
            digests=digests,
        )


def _digests(files: Mapping[str, bytes], folder: str) -> Digests:
    try:
        return packed(files).digests
    except ValueError as error:
        advice = "restore it from Git, or run `transire generate`"
        raise _rejected(f"{folder}/{NAME}", "chart-broken", str(error), advice) from error


def _rejected(path: str, rule: str, message: str, advice: str) -> Rejected:
    return Rejected([Problem(at=Position(path=path), id=rule, message=message, help=advice)])
