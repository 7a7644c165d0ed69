"""What the repository shall hold, before anybody looks at the disk.

A *unit* is what belongs together: the files of one team, or the platform's. Each unit has a
manifest of its own, so that two teams' pull requests never touch the same one.

An *edit* changes a file that people write as well, such as the version in a chart's `Chart.yaml`
or a line of a values file. Such a file is never owned and never removed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from transire.model.names import is_dns_label
from transire.model.owners import OwnersFile
from transire.model.problems import Position, Problem
from transire.workspace.safe_folder import shown

TEAM = "teams/"
PLATFORM = "platform"
GITOPS = ("argocd", "flux")
"""The folders of what publishes, by tool."""
MONITORING, DASHBOARDS, OBSERVE = "monitoring", "dashboards", "observe"
"""The folders of alerts, of dashboards, and of settings for logs and metrics."""

OWNERS_FILES = frozenset(each.value for each in OwnersFile)
"""Where CODEOWNERS may be; only one of them is ever read."""

_PLATFORM_FOLDERS = (
    "charts/egress-baseline/targets",
    "charts/egress-tier/targets",
    "values/.schema",
)
_MAX_PART = 255
_BY_HAND = "by hand"
_FAULTS = {
    "": "has an empty part",
    ".": "has the part '.'",
    "..": "leaves the repository",
}


def is_owner(name: str) -> bool:
    """Whether `name` is `platform` or `teams/<team>`."""
    team = name.removeprefix(TEAM)
    return name == PLATFORM or (team != name and is_dns_label(team))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The files of one team or of the platform: repository path and content.

    `gone` means that the values know it no more, so that no command can name it.
    """

    name: str
    files: Mapping[str, bytes]
    gone: bool = False

    def __post_init__(self) -> None:
        if not is_owner(self.name):
            raise ValueError(f"{self.name!r} is neither {PLATFORM!r} nor {TEAM}<team>")

    @property
    def closed(self) -> tuple[str, ...]:
        """The folders in which nothing but this unit's files may stand."""
        if self.name == PLATFORM:
            return _PLATFORM_FOLDERS
        return (f"charts/{self.name}",)

    @property
    def command(self) -> str:
        """What a person runs to write the unit."""
        if self.name == PLATFORM or self.gone:
            return "transire generate"
        return f"transire generate {self.name.removeprefix(TEAM)}"


def owner_of(path: str) -> str | None:
    """The unit that a generated file belongs to, by its place; None where none is generated.

    ```text
    charts/teams/<team>/...                      the team's
    argocd/<cluster>/<kind>/teams/<team>.yaml    the team's, and so in flux/
    charts/egress-baseline/targets/...           the platform's, and so in charts/egress-tier
    argocd/..., flux/...                         the platform's
    monitoring/<cluster>/<kind>/teams/<team>.yaml    the team's
    dashboards/teams/<team>.json                 the team's
    monitoring/..., dashboards/..., observe/...  the platform's
    values/.schema/...                           the platform's, for editors
    CODEOWNERS, or in .github/ and the like      the platform's
    ```
    """
    match path.split("/"):
        case ["charts", "teams", team, _, *_]:
            unit = f"{TEAM}{team}"
        case [tool, _, _, "teams", file] if tool in GITOPS:
            unit = f"{TEAM}{file.removesuffix('.yaml')}"
        case ["monitoring", _, _, "teams", file]:
            unit = f"{TEAM}{file.removesuffix('.yaml')}"
        case ["dashboards", "teams", file]:
            unit = f"{TEAM}{file.removesuffix('.json')}"
        case [tool, _, *_] if tool in {*GITOPS, MONITORING, DASHBOARDS, OBSERVE}:
            unit = PLATFORM
        case ["values", ".schema", _]:
            unit = PLATFORM
        case _ if path in OWNERS_FILES:
            unit = PLATFORM
        case _ if path.startswith(tuple(f"{folder}/" for folder in _PLATFORM_FOLDERS)):
            unit = PLATFORM
        case _:
            return None
    return unit if is_owner(unit) else None


def owners_of(files: Mapping[str, bytes]) -> tuple[Owner, ...]:
    """The files as units, sorted by name; each file goes to the unit of its place.

    Raises:
        ValueError: for a file in a place where none is generated.
    """
    found: dict[str, dict[str, bytes]] = {}
    for path, content in sorted(files.items()):
        unit = owner_of(path)
        if unit is None:
            raise ValueError(f"{path!r} is in no place where files are generated")
        found.setdefault(unit, {})[path] = content
    return tuple(Owner(name=name, files=each) for name, each in sorted(found.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file that people write as well: the bytes it must still have, and those it gets.

    `before` is None for a file that must not exist yet.
    """

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything to write; where it is `complete`, units that are not in it are removed.

    `merged` holds, by unit, what a merge made of its generated files, in place of the manifest on
    the disk; `merged_edits` holds the digests of files with edits that a merge left undecided only
    where they are generated.
    """

    units: tuple[Owner, ...] = ()
    edits: tuple[Edit, ...] = ()
    complete: bool = False
    merged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    merged_edits: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the plan itself, whatever is on the disk."""
        seen = _Seen()
        for unit in self.units:
            for path in unit.files:
                yield from _path_problems(path, unit.name)
                yield from seen.add(path, unit.name)
        for edit in self.edits:
            yield from _path_problems(edit.path)
            yield from seen.add(edit.path, _BY_HAND)


class _Seen:
    """The paths so far, and every folder they need, by the name that a careless disk gives them."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, str]] = {}
        self._folders: dict[str, str] = {}

    def add(self, path: str, unit: str) -> Iterator[Problem]:
        """Add one more file, and give what it collides with."""
        parts = path.split("/")
        for depth in range(1, len(parts)):
            yield from self._add_folder("/".join(parts[:depth]), path)
        known = self._files.setdefault(_folded(path), (path, unit))
        if known != (path, unit):
            yield _collision(path, _same(path, unit, *known))
        elif _folded(path) in self._folders:
            yield _collision(path, f"{shown(path)} would be a file and a folder at once")

    def _add_folder(self, folder: str, path: str) -> Iterator[Problem]:
        known = self._folders.setdefault(_folded(folder), folder)
        if known != folder:
            yield _collision(path, _same(folder, "", known, ""))
        elif _folded(folder) in self._files:
            yield _collision(path, f"{shown(folder)} would be a file and a folder at once")


def _same(path: str, unit: str, known: str, other: str) -> str:
    if path == known:
        return f"{shown(path)} is written for {other} and {unit}"
    return f"{shown(known)} and {shown(path)} are one path where a disk ignores case"


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _collision(path: str, message: str) -> Problem:
    return Problem(
        at=Position(path=shown(path)),
        id="path-collision",
        message=message,
        help="rename one of the two",
    )


def _path_problems(path: str, unit: str | None = None) -> Iterator[Problem]:
    fault = path_fault(path)
    if fault is None and unit is not None and owner_of(path) != unit:
        fault = f"is no place of {unit}"
    if fault is not None:
        yield Problem(
            at=Position(path=shown(path)),
            id="bad-path",
            message=f"{shown(path)!r} {fault}, so nothing is written there",
            help="rename the file, team, namespace or cluster that the path is made of",
        )


def path_fault(path: str) -> str | None:
    """Why no file may be written at `path`, or None where one may."""
    for part in path.split("/"):
        if part in _FAULTS:
            return _FAULTS[part]
        if part == ".git":
            return "lies in Git's own folder"
        if not part.isprintable() or "\\" in part:
            return "has a character that no file of ours has"
        if len(part.encode()) > _MAX_PART:
            return f"has a part of more than {_MAX_PART} bytes"
    return None


GENERATED = "Generated by transire: change the values files instead."
