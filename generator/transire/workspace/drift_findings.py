"""How files on the disk stand to a plan, as findings that people can act on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from transire.model.problems import Position, Problem, in_order
from transire.workspace.file_plan import PLATFORM
from transire.workspace.ownership import FOLDER, Journal
from transire.workspace.safe_folder import FolderEntry, PathKind, shown

EVERYTHING = "transire generate"


class FileState(StrEnum):
    """How a file differs from the plan."""

    MISSING = "missing"
    OUTDATED = "outdated"
    EDITED = "edited"
    FOREIGN = "foreign"
    SURPLUS = "surplus"


_SENTENCES = {
    FileState.MISSING: "this generated file is missing",
    FileState.OUTDATED: "this generated file is not what the values give now",
    FileState.EDITED: "this generated file was changed by hand",
    FileState.FOREIGN: "this file was not generated, and a generated one belongs here",
    FileState.SURPLUS: "this generated file is one that the values do not hold any more",
}
_HELP = {
    FileState.EDITED: "change the values instead, delete the file and run `{}`",
    FileState.FOREIGN: "move it away and run `{}`",
}


_FEW = 3
"""As many units are named, or reported one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One file that differs, with the sentence and the advice for people.

    `unit` is what a generated file belongs to, and empty for one that people write as well;
    `command` writes it.
    """

    path: str
    state: FileState
    message: str
    help: str
    unit: str = ""
    command: str = EVERYTHING

    @property
    def blocks(self) -> bool:
        """Whether somebody's work would be overwritten, so that nothing may be written."""
        return self.state in {FileState.EDITED, FileState.FOREIGN}

    @property
    def is_list(self) -> bool:
        """Whether it is a list of generated files, which differs wherever one of them does."""
        return self.path.startswith(f"{FOLDER}/")

    @property
    def problem(self) -> Problem:
        """The finding that `check` shows."""
        return Problem(
            at=Position(path=shown(self.path)),
            id=f"{self.state}-file",
            message=self.message,
            help=self.help,
            follows=not self.blocks,
        )


def generated(
    path: str, state: FileState, found: FolderEntry, command: str = EVERYTHING, unit: str = ""
) -> Standing:
    """A file that the plan or a manifest names; `command` writes it."""
    message = _SENTENCES[state]
    if found.kind not in {PathKind.ABSENT, PathKind.FILE} and found.at == path:
        message = f"this is {found.kind}, and a generated file belongs here"
    elif found.kind is not PathKind.ABSENT and found.at != path:
        message = f"{shown(found.at)} is {found.kind}, and generated files belong below it"
    advice = _HELP.get(state, "run `{}`").format(command)
    return Standing(
        path=path, state=state, message=message, help=advice, unit=unit, command=command
    )


def stranger(path: str, folder: str) -> Standing:
    """Something that nobody planned, in a folder that holds generated files only."""
    return Standing(
        path=path,
        state=FileState.FOREIGN,
        message=f"this was not generated, and {folder} holds generated files only",
        help=f"move it out of {folder}",
    )


def second(path: str, planned: str) -> Standing:
    """A file that assigns owners, beside the one that is planned."""
    return Standing(
        path=path,
        state=FileState.FOREIGN,
        message=f"this stands beside {planned}, and only one of the two is read",
        help=f"remove it, or write path: {path} in codeowners of values/platform.yaml and move it "
        "away",
    )


def edited(path: str, state: FileState, found: FolderEntry, *, new: bool) -> Standing:
    """A file that people write as well, where it is not as it was read, or is there already."""
    in_the_way = found.at != path or found.kind not in {PathKind.ABSENT, PathKind.FILE}
    if in_the_way or state is FileState.OUTDATED or (new and state is FileState.MISSING):
        return generated(path, state, found)
    if new:
        message, advice = "a file is here already", "move it away and run the command again"
    else:
        message = "this file was changed while transire was running"
        advice = "run the command again"
    return Standing(path=path, state=state, message=message, help=advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A file to write, or to remove where `content` is None; `unit` is empty for an edit.

    `before` is the digest of what is there, and empty where nothing is.
    """

    path: str
    content: bytes | None
    before: str
    unit: str = ""
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All differences, and the changes that end them.

    `problems` holds what is wrong with the plan or with manifests. `changes` come in the order in
    which they are made: files to write, files to remove, manifests. `units` names what was looked
    at; `journal` is that of an interrupted run; `interrupted` means that a run did not end, or has
    not ended yet.
    """

    standings: tuple[Standing, ...] = ()
    problems: tuple[Problem, ...] = ()
    changes: tuple[FileChange, ...] = ()
    units: tuple[str, ...] = ()
    journal: Journal = field(default_factory=Journal)
    interrupted: bool = False

    @property
    def obstacles(self) -> tuple[Problem, ...]:
        """Why nothing may be written, if anything."""
        blocking = (each.problem for each in self.standings if each.blocks)
        return in_order([*self.problems, *blocking])

    @property
    def causes(self) -> tuple[Problem, ...]:
        """What `check` reports: everything to decide, and one finding for what a run will write."""
        blocking = (each.problem for each in self.standings if each.blocks)
        waiting = [each for each in self.standings if not each.blocks]
        return in_order([*self.problems, *blocking, *folded(waiting)])

    @property
    def findings(self) -> tuple[Problem, ...]:
        """Every file by itself: those out of step, and those that would be overwritten."""
        return in_order([*self.problems, *(each.problem for each in self.standings)])


def folded(standings: Iterable[Standing]) -> Iterator[Problem]:
    """Files that a run will write or remove, as few findings: a file alone, or a count of them."""
    by_unit: defaultdict[str, list[Standing]] = defaultdict(list)
    for each in standings:
        by_unit[each.unit or PLATFORM].append(each)
    if len(by_unit) > _FEW:
        together = [each for unit in sorted(by_unit) for each in _counted(by_unit[unit])]
        names = sorted(map(_unit_name, by_unit))
        rest = len(names) - _FEW
        whose = f"{', '.join(names[:_FEW])} and {rest} other{'' if rest == 1 else 's'}"
        yield _out_of_step(together, whose, EVERYTHING)
        return
    for unit, found in sorted(by_unit.items()):
        counted = _counted(found)
        if len(counted) == 1:
            yield counted[0].problem
        else:
            yield _out_of_step(counted, _unit_name(unit), counted[0].command)


def _counted(standings: Sequence[Standing]) -> list[Standing]:
    """The files, without the list of them where anything else differs."""
    return [each for each in standings if not each.is_list] or list(standings)


def _unit_name(unit: str) -> str:
    return "the platform" if unit == PLATFORM else unit.rpartition("/")[2]


def _out_of_step(standings: Sequence[Standing], whose: str, command: str) -> Problem:
    first = min(standings, key=lambda each: each.path)
    return Problem(
        at=Position(path=shown(first.path)),
        id="out-of-step",
        message=f"{len(standings)} generated files of {whose} are out of step with the values",
        help=f"run `{command}`",
        follows=True,
    )
