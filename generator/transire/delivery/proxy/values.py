"""The values of a proxy's chart: everything that differs from cluster to cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from transire.delivery.proxy.config_maps import config_maps
from transire.delivery.proxy.policies import policy_values
from transire.delivery.proxy.settings import (
    NAME,
    ProxySettings,
    alias_name,
    service_name,
)
from transire.points.api.target import PointTarget
from transire.points.envoy.facts import BOOTSTRAP
from transire.yamlio import YamlTree

_BASE_MIB, _MIB_FOR_TWO_LISTENERS, _NAMES_FOR_ONE_MIB = 64, 1, 900
"""What Envoy 1.40 was measured with: 64 MiB, half a MiB a listener, 100 MiB for 100,000 names."""

_STEP_MIB = 32


def chart_values(
    target: PointTarget, settings: ProxySettings, files: Mapping[str, str]
) -> Mapping[str, YamlTree]:
    """The values; `files` are what Envoy is to read for the target."""
    memory = memory_mib(target)
    return {
        "name": NAME,
        "namespace": settings.namespace,
        "image": settings.image,
        "replicas": settings.replicas,
        "drainSeconds": settings.drain,
        "memory": {"request": f"{memory}Mi", "limit": f"{2 * memory}Mi"},
        "bootstrap": hashlib.sha256(files[BOOTSTRAP].encode()).hexdigest(),
        "configMaps": list(config_maps(files)),
        "services": list(_services(target)),
        "aliases": list(_aliases(target, settings)) if settings.aliases else [],
        **policy_values(target, settings),
    }


def memory_mib(target: PointTarget) -> int:
    """What the proxy needs once its lists are loaded, and half as much again, in MiB."""
    names = sum(len(rule.hosts) for each in target.listeners for rule in each.rules)
    needed = _BASE_MIB + len(target.listeners) * _MIB_FOR_TWO_LISTENERS / 2
    needed += names / _NAMES_FOR_ONE_MIB
    return _STEP_MIB * -(-int(1.5 * needed) // _STEP_MIB)


def _services(target: PointTarget) -> Iterator[Mapping[str, YamlTree]]:
    for each in target.listeners:
        yield {"name": service_name(each.pods), "port": each.pods.port}


def _aliases(target: PointTarget, settings: ProxySettings) -> Iterator[Mapping[str, YamlTree]]:
    for each in target.listeners:
        yield {
            "name": alias_name(each.pods),
            "namespace": each.pods.namespace,
            "leadsTo": f"{service_name(each.pods)}.{settings.namespace}.svc.{settings.domain}",
        }
