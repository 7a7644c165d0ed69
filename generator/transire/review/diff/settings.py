"""Settings of the platform that differ, under the keys of its values file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass, replace
from typing import Any, Final

from transire.model.claims import TeamClaims
from transire.model.engine import Release
from transire.model.guardrail import Guardrails
from transire.model.intent import (
    AddressRange,
    Cluster,
    ClusterNetwork,
    Entity,
    Host,
    KnownNetwork,
    Platform,
    Pods,
    ProxyFallback,
    Resolver,
    Rule,
    SetFallback,
)
from transire.model.observation import Monitoring, Observe
from transire.model.pod_selector import PodSelector, written_sources
from transire.review.diff.changes import PlatformSetting

_HUMP = re.compile("_([a-z])")
_ALL: Final = "all"
_INLINE: Final = ""
"""The key of what stands among the keys of the mapping that holds it."""

_KEYS: Final[Mapping[tuple[type, str], str]] = {
    (Platform, "mode"): "defaults.mode",
    (Platform, "until"): "defaults.until",
    (Platform, "ports"): "defaults.ports",
    (Platform, "in_cluster"): "defaults.inCluster",
    (Platform, "argocd_sync"): "argocd.sync",
    (Cluster, "release"): _INLINE,
    (Cluster, "server_names"): "hardening.sni",
    (Cluster, "server_names_optional"): "hardening.sni-optional",
    (ClusterNetwork, "pod_cidrs"): "podCIDRs",
    (ClusterNetwork, "service_cidrs"): "serviceCIDRs",
    (ClusterNetwork, "node_cidrs"): "nodeCIDRs",
    (Resolver, "labels"): "pods",
    (ProxyFallback, "to"): "proxy",
    (ProxyFallback, "port"): "proxy.port",
    (Pods, "labels"): "pods",
    (Host, "pattern"): "host",
    (SetFallback, "labels"): "networkSet",
    (Rule, "sources"): "from",
    (Rule, "destinations"): "to",
    (Guardrails, "levels"): _INLINE,
}
"""Keys that are not simply the field's name."""

_DERIVED: Final = {
    (Platform, "path"),
    (Rule, "source"),
    (Rule, "name"),
    (Rule, "namespaces"),
    (Cluster, "name"),
    (Cluster, "networks"),
    (KnownNetwork, "name"),
    (TeamClaims, "name"),
    (ClusterNetwork, "families_assumed"),
}
"""Fields that no key of the file sets, or that are its key already."""


def settings(before: Platform, after: Platform) -> tuple[PlatformSetting, ...]:
    """Every setting that is not the same on both sides, sorted by name; absence is empty."""
    then, now = dict(_flat("", before)), dict(_flat("", after))
    return tuple(
        PlatformSetting(name=name, before=then.get(name, ""), after=now.get(name, ""))
        for name in sorted(then.keys() | now.keys())
        if then.get(name, "") != now.get(name, "")
    )


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any part of it
    """The names and texts of all that the value is made of."""
    match value:
        case Platform() | Cluster() | Rule() | KnownNetwork() | TeamClaims() | Release():
            yield from _fields(name, value)
        case Observe() | Monitoring() if value.clusters is None:
            yield from _fields(name, replace(value, clusters=(_ALL,)))
        case _ if is_dataclass(value) and type(value).__str__ is object.__str__:
            yield from _fields(name, value)
        case Mapping():
            for key in value:
                yield _join(name, str(key)), _text(value[key]) or "off"
        case (Cluster() | Rule() | KnownNetwork() | TeamClaims(), *_):
            for each in value:
                yield from _flat(_join(name, each.name), each)
        case (PodSelector(), *_):
            yield name, written_sources(value)
        case tuple() | frozenset():
            texts = [_text(each) for each in value]
            yield name, ", ".join(texts if isinstance(value, tuple) else sorted(texts))
        case _:
            yield name, _text(value)


def _fields(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any part of it
    for field in fields(value):
        if field.compare and (type(value), field.name) not in _DERIVED:
            yield from _flat(_join(name, _key(type(value), field)), getattr(value, field.name))


def _key(owner: type, field: Field[Any]) -> str:
    plain = _HUMP.sub(lambda hump: hump[1].upper(), field.name)
    return _KEYS.get((owner, field.name), plain)


def _text(value: Any) -> str:  # noqa: ANN401 - any part of it
    match value:
        case Host() | AddressRange() | Pods() | Entity() if value.ports:
            return f"{_text(replace(value, ports=()))} on {', '.join(map(str, value.ports))}"
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case (str() as key, str() as text):
            return f"{key}={text}"
        case Host(pattern=pattern, bundle=bundle):
            return f"{pattern.shown} (bundle {bundle})" if bundle else pattern.shown
        case AddressRange(cidr=cidr, network=network, bundle=bundle):
            kind, name = ("bundle", bundle) if bundle else ("network", network)
            return f"{cidr} ({kind} {name})" if name else str(cidr)
        case Pods(labels=labels):
            return "/".join(filter(None, (value.where, ",".join(map(_text, labels)))))
        case Entity(kind=kind):
            return str(kind)
        case _:
            return str(value)


def _join(name: str, key: str) -> str:
    return ".".join(filter(None, (name, key)))
