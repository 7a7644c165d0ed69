"""Names that a shell can complete: teams, targets, clusters, ids of rules.

They come from what is there, and a repository that cannot be read has none: whoever completes a
word is shown no error, and the command that follows shows it.
"""

from __future__ import annotations

from pathlib import Path

from transire.charts.chart import TARGETS
from transire.charts.layout import BASELINE, TIER
from transire.commands.arguments import StrPath
from transire.commands.policy_root import find_root
from transire.model.problems import ToolError
from transire.values.load import load
from transire.workspace.value_paths import TEAMS


def team_names(start: StrPath = ".") -> tuple[str, ...]:
    """The teams of the repository around a folder, by their files."""
    root = _root(start)
    return () if root is None else _stems(root / TEAMS)


def chart_names(start: StrPath = ".") -> tuple[str, ...]:
    """What `render` takes: the teams, and the charts of the platform."""
    return (*team_names(start), BASELINE, TIER)


def target_names(start: StrPath = ".") -> tuple[str, ...]:
    """The targets that are generated in the repository around a folder, sorted."""
    root = _root(start)
    if root is None:
        return ()
    return tuple(sorted(each.stem for each in root.glob(f"charts/teams/*/{TARGETS}*.yaml")))


def cluster_names(start: StrPath = ".") -> tuple[str, ...]:
    """The clusters of the platform's file, sorted."""
    root = _root(start)
    if root is None:
        return ()
    try:
        platform = load(root, ()).platform
    except ToolError:  # see above
        return ()
    return tuple(sorted(each.name for each in platform.clusters))


def _root(start: StrPath) -> Path | None:
    try:
        return find_root(start)
    except ToolError:  # see above
        return None


def _stems(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(each.stem for each in folder.glob("*.yaml")))
