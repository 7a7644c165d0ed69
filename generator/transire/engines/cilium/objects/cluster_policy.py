"""ClusterNetworkPolicy of `policy.networking.k8s.io/v1alpha2`, which 1.20 reads behind a flag.

Source: `pkg/k8s/cluster_network_policy.go`. Its definition is the experimental one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import (
    ANY,
    CLUSTER,
    K8S,
    NAMESPACE,
    NAMESPACE_LABELS,
)
from transire.engines.cilium.objects.policy import (
    Taken,
    refused,
    refused_elsewhere,
    stored,
    unmodelled_rule,
)
from transire.engines.cilium.objects.port_reader import ANY_PROTOCOL
from transire.engines.cilium.objects.ports import is_service_name
from transire.engines.cilium.objects.rules import (
    L7,
    CiliumRule,
    Named,
    Origin,
    Parser,
    Port,
    PortGroup,
    Proxy,
    Ranges,
    Selector,
    Tier,
    ranges_of,
)
from transire.engines.cilium.objects.schema import V20
from transire.engines.cilium.objects.selectors import Demand, Labelled, is_label, kubernetes_demands
from transire.flows.port_set import Protocol
from transire.k8s.api_kinds import group_of
from transire.k8s.cluster_policies import GROUP
from transire.k8s.cluster_policy_schema import EXPERIMENTAL, WITHOUT_PORT_NAMES
from transire.k8s.go_cidr import is_mapped, parse_network
from transire.k8s.label_selector import Operator, read_selector, selector_fault
from transire.k8s.manifests import Manifest, Tree

CLUSTER_POLICY, API_VERSION = "ClusterNetworkPolicy", f"{GROUP}/v1alpha2"
FLAG = "enable-k8s-cluster-network-policy"
_STEPS = 100
"""Priorities are apart by one, rules of one policy by a hundredth."""
_TIERS = {"Admin": Tier.ADMIN, "Baseline": Tier.BASELINE}


def is_readable(manifest: Manifest, minor: int) -> bool:
    """Whether an agent of that minor release reads the object, given the flag `FLAG`."""
    of = manifest.ref.kind, group_of(manifest)
    return minor >= V20 and of == (CLUSTER_POLICY, GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPolicyReader:
    """Reads ClusterNetworkPolicies as an agent of a cluster of that name."""

    agent: Agent
    cluster: str

    def taken(self, manifest: Manifest) -> Taken:
        """What comes of one policy."""
        if manifest.api_version != API_VERSION:
            why = f"what becomes of {manifest.api_version}, which cilium does not watch, is unknown"
            return Taken(rules=(unmodelled_rule(manifest, "/apiVersion", why, self.agent.minor),))
        of = stored(manifest, EXPERIMENTAL, clusterwide=True)
        fault = of.fault or _expression_fault(of.value["spec"])
        if fault:
            return refused(manifest, "api-server", fault, of.pruned)
        spec = of.value["spec"]
        fault = self._fault(spec)
        if fault:
            return refused(manifest, "engine", fault, of.pruned)
        doubt = _unmodelled(spec)
        if doubt:
            return Taken(
                rules=(unmodelled_rule(manifest, *doubt, self.agent.minor),), pruned=of.pruned
            )
        caveats = refused_elsewhere(manifest, of)
        found = self._rules(manifest, spec)
        return Taken(
            rules=tuple(replace(rule, caveats=caveats) for rule in found),
            pruned=of.pruned,
        )

    def _fault(self, spec: Tree) -> str:
        """What the agent refuses first; one fault leaves the whole object out."""
        for place, rule in enumerate(spec.get("egress", ())):
            for number, peer in enumerate(rule["to"]):
                at = f"/spec/egress/{place}/to/{number}"
                if "nodes" in peer and not self.agent.node_labels:
                    return f"{at}/nodes needs the agent flag enable-node-selector-labels"
                if "domainNames" in peer and rule["action"] != "Accept":
                    return f"{at}/domainNames stands beside the action {rule['action']}"
                if "domainNames" in peer and not self.agent.l7_proxy:
                    return f"{at}/domainNames needs the L7 proxy, which enable-l7-proxy=false stops"
        return ""

    def _rules(self, manifest: Manifest, spec: Tree) -> Iterator[CiliumRule]:
        subject = Labelled(tuple(sorted(_near(spec["subject"]))))
        for place, rule in enumerate(spec.get("egress", ())):
            origin = _origin(manifest, f"/spec/egress/{place}")
            protocols = rule.get("protocols")
            groups = tuple(map(_group, protocols)) if protocols else None
            for peer in rule["to"]:
                for peers, ports in self._parts(peer, groups):
                    yield CiliumRule(
                        origin=origin,
                        subject=subject,
                        deny=rule["action"] == "Deny",
                        passes=rule["action"] == "Pass",
                        default_deny=False,
                        peers=peers,
                        groups=ports,
                        tier=_TIERS[spec["tier"]],
                        priority=spec["priority"] * _STEPS + place,
                    )

    def _parts(
        self, peer: Tree, groups: tuple[PortGroup, ...] | None
    ) -> Iterator[tuple[tuple[Selector, ...], tuple[PortGroup, ...] | None]]:
        if "domainNames" in peer:
            names = [_pattern(text, self.agent.minor) for text in peer["domainNames"]]
            yield (_RESOLVER,), (_lookups(names),)
            yield tuple(Named(pattern=each) for each in names), groups
        elif "networks" in peer:
            yield tuple(map(self._range, peer["networks"])), groups
        else:
            yield (self._pods(peer),), groups

    def _pods(self, peer: Tree) -> Labelled:
        """Pods of the own cluster; whole namespaces are chosen without naming a cluster."""
        demands = _near(peer)
        own = self.cluster if self.agent.local_cluster else ""
        named = any(each.key == CLUSTER for each in demands)
        if "pods" in peer and own and not named:
            demands += (is_label(K8S, CLUSTER, own),)
        return Labelled(tuple(sorted(demands)))

    def _range(self, text: str) -> Ranges:
        parsed = parse_network(text)
        return ranges_of(self.agent, text, (parsed[1],) if parsed else ())


_RESOLVER = Labelled((is_label(ANY, "k8s-app", "kube-dns"),))
"""Whom lookups of domain names are let through to, in any namespace."""


def _lookups(names: list[NamePattern]) -> PortGroup:
    ports = tuple(
        Port(protocol=protocol, text=name, name=name)
        for name in ("dns", "dns-tcp")
        for protocol in ANY_PROTOCOL
    )
    l7 = L7(proxy=Proxy(parser=Parser.DNS), names=tuple(names), has_rules=True)
    return PortGroup(ports=ports, l7=l7)


def _pattern(text: str, minor: int) -> NamePattern:
    """A leading `*.` means every depth, as `**.` does in policies of Cilium's own."""
    deep = text.startswith("*") and not text.startswith("**")
    return NamePattern.of(f"*{text}" if deep else text, minor=minor)


def _near(peer: Tree) -> tuple[Demand, ...]:
    pods = peer.get("pods", {})
    namespaces = pods.get("namespaceSelector", {}) if "pods" in peer else peer["namespaces"]
    found = kubernetes_demands(read_selector(namespaces), NAMESPACE_LABELS)
    every = (Demand(K8S, NAMESPACE, Operator.EXISTS),)
    return (*(found or every), *kubernetes_demands(read_selector(pods.get("podSelector", {}))))


def _group(item: Tree) -> PortGroup:
    [(key, inner)] = item.items()
    if key == "destinationNamedPort":
        name = inner.lower()
        ports = (Port(protocol=each, text=name, name=name) for each in ANY_PROTOCOL)
        return PortGroup(ports=tuple(ports))
    where, protocol = inner["destinationPort"], Protocol[key.upper()]
    first, last = where.get("number", 0), 0
    if "range" in where:
        first, last = where["range"]["start"], where["range"]["end"]
    return PortGroup(ports=(Port(protocol=protocol, text=str(first), first=first, last=last),))


def _expression_fault(spec: Tree) -> str:
    """What an expression of the definition refuses, which no plain schema can express."""
    for section, key in (("ingress", "from"), ("egress", "to")):
        for place, rule in enumerate(spec.get(section, ())):
            at = f"/spec/{section}/{place}"
            protocols = rule.get("protocols", ())
            for number, item in enumerate(protocols):
                [(name, inner)] = item.items()
                between = inner["destinationPort"].get("range") if isinstance(inner, dict) else None
                if between and between["start"] >= between["end"]:
                    return f"{at}/protocols/{number}/{name} has a range that ends where it starts"
            named = any("destinationNamedPort" in item for item in protocols)
            if named and any(WITHOUT_PORT_NAMES & peer.keys() for peer in rule[key]):
                return f"{at}/protocols go by name beside peers that have no such names"
    return ""


def _unmodelled(spec: Tree) -> tuple[str, str] | None:
    """The place that keeps a policy from being judged, and why."""
    for at, peer in _peers(spec):
        if "nodes" in peer:
            return f"{at}/nodes", "what this selects is not modelled"
        for text in peer.get("networks", ()):
            parsed = parse_network(text)
            if parsed and is_mapped(parsed[1]):
                return at, f"programs differ on what the address range {text!r} means"
        pods = peer.get("pods", {})
        for tree in (peer.get("namespaces", {}), *pods.values()):
            fault = selector_fault(tree, at)
            if fault:
                key, _, why = fault.partition(" ")
                return key, f"{why}, and what the agent makes of that is not modelled"
    for place, rule in enumerate(spec.get("egress", ())):
        for item in rule.get("protocols", ()):
            name = item.get("destinationNamedPort")
            if name is not None and not is_service_name(name):
                why = f"what a port named {name[:80]!r} means is not modelled"
                return f"/spec/egress/{place}/protocols", why
    return None


def _peers(spec: Tree) -> Iterator[tuple[str, Tree]]:
    yield "/spec/subject", spec["subject"]
    for place, rule in enumerate(spec.get("egress", ())):
        for number, peer in enumerate(rule["to"]):
            yield f"/spec/egress/{place}/to/{number}", peer


def _origin(manifest: Manifest, rule: str) -> Origin:
    return Origin(object=manifest.ref, manifest=manifest.index, rule=rule)
