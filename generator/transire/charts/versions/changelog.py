"""What each version of a chart changed, from the list that each version carries.

The history of a branch holds every `Chart.yaml` that was published from it, so the changelog of a
chart is read from there, whatever became of the registry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.layout import CHARTS
from transire.charts.readme import escape
from transire.charts.versions.change_list import ChangeEntry, ChangeKind, read_changes
from transire.charts.versions.semver import SemVer
from transire.git.repository import Repository
from transire.model.problems import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangelogEntry:
    """One version of a chart: the day of its commit, `YYYY-MM-DD`, and what it changed."""

    version: SemVer
    day: str
    changes: tuple[ChangeEntry, ...]


def versions(repository: Repository, commit: str) -> Mapping[str, tuple[ChangelogEntry, ...]]:
    """Every version of every chart up to a commit, by the chart's place, the greatest first.

    Each is listed once, from the commit that had it first: what is published never changes, so
    where a revert, or a team that comes back, has an earlier version again, that is no news.
    A `Chart.yaml` without a version, as one that was being merged, is passed over.

    Raises:
        GitFailed: if Git fails.
    """
    seen = [
        each
        for each in repository.history(commit, CHARTS)
        if each.path.endswith(f"/{NAME}") and each.oid
    ]
    contents = repository.blobs(each.oid for each in seen)
    found: defaultdict[str, dict[SemVer, ChangelogEntry]] = defaultdict(dict)
    for each in reversed(seen):
        place = each.path.removeprefix(f"{CHARTS}/").removesuffix(f"/{NAME}")
        version = _version(contents[each.oid], each.path, each.day)
        if version is not None:
            found[place].setdefault(version.version, version)
    return {
        place: tuple(known[each] for each in sorted(known, reverse=True))
        for place, known in sorted(found.items())
    }


def _version(content: bytes, path: str, day: str) -> ChangelogEntry | None:
    try:
        version = read_chart_file(content, path).version
        changes = read_changes(content)
    except (Rejected, ValueError):
        return None
    return ChangelogEntry(version=version, day=day, changes=changes)


def changelog(name: str, known: Sequence[ChangelogEntry], *, whole: bool) -> str:
    """The changelog of a chart in Markdown, the greatest version first.

    `whole` is false where the history was cut off, which the text then states.
    """
    lines = [f"# Changes of {escape(name)}"]
    for each in known:
        lines += ["", f"## {each.version} ({each.day})", "", *_listed(each)]
    if not whole:
        lines += ["", "Earlier versions are not in this clone, which is shallow."]
    return "\n".join(lines) + "\n"


def _listed(version: ChangelogEntry) -> Iterator[str]:
    if not version.changes:
        yield "- First version, or one without a list of changes."
    for kind in ChangeKind:
        for each in version.changes:
            if each.kind is kind:
                yield f"- {kind.value.capitalize()}: {escape(each.description)}"
