"""The fields that stand beside one that is dropped, and who else has a field of that name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from transire.engines.calico.lint_view import dialect_of, is_calico
from transire.engines.calico.objects.schema import shapes
from transire.engines.cilium.lint_view import CLUSTERWIDE, POLICY, minor_of
from transire.k8s.json_pointer import shape_of
from transire.k8s.manifests import Manifest
from transire.k8s.networkpolicy import SHAPE
from transire.k8s.typed_decoding import ListOf, Shape, Struct
from transire.model.engine import Release

_LONGEST = 40
"""Longest key that is compared with the known fields."""
_SELECTOR = ("matchLabels", "matchExpressions")
_NAME = ("matchName", "matchPattern")
_EITHER = ("Endpoints", "Entities", "CIDR", "CIDRSet", "Nodes", "Groups")
_WAYS = (*(f"to{each}" for each in _EITHER), "toServices", "toPorts", "icmps")
_INGRESS = (*(f"from{each}" for each in _EITHER), "toPorts", "icmps")

CILIUM: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": ("apiVersion", "kind", "metadata", "spec", "specs"),
        "metadata": ("name", "namespace", "labels", "annotations"),
        "spec": (
            "description", "labels", "endpointSelector", "nodeSelector", "ingress", "ingressDeny",
            "egress", "egressDeny", "enableDefaultDeny", "log",
        ),
        "enableDefaultDeny": ("egress", "ingress"),
        "egress": (*_WAYS, "toFQDNs", "authentication"),
        "egressDeny": _WAYS,
        "ingress": (*_INGRESS, "authentication"),
        "ingressDeny": _INGRESS,
        "toPorts": (
            "ports", "rules", "serverNames", "listener", "terminatingTLS", "originatingTLS",
        ),
        "ports": ("port", "endPort", "protocol"),
        "rules": ("http", "kafka", "dns", "l7proto", "l7"),
        "dns": _NAME,
        "toFQDNs": _NAME,
        "http": ("method", "path", "host", "headers", "headerMatches"),
        "toCIDRSet": ("cidr", "except", "cidrGroupRef", "cidrGroupSelector"),
        "matchExpressions": ("key", "operator", "values"),
        "icmps": ("fields",),
        "fields": ("family", "type"),
        **dict.fromkeys(
            ("endpointSelector", "nodeSelector", "toEndpoints", "fromEndpoints", "toNodes"),
            _SELECTOR,
        ),
    }
)  # fmt: skip
"""Fields of a Cilium policy by the field that holds them."""

CILIUM_SINCE: Mapping[str, int] = MappingProxyType(
    {
        "enableDefaultDeny": 16,
        "endPort": 16,
        "toNodes": 16,
        "fromNodes": 16,
        "fromGroups": 16,
        "priority": 16,
        "cidrGroupSelector": 17,
        "log": 18,
    }
)
"""Fields that came with a minor release of Cilium."""

_OF_CILIUM = frozenset(
    {"endpointSelector", "nodeSelector", "egressDeny", "ingressDeny", "enableDefaultDeny", "icmps",
     "toPorts", "toServices", "toFQDNs", "toGroups", *(f"to{each}" for each in _EITHER),
     *(f"from{each}" for each in _EITHER), "serverNames", *_NAME}
)  # fmt: skip
_OF_CALICO = frozenset(
    {"selector", "notSelector", "types", "order", "tier", "action", "source", "destination", "nets",
     "notNets", "notPorts", "notProtocol", "serviceAccountSelector", "serviceAccounts", "services",
     "doNotTrack", "preDNAT", "applyOnForward", "stagedAction", "ipVersion"}
)  # fmt: skip
_OF_KUBERNETES = frozenset(
    {"podSelector", "policyTypes", "ipBlock", "to", "from", "ports", "endPort"}
)
_OF_ENTERPRISE = frozenset({"domains", "allowedEgressDomains", "headers"})
_OF_CLUSTER_POLICIES = frozenset({"domainNames", "networks", "subject", "priority"})


def siblings(manifest: Manifest, path: str, release: Release) -> tuple[str, ...]:
    """The fields that the release has where the pointer leads, as far as they are known."""
    way = shape_of(path)[:-1]
    if manifest.ref.kind in {POLICY, CLUSTERWIDE}:
        holder = "spec" if way[-1:] == ["specs"] else "".join(way[-1:])
        minor = minor_of(release)
        return tuple(each for each in CILIUM.get(holder, ()) if CILIUM_SINCE.get(each, 0) <= minor)
    shape: Shape | None = SHAPE
    if is_calico(manifest):
        shape = shapes(dialect_of(release)).get(manifest.ref.kind)
    return _below(shape, way)


def _below(shape: Shape | None, way: Iterable[str]) -> tuple[str, ...]:
    for key in way:
        while isinstance(shape, ListOf):
            shape = shape.item
        shape = shape.fields.get(key) if isinstance(shape, Struct) else None
    while isinstance(shape, ListOf):
        shape = shape.item
    return tuple(shape.fields) if isinstance(shape, Struct) else ()


def meant(written: str, known: Iterable[str]) -> str:
    """The known field that was probably meant, or the empty string."""
    if len(written) > _LONGEST:
        return ""
    fields = {each.lower(): each for each in known}
    close = get_close_matches(written.lower(), list(fields), n=1, cutoff=0.75)
    return fields[close[0]] if close else ""


def owner(manifest: Manifest, path: str, release: Release) -> str:
    """Whose field it is, for people, or the empty string where nobody's is known."""
    way = shape_of(path)
    name = way[-1] if way else ""
    if manifest.ref.kind in {POLICY, CLUSTERWIDE}:
        since = CILIUM_SINCE.get(name, 0)
        if since > minor_of(release):
            return f"Cilium 1.{since} and newer"
        if way[-2:] == ["egressDeny", "toFQDNs"]:
            return "egress alone: Cilium cannot deny by name"
        return _first(name, (_OF_KUBERNETES, _OF_CALICO, _OF_CLUSTER_POLICIES))
    if is_calico(manifest):
        if name in _OF_ENTERPRISE and release.engine != "calico-enterprise":
            return "Calico Enterprise"
        if name == "namespaceSelector" or name in {"doNotTrack", "preDNAT", "applyOnForward"}:
            return "GlobalNetworkPolicy"
        return _first(name, (_OF_KUBERNETES, _OF_CILIUM, _OF_CLUSTER_POLICIES))
    return _first(name, (_OF_CILIUM, _OF_CALICO, _OF_ENTERPRISE, _OF_CLUSTER_POLICIES))


def _first(name: str, owners: Iterable[frozenset[str]]) -> str:
    return next((_OWNERS[each] for each in owners if name in each), "")


_OWNERS = {
    _OF_CILIUM: "Cilium's policies",
    _OF_CALICO: "Calico's policies",
    _OF_KUBERNETES: "the Kubernetes NetworkPolicy",
    _OF_ENTERPRISE: "Calico Enterprise",
    _OF_CLUSTER_POLICIES: "ClusterNetworkPolicy",
}
