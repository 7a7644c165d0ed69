"""A policy repository that is a folder of a larger one: what belongs to the top, and with what.

Forges and pre-commit read their files at the top of a Git repository and nowhere else. What is
written there names the folder; what somebody wrote there stays.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transire.model.problems import Level, Position, Problem, UsageError
from transire.workspace.file_plan import Edit
from transire.workspace.value_paths import PLATFORM

_FOLDER = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
"""The folders that `publish.folder` takes."""

_WORKFLOW = ".github/workflows/egress.yml"
_DATES = ".github/workflows/egress-expiring.yml"
_JOBS = ".gitlab-ci.yml"
_HOOKS = ".pre-commit-config.yaml"
_AT_THE_TOP = (".github/", ".gitlab/", _JOBS, _HOOKS)
_VARIABLE = "directory: ${{ vars.TRANSIRE_DIRECTORY }} # where the policies are not at the top"
_OWN = (".github/actions/transire/", ".gitlab/transire.gitlab-ci.yml")
_MOVE = "move it away, and run `transire init {folder}` at the top again"
_RENEW = f"if it is of another release, run `transire init --upgrade {{folder}}`; else {_MOVE}"
_OURS = b"docs/pipelines.md of transire"
"""What the first lines of the action and of the jobs hold, in every release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the policies are in a larger Git repository: its top, and the folder from there."""

    top: Path
    folder: str

    def shown(self, path: str) -> str:
        """A path from the top, as it is from the folder of the policies."""
        return os.path.relpath(path, self.folder)


def top_of(here: Path) -> Path | None:
    """The top of the Git repository around a folder, if there is one."""
    return next((each for each in (here, *here.parents) if os.path.lexists(each / ".git")), None)


def place_of(root: Path) -> Place | None:
    """Where `root` is in a larger Git repository; None at its top, and outside of any.

    Raises:
        UsageError: if the folder has a name that `publish.folder` does not take.
    """
    here = root.resolve()
    top = top_of(here)
    if top is None or top == here:
        return None
    folder = here.relative_to(top).as_posix()
    if not _FOLDER.fullmatch(folder):
        raise UsageError(
            f"the policies would be in {folder!r} of the Git repository {top}; take a folder of "
            "letters, digits, -, _ and dots"
        )
    return Place(top=top, folder=folder)


def split(files: Mapping[str, bytes], place: Place) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of the folder and those of the top, each with the folder where it is needed."""
    own: dict[str, bytes] = {}
    top: dict[str, bytes] = {}
    for path, content in files.items():
        side = top if path.startswith(_AT_THE_TOP) else own
        side[path] = _with_folder(path, content, place.folder)
    return own, top


def _is_ours(content: bytes) -> bool:
    """Whether an action or jobs for GitLab are those of a release of transire."""
    return _OURS in b"\n".join(content.splitlines()[:5])


def added_at_top(
    place: Place, files: Mapping[str, bytes]
) -> tuple[tuple[Edit, ...], tuple[Problem, ...]]:
    """The files to create at the top, and of those that stand there already what to add to them."""
    edits, problems = [], []
    for path, content in files.items():
        there = read_there(place.top / path)
        if there is None:
            edits.append(Edit(path=path, before=None, after=content))
        elif there != content:
            problems.append(_stays(path, place, _to_add(path, place)))
    return tuple(edits), tuple(problems)


def renewed_at_top(
    place: Place, files: Mapping[str, bytes]
) -> tuple[tuple[Edit, ...], tuple[Problem, ...]]:
    """What makes these parts at the top those of this release; what is somebody's stays."""
    edits, problems = [], []
    for path, content in files.items():
        there = read_there(place.top / path)
        after = _with_folder(path, content, place.folder)
        if there == after:
            continue
        if there is None or (_is_ours(there) and not _is_of_another(path, there, place)):
            edits.append(Edit(path=path, before=there, after=after))
        else:
            what = _to_add(path, place) if path == _DATES else _MOVE.format(folder=place.folder)
            problems.append(_stays(path, place, what))
    return tuple(edits), tuple(problems)


def _is_of_another(path: str, there: bytes, place: Place) -> bool:
    """Whether a scheduled workflow of ours is that of another folder of the repository."""
    return path == _DATES and f'directory: "{place.folder}"'.encode() not in there


def read_there(path: Path) -> bytes | None:
    """The content of a file; None where none is, and for a link."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _stays(path: str, place: Place, what: str) -> Problem:
    return Problem(
        at=Position(path=place.shown(path)),
        id="file-of-others",
        level=Level.WARNING,
        message=f"{path} at the top of the Git repository holds something else, and stays",
        help=what,
    )


def _to_add(path: str, place: Place) -> str:
    """What somebody adds to a file of the top that is there already."""
    if path == _WORKFLOW:
        return (
            "add a job with command: review and one with command: publish to a workflow, each "
            f"with uses: ./.github/actions/transire and directory: {place.folder}, as "
            "`transire docs pipelines` shows"
        )
    if path == _DATES:
        return (
            "add a job with command: expiring to it, with uses: ./.github/actions/transire and "
            f"directory: {place.folder}, as `transire docs pipelines` shows"
        )
    if path == _JOBS:
        return (
            "add local: .gitlab/transire.gitlab-ci.yml to include, and TRANSIRE_DIRECTORY: "
            f"{place.folder} to variables; the jobs need the stages test and deploy"
        )
    if path == _HOOKS:
        return (
            f"add local hooks with entry: transire -C {place.folder} generate on commits, and "
            f"entry: transire -C {place.folder} check on pushes, with pass_filenames: false"
        )
    if path.startswith(_OWN):
        return _RENEW.format(folder=place.folder)
    raise ValueError(f"nothing is known about {path}")


def _with_folder(path: str, content: bytes, folder: str) -> bytes:
    match path:
        case _ if path == PLATFORM:
            return _replaced(content, "\npublish:\n", f'\npublish:\n  folder: "{folder}"\n')
        case _ if path in {_WORKFLOW, _DATES}:
            return _replaced(content, _VARIABLE, f'directory: "{folder}"')
        case _ if path == _JOBS:
            return content + f'variables:\n  TRANSIRE_DIRECTORY: "{folder}"\n'.encode()
        case _ if path == _HOOKS:
            called = _replaced(content, "entry: transire ", f"entry: transire -C {folder} ")
            within = re.escape(folder)
            return _replaced(called, "files: ^(values|", f"files: ^{within}/(values|")
        case _:
            return content


def _replaced(content: bytes, before: str, after: str) -> bytes:
    if before.encode() not in content:
        raise ValueError(f"nothing to replace: there is no {before!r}")
    return content.replace(before.encode(), after.encode())
