"""Which files of a chart Helm reads: all but those that `.helmignore` names.

The part of the format that charts use: comments, and names with `*` and `?`; `/` at the end means a
folder, `/` anywhere else ties the name to the chart's own folder. The rest of it (`!`, `**`,
classes, escapes) is refused rather than guessed at. Hidden files in `templates/` are never read.

Source: Helm's `pkg/ignore/rules.go`, where a pattern without `/` is compared with the last part of
the path, and an ignored folder takes everything in it along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

NAME = ".helmignore"

_UNREAD = re.compile(r"^!|\*\*|[\[\]\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    matcher: re.Pattern[str]
    whole: bool
    folders_only: bool

    def covers(self, path: str, *, folder: bool) -> bool:
        if self.folders_only and not folder:
            return False
        text = path if self.whole else path.rpartition("/")[2]
        return self.matcher.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelmIgnore:
    """The patterns of one `.helmignore`."""

    patterns: tuple[_Pattern, ...]

    @classmethod
    def parse(cls, content: bytes) -> HelmIgnore:
        """The patterns that the file's content writes.

        Raises:
            ValueError: if it is not UTF-8, or for a pattern that is not read here.
        """
        return _parsed(content)

    @classmethod
    def of(cls, chart: Mapping[str, bytes]) -> HelmIgnore:
        """The patterns of a chart's files; where they cannot be read, nothing is left out."""
        try:
            return cls.parse(chart.get(NAME, b""))
        except ValueError:
            return cls.parse(b"")

    def covers(self, path: str) -> bool:
        """Whether Helm leaves out the file at `path`, which is relative to the chart."""
        parts = path.split("/")
        return any(
            each.covers("/".join(parts[:depth]), folder=depth < len(parts))
            for depth in range(1, len(parts) + 1)
            for each in self.patterns
        )


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> HelmIgnore:
    """All charts of teams have the same file."""
    rules = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    written = [rule for rule in rules if rule and not rule.startswith("#")]
    return HelmIgnore(patterns=tuple(_pattern(rule) for rule in ("templates/.?*", *written)))


def _pattern(rule: str) -> _Pattern:
    if _UNREAD.search(rule):
        raise ValueError(f"the pattern {rule!r} is not one that is read here; write names, * and ?")
    name = rule.removesuffix("/")
    first, *middle = (_piece(each) for each in name.removeprefix("/").split("*"))
    text = first
    if middle:
        # Each star takes as little as it can and never thinks again, so that matching is linear.
        text += "".join(f"(?>[^/]*?{each})" for each in middle[:-1]) + "[^/]*" + middle[-1]
    return _Pattern(
        matcher=re.compile(text, re.DOTALL), whole="/" in name, folders_only=name != rule
    )


def _piece(text: str) -> str:
    return "[^/]".join(map(re.escape, text.split("?")))
