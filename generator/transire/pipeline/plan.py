"""From lowered values to every file of the repository, with versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from transire.charts.archive import packed
from transire.charts.chart import TARGETS, Chart, chart_files_now
from transire.charts.chart_yaml import NAME
from transire.charts.layout import BASELINE, TIER, ChartPin, team_place
from transire.charts.oci_artifact import Digests
from transire.charts.versions.change_list import ChangeEntry
from transire.charts.versions.released import releases
from transire.charts.versions.semver import FIRST
from transire.charts.versions.version import (
    Released,
    Versioned,
    content_digest,
    released,
    version_of,
    versioned,
)
from transire.delivery.gitops.argocd.files import argocd_files
from transire.delivery.gitops.codeowners import codeowners_files
from transire.delivery.gitops.flux.files import flux_files
from transire.delivery.monitoring.files import monitoring_files
from transire.delivery.monitoring.observe import observe_files
from transire.git.base import Base, choose_base
from transire.git.repository import open_repository
from transire.helm import HelmChoice
from transire.meaning.compiled import Compiled
from transire.model.intent import Organisation
from transire.model.problems import Position, Problem
from transire.pipeline.merged import merged
from transire.pipeline.stamp import Stamped
from transire.pipeline.version_step import Between, Steps
from transire.pipeline.workers import Workers
from transire.values.editor_schemas import RepositoryNames, editor_schema
from transire.values.schemas import ValuesKind
from transire.workspace.file_plan import PLATFORM, TEAM, Edit, Owner, Plan
from transire.yamlio import write

SCHEMAS = "values/.schema"
"""Where editors find the schemas of the values files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Every file to write, and the charts among them by their place, such as `teams/payments`.

    A chart's files are by path in the chart. `digests` holds what the registry will call the
    charts, where they go to one. `base` is what versions were compared with. `behind` is about
    charts on the disk whose version does not follow from what they change.
    """

    plan: Plan
    charts: Mapping[str, Versioned]
    digests: Mapping[str, Digests]
    base: Base
    behind: tuple[Problem, ...] = ()

    @property
    def new(self) -> str:
        """Why every version starts afresh, where there is nothing to compare with."""
        return self.base.why


def plan_files(
    root: Path,
    compiled: Compiled,
    stamped: Stamped,
    base: str | None = None,
    helm: HelmChoice | None = None,
) -> Planned:
    """The files that the compiled values come to, each chart in its next version.

    Raises:
        Rejected: if a chart has no version to go on from.
        UsageError: if the named base does not exist.
        ToolError: if Git, Helm or the disk fails.
    """
    charts = stamped.charts
    folders = [chart.folder for chart in charts.values()]
    repository = open_repository(root)
    chosen = choose_base(repository, base)
    earlier = releases(repository, chosen, folders)
    now = chart_files_now(root, folders)
    steps = Steps(
        platform=compiled.organisation.platform, tier=stamped.chart(TIER).files, helm=helm
    )
    stepped = _stepped(charts, earlier, steps, Workers.fitting(compiled.target_count))
    finished = {
        place: versioned(
            chart.files,
            chart.folder,
            stepped[place].earlier,
            now.get(chart.folder),
            changes=stepped[place].entries,
            content=stepped[place].content,
        )
        for place, chart in charts.items()
    }
    to_registry = compiled.organisation.platform.publish.registry
    digests = {place: packed(each.files).digests for place, each in finished.items() if to_registry}
    units = owned_files(compiled, charts, finished, _pins(root, compiled, finished, digests))
    mixed = merged(root, repository)
    return Planned(
        plan=Plan(
            units=tuple(units),
            edits=tuple(_edits(charts, finished)) if compiled.whole else (),
            complete=compiled.whole,
            merged=mixed.owned,
            merged_edits=mixed.edits,
        ),
        charts=finished,
        digests=digests,
        base=chosen,
        behind=tuple(_behind(charts, finished, now)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stepped:
    """The earlier charts of one place with the steps from there, and what the last one changes.

    `content` is the digest of the chart at hand.
    """

    content: str
    earlier: tuple[Released, ...]
    entries: tuple[ChangeEntry, ...] = ()


def _stepped(
    charts: Mapping[str, Chart],
    earlier: Mapping[str, Sequence[Released]],
    steps: Steps,
    workers: Workers,
) -> dict[str, _Stepped]:
    """For every place what its chart does beyond the earlier ones that have another content."""
    found: dict[str, list[Released]] = {}
    contents: dict[str, str] = {}
    compared: list[tuple[str, int]] = []
    wanted: list[Between] = []
    for place, chart in charts.items():
        content = contents[place] = content_digest(chart.files, chart.folder)
        found[place] = list(earlier[chart.folder])
        for number, each in enumerate(found[place]):
            if each.content != content:
                compared.append((place, number))
                wanted.append(Between(place=place, before=each.files, after=chart.files))
    entries: dict[str, tuple[ChangeEntry, ...]] = {}
    for (place, number), step in zip(compared, workers.map(steps.of, wanted), strict=True):
        found[place][number] = replace(found[place][number], step=step.change)
        entries[place] = step.entries
    return {
        place: _Stepped(
            content=contents[place], earlier=tuple(known), entries=entries.get(place, ())
        )
        for place, known in found.items()
    }


def _behind(
    charts: Mapping[str, Chart], finished: Mapping[str, Versioned], now: Mapping[str, bytes]
) -> Iterator[Problem]:
    """A problem for each chart on the disk whose version does not follow from what it changes."""
    for place, chart in charts.items():
        written = version_of(now.get(chart.folder))
        fits = finished[place]
        if written is not None and written < fits.version:
            yield Problem(
                at=Position(path=f"{chart.folder}/{NAME}"),
                id="version-behind",
                message=f"version {written} does not match what the chart changes: {fits.why}, so "
                f"{fits.version} fits",
                help="run `transire generate`, or write that version",
                follows=True,
            )


def _pins(
    root: Path,
    compiled: Compiled,
    finished: Mapping[str, Versioned],
    digests: Mapping[str, Digests],
) -> dict[str, ChartPin]:
    """The pin of every chart: the next version of those at hand, what the disk has of the rest."""
    others = [f"charts/{place}" for place in _pinned_places(compiled).keys() - finished.keys()]
    return pins_of(compiled, finished, digests, chart_files_now(root, others))


def _pinned_places(compiled: Compiled) -> dict[str, str]:
    """The name of every chart that is published, by its place."""
    teams = {team_place(each.name): each.name for each in compiled.organisation.teams}
    return {**teams, BASELINE: BASELINE, TIER: TIER}


def pins_of(
    compiled: Compiled,
    finished: Mapping[str, Versioned],
    digests: Mapping[str, Digests],
    others: Mapping[str, bytes],
) -> dict[str, ChartPin]:
    """The pin of every chart; `others` holds the `Chart.yaml` of those not at hand, by folder.

    Raises:
        Rejected: if one of these has a version that is not MAJOR.MINOR.PATCH.
    """
    names = _pinned_places(compiled)
    there = {
        folder: released({NAME: content}, folder).version for folder, content in others.items()
    }
    versions = {
        **{place: there.get(f"charts/{place}", FIRST) for place in names},
        **{place: each.version for place, each in finished.items()},
    }
    return {
        place: ChartPin(
            name=name,
            version=str(versions[place]),
            digest=digests[place].manifest if place in digests else "",
        )
        for place, name in names.items()
    }


def owned_files(
    compiled: Compiled,
    charts: Mapping[str, Chart],
    finished: Mapping[str, Versioned],
    pins: Mapping[str, ChartPin],
) -> list[Owner]:
    """Every generated file of the teams at hand, and of the platform where these are all."""
    files: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    organisation = compiled.organisation
    wanted = {team_place(each.team.name) for each in compiled.teams}
    wanted |= {PLATFORM} if compiled.whole else set()
    objects = {**argocd_files(organisation, pins), **flux_files(organisation, pins)}
    for path, file in objects.items():
        if _unit_of(path) not in wanted:
            continue
        text = "---\n".join(write(each) for each in file.objects)
        head = "".join(f"# {line}\n" for line in file.head)
        files[_unit_of(path)][path] = (head + text).encode()
    for path, content in monitoring_files(organisation).items():
        if _unit_of(path) in wanted:
            files[_unit_of(path)][path] = content
    for place, each in finished.items():
        chart = Chart(folder=charts[place].folder, files=each.files)
        if place in {BASELINE, TIER}:
            files[PLATFORM] |= chart.in_repository(TARGETS)
        else:
            files[place] |= chart.in_repository()
    if compiled.whole:
        files[PLATFORM] |= schema_files(organisation)
        files[PLATFORM] |= codeowners_files(organisation)
        files[PLATFORM] |= observe_files(organisation)
    return [Owner(name=name, files=files[name]) for name in sorted(wanted)]


def schema_files(organisation: Organisation) -> dict[str, bytes]:
    """The schemas that editors take for the values files of an organisation, by path."""
    known = RepositoryNames.of(organisation)
    return {
        f"{SCHEMAS}/{kind}.schema.json": editor_schema(kind, known).encode() for kind in ValuesKind
    }


def _unit_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    if folder.endswith("/teams"):
        return f"{TEAM}{name.rpartition('.')[0]}"
    return PLATFORM


def _edits(charts: Mapping[str, Chart], finished: Mapping[str, Versioned]) -> list[Edit]:
    """The version lines of the platform's charts, which people write the rest of."""
    return [
        Edit(
            path=f"{charts[place].folder}/{NAME}",
            before=charts[place].files[NAME],
            after=finished[place].files[NAME],
        )
        for place in (BASELINE, TIER)
        if charts[place].files[NAME] != finished[place].files[NAME]
    ]
