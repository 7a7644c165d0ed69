"""`init`: a policy repository to start from, or the charts of one renewed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transire.commands.arguments import StrPath
from transire.model.problems import UsageError
from transire.workspace.file_plan import Plan
from transire.workspace.scaffold import difference, new_repository, upgrade
from transire.workspace.writer import apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a run of `init` wrote, and the difference of an upgrade."""

    written: tuple[str, ...]
    difference: str

    def __repr__(self) -> str:
        return f"<Started written={len(self.written)}>"


def init(directory: StrPath, *, upgrade_charts: bool = False) -> Started:
    """Start a policy repository in `directory`, or renew the charts of one that is there.

    Raises:
        Rejected: if a file that is not ours exists where one would be written.
        DiskFailed: if the disk refuses.
    """
    folder = Path(directory)
    if not upgrade_charts:
        _make_folder(folder)
    edits = upgrade(folder) if upgrade_charts else new_repository(folder)
    outcome = apply(folder, Plan(edits=edits))
    return Started(written=outcome.written, difference=difference(edits) if upgrade_charts else "")


def _make_folder(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{directory} cannot be made: {error.strerror}") from error
