"""Kubernetes NetworkPolicy, parsed and validated as the API server does; engines give it meaning.

Only egress is kept. Source: the types and validation of `networking.k8s.io/v1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transire.k8s.admission import Pruned, Refused
from transire.k8s.go_cidr import has_leading_zeros, is_mapped, parse_network
from transire.k8s.label_selector import SELECTOR, LabelSelector, read_selector, selector_fault
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.metadata_rules import is_port_name, metadata_fault, name_fault
from transire.k8s.typed_decoding import Decoded, ListOf, Scalar, Shape, Struct, decode, kind_shape
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import MAX_PORT, Network, contains

GROUP = "networking.k8s.io"
API_VERSION = f"{GROUP}/v1"
KIND = "NetworkPolicy"
_PORTS = ListOf(
    Struct({"protocol": Scalar.TEXT, "port": Scalar.WHOLE_OR_TEXT, "endPort": Scalar.WHOLE})
)
_PEERS = ListOf(
    Struct(
        {
            "podSelector": SELECTOR,
            "namespaceSelector": SELECTOR,
            "ipBlock": Struct({"cidr": Scalar.TEXT, "except": ListOf(Scalar.TEXT)}),
        }
    )
)
SPEC: Mapping[str, Shape] = {
    "podSelector": SELECTOR,
    "ingress": ListOf(Struct({"ports": _PORTS, "from": _PEERS})),
    "egress": ListOf(Struct({"ports": _PORTS, "to": _PEERS})),
    "policyTypes": ListOf(Scalar.TEXT),
}
SHAPE = kind_shape(Struct(SPEC))
"""The shape of the whole object."""

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_TYPES = ("Ingress", "Egress")


@dataclass(frozen=True, slots=True, kw_only=True)
class IPBlock:
    """A range without its exceptions, each of which lies strictly inside it."""

    cidr: Network
    excepts: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPeer:
    """A destination: either a block, or pods; without `namespaces` those of the own namespace."""

    pods: LabelSelector | None = None
    namespaces: LabelSelector | None = None
    block: IPBlock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPort:
    """Ports `first` to `last`, a named port, or every port of the protocol."""

    protocol: str = "TCP"
    first: int = 1
    last: int = MAX_PORT
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressRule:
    """Destinations and ports; no peers means anywhere, no ports every port and protocol."""

    peers: tuple[PolicyPeer, ...] = ()
    ports: tuple[PolicyPort, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """One policy; the place of a rule in `egress` is its index under `/spec/egress`.

    `types` holds what the API server stores: always given, Ingress alone where the object names
    no types and has no egress rules. `egress` may be filled without "Egress" in `types`. `pruned`
    are pointers to fields that were dropped, `repeated` to keys that stand twice, and `spellings`
    are ranges that Kubernetes refuses since 1.36.
    """

    manifest: int
    object: ObjectRef
    pods: LabelSelector
    types: frozenset[str]
    egress: tuple[EgressRule, ...] = ()
    pruned: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPolicies:
    """What a list of NetworkPolicy manifests holds, each in the order of the input."""

    policies: tuple[NetworkPolicy, ...] = ()
    refused: tuple[Refused, ...] = ()
    pruned: tuple[Pruned, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()


def is_networkpolicy(manifest: Manifest) -> bool:
    """Whether the manifest is a Kubernetes NetworkPolicy in the version that is served."""
    return manifest.api_version == API_VERSION and manifest.ref.kind == KIND


def parse_networkpolicies(manifests: Iterable[Manifest], *, strict: bool = False) -> ParsedPolicies:
    """Parse manifests for which `is_networkpolicy` holds.

    With `strict`, ranges have to be spelled as Kubernetes demands since 1.36.

    An object that the API server refuses is under `refused` and nowhere else; one that it takes,
    but whose meaning is not modelled, is under `unmodelled`. Applied a second time, an object of
    the same content changes nothing.
    """
    found: list[NetworkPolicy | Refused | Unmodelled] = []
    pruned: list[Pruned] = []
    seen: dict[ObjectRef, Mapping[str, Any]] = {}
    for manifest in manifests:
        decoded = decode(manifest.body, SHAPE)
        fault = decoded.misfits[0] if decoded.misfits else _fault(decoded.value, strict=strict)
        if fault:
            found.append(
                Refused(manifest=manifest.index, object=manifest.ref, by="api-server", why=fault)
            )
            continue
        pruned += [Pruned(manifest=manifest.index, path=path) for path in decoded.pruned]
        before = seen.setdefault(manifest.ref, decoded.value)
        if before is not decoded.value and before == decoded.value:
            continue
        entry = _unmodelled(manifest.ref, decoded.value, twice=before is not decoded.value)
        found.append(entry or _policy(manifest, decoded))
    return ParsedPolicies(
        policies=tuple(each for each in found if isinstance(each, NetworkPolicy)),
        refused=tuple(each for each in found if isinstance(each, Refused)),
        pruned=tuple(pruned),
        unmodelled=tuple(each for each in found if isinstance(each, Unmodelled)),
    )


def _fault(body: Mapping[str, Any], *, strict: bool) -> str:
    meta, spec = body.get("metadata", {}), body.get("spec", {})
    if "name" in meta or "generateName" not in meta:
        fault = name_fault(meta, namespaced=True)
        if fault:
            return fault
    return metadata_fault(meta) or spec_fault(spec, strict=strict)


def spec_fault(spec: Mapping[str, Any], *, strict: bool = False) -> str:
    """What `ValidateNetworkPolicySpec` refuses first in a decoded spec, or the empty string.

    With `strict`, ranges have to be spelled as Kubernetes demands since 1.36, where the gate
    StrictIPCIDRValidation is on.
    """
    fault = selector_fault(spec.get("podSelector", {}), "/spec/podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for place, rule in enumerate(spec.get(direction, ())):
            at = f"/spec/{direction}/{place}"
            for number, port in enumerate(rule.get("ports", ())):
                fault = fault or _port_fault(port, f"{at}/ports/{number}")
            for number, peer in enumerate(rule.get(peers, ())):
                fault = fault or _peer_fault(peer, f"{at}/{peers}/{number}", strict=strict)
    return fault or _types_fault(spec.get("policyTypes", []))


def _types_fault(types: list[str]) -> str:
    if len(types) > len(_TYPES):
        return f"/spec/policyTypes lists {len(types)} types, at most two are taken"
    for place, each in enumerate(types):
        if each not in _TYPES:
            return f"/spec/policyTypes/{place} {each!r} is neither Ingress nor Egress"
    return ""


def _port_fault(tree: Mapping[str, Any], at: str) -> str:
    if tree.get("protocol", "TCP") not in _PROTOCOLS:
        return f"{at}/protocol {tree['protocol']!r} is none of TCP, UDP and SCTP"
    port, end = tree.get("port"), tree.get("endPort")
    if port is None:
        return "" if end is None else f"{at}/endPort is given without a port"
    if isinstance(port, str):
        if end is not None:
            return f"{at}/endPort is given beside the named port {port!r}"
        return "" if is_port_name(port) else f"{at}/port {port!r} is not a valid port name"
    if not 1 <= port <= MAX_PORT:
        return f"{at}/port {port} is not between 1 and {MAX_PORT}"
    if end is not None and not port <= end <= MAX_PORT:
        return f"{at}/endPort {end} is not between the port {port} and {MAX_PORT}"
    return ""


def _peer_fault(tree: Mapping[str, Any], at: str, *, strict: bool) -> str:
    if not tree:
        return f"{at} names no peer"
    if "ipBlock" in tree:
        if len(tree) > 1:
            return f"{at} names an ipBlock beside another peer"
        block = tree["ipBlock"]
        fault = _spelling_fault(block, f"{at}/ipBlock") if strict else ""
        return fault or _block_fault(block, f"{at}/ipBlock")
    for key in ("podSelector", "namespaceSelector"):
        fault = selector_fault(tree.get(key, {}), f"{at}/{key}")
        if fault:
            return fault
    return ""


def _block_fault(tree: Mapping[str, Any], at: str) -> str:
    written = tree.get("cidr", "")
    whole = parse_network(written)
    if whole is None and not has_leading_zeros(written):
        return f"{at}/cidr {written!r} is not an address range"
    for place, text in enumerate(tree.get("except", ())):
        part = parse_network(text)
        if part is None:
            if not has_leading_zeros(text):
                return f"{at}/except/{place} {text!r} is not an address range"
        elif whole and (part[1] == whole[1] or not contains(whole[1], part[1])):
            return f"{at}/except/{place} {text!r} is not a strict part of {written!r}"
    return ""


def _spelling_fault(tree: Mapping[str, Any], at: str) -> str:
    for key, texts in (("cidr", [tree.get("cidr", "")]), ("except", tree.get("except", []))):
        for place, text in enumerate(texts):
            why = _misspelling(text)
            if why:
                return f"{at}/{key}{f'/{place}' if key == 'except' else ''} {text!r} {why}"
    return ""


def _misspelling(text: str) -> str:
    """What Kubernetes refuses in a range since 1.36 and took before, or the empty string."""
    if has_leading_zeros(text):
        return "has leading zeros"
    network = parse_network(text)
    if network is None:
        return ""
    if is_mapped(network[1]):
        return "is an IPv4 range in IPv6 spelling"
    if network[0] != network[1].network_address:
        return f"has address bits behind the prefix, write {network[1]}"
    return ""


def _spellings(spec: Mapping[str, Any]) -> Iterator[str]:
    """The ranges that Kubernetes refuses since 1.36."""
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule in spec.get(direction, ()):
            for peer in rule.get(peers, ()):
                block = peer.get("ipBlock", {})
                for text in (block.get("cidr", ""), *block.get("except", ())):
                    if _misspelling(text):
                        yield text


def _unmodelled(ref: ObjectRef, body: Mapping[str, Any], *, twice: bool) -> Unmodelled | None:
    if not ref.namespace:
        why = "the object names no namespace, so it is not known which pods it selects"
        return Unmodelled(object=ref, key="/metadata/namespace", why=why)
    if not ref.name:
        why = "the name is made by the API server"
        return Unmodelled(object=ref, key="/metadata/generateName", why=why)
    if twice:
        why = "the object is given twice, so it is not known which one the cluster holds"
        return Unmodelled(object=ref, key="/metadata/name", why=why)
    for place, rule in enumerate(body.get("spec", {}).get("egress", ())):
        for number, peer in enumerate(rule.get("to", ())):
            block = peer.get("ipBlock", {})
            for text in (block.get("cidr", ""), *block.get("except", ())):
                if has_leading_zeros(text) or _mapped(text):
                    key = f"/spec/egress/{place}/to/{number}/ipBlock"
                    why = f"programs differ on what the address range {text!r} means"
                    return Unmodelled(object=ref, key=key, why=why)
    return None


def _mapped(text: str) -> bool:
    network = parse_network(text)
    return network is not None and is_mapped(network[1])


def _policy(manifest: Manifest, decoded: Decoded) -> NetworkPolicy:
    spec = decoded.value.get("spec", {})
    return NetworkPolicy(
        manifest=manifest.index,
        object=manifest.ref,
        pods=read_selector(spec.get("podSelector", {})),
        types=stored_types(spec),
        egress=egress_rules(spec),
        pruned=decoded.pruned,
        repeated=manifest.repeated,
        spellings=tuple(_spellings(spec)),
    )


def stored_types(spec: Mapping[str, Any]) -> frozenset[str]:
    """The types after defaulting: Ingress always, Egress where egress rules are given."""
    given = spec.get("policyTypes")
    if given:
        return frozenset(given)
    return frozenset(_TYPES if spec.get("egress") else _TYPES[:1])


def egress_rules(spec: Mapping[str, Any]) -> tuple[EgressRule, ...]:
    """The egress rules of a decoded spec without fault."""
    return tuple(
        EgressRule(
            peers=tuple(_peer(peer) for peer in rule.get("to", ())),
            ports=tuple(_port(port) for port in rule.get("ports", ())),
        )
        for rule in spec.get("egress", ())
    )


def _peer(tree: Mapping[str, Any]) -> PolicyPeer:
    block = tree.get("ipBlock")
    if block is not None:
        written = (block["cidr"], *block.get("except", ()))
        cidr, *excepts = (each[1] for text in written if (each := parse_network(text)))
        return PolicyPeer(block=IPBlock(cidr=cidr, excepts=tuple(excepts)))
    pods, namespaces = tree.get("podSelector"), tree.get("namespaceSelector")
    return PolicyPeer(
        pods=None if pods is None else read_selector(pods),
        namespaces=None if namespaces is None else read_selector(namespaces),
    )


def _port(tree: Mapping[str, Any]) -> PolicyPort:
    protocol, port = tree.get("protocol", "TCP"), tree.get("port")
    if port is None:
        return PolicyPort(protocol=protocol)
    if isinstance(port, str):
        return PolicyPort(protocol=protocol, name=port)
    return PolicyPort(protocol=protocol, first=port, last=tree.get("endPort", port))
