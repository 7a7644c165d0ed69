"""When a published policy is healthy, in the languages of Argo CD and of Flux.

What an object's own engine shows of it is declared by the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from transire.engines.api.kinds import Kind
from transire.engines.registry import ENGINES, engine_of
from transire.model.intent import Cluster
from transire.yamlio import YamlTree

APPLICATION_LUA = """\
local health = {status = "Progressing", message = "not compared with the cluster yet"}
if obj.status ~= nil and obj.status.health ~= nil then
  health.status = obj.status.health.status or "Progressing"
  health.message = obj.status.health.message or ""
end
return health
"""
"""Health of an Application: its own. Without it waves between Applications do not wait."""


def argocd_health() -> Mapping[str, str]:
    """The checks as Argo CD's settings name them, sorted."""
    scripts = {"argoproj.io_Application": APPLICATION_LUA}
    for engine in ENGINES.values():
        scripts.update(engine.health.argocd)
    return MappingProxyType(
        {f"resource.customizations.health.{key}": scripts[key] for key in sorted(scripts)}
    )


def flux_health(cluster: Cluster, kinds: Iterable[Kind]) -> list[YamlTree]:
    """The checks of a release of those kinds on that cluster; none where no verdict ever comes."""
    return engine_of(cluster.release).health.flux(cluster, kinds)
