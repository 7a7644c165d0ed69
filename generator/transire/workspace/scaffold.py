"""What a new policy repository starts with: charts, example values, pipelines, files for Git.

An installed package carries these files; in a checkout of the project they are the repository's
own, so there is one copy of each.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from transire.model.problems import Position, Problem, Rejected
from transire.workspace.file_plan import Edit
from transire.workspace.larger_repository import read_there

CHARTS = ("egress-policy", "egress-baseline", "egress-tier")
"""The charts that people may read and that the tool renews."""

_VALUES = ("values/platform.yaml", "values/exceptions.yaml", "values/bundles", "values/teams")
_BARE = {
    "pipelines/bare/platform.yaml": "values/platform.yaml",
    "pipelines/bare/exceptions.yaml": "values/exceptions.yaml",
}
"""The values of a repository without the example organisation."""

_README = {"pipelines/repository-readme.md": "README.md"}
_HOOKS = {"pipelines/pre-commit-config.yaml": ".pre-commit-config.yaml"}
_GITHUB = {"action.yml": ".github/actions/transire/action.yml"}
_GITLAB = {"pipelines/transire.gitlab-ci.yml": ".gitlab/transire.gitlab-ci.yml"}
_DATES = {"pipelines/github-expiring.yml": ".github/workflows/egress-expiring.yml"}
_RENEWED = {**_GITHUB, **_DATES, **_GITLAB}
"""The parts of the pipelines that nobody needs to edit: where they come from and where they go."""

_WITH_DATES = b"expiring"
"""What an action has that knows the command of the scheduled workflow."""


class Forge(StrEnum):
    """Where pipelines run, and which files they need."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


_PIPELINES: Mapping[Forge, Mapping[str, str]] = {
    Forge.GITHUB: {
        **_GITHUB,
        **_DATES,
        "pipelines/github-workflow.yml": ".github/workflows/egress.yml",
    },
    Forge.GITLAB: {**_GITLAB, "pipelines/gitlab-ci.yml": ".gitlab-ci.yml"},
    Forge.NONE: {},
}
_LEFT_OUT = frozenset({"targets", "tests", ".schema"})
"""Folders that are generated, or that only this project's own tests read."""
_GITIGNORE = b".transire/work/\n.transire/lock\n"
_DIGESTED = (
    "charts/**", "argocd/**", "flux/**", "monitoring/**", "dashboards/**", "observe/**",
    ".transire/**", "values/.schema/**", "CODEOWNERS",
)  # fmt: skip
"""Where every byte counts, because digests are kept of it."""
_GITATTRIBUTES = "".join(f"{place} -text\n" for place in _DIGESTED).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a new repository begins with: pipelines of which forges, the example or bare values."""

    forges: frozenset[Forge] = frozenset({Forge.GITHUB, Forge.GITLAB})
    bare: bool = False


def scaffold_files(start: Start | None = None) -> Mapping[str, bytes]:
    """Every file of a new repository, by its path."""
    chosen = start or Start()
    git = {".gitignore": _GITIGNORE, ".gitattributes": _GITATTRIBUTES}
    places = {**_README, **_HOOKS}
    for forge in sorted(chosen.forges):
        places |= _PIPELINES[forge]
    values = _placed(_BARE) if chosen.bare else _read(_VALUES)
    return {**chart_files(), **values, **_placed(places), **git}


def chart_files() -> Mapping[str, bytes]:
    """The hand-written charts of this release, without what is generated into them."""
    return _read(tuple(f"charts/{name}" for name in CHARTS))


def renewed_parts(top: Path) -> Mapping[str, bytes]:
    """The parts of the pipelines at `top` that `upgrade` renews where they are.

    The scheduled workflow is also one where the action is of a release before it; whoever takes it
    away later has it no more.
    """
    action = read_there(top / next(iter(_GITHUB.values())))
    added = set(_DATES.values()) if action is not None and _WITH_DATES not in action else set()
    parts = _placed(_RENEWED)
    return {path: each for path, each in parts.items() if path in added or read_there(top / path)}


def new_repository(root: Path, files: Mapping[str, bytes]) -> tuple[Edit, ...]:
    """Those of the files to create at `root`; what is there already, byte for byte, is left out.

    So is the README of somebody.

    Raises:
        Rejected: if any of the files exists with other content.
    """
    edits, problems = [], []
    for path, content in files.items():
        there = read_there(root / path)
        if there is None:
            edits.append(Edit(path=path, before=None, after=content))
        elif there != content and path not in _README.values():
            problems.append(
                Problem(
                    at=Position(path=path),
                    id="file-exists",
                    message=f"{path} exists already and holds something else",
                    help="start in an empty folder, or renew the charts with "
                    "`transire init --upgrade`",
                )
            )
    if problems:
        raise Rejected(problems)
    return tuple(edits)


def upgrade(root: Path, kept: Callable[[bytes, bytes], bytes]) -> tuple[Edit, ...]:
    """What makes the charts at `root` those of this release.

    `kept` gives the new `Chart.yaml` with what is generated into the one that is there. The action,
    the scheduled workflow and the GitLab jobs are renewed where they are; other files stay.

    Raises:
        Rejected: if `root` is no policy repository.
    """
    if not (root / "values/platform.yaml").is_file():
        raise Rejected(
            [
                Problem(
                    at=Position(path="values/platform.yaml"),
                    id="no-repository",
                    message="there is no policy repository to upgrade here",
                    help="run `transire init` first, or name the folder",
                )
            ]
        )
    edits = []
    for path, content in {**chart_files(), **renewed_parts(root)}.items():
        there = read_there(root / path)
        is_chart = path.endswith("/Chart.yaml")
        after = kept(there, content) if there is not None and is_chart else content
        if there != after:
            edits.append(Edit(path=path, before=there, after=after))
    return tuple(edits)


def difference(edits: tuple[Edit, ...]) -> str:
    """The edits as a unified diff."""
    return "".join(line for edit in edits for line in _unified(edit))


def _unified(edit: Edit) -> Iterator[str]:
    before = (edit.before or b"").decode(errors="backslashreplace").splitlines(keepends=True)
    after = edit.after.decode(errors="backslashreplace").splitlines(keepends=True)
    source = "/dev/null" if edit.before is None else f"a/{edit.path}"
    yield from difflib.unified_diff(before, after, source, f"b/{edit.path}")


def _read(places: tuple[str, ...]) -> dict[str, bytes]:
    root = _root()
    found = {}
    for place in places:
        start = root / place
        for path in sorted([start] if start.is_file() else start.rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and _LEFT_OUT.isdisjoint(relative.parts):
                found[relative.as_posix()] = path.read_bytes()
    return found


def _placed(places: Mapping[str, str]) -> dict[str, bytes]:
    read = _read(tuple(places))
    return {places[path]: content for path, content in read.items()}


def _root() -> Path:
    packaged = Path(str(files("transire"))) / "scaffold"
    return packaged if packaged.is_dir() else Path(__file__).parents[3]
