"""What an engine can do, as data: checked once in the frame of lowering, printed in tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transire.model.engine import Release, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The first release that can do something; `version` is empty where every modelled one can."""

    version: str = ""

    def __post_init__(self) -> None:
        if self.version:
            Version.parse(self.version)

    def has(self, release: Release) -> bool:
        """Whether every patch that the release means can do it."""
        return not self.version or release.at_least(self.version)

    def __str__(self) -> str:
        return f"since {self.version}" if self.version else "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """No modelled release can do it."""

    def has(self, release: Release) -> bool:
        """False."""
        del release
        return False

    def __str__(self) -> str:
        return "no"


Support = Since | Never
"""From when on an engine can do something, if ever."""


class OpenConnections(StrEnum):
    """What becomes of a connection that is open when a policy stops allowing it."""

    KEPT = "kept"
    """It goes on: a connection is judged once, when it begins."""
    CUT = "cut"
    """Its next packet is dropped: every packet from the pod is judged."""
    UNDEFINED = "undefined"
    """Whoever implements the policies decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """What becomes of open connections when a policy stops allowing them.

    `ended_by` is what ends those, and `not_by` what does not although people may expect it.
    """

    become: OpenConnections
    ended_by: tuple[str, ...]
    not_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """How an engine reports without blocking: `through` is the field or kind that it needs."""

    support: Support
    through: str
    instead: str
    """What would work, for a target whose release has nothing of the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What one engine can express, in words that every engine shares.

    `hosts`: destinations by name. `filled_sets`: hosts may be delegated to a set that something
    else fills, and not only to a proxy. `dns_names`: the names that pods may query.
    `server_names`: TLS server names. `http`: methods and paths of egress. `service_accounts`: pods
    are selected by what they run as. `agent_flags`: flags of the engine's agent change verdicts.
    `nodes`: nodes are known without their addresses.
    `api_server`: the API server can be named. `ingress`: what takes requests from outside can be
    named. `icmp`: echo requests, which have no port.
    `mesh`: pods of other clusters of a mesh are known by their cluster.
    `tier`: policies live in a tier of their own.
    `native_definitions`: the API server of Kubernetes may serve the engine's API by itself, and
    then checks less than the engine's own.
    """

    hosts: Support
    filled_sets: Support
    dns_names: Support
    server_names: Support
    http: Support
    service_accounts: Support
    agent_flags: Support
    nodes: Support
    api_server: Support
    ingress: Support
    icmp: Support
    mesh: Support
    tier: Support
    native_definitions: Support
    audit: Audit
