"""`Chart.yaml` as text: the two lines that are generated, and everything else as it is.

The line after `version:` holds the digest of the chart's content. Two pull requests that both
change a chart give it the same next version, but never the same digest: Git reports the conflict
that would otherwise be a silent merge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transire.charts.versions.semver import SemVer
from transire.model.problems import Position, Problem, Rejected

NAME = "Chart.yaml"

_VERSION = re.compile(rb"""(version:[ \t]+["']?)([^"'#\s]*)(["']?[ \t]*(?:[ \t]#.*)?)""")
_CONTENT = re.compile(rb"# content sha256:([0-9a-f]{64})")
_CHART = re.compile(rb"name:(?:[ \t].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFile:
    """One `Chart.yaml`: the text around its version and content lines, and the version."""

    head: bytes
    version: SemVer
    tail: bytes
    content: str
    """The digest that its content line holds; empty where it has none."""
    around: tuple[bytes, bytes]
    newline: bytes

    @property
    def bare(self) -> bytes:
        """The file without the two lines."""
        return self.head + self.tail

    def with_version(self, version: SemVer) -> bytes:
        """The file with this version, without a content line."""
        before, after = self.around
        line = before + str(version).encode() + after + self.newline
        return self.head + line + self.tail

    def at(self, version: SemVer, digest: str) -> bytes:
        """The file with this version and content digest."""
        before, after = self.around
        lines = before + str(version).encode() + after + self.newline
        return self.head + lines + b"# content sha256:" + digest.encode() + self.newline + self.tail


def read_chart_file(content: bytes, path: str) -> ChartFile:
    """The chart file of that content; `path` is its place in messages.

    Raises:
        Rejected: if it has no line `version: MAJOR.MINOR.PATCH`, or more than one.
    """
    lines = content.splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if line.startswith(b"version:")]
    if len(places) != 1:
        found = "more than one line" if places else "no line"
        raise _rejected(path, 0, f"the chart has {found} `version: MAJOR.MINOR.PATCH`")
    place = places[0]
    written = lines[place].rstrip(b"\r\n")
    match = _VERSION.fullmatch(written)
    version = SemVer.parse(match[2].decode("utf-8", "replace")) if match else None
    if match is None or version is None:
        shown = written.removeprefix(b"version:").strip().decode("utf-8", "backslashreplace")
        raise _rejected(path, place + 1, f"the chart has version {shown!r}")
    after = place + 1
    line = lines[after].rstrip(b"\r\n") if after < len(lines) else b""
    held = _CONTENT.fullmatch(line)
    after += held is not None
    return ChartFile(
        head=b"".join(lines[:place]),
        version=version,
        tail=b"".join(lines[after:]),
        content=held[1].decode() if held else "",
        around=(match[1], match[3]),
        newline=lines[place][len(written) :] or b"\n",
    )


def renamed(content: bytes, name: str) -> bytes:
    """The content with another chart name.

    Raises:
        ValueError: with what is wrong, if it has no line `name:`, or more than one.
    """
    lines = content.splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if _CHART.fullmatch(line.rstrip(b"\r\n"))]
    if len(places) != 1:
        raise ValueError("the chart does not have exactly one line `name: ...`")
    old = lines[places[0]]
    lines[places[0]] = f'name: "{name}"'.encode() + old[len(old.rstrip(b"\r\n")) :]
    return b"".join(lines)


def _rejected(path: str, line: int, message: str) -> Rejected:
    return Rejected(
        [
            Problem(
                at=Position(path=path, line=line, column=1 if line else 0),
                id="chart-version",
                message=message,
                help="write a line such as `version: 1.4.2`: three numbers and nothing else",
            )
        ]
    )
