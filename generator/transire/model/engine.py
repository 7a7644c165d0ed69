"""Engines, their versions, and what the meaning of values takes from them.

An engine's name is a string that the registry of engines resolves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering

from transire.model.names import HostKind


class Definitions(StrEnum):
    """How a Calico cluster serves `projectcalico.org/v3`."""

    API_SERVER = "api-server"
    """Calico's aggregated API server, which checks objects and stores them elsewhere."""
    NATIVE = "native"
    """Custom resource definitions, which check far less."""


_VERSION = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})(?:\.(0|[1-9][0-9]{0,4}))?")


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A minor such as 1.19, which means every patch of it, or one patch such as 1.18.4.

    Comparison is by minor, then patch; a minor alone compares as its first patch, so that
    `version >= Version.parse("1.18.5")` is true only where every meant patch has the feature.
    """

    major: int
    minor: int
    patch: int | None = None

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that `text` writes.

        Raises:
            ValueError: if it is not `major.minor` or `major.minor.patch` in plain decimals.
        """
        match = _VERSION.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a version such as 1.19 or 1.18.4")
        major, minor, patch = match.groups()
        return cls(major=int(major), minor=int(minor), patch=None if patch is None else int(patch))

    def _key(self) -> tuple[int, int, int]:
        return self.major, self.minor, self.patch or 0

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    @property
    def line(self) -> tuple[int, int]:
        """Major and minor, for tables of supported releases."""
        return self.major, self.minor

    def __str__(self) -> str:
        tail = "" if self.patch is None else f".{self.patch}"
        return f"{self.major}.{self.minor}{tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An engine in one version, or in whatever version where none is named."""

    engine: str
    version: Version | None = None

    def at_least(self, version: str) -> bool:
        """Whether every meant patch is `version` or newer; false without a version."""
        return self.version is not None and self.version >= Version.parse(version)

    def __str__(self) -> str:
        return self.engine if self.version is None else f"{self.engine}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """How an engine, as one cluster runs it, matches the destinations that values name.

    `by_identity`: pods and nodes are matched by identity, so that an address range stands for
    addresses outside the cluster only; else a range matches whatever has such an address, and
    nodes are matched by their declared ranges. `ranges_match_nodes`: by identity, ranges match
    nodes besides. `hosts`: names are matched; else hosts are delegated to a fallback.
    `before_translation`: policies may act while a connection still has the address of a service.
    `cluster_label`: the label that holds the cluster of a pod, where the cluster is in a mesh.
    `server_name_kinds`: kinds of hosts that can also be written as TLS server names.
    """

    by_identity: bool
    ranges_match_nodes: bool
    hosts: bool
    before_translation: bool
    server_name_kinds: frozenset[HostKind] = frozenset()
    cluster_label: str = ""
