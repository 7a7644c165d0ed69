"""Versions of charts: three numbers, because each has a meaning and anything more has none.

Pre-releases and build metadata are left out on purpose: a pin names exactly one chart, and an OCI
tag cannot hold the `+` of build metadata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

_NUMBER = "(0|[1-9][0-9]{0,8})"
_PLAIN = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


class Change(StrEnum):
    """How a new version differs from the one before."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SemVer:
    """MAJOR.MINOR.PATCH; greater means later."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> SemVer | None:
        """The version that `text` writes in plain decimals, or None where it writes none."""
        match = _PLAIN.fullmatch(text)
        if match is None:
            return None
        major, minor, patch = map(int, match.groups())
        return cls(major=major, minor=minor, patch=patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


FIRST = SemVer(major=0, minor=1, patch=0)
"""The version of a chart that was not there before."""


def bump(base: SemVer, change: Change) -> SemVer:
    """The version after `base` for a change of that class."""
    match change:
        case Change.MAJOR:
            return SemVer(major=base.major + 1, minor=0, patch=0)
        case Change.MINOR:
            return SemVer(major=base.major, minor=base.minor + 1, patch=0)
        case Change.PATCH:
            return SemVer(major=base.major, minor=base.minor, patch=base.patch + 1)
        case unreachable:
            assert_never(unreachable)
