"""The version of a chart: greater than the base's wherever a byte differs.

The *content digest* of a chart is SHA-256 over its files in the order of their paths (by code
point), for each of them path, NUL, length in bytes as a decimal number, NUL, content. `Chart.yaml`
counts without its `version:` line, without the `# content sha256:` line after it and without its
list of changes; files that `.helmignore` leaves out do not count. So the digest identifies a chart
by its content, whatever it is called in which version, and `Chart.yaml` can hold it.

How much greater follows from what the change means (`Released.step`): access taken away from a
workload is a major step, access added a minor one, and the same meaning in other bytes a patch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.versions.change_list import (
    ChangeEntry,
    with_changes,
    with_written,
    without_changes,
    written_changes,
)
from transire.charts.versions.semver import FIRST, Change, SemVer, bump
from transire.model.problems import Position, Problem, Rejected
from transire.workspace.helmignore import HelmIgnore


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A chart as a commit has it: its version and its content digest.

    `changes` holds the lines of its list of changes, as `written_changes` gives them. `files` are
    the chart's, by path in it, for whoever needs what they allow. `step` is what the chart at
    hand, where its content is another, does beyond this one.
    """

    version: SemVer
    content: str
    changes: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    step: Change = Change.PATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """A chart's files with version and content line in place, and the version.

    `why` is why it is no less: what the greatest step does.
    """

    files: Mapping[str, bytes]
    version: SemVer
    why: str = ""


def content_digest(files: Mapping[str, bytes], where: str) -> str:
    """The digest defined above, of files by their path in the chart; `where` is for messages.

    Raises:
        Rejected: if `Chart.yaml` has no plain version.
    """
    digest = hashlib.sha256()
    ignore = HelmIgnore.of(files)
    for path in sorted(each for each in files if not ignore.covers(each)):
        content = files[path]
        if path == NAME:
            content = without_changes(read_chart_file(content, f"{where}/{NAME}").bare)
        digest.update(b"%s\0%d\0" % (path.encode("utf-8", "surrogateescape"), len(content)))
        digest.update(content)
    return digest.hexdigest()


def released(files: Mapping[str, bytes], where: str) -> Released:
    """The chart of those files; `where` names the chart's folder, and the commit, in messages.

    Raises:
        Rejected: if its version is not MAJOR.MINOR.PATCH.
    """
    chart = read_chart_file(files[NAME], f"{where}/{NAME}")
    return Released(
        version=chart.version,
        content=content_digest(files, where),
        changes=written_changes(files[NAME]),
        files=files,
    )


def next_version(
    content: str,
    earlier: Iterable[Released],
    now: SemVer | None,
) -> SemVer:
    """The version for that content.

    It is greater than that of every earlier chart with other content, by the step from there, and
    not less than any. A version that is already as great (`now`) is kept, so that a second run
    changes nothing.
    """
    floors = [
        each.version if each.content == content else bump(each.version, each.step)
        for each in earlier
    ]
    return max(floors or [FIRST]) if now is None else max(*(floors or [FIRST]), now)


def versioned(
    files: Mapping[str, bytes],
    where: str,
    earlier: Iterable[Released],
    now: bytes | None,
    *,
    changes: Sequence[ChangeEntry] = (),
    content: str = "",
) -> Versioned:
    """The files with their version and the list of what it changes.

    `earlier` holds what the version must respect, the latest last; `now` is the `Chart.yaml` that
    is on the disk, if any; `changes` lists how these files differ from the latest; `content` is
    their digest where it is known already. A chart that is the latest keeps its list byte for
    byte, and so does the one on the disk where nothing earlier is known; else a list that `files`
    or the disk have gives way to `changes`.

    Raises:
        Rejected: if the files' own `Chart.yaml` has no plain version, or annotations among which
            the list cannot be written.
    """
    known = tuple(earlier)
    content = content or content_digest(files, where)
    version = next_version(content, known, version_of(now))
    bare = read_chart_file(files[NAME], f"{where}/{NAME}").at(version, content)
    latest = known[-1] if known else None
    try:
        if latest is not None and (latest.version, latest.content) == (version, content):
            chart = with_written(bare, latest.changes)
        elif now is not None and _keeps_list(now, version, content, latest):
            chart = with_written(bare, written_changes(now))
        else:
            chart = with_changes(bare, changes)
    except ValueError as error:
        raise _no_room(f"{where}/{NAME}", error) from error
    return Versioned(files={**files, NAME: chart}, version=version, why=_why(content, known))


def _keeps_list(chart_yaml: bytes, version: SemVer, content: str, latest: Released | None) -> bool:
    """Whether the list on the disk is about that content, in a version that nothing else tells of.

    That is so where nothing earlier is known, and where the latest is a chart with the same content
    in a lower version, as after a revert: its step was made from the one before.
    """
    try:
        chart = read_chart_file(chart_yaml, NAME)
    except Rejected:
        return False
    if latest is None:
        return chart.content == content
    same = latest.content == content == chart.content
    return same and chart.version == version and written_changes(chart_yaml) != latest.changes


_STEPS = {
    Change.PATCH: "its bytes changed since {version}",
    Change.MINOR: "workloads may reach more than with {version}",
    Change.MAJOR: "it takes access away from workloads since {version}",
}


def _why(content: str, earlier: Iterable[Released]) -> str:
    steps = [each for each in earlier if each.content != content]
    greatest = max(steps, key=lambda each: bump(each.version, each.step), default=None)
    if greatest is None:
        return "the base has a later version"
    return _STEPS[greatest.step].format(version=greatest.version)


def _no_room(path: str, error: ValueError) -> Rejected:
    return Rejected(
        [
            Problem(
                at=Position(path=path),
                id="chart-annotations",
                message=f"the list of changes cannot be written: {error}",
                help="write each annotation on a line of its own below `annotations:`; a team's "
                "chart has those of charts/egress-policy",
            )
        ]
    )


def version_of(content: bytes | None) -> SemVer | None:
    """The version on the disk; none where the file is broken, which the tree reports by itself."""
    try:
        return None if content is None else read_chart_file(content, NAME).version
    except Rejected:
        return None
