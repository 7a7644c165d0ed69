"""When a published object is healthy, in the words of Argo CD and of Flux."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from transire.engines.api.kinds import Kind
from transire.model.intent import Cluster
from transire.yamlio import YamlTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The checks of one engine.

    `argocd` holds a script in Lua for each `GROUP_KIND`. `flux` gives the checks of a release of
    some kinds on a cluster, none where no verdict ever comes. Neither tool knows any network
    policy kind, so without these an invalid policy counts as healthy.
    """

    argocd: Mapping[str, str]
    flux: Callable[[Cluster, Iterable[Kind]], list[YamlTree]]


def no_checks(cluster: Cluster, kinds: Iterable[Kind]) -> list[YamlTree]:
    """None, for an engine that writes no verdict on its objects."""
    del cluster, kinds
    return []
