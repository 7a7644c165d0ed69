"""Cluster-wide policies of `policy.networking.k8s.io`, as an API server takes them.

Calico brings their definitions along, those of the standard channel: AdminNetworkPolicy and
BaselineAdminNetworkPolicy until 3.31, ClusterNetworkPolicy since 3.32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from transire.k8s.cluster_policy_schema import (
    ACTIONS,
    DESTINATION,
    MAX_ITEMS,
    MAX_NAME,
    MAX_PRIORITY,
    STANDARD,
    SUBJECT,
    TIERS,
)
from transire.k8s.go_cidr import is_cidr
from transire.k8s.label_selector import SELECTOR
from transire.k8s.manifests import Tree
from transire.k8s.metadata_rules import metadata_fault, name_fault
from transire.k8s.schema_check import struct_of
from transire.k8s.typed_decoding import ListOf, Scalar, Shape, Struct, kind_shape
from transire.model.net import MAX_PORT

GROUP = "policy.networking.k8s.io"
TITLE = "ClusterNetworkPolicy"
"""What people call these policies, after the newest kind."""
NEWER_VERSION = f"{GROUP}/v1beta1"
"""Served and stored since network-policy-api 0.3.0, with the same schema as v1alpha2."""

_SUBJECT = struct_of(SUBJECT)
_OLD_DESTINATION = Struct({**struct_of(DESTINATION).fields, "nodes": SELECTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One kind: its version, and what its definition holds."""

    version: str
    tiers: tuple[str, ...]
    """What `spec.tier` may be; the empty string where the kind has one tier alone."""
    actions: tuple[str, ...]
    most: int
    """Rules, peers and ports that one list may hold."""
    ports_key: str
    has_priority: bool
    needs_spaces: bool
    """Whether `pods` must name namespaces."""
    shape: Struct

    @property
    def api_version(self) -> str:
        """The `apiVersion` of the objects."""
        return f"{GROUP}/{self.version}"


def _old_shape(**spec: Shape) -> Struct:
    number = Struct({"protocol": Scalar.TEXT, "port": Scalar.WHOLE})
    between = Struct({"protocol": Scalar.TEXT, "start": Scalar.WHOLE, "end": Scalar.WHOLE})
    port = Struct({"portNumber": number, "portRange": between, "namedPort": Scalar.TEXT})
    rule: dict[str, Shape] = {"name": Scalar.TEXT, "action": Scalar.TEXT, "ports": ListOf(port)}
    ingress = Struct({**rule, "from": ListOf(_SUBJECT)})
    egress = Struct({**rule, "to": ListOf(_OLD_DESTINATION)})
    rules = {"ingress": ListOf(ingress), "egress": ListOf(egress)}
    return kind_shape(Struct({**spec, "subject": _SUBJECT, **rules}), status=Scalar.ANY)


EDITIONS: Mapping[str, Edition] = MappingProxyType(
    {
        "AdminNetworkPolicy": Edition(
            version="v1alpha1",
            tiers=("",),
            actions=("Allow", "Deny", "Pass"),
            most=100,
            ports_key="ports",
            has_priority=True,
            needs_spaces=True,
            shape=_old_shape(priority=Scalar.WHOLE),
        ),
        "BaselineAdminNetworkPolicy": Edition(
            version="v1alpha1",
            tiers=("",),
            actions=("Allow", "Deny"),
            most=100,
            ports_key="ports",
            has_priority=False,
            needs_spaces=True,
            shape=_old_shape(),
        ),
        "ClusterNetworkPolicy": Edition(
            version="v1alpha2",
            tiers=TIERS,
            actions=ACTIONS,
            most=MAX_ITEMS,
            ports_key="protocols",
            has_priority=True,
            needs_spaces=False,
            shape=kind_shape(struct_of(STANDARD).fields["spec"], status=Scalar.ANY),
        ),
    }
)
"""The kinds, by name."""

EXPERIMENTAL = frozenset({"domainNames"})
"""Fields of destinations in the experimental channel, which no engine here brings along."""

DISTINCTIVE_FIELDS = frozenset({"networks", "priority", "subject"})
"""Fields in plain words by which people know these policies."""


def cluster_policy_fault(kind: str, body: Tree) -> str:
    """What the API server refuses first in a decoded object of this kind, or the empty string."""
    edition, meta, spec = EDITIONS[kind], body.get("metadata", {}), body.get("spec")
    fault = name_fault(meta, namespaced=False) or metadata_fault(meta)
    if not fault and kind == "BaselineAdminNetworkPolicy" and meta["name"] != "default":
        fault = f"/metadata/name {meta['name']!r} must be default, as only one may exist"
    if fault or spec is None:
        return fault or "/spec is missing"
    fault = _spec_fault(spec, edition)
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        rules = spec.get(direction, [])
        fault = fault or _count_fault(rules, f"/spec/{direction}", most=edition.most)
        for place, rule in enumerate(rules):
            fault = fault or _rule_fault(rule, f"/spec/{direction}/{place}", peers, edition)
    return fault


def _spec_fault(spec: Tree, edition: Edition) -> str:
    tier, priority = spec.get("tier", ""), spec.get("priority")
    if tier not in edition.tiers:
        return f"/spec/tier {tier!r} is neither {' nor '.join(edition.tiers)}"
    if edition.has_priority and (priority is None or not 0 <= priority <= MAX_PRIORITY):
        return f"/spec/priority {priority} is not between 0 and {MAX_PRIORITY}"
    if "subject" not in spec:
        return "/spec/subject is missing"
    return _peer_fault(spec["subject"], "/spec/subject", edition)


def _rule_fault(rule: Tree, at: str, peers_key: str, edition: Edition) -> str:
    if rule.get("action", "") not in edition.actions:
        return f"{at}/action {rule.get('action', '')!r} is none of {', '.join(edition.actions)}"
    if len(rule.get("name", "")) > MAX_NAME:
        return f"{at}/name has more than {MAX_NAME} characters"
    peers = rule.get(peers_key, [])
    fault = _count_fault(peers, f"{at}/{peers_key}", least=1, most=edition.most)
    for place, peer in enumerate(peers):
        fault = fault or _peer_fault(peer, f"{at}/{peers_key}/{place}", edition)
    key = edition.ports_key
    ports = rule.get(key)
    if ports is None:
        return fault
    least = 0 if key == "ports" else 1
    fault = fault or _count_fault(ports, f"{at}/{key}", least=least, most=edition.most)
    for place, port in enumerate(ports):
        fault = fault or _port_fault(port, f"{at}/{key}/{place}")
    open_ended = any("networks" in each or "nodes" in each for each in peers)
    if not fault and key == "ports" and open_ended and any("namedPort" in each for each in ports):
        return f"{at}/{key} go by name beside networks or nodes, which have no such names"
    return fault


def _count_fault(items: list[Any], at: str, *, most: int, least: int = 0) -> str:
    if least <= len(items) <= most:
        return ""
    return f"{at} holds {len(items)} items, where {least} to {most} may be"


def _peer_fault(peer: Tree, at: str, edition: Edition) -> str:
    if len(peer) != 1:
        return f"{at} names {len(peer)} known kinds of peers, where one belongs"
    pods = peer.get("pods", {"podSelector": {}, "namespaceSelector": {}})
    needed = ("namespaceSelector", "podSelector") if edition.needs_spaces else ("podSelector",)
    missing = [key for key in needed if key not in pods]
    if missing:
        return f"{at}/pods/{missing[0]} is missing"
    networks = peer.get("networks", ["0.0.0.0/0"])
    fault = _count_fault(networks, f"{at}/networks", least=1, most=MAX_ITEMS)
    for place, text in enumerate(networks):
        if not fault and text in networks[:place]:
            fault = f"{at}/networks/{place} repeats {text!r}"
        if not fault and not edition.needs_spaces and not is_cidr(text):
            fault = f"{at}/networks/{place} {text!r} is no range such as 198.51.100.0/24"
    return fault


def _port_fault(port: Tree, at: str) -> str:
    if len(port) != 1:
        return f"{at} names {len(port)} known kinds of ports, where one belongs"
    [(key, inner)] = port.items()
    if isinstance(inner, str):
        return ""
    if key in {"tcp", "udp", "sctp"}:
        inner = inner.get("destinationPort", {})
        if len(inner) != 1:
            return f"{at}/{key}/destinationPort needs either number or range"
        if "range" in inner and not _is_range(inner["range"], strict=True):
            return f"{at}/{key}/destinationPort/range is no range of ports"
        inner = inner.get("range", {"port": inner.get("number")})
    if "port" in inner:
        number = inner["port"]
        return "" if 1 <= number <= MAX_PORT else f"{at} names the port {number}"
    return "" if _is_range(inner, strict=False) else f"{at} names no port from 1 to {MAX_PORT}"


def _is_range(tree: Tree, *, strict: bool) -> bool:
    first, last = tree.get("start", 0), tree.get("end", 0)
    return 1 <= first <= MAX_PORT and 1 <= last <= MAX_PORT and (first < last or not strict)
