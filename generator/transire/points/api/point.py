"""The one value through which rooms reach an enforcement point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from transire.engines.api.capabilities import Support
from transire.engines.api.releases import Releases
from transire.flows.host_set import HostSet
from transire.model.engine import Release
from transire.model.names import HostKind
from transire.model.problems import Problem
from transire.points.api.reading import PointReader
from transire.points.api.target import PointTarget
from transire.points.api.written import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCapabilities:
    """What a point can do, as data.

    `hosts` are the ways to write a host that it can have exactly. `port_ranges`: more than one port
    in a rule's range. `http`: methods and paths of requests in clear. `originate`: it goes on by
    TLS. `server_names`: it compares TLS names. `audit`: it logs what it would not let through.
    `most_listeners` is how many classes of pods it can serve, and None where nothing bounds them.
    `never` are names that it lets nobody have, whatever is written: an exact one is refused, and
    where a wildcard stands for them there is a caveat.
    """

    hosts: frozenset[HostKind]
    port_ranges: Support
    http: Support
    originate: Support
    server_names: Support
    audit: Support
    most_listeners: int | None
    never: HostSet = HostSet.nothing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one enforcement point is and does; no part has a default, so that none is forgotten.

    `write` gives exact configuration or refusals, and never both. `read` knows nothing of how it
    was written. `lint` gives findings about configuration of anybody, also where it is not ours.
    """

    name: str
    title: str
    releases: Releases
    capabilities: PointCapabilities
    write: Callable[[PointTarget], Written]
    read: PointReader
    lint: Callable[[Mapping[str, str], Release], tuple[Problem, ...]]

    def __post_init__(self) -> None:
        if self.releases.engine != self.name:
            raise ValueError(f"{self.name} has the releases of {self.releases.engine}")
