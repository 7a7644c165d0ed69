"""Which namespaces a team may claim, and which nobody may."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from transire.model.accounts import PUBLISHERS
from transire.model.problems import Position

_OF_KUBERNETES = ("kube-", "openshift-")
"""How namespaces begin that Kubernetes and OpenShift keep for themselves.

Source: the Kubernetes documentation of namespaces, and OpenShift's of projects.
"""


def reserved(namespace: str) -> str:
    """Why no team may claim a namespace, to go on after its name; empty where one may."""
    if namespace in PUBLISHERS:
        return "is a namespace of what publishes"
    if namespace.startswith(_OF_KUBERNETES):
        return "is a namespace of the cluster itself"
    return ""


@dataclass(frozen=True, kw_only=True)
class TeamClaims:
    """What the platform lets one team claim.

    `namespaces` are names, in which a star stands for any characters, sorted. `clusters` is None
    where it may be any.
    """

    name: str
    namespaces: tuple[str, ...]
    clusters: frozenset[str] | None = None
    at: Position = field(default=Position(path=""), compare=False, repr=False)

    @cached_property
    def _matched(self) -> re.Pattern[str]:
        written = (re.escape(each).replace(r"\*", ".*") for each in self.namespaces)
        return re.compile("|".join(written))

    def may_have(self, namespace: str) -> bool:
        """Whether the team may claim the namespace."""
        return self._matched.fullmatch(namespace) is not None

    def may_use(self, cluster: str) -> bool:
        """Whether the team may publish to the cluster."""
        return self.clusters is None or cluster in self.clusters
