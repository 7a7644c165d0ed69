"""A snapshot as `transire generate` would leave it: its generated files follow from its values.

What is committed may be out of step with the values beside it. A reviewer approves values, so what
they come to is what counts, and the files that are not as they come to are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from transire.charts.archive import packed
from transire.charts.chart import TEMPLATE, Chart, as_template, chart_of
from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.layout import BASELINE, TIER, team_place
from transire.charts.versions.change_list import with_written, written_changes
from transire.charts.versions.semver import FIRST
from transire.charts.versions.version import Versioned, content_digest, version_of
from transire.git.repository import blob_id
from transire.git.snapshots import Snapshot
from transire.meaning.compiled import Compiled
from transire.model.intent import Organisation
from transire.pipeline.compile import compile_loaded
from transire.pipeline.plan import owned_files, pins_of
from transire.pipeline.stamp import Stamped, stamp_from
from transire.workspace.file_plan import GITOPS, TEAM, owner_of

_COMPARED = ("charts", *GITOPS)
"""The folders of which every generated file is compared."""

_SHA1 = "0" * 40


@dataclass(frozen=True, kw_only=True)
class CompiledSnapshot:
    """A snapshot with the generated files of some teams, or of all, as its values come to them.

    `compiled` is what they come to, with everything that guardrails find. `teams` are those whose
    files are compared; None stands for all teams and the platform.
    """

    snapshot: Snapshot
    compiled: Compiled
    teams: frozenset[str] | None
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return self.snapshot.name

    @property
    def commit(self) -> str:
        """The commit's full id; empty for what is no commit."""
        return self.snapshot.commit

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """The id of every file, by path."""
        kept = {path: oid for path, oid in self.snapshot.ids.items() if not self._is_ours(path)}
        return {**kept, **{path: self._id(content) for path, content in self.files.items()}}

    @property
    def links(self) -> frozenset[str]:
        """The symbolic links that stand in place of values."""
        return self.snapshot.links

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of those of the paths that are there."""
        wanted = [each for each in paths if each in self.ids]
        found = {each: self.files[each] for each in wanted if each in self.files}
        return {**self.snapshot.read(each for each in wanted if each not in found), **found}

    @cached_property
    def out_of_step(self) -> tuple[str, ...]:
        """The generated files that are not what the values come to, missing ones included."""
        there, meant = self.snapshot.ids, self.ids
        return tuple(sorted({path for path, _ in there.items() ^ meant.items()}))

    def _id(self, content: bytes) -> str:
        return blob_id(content, next(iter(self.snapshot.ids.values()), _SHA1))

    def _is_ours(self, path: str) -> bool:
        """Whether it is a file that the values come to, or one of their teams that they do not."""
        return path in self.files or _is_generated(path, self.teams)


def compiled_snapshot(
    snapshot: Snapshot, organisation: Organisation, teams: frozenset[str] | None, now: datetime
) -> CompiledSnapshot:
    """What the values of a snapshot come to, of some teams or of all.

    Raises:
        Rejected: if an engine refuses something, or a chart that is written by hand cannot be used.
        ToolError: if a file cannot be read.
    """
    whole = teams is None
    compiled = compile_loaded(organisation, now, whole=whole)
    stamped = stamp_from(
        as_template(_chart(snapshot, TEMPLATE)),
        {each: _chart(snapshot, f"charts/{each}") for each in (BASELINE, TIER)},
        compiled,
    )
    return CompiledSnapshot(
        snapshot=snapshot,
        compiled=compiled,
        teams=teams,
        files=_files(snapshot, compiled, stamped),
    )


def _chart(snapshot: Snapshot, folder: str) -> Chart:
    under = f"{folder}/"
    files = snapshot.read(each for each in snapshot.ids if each.startswith(under))
    return chart_of(folder, {path.removeprefix(under): each for path, each in files.items()})


def _files(snapshot: Snapshot, compiled: Compiled, stamped: Stamped) -> dict[str, bytes]:
    """Every generated file at the version that the snapshot has of its chart."""
    places = {*stamped.charts, *(team_place(each.name) for each in compiled.organisation.teams)}
    there = snapshot.read(f"charts/{each}/{NAME}" for each in sorted(places | {BASELINE, TIER}))
    finished = {
        place: _finished(chart, there.get(f"{chart.folder}/{NAME}"))
        for place, chart in stamped.charts.items()
    }
    registry = compiled.organisation.platform.publish.registry
    digests = {place: packed(each.files).digests for place, each in finished.items() if registry}
    others = {
        path.removesuffix(f"/{NAME}"): content
        for path, content in there.items()
        if path.removesuffix(f"/{NAME}").removeprefix("charts/") not in finished
    }
    pins = pins_of(compiled, finished, digests, others)
    owners = owned_files(compiled, stamped.charts, finished, pins)
    files = {path: content for each in owners for path, content in each.files.items()}
    files |= {
        f"charts/{place}/{NAME}": finished[place].files[NAME]
        for place in (BASELINE, TIER)
        if place in finished
    }
    return {path: content for path, content in files.items() if path.startswith(_FOLDERS)}


_FOLDERS = tuple(f"{each}/" for each in _COMPARED)


def _finished(chart: Chart, there: bytes | None) -> Versioned:
    """The chart at the version, and with the list of changes, that is there."""
    version = version_of(there) or FIRST
    content = content_digest(chart.files, chart.folder)
    bare = read_chart_file(chart.files[NAME], f"{chart.folder}/{NAME}").at(version, content)
    try:
        named = with_written(bare, written_changes(there or b""))
    except ValueError:
        named = bare
    return Versioned(files={**chart.files, NAME: named}, version=version)


def _is_generated(path: str, teams: frozenset[str] | None) -> bool:
    """Whether only generated files are in that place, of those teams or of all and the platform."""
    owner = owner_of(path) if path.startswith(_FOLDERS) else None
    if owner is None or teams is None:
        return owner is not None
    return owner.removeprefix(TEAM) in teams if owner.startswith(TEAM) else False


def touched_teams(paths: Iterable[str]) -> frozenset[str] | None:
    """The teams whose values or generated files are among the paths; None: something of all is."""
    teams: set[str] = set()
    for path in paths:
        owner = owner_of(path)
        match path.split("/"):
            case ["values", "teams", file]:
                teams.add(file.removesuffix(".yaml"))
            case ["values", "platform.yaml"] | ["values", "bundles", _]:
                return None
            case [folder, *_] if folder in _COMPARED:
                if owner is None or not owner.startswith(TEAM):
                    return None
                teams.add(owner.removeprefix(TEAM))
            case _:
                continue
    return frozenset(teams)
