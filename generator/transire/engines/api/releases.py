"""Which releases of an engine this program models, and the one wording for all others."""

from __future__ import annotations

from dataclasses import dataclass

from transire.model.engine import Release, Version
from transire.model.problems import NotModelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """The modelled lines of one engine, as major and minor, oldest first.

    Every patch of a line counts. `newer`: what comes after the last line means the same, and so
    does no version at all; `because` names what the oldest line is the first to have.
    """

    engine: str
    lines: tuple[tuple[int, int], ...]
    newer: bool = False
    because: str = ""

    def __post_init__(self) -> None:
        if not self.lines or list(self.lines) != sorted(set(self.lines)):
            raise ValueError(f"the releases of {self.engine} are not in order: {self.lines}")

    @property
    def newest(self) -> Release:
        """The release that is meant where none is named."""
        if self.newer:
            return Release(engine=self.engine)
        major, minor = self.lines[-1]
        return Release(engine=self.engine, version=Version(major=major, minor=minor))

    def has(self, version: Version | None) -> bool:
        """Whether the version is modelled."""
        if version is None:
            return self.newer
        return version.line in self.lines or (self.newer and version.line > self.lines[-1])

    def fault(self, version: Version | None) -> str:
        """Why the version is not modelled, or the empty string."""
        if self.has(version):
            return ""
        written = "no version" if version is None else f"version {version}"
        because = ""
        if version is not None and version.line > self.lines[-1]:
            major, minor = self.lines[-1]
            because = f": the newest that is modelled is {major}.{minor}"
        elif self.because and version is not None and version.line < self.lines[0]:
            because = f": {self.because}"
        return f"{written} of {self.engine} is not modelled{because}"

    @property
    def remedy(self) -> str:
        """What to write instead, for people."""
        return (
            f"modelled are {self}: name the release that runs, and upgrade the cluster where it is "
            "older, or transire where it is newer"
        )

    def check(self, release: Release) -> None:
        """Refuse a release that a command names and this program does not model.

        Raises:
            NotModelled: if so; the message ends with what to write.
        """
        fault = self.fault(release.version)
        if fault:
            raise NotModelled(f"{fault}; {self.remedy}")

    def __str__(self) -> str:
        """Such as `1.14 to 1.19`."""
        first, last = (f"{major}.{minor}" for major, minor in (self.lines[0], self.lines[-1]))
        return f"{first} or newer, or no version" if self.newer else f"{first} to {last}"
