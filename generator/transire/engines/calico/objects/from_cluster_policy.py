"""Cluster-wide policies of Kubernetes as Calico enforces them: policies in tiers of their own.

Source: `libcalico-go/lib/backend/k8s/conversion` of Calico.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.engines.calico.objects.fields import Ports
from transire.engines.calico.objects.from_networkpolicy import A_POD, label_selector, port_lists
from transire.engines.calico.objects.releases import (
    ADMIN,
    BASELINE,
    KUBE_ADMIN,
    KUBE_BASELINE,
    Dialect,
    TieBreak,
)
from transire.engines.calico.objects.rules import (
    ANYONE,
    CalicoAction,
    CalicoPolicy,
    CalicoRule,
    Entity,
    Nets,
)
from transire.engines.calico.objects.selector import (
    NAMESPACE,
    OF_NAMESPACE,
    Has,
    Selector,
    both,
    prefixed,
)
from transire.k8s.cluster_policies import EDITIONS, Edition
from transire.k8s.go_cidr import is_mapped, parse_network
from transire.k8s.label_selector import read_selector, selector_fault
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.metadata_rules import is_port_name
from transire.k8s.networkpolicy import PolicyPort
from transire.k8s.unmodelled import Unmodelled

_ACTIONS = {
    "Accept": CalicoAction.ALLOW,
    "Allow": CalicoAction.ALLOW,
    "Deny": CalicoAction.DENY,
    "Pass": CalicoAction.PASS,
}


_TIERS = {
    ("AdminNetworkPolicy", ""): ADMIN,
    ("BaselineAdminNetworkPolicy", ""): BASELINE,
    ("ClusterNetworkPolicy", "Admin"): KUBE_ADMIN,
    ("ClusterNetworkPolicy", "Baseline"): KUBE_BASELINE,
}
"""Where Calico puts a policy, by its kind and `spec.tier`."""


def cluster_tier(kind: str, spec: Tree) -> str:
    """The tier of a policy without fault."""
    return _TIERS[kind, spec.get("tier", "")].name


def dropped_port(kind: str, spec: Tree) -> str:
    """Why Felix drops a whole policy for the name of a port, or the empty string."""
    if kind != "ClusterNetworkPolicy":
        return ""
    for direction in ("ingress", "egress"):
        for place, item in enumerate(spec.get(direction, ())):
            for number, port in enumerate(item.get("protocols", ())):
                name = port.get("destinationNamedPort")
                if name is not None and not is_port_name(name):
                    at = f"/spec/{direction}/{place}/protocols/{number}/destinationNamedPort"
                    return f"{at} {name!r} is no name of a port"
    return ""


def cluster_policy(of: ObjectRef, spec: Tree, dialect: Dialect) -> CalicoPolicy | Unmodelled | None:
    """A policy without fault; None if it has no egress rules, a doubt if its pods are unclear."""
    edition, subject = EDITIONS[of.kind], spec["subject"]
    rules = tuple(
        rule
        for place, item in enumerate(spec.get("egress", ()))
        for rule in _item(item, f"/spec/egress/{place}", of, edition)
    )
    if not rules:
        return None
    found = _unmodelled_selector(subject, "/spec/subject")
    if found:
        return Unmodelled(object=of, key=found[0], why=found[1])
    pods = _of_pods(subject["pods"]) if "pods" in subject else _spaces(subject)
    return CalicoPolicy(
        object=of,
        key=(float(spec.get("priority", 0)), _tie_break(of, spec, dialect)),
        selector=both(pods, A_POD) or A_POD,
        rules=rules,
    )


def _tie_break(of: ObjectRef, spec: Tree, dialect: Dialect) -> str:
    if dialect.tie_break is TieBreak.NAME:
        return f"{of.name}//Kubernetes{of.kind}"
    prefix = "kbanp" if of.kind.startswith("Baseline") else "kanp"
    return f"{prefix}.{cluster_tier(of.kind, spec)}.{of.name}"


def _item(item: Tree, at: str, of: ObjectRef, edition: Edition) -> Iterator[CalicoRule]:
    found = _unmodelled_item(item, at, edition)
    action = _ACTIONS[item["action"]]
    if found:
        entry = Unmodelled(object=of, key=found[0], why=found[1])
        yield CalicoRule(pointer=at, action=action, entry=entry)
        return
    given = item.get(edition.ports_key, ())
    for protocol, some in _port_lists(given):
        for peer in item["to"]:
            entity = _entity(peer)
            yield CalicoRule(
                pointer=at,
                action=action,
                protocol=protocol,
                destination=Entity(nets=entity.nets, members=entity.members, ports=some),
            )


def _unmodelled_item(item: Tree, at: str, edition: Edition) -> tuple[str, str] | None:
    """What a rule requires that releases treat in different ways."""
    for place, port in enumerate(item.get(edition.ports_key, ())):
        why = _unmodelled_port(port)
        if why:
            return f"{at}/{edition.ports_key}/{place}", why
    for place, peer in enumerate(item["to"]):
        here = f"{at}/to/{place}"
        if "nodes" in peer:
            return here, "what releases make of nodes is not modelled"
        for text in peer.get("networks", ()):
            network = parse_network(text)
            if network is None or is_mapped(network[1]):
                return here, f"what the range {text!r} does is not known"
        found = _unmodelled_selector(peer, here)
        if found:
            return found
    return None


def _unmodelled_port(port: Tree) -> str:
    if "namedPort" in port:
        return "what releases make of a port's name is not modelled"
    if "destinationNamedPort" in port:
        return ""
    tree = next(iter(port.values()))
    if tree.get("protocol", "TCP") not in {"TCP", "UDP", "SCTP"}:
        return f"what the protocol {tree['protocol']!r} does is not known"
    if tree.get("start", 0) > tree.get("end", 0):
        return "what a range that ends before it begins does is not known"
    return ""


def _unmodelled_selector(peer: Tree, at: str) -> tuple[str, str] | None:
    """The API server takes these selectors without a look, and Calico drops what it cannot read."""
    pods = peer.get("pods", {})
    selectors = {f"{at}/namespaces": peer.get("namespaces", {})}
    selectors |= {f"{at}/pods/{key}": tree for key, tree in pods.items()}
    for here, tree in selectors.items():
        fault = selector_fault(tree, here)
        if fault:
            return here, f"what it does is not known, as {fault}"
    return None


def _entity(peer: Tree) -> Entity:
    if "networks" in peer:
        networks = (each[1] for text in peer["networks"] if (each := parse_network(text)))
        return Entity(nets=Nets(tuple(networks)))
    if "pods" in peer:
        return Entity(members=both(_of_pods(peer["pods"]), A_POD))
    return Entity(members=_spaces(peer)) if "namespaces" in peer else ANYONE


def _of_pods(tree: Tree) -> Selector | None:
    spaces = _spaces({"namespaces": tree.get("namespaceSelector", {})})
    return both(spaces, label_selector(read_selector(tree["podSelector"])))


def _spaces(tree: Tree) -> Selector:
    """Everything in such namespaces, their network sets included."""
    labels = label_selector(read_selector(tree["namespaces"]))
    inside = Has(NAMESPACE)
    return inside if labels is None else prefixed(labels, OF_NAMESPACE, inside)


def _port_lists(given: Sequence[Tree]) -> list[tuple[int | None, Ports | None]]:
    """Protocols with their ports; a name counts with whatever protocol a pod gives it."""
    names = frozenset(
        each["destinationNamedPort"] for each in given if "destinationNamedPort" in each
    )
    numbered = tuple(_port(each) for each in given if "destinationNamedPort" not in each)
    found = port_lists(numbered) if numbered or not names else []
    return [*found, *([(None, Ports(names=names))] if names else [])]


def _port(tree: Tree) -> PolicyPort:
    [(key, inner)] = tree.items()
    protocol = inner.get("protocol", "TCP" if key.startswith("port") else key.upper())
    inner = inner.get("destinationPort", inner)
    between = inner.get("range", inner)
    number = inner.get("number", inner.get("port"))
    first, last = (between["start"], between["end"]) if number is None else (number, number)
    return PolicyPort(protocol=protocol, first=first, last=last)
