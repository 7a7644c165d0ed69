"""What is lowered together, and how an engine takes part in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from transire.engines.api.capabilities import Capabilities
from transire.engines.api.refusal import Refusal
from transire.engines.api.releases import Releases
from transire.engines.lowering.builder import LoweredBuilder
from transire.engines.lowering.chart_values import Item, Naming
from transire.meaning.premises.dns_resolvers import Resolvers
from transire.meaning.premises.queryable_names import QueryableName
from transire.meaning.target import Values
from transire.model.engine import Release, Traits
from transire.model.intent import Cluster, Mode, Platform, Rule
from transire.model.names import HostPattern
from transire.model.problems import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Namespaces of one cluster that get the same objects: a target, or half of a baseline.

    `rules` become objects; `resolving` are all rules whose hosts these pods may query.
    """

    cluster: Cluster
    platform: Platform
    mode: Mode
    namespaces: tuple[str, ...]
    rules: tuple[Rule, ...]
    resolving: tuple[Rule, ...]
    naming: Naming
    with_dns: bool
    """Whether the way to the resolvers is there even without rules."""
    at: Position

    @property
    def restricted(self) -> bool:
        """Whether pods may query only some names; audit blocks nothing, so there they query all."""
        return self.cluster.dns.restrict and self.mode is Mode.ENFORCE

    @property
    def server_names(self) -> bool:
        """Whether TLS server names are checked; audit blocks nothing, so there they are not."""
        return self.cluster.server_names and self.mode is Mode.ENFORCE


class Writer(Protocol):
    """How one engine writes what the layers hold; what it cannot express goes to the builder."""

    @property
    def releases(self) -> Releases:
        """The releases for which it can write."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do; the frame refuses the rest."""
        ...

    def traits(self, cluster: Cluster) -> Traits:
        """How the engine knows destinations on that cluster."""
        ...

    def owns_defaults(self, release: Release) -> bool:
        """Whether the deny layer writes fields that would open it, at their defaults.

        Who writes a field by server-side apply owns it, and undoes what somebody else makes of it.
        """
        ...

    def check(self, scope: Scope, builder: LoweredBuilder) -> None:
        """Refuse what the whole scope requires and the engine, in its version, cannot do."""
        ...

    def host_fault(self, pattern: HostPattern, rule: Rule, scope: Scope) -> Refusal | None:
        """Why the engine cannot express the host, or None; what the rule accepts counts."""
        ...

    def http_fault(self, rule: Rule, scope: Scope) -> Refusal | None:
        """Why the engine cannot let just the requests of a rule with `http` through, or None."""
        ...

    def items(self, rule: Rule, scope: Scope, builder: LoweredBuilder) -> list[Item]:
        """The destinations of a part of a rule, none of which has ports of its own."""
        ...

    def sets(self, parts: Sequence[Rule], scope: Scope) -> list[Values]:
        """Sets that the items of these parts of rules name; nothing on an engine without sets."""
        ...

    def parts(self, namespaces: Sequence[str]) -> Values:
        """`parts` of what enforces, where one selector cannot hold the list; else nothing."""
        ...

    def queries(
        self,
        ways: Resolvers,
        names: Sequence[QueryableName] | None,
        scope: Scope,
        builder: LoweredBuilder,
    ) -> list[Item]:
        """The way to the resolvers, for these names or for all."""
        ...

    def every_port(self, pods: Item, cluster: Cluster) -> list[Item]:
        """Pods on every port."""
        ...
