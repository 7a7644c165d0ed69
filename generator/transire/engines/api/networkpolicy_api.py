"""NetworkPolicy as lint reads and corrects it; engines that read it in a way of their own subclass.

Source: the Kubernetes API documentation and the defaults of the API server.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from transire.engines.api.policy_kinds import NETWORKPOLICY
from transire.engines.api.policy_shape import (
    Block,
    HostName,
    NamedPort,
    PodPeer,
    Policy,
    Rule,
    WrittenPort,
)
from transire.engines.api.policy_view import (
    Borrowed,
    Corrections,
    EgressGap,
    EmptyList,
    NamespaceChoice,
    PeerItem,
    PolicyApi,
)
from transire.flows.pod_set import NAMESPACE_NAME_LABEL, PodSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.json_pointer import find, inner, is_empty_list, is_null, items, maps, number
from transire.k8s.label_selector import LabelSelector, read_selector, well_formed
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.networkpolicy import (
    SHAPE,
    EgressRule,
    NetworkPolicy,
    PolicyPeer,
    PolicyPort,
    is_networkpolicy,
    parse_networkpolicies,
)
from transire.k8s.typed_decoding import field_names
from transire.model.engine import Release
from transire.model.net import MAX_PORT, Network


class NetworkPolicyCorrections(Corrections):
    """How a NetworkPolicy is corrected."""

    leave_out_with = "except"
    deny_alone = "leave the policy out: it allows, and never denies by itself"
    namespace_with = f"namespaceSelector with {NAMESPACE_NAME_LABEL} in the same item"

    def leave_out(
        self, body: dict[str, Any], at: str, block: Block, holes: Sequence[Network]
    ) -> None:
        """One more item of `except` for each."""
        del at
        entry = find(body, block.at.rpartition("/")[0])
        entry["except"] = [*entry.get("except", []), *(str(each) for each in holes)]

    def also_deny(self, body: dict[str, Any], at: str, network: str) -> None:
        """No NetworkPolicy denies anything, so there is nothing to deny beside it."""
        raise LookupError(f"{at} of {body['kind']} denies nothing, not even {network}")

    def port_range(self, first: str, last: str) -> str:
        """Two fields."""
        return f"port: {first} and endPort: {last}"

    def write_port_range(self, body: dict[str, Any], at: str, first: str, last: str) -> None:
        """The last port in a field of its own."""
        holder = find(body, at.rpartition("/")[0])
        holder["port"] = int(first)
        holder["endPort"] = int(last)


class NetworkPolicyApi(PolicyApi):
    """NetworkPolicy as the API documentation describes it."""

    title = "the Kubernetes NetworkPolicy"
    kinds = (NETWORKPOLICY,)
    distinctive_fields = frozenset({"to", "from", "ports"})
    corrections = NetworkPolicyCorrections()
    names_ports_outside = False
    labels_name_namespaces = False
    denies_the_rest = "a policy denies whatever it does not allow"
    learns_from_dns_rules = False
    whole_namespaces = "every pod of the namespaces"
    without_type = "the egress rules are ignored and nothing is denied"
    """What becomes of egress rules where `policyTypes` lacks Egress."""
    enforces_without_type = False

    def has(self, manifest: Manifest) -> bool:
        """Whether it is a NetworkPolicy."""
        return is_networkpolicy(manifest)

    def policies(
        self, manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
    ) -> Iterator[Policy]:
        """The policy of one object; nothing where the API server would refuse it.

        Raises:
            Unjudgeable: if it holds what is not modelled.
        """
        del release
        metadata = {"name": "generated", **inner(tree, "metadata"), "namespace": namespace}
        placed = Manifest(
            source=manifest.source, index=manifest.index, body={**tree, "metadata": metadata}
        )
        parsed = parse_networkpolicies([placed])
        for entry in parsed.unmodelled:
            raise entry.error()
        for policy in parsed.policies:
            spec = inner(tree, "spec")
            yield Policy(
                manifest=manifest,
                at="/spec",
                tree=spec,
                namespace=namespace,
                subject=PodSet.in_namespace(namespace) & policy.pods.pods(),
                subject_at="/spec/podSelector",
                pins=policy.pods.pinned(),
                enforces="Egress" in policy.types,
                in_force=in_force and "Egress" in policy.types,
                rules=tuple(_rules(policy, spec)),
            )

    def hosts(self, manifest: Manifest, tree: Tree) -> tuple[HostName, ...]:
        """None: there are no sets."""
        del manifest, tree
        return ()

    def host_labels(self, host: str, release: Release) -> tuple[str, ...]:
        """None: there are no hosts."""
        del host, release
        return ()

    def ports(self, manifest: Manifest, tree: Tree) -> Iterator[WrittenPort]:
        """The ports of every rule."""
        del manifest
        for section in ("egress", "ingress"):
            for at, rule in maps(inner(tree, "spec"), section, "/spec"):
                for here, each in maps(rule, "ports", at):
                    if "port" in each:
                        yield WrittenPort(
                            at=f"{here}/port",
                            value=each["port"],
                            number=number(each, "port"),
                            end=number(each, "endPort"),
                            end_at=f"{here}/endPort",
                        )

    def fields(self, kind: str, way: Sequence[str], release: Release) -> tuple[str, ...]:
        """The same fields in every modelled release."""
        del release
        return field_names(SHAPE, way) if kind in NETWORKPOLICY.policies else ()

    def where_else(self, kind: str, way: Sequence[str], release: Release) -> str:
        """Nowhere: releases and places have no fields of their own."""
        del kind, way, release
        return ""

    def remainder(self, manifest: Manifest, tree: Tree, way: Sequence[str]) -> str:
        """Nothing: each object is a policy."""
        del manifest, tree, way
        return ""

    def egress_gap(self, manifest: Manifest, tree: Tree) -> EgressGap | None:
        """Without `policyTypes` egress counts only where there are rules of it."""
        del manifest
        spec = inner(tree, "spec")
        types, rules = items(spec, "policyTypes"), items(spec, "egress")
        about_egress = any(str(each).lower() == "egress" for each in types)
        if about_egress or (rules and not types):
            return None
        message, weak = "", False
        if rules:
            message = f"policyTypes does not name Egress: {self.without_type}"
            weak = self.enforces_without_type
        elif "egress" in spec:
            message = "egress is empty and policyTypes does not name Egress, so nothing is denied"
        elif not types and not items(spec, "ingress"):
            message = "the policy has neither policyTypes nor rules, so it denies ingress alone"
            weak = True
        if not message:
            return None
        at = "/spec/policyTypes" if types else "/spec"
        return EgressGap(at=at, field="policyTypes", message=message, weak=weak)

    def empty_lists(self, rule: Rule, release: Release) -> Iterator[EmptyList]:
        """An empty list limits nothing."""
        del release
        for key, what in (("to", "every destination"), ("ports", "every port")):
            if is_null(rule.tree, key):
                message = f"{key} is null, and that means {what}"
                yield EmptyList(at=f"{rule.at}/{key}", message=message)
            elif is_empty_list(rule.tree, key):
                message = f"{key} is empty, and an empty list means {what}"
                yield EmptyList(at=f"{rule.at}/{key}", message=message)

    def mistaken_labels(self, rule: Rule, peer: PodPeer) -> dict[str, str]:
        """None: labels are written as pods have them."""
        del rule, peer
        return {}

    def namespaces_by(self, rule: Rule, label: str) -> Iterator[NamespaceChoice]:
        """Namespace selectors that require something of the label."""
        for at, each in maps(rule.tree, "to", rule.at):
            here = f"{at}/namespaceSelector"
            selector = read_selector(well_formed(inner(each, "namespaceSelector")))
            if any(demand.key == label for demand in selector.requirements):
                yield NamespaceChoice(at=here, sure_label=NAMESPACE_NAME_LABEL)

    def borrowed(self, rule: Rule) -> tuple[Borrowed, ...]:
        """None: pods are whose they are."""
        del rule
        return ()

    def peer_items(self, policy: Policy, rule: Rule) -> Iterator[PeerItem]:
        """The items of `to`."""
        del policy
        for at, each in maps(rule.tree, "to", rule.at):
            chooses = bool(inner(each, "namespaceSelector"))
            yield PeerItem(
                at=at,
                only_namespaces=chooses and set(each) == {"namespaceSelector"},
                only_pods=set(each) == {"podSelector"},
            )


def _rules(policy: NetworkPolicy, spec: Tree) -> Iterator[Rule]:
    trees = dict(maps(spec, "egress", "/spec"))
    for place, rule in enumerate(policy.egress):
        at = f"/spec/egress/{place}"
        yield _rule(rule, at, trees.get(at, {}), policy.object.namespace)


def _rule(rule: EgressRule, at: str, tree: Tree, namespace: str) -> Rule:
    ports = PortSet.union(_port(each) for each in rule.ports)
    peers = [(f"{at}/to/{place}", each) for place, each in enumerate(rule.peers)]
    return Rule(
        at=at,
        tree=tree,
        ports=ports if rule.ports else PortSet.everything(),
        named=tuple(
            NamedPort(at=f"{at}/ports/{place}/port", name=each.name)
            for place, each in enumerate(rule.ports)
            if each.name
        ),
        anywhere=not rule.peers,
        blocks=tuple(
            Block(at=f"{here}/ipBlock/cidr", cidr=each.block.cidr, excepts=each.block.excepts)
            for here, each in peers
            if each.block is not None
        ),
        pods=tuple(_peer(each, here, namespace) for here, each in peers if each.block is None),
    )


def _peer(peer: PolicyPeer, at: str, namespace: str) -> PodPeer:
    inside = PodSet.in_namespace(namespace)
    if peer.namespaces is not None:
        inside = peer.namespaces.pods_of_namespaces()
    own = peer.pods or LabelSelector()
    pods = inside & own.pods()
    return PodPeer(
        at=at,
        pods=pods,
        values=own.listed_values(),
        implied=peer.namespaces is None,
        possible=bool(pods),
    )


def _port(port: PolicyPort) -> PortSet:
    if port.name:
        return PortSet.nothing()
    protocol = Protocol[port.protocol]
    if (port.first, port.last) == (1, MAX_PORT):
        return PortSet.of_protocol(protocol)
    return PortSet.of_port(protocol, port.first, port.last)
