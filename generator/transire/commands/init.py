"""`init`: a policy repository to start from, or the charts of one renewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.versions.change_list import with_written, written_changes
from transire.commands.arguments import StrPath, several
from transire.model.problems import Rejected, UsageError
from transire.pipeline.plan import schema_files
from transire.values.load import load_files
from transire.workspace.file_plan import PLATFORM, Owner, Plan
from transire.workspace.scaffold import (
    Forge,
    Start,
    difference,
    new_repository,
    scaffold_files,
    upgrade,
)
from transire.workspace.value_paths import is_values_file
from transire.workspace.writer import apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a run of `init` wrote, and the difference of an upgrade."""

    written: tuple[str, ...]
    difference: str

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

    Args:
        directory: where it is, or is to be.
        upgrade_charts: whether to renew the charts, the action and the jobs of one that is there.
        bare: whether to leave the example organisation out.
        forges: whose pipelines are written: `github`, `gitlab`; `none` stands for no pipelines.

    Raises:
        UsageError: if there is no such forge.
        Rejected: if a file that is not ours exists where one would be written.
        DiskFailed: if the disk refuses.
    """
    folder, start = Path(directory), Start(forges=_forges(several(forges)), bare=bare)
    if upgrade_charts:
        plan = Plan(edits=upgrade(folder, _with_generated))
    else:
        _make_folder(folder)
        plan = Plan(units=(_schemas(start),), edits=new_repository(folder, start))
    outcome = apply(folder, plan)
    shown = difference(plan.edits) if upgrade_charts else ""
    return Started(written=outcome.written, difference=shown)


def _forges(names: Iterable[str]) -> frozenset[Forge]:
    known = {str(each): each for each in Forge}
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise UsageError(f"there is no forge {unknown[0]!r}; write github, gitlab or none")
    return frozenset(known[name] for name in names)


def _schemas(start: Start) -> Owner:
    """The editors' schemas as `generate` writes them, and as files that are ours."""
    values = {path: each for path, each in scaffold_files(start).items() if is_values_file(path)}
    return Owner(name=PLATFORM, files=schema_files(load_files(values)))


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
