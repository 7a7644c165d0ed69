"""`init`: a policy repository to start from, or the charts of one renewed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.versions.change_list import with_written, written_changes
from transire.commands.arguments import StrPath, several
from transire.delivery.gitops.codeowners import owners_at_top
from transire.model.intent import Organisation
from transire.model.owners import OwnersFile
from transire.model.problems import Level, Position, Problem, Rejected, UsageError
from transire.pipeline.plan import schema_files
from transire.values.load import load, load_files
from transire.workspace.file_plan import PLATFORM, Edit, Owner, Plan
from transire.workspace.larger_repository import (
    Place,
    added_at_top,
    place_of,
    renewed_at_top,
    split,
)
from transire.workspace.scaffold import (
    Forge,
    Start,
    difference,
    new_repository,
    renewed_parts,
    scaffold_files,
    upgrade,
)
from transire.workspace.value_paths import is_values_file
from transire.workspace.writer import apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a run of `init` wrote, the difference of an upgrade, and what is left to add by hand.

    Paths begin at the directory; those of a larger Git repository around it begin with `..`.
    """

    written: tuple[str, ...]
    difference: str
    problems: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        return f"<Started written={len(self.written)}>"


def init(
    directory: StrPath,
    *,
    upgrade_charts: bool = False,
    bare: bool = False,
    forges: str | Iterable[str] = ("github", "gitlab"),
) -> Started:
    """Start a policy repository in `directory`, or renew the charts of one that is there.

    In a folder of a larger Git repository, pipelines, hooks and the rules of CODEOWNERS go to its
    top, with the folder; files that somebody wrote there stay, and `problems` has what to add.

    Args:
        directory: where it is, or is to be.
        upgrade_charts: whether to renew the charts, the action and the jobs of one that is there.
        bare: whether to leave the example organisation out.
        forges: whose pipelines are written: `github`, `gitlab`; `none` stands for no pipelines.

    Raises:
        UsageError: if there is no such forge, or `publish.folder` does not take the folder's name.
        Rejected: if a file that is not ours exists where one would be written.
        DiskFailed: if the disk refuses.
    """
    folder, start = Path(directory), Start(forges=_forges(several(forges)), bare=bare)
    if not upgrade_charts:
        _make_folder(folder)
    place = place_of(folder)
    if upgrade_charts:
        edits = upgrade(folder, _with_generated)
        return _written(folder, Plan(edits=edits), _upgraded_top(folder, place))
    files, top = scaffold_files(start), _Top()
    if place is not None:
        files, above = split(files, place)
        top = _new_top(place, above, _organisation(files))
    plan = Plan(units=(_schemas(files),), edits=new_repository(folder, files))
    started = _written(folder, plan, top)
    return replace(started, difference="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Top:
    """What to write at the top of a larger Git repository, and what is left to its people."""

    place: Place | None = None
    edits: tuple[Edit, ...] = ()
    problems: tuple[Problem, ...] = ()

    def with_owners(self, found: Edit | Problem | None) -> _Top:
        if isinstance(found, Edit):
            return replace(self, edits=(*self.edits, found))
        return self if found is None else replace(self, problems=(*self.problems, found))


def _new_top(place: Place, files: Mapping[str, bytes], organisation: Organisation) -> _Top:
    edits, problems = added_at_top(place, files)
    top = _Top(place=place, edits=edits, problems=problems)
    return top.with_owners(owners_at_top(place, organisation))


def _upgraded_top(folder: Path, place: Place | None) -> _Top:
    if place is None:
        return _Top()
    edits, problems = renewed_at_top(place, renewed_parts(place.top))
    top = _Top(place=place, edits=edits, problems=problems)
    try:
        organisation = load(folder)
    except Rejected:
        return top.with_owners(_not_renewed(place))
    if organisation.platform.publish.folder != place.folder:
        return top
    return top.with_owners(owners_at_top(place, organisation))


def _not_renewed(place: Place) -> Problem:
    return Problem(
        at=Position(path=place.shown(OwnersFile.ROOT.value)),
        id="codeowners-not-renewed",
        level=Level.WARNING,
        message="the values have mistakes, so the lines of CODEOWNERS at the top are not renewed",
        help="run `transire check`, mend what it names, and run `transire init --upgrade` again",
    )


def _written(folder: Path, plan: Plan, top: _Top) -> Started:
    """Write both; a run that ends between the two is finished by the next one."""
    written = apply(folder, plan).written
    edits = plan.edits
    if top.place is not None and top.edits:
        above = apply(top.place.top, Plan(edits=top.edits)).written
        written += tuple(map(top.place.shown, above))
        edits += tuple(replace(each, path=top.place.shown(each.path)) for each in top.edits)
    return Started(written=written, difference=difference(edits), problems=top.problems)


def _forges(names: Iterable[str]) -> frozenset[Forge]:
    known = {str(each): each for each in Forge}
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise UsageError(f"there is no forge {unknown[0]!r}; write github, gitlab or none")
    return frozenset(known[name] for name in names)


def _organisation(files: Mapping[str, bytes]) -> Organisation:
    return load_files({path: each for path, each in files.items() if is_values_file(path)})


def _schemas(files: Mapping[str, bytes]) -> Owner:
    """The editors' schemas as `generate` writes them, and as files that are ours."""
    return Owner(name=PLATFORM, files=schema_files(_organisation(files)))


def _with_generated(there: bytes, content: bytes) -> bytes:
    """The new `Chart.yaml` with the version, the digest and the list of changes of the old one."""
    try:
        old = read_chart_file(there, NAME)
        new = read_chart_file(content, NAME)
        digest = old.content or new.content
        kept = new.at(old.version, digest) if digest else new.with_version(old.version)
        return with_written(kept, written_changes(there))
    except (Rejected, ValueError):
        return content


def _make_folder(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{directory} cannot be made: {error.strerror}") from error
