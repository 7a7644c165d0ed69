"""Whether the charts of a commit are what its values come to, as `check` finds it.

All of them were held against the values when they were published. So `publish` looks again at what
it is about to push, and at what changed since the base; what is neither costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from transire.charts.chart import TEMPLATE, read_template
from transire.charts.layout import BASELINE, CHARTS, TIER
from transire.commands.publish.commit_charts import Sources
from transire.git.base import choose_base
from transire.git.repository import Repository, blob_id
from transire.model.names import is_dns_label
from transire.model.problems import Level, Position, Problem, Rejected
from transire.pipeline.compile import compile_values
from transire.pipeline.plan import Planned, plan_files
from transire.pipeline.stamp import stamp_charts
from transire.workspace.file_plan import PLATFORM, TEAM, owner_of
from transire.workspace.helmignore import HelmIgnore
from transire.workspace.ownership import unit_at
from transire.workspace.writer import status

_VALUES = "values/teams/"
_READ = ("charts/", "values/", "argocd/", "flux/", ".transire/")


def changed_places(found: Sources, base: str | None) -> frozenset[str]:
    """The places of charts that differ from the base in values, chart or GitOps objects.

    What belongs to no team counts as all of them; so does everything where there is no base.

    Raises:
        UsageError: if the base does not exist.
        GitFailed: if Git fails.
    """
    repository = found.repository
    here = {each.chart.place for each in found.charts}
    everything = frozenset({BASELINE, TIER, *here})
    commit = choose_base(repository, base).commit
    if commit is None or not {BASELINE, TIER} <= here:
        return everything
    before, after = (
        {(each.path, each.oid) for each in repository.tree(which)}
        for which in (commit, found.commit)
    )
    paths = {path for path, _ in before ^ after}
    places = {_place(path) for path in paths if path.startswith(_READ) or owner_of(path)}
    return everything if BASELINE in places else frozenset(places)


def _place(path: str) -> str:
    """The chart that a file has to do with; the baseline stands for all."""
    unit = _team(path) or owner_of(path) or unit_at(path) or PLATFORM
    return unit if unit.startswith(TEAM) else BASELINE


def _team(path: str) -> str:
    """The place of the team whose values file this is; empty for any other file."""
    name = path.removeprefix(_VALUES).removesuffix(".yaml")
    return TEAM + name if path == f"{_VALUES}{name}.yaml" and is_dns_label(name) else ""


def must_be_in_step(
    root: Path, found: Sources, places: frozenset[str], *, base: str | None, as_of: date | None
) -> None:
    """Do nothing where the charts at these places are what the values come to.

    Raises:
        Rejected: if a generated file is not in step with the values, as `check` finds it, or is not
            the commit's.
        UsageError: if the base does not exist.
        ToolError: if Git, Helm or the disk fails.
    """
    if not places:
        return
    known = {_team(each.path) for each in found.repository.tree(found.commit, _VALUES)}
    chosen = sorted(places) if places <= known else []
    compiled = compile_values(root, [each.removeprefix(TEAM) for each in chosen], as_of)
    planned = plan_files(root, compiled, stamp_charts(root, compiled), base)
    seen = status(root, planned.plan).findings
    if any(each.level is Level.ERROR for each in seen):
        raise Rejected(seen)
    uncommitted = tuple(_not_committed(root, found, planned, whole=compiled.whole))
    if uncommitted:
        raise Rejected(uncommitted)


def _not_committed(
    root: Path, found: Sources, planned: Planned, *, whole: bool
) -> Iterator[Problem]:
    """Where the disk has other bytes than the commit: ignored files, and line ends.

    Git names what it holds by digest, so nothing has to be read to be compared.
    """
    charts = {f"charts/{place}": each.files for place, each in planned.charts.items()}
    if whole:
        charts[TEMPLATE] = read_template(root).files
    held = _held(found.repository, found.commit, frozenset(charts))
    for folder, files in charts.items():
        ignored = HelmIgnore.of(files)
        there = {path: oid for path, oid in held[folder].items() if not ignored.covers(path)}
        for path in sorted(there.keys() | files.keys()):
            content = files.get(path)
            if content is None or there.get(path) != blob_id(content, found.commit):
                yield Problem(
                    at=Position(path=f"{folder}/{path}"),
                    id="not-committed",
                    message="the file is not the commit's, so the chart could not be made again",
                    help="commit it as it is; mind .gitignore, and line ends in .gitattributes",
                )


def _held(
    repository: Repository, commit: str, folders: frozenset[str]
) -> dict[str, dict[str, str]]:
    """What the commit has in these folders: the objects of files by their path in the folder."""
    held: dict[str, dict[str, str]] = {folder: {} for folder in folders}
    for blob in repository.tree(commit, CHARTS):
        parts = blob.path.split("/")
        for depth in (2, 3):
            folder = "/".join(parts[:depth])
            if folder in held and len(parts) > depth:
                held[folder]["/".join(parts[depth:])] = blob.oid
    return held
