"""What is to be published: charts of a commit, generated and in step with its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from transire.model.intent import Publish
from transire.model.problems import Level, Position, Problem, Rejected
from transire.pipeline.compiling import compile_values
from transire.pipeline.planning import Planned, plan_files
from transire.publish.artifact import Digests
from transire.publish.chart import TEMPLATE, read_template
from transire.publish.chart_file import NAME, read_chart_file
from transire.publish.charts_at import ChartPin, PinnedChart
from transire.publish.git import Repository, blob_id, open_repository
from transire.publish.helmignore import HelmIgnore
from transire.publish.packing import packed
from transire.publish.tree import status
from transire.publish.version import content_digest

_NOWHERE = Digests(archive="", manifest="")


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
    """Every chart of a commit, sorted by place, and where `platform.yaml` says that they go."""

    repository: Repository
    commit: str
    to: Publish
    charts: tuple[Source, ...]


def sources(root: Path, *, base: str | None = None, as_of: date | None = None) -> Sources:
    """The charts of the commit that is checked out.

    Raises:
        Rejected: if there is no commit, if something is not committed, or if a generated file is
            not in step with the values, as `check` says it.
        UsageError: if the base does not exist.
        ToolError: if Git or the disk fails.
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
    compiled = compile_values(root, as_of=as_of)
    planned = plan_files(root, compiled, base)
    found = status(root, planned.plan).findings
    if any(each.level is Level.ERROR for each in found):
        raise Rejected(found)
    charts = tuple(_charts(root, planned))
    problems = tuple(_not_committed(repository, commit, charts))
    if problems:
        raise Rejected(problems)
    to = compiled.organisation.platform.publish
    return Sources(repository=repository, commit=commit, to=to, charts=charts)


def _charts(root: Path, planned: Planned) -> Iterator[Source]:
    """The charts of the plan, and the one that teams' are stamped from, for use on its own."""
    template = read_template(root).files
    by_hand = TEMPLATE.removeprefix("charts/")
    charts = {by_hand: template, **{key: each.files for key, each in planned.charts.items()}}
    digests = dict(planned.digests)
    if digests:
        digests[by_hand] = packed(template).digests
    for place, files in sorted(charts.items()):
        version = read_chart_file(files[NAME], f"charts/{place}/{NAME}").version
        known = digests.get(place, _NOWHERE)
        name = place.rpartition("/")[2]
        pin = ChartPin(name=name, version=str(version), digest=known.manifest)
        yield Source(
            chart=PinnedChart(place=place, pin=pin),
            files=files,
            content=f"sha256:{content_digest(files, f'charts/{place}')}",
            digests=known,
        )


def _not_committed(
    repository: Repository, commit: str, charts: tuple[Source, ...]
) -> Iterator[Problem]:
    """Where the disk has other bytes than the commit: ignored files, and line ends.

    Git names what it holds by digest, so nothing has to be read to be compared.
    """
    held: dict[str, dict[str, str]] = {each.chart.folder: {} for each in charts}
    for blob in repository.tree(commit, "charts"):
        parts = blob.path.split("/")
        for depth in (2, 3):
            folder = "/".join(parts[:depth])
            if folder in held and len(parts) > depth:
                held[folder]["/".join(parts[depth:])] = blob.oid
    for each in charts:
        ignored = HelmIgnore.of(each.files)
        there = {
            path: oid for path, oid in held[each.chart.folder].items() if not ignored.covers(path)
        }
        for path in sorted(there.keys() | each.files.keys()):
            content = each.files.get(path)
            if content is None or there.get(path) != blob_id(content, commit):
                yield Problem(
                    at=Position(path=f"{each.chart.folder}/{path}"),
                    id="not-committed",
                    message="the file is not the commit's, so the chart could not be made again",
                    help="commit it as it is; mind .gitignore, and line ends in .gitattributes",
                )


def _rejected(path: str, rule: str, message: str, advice: str) -> Rejected:
    return Rejected([Problem(at=Position(path=path), id=rule, message=message, help=advice)])
