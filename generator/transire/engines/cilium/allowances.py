"""What rules that Cilium reads let pods reach, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transire.engines.api.allowances import (
    EVERY_PORT,
    EVERYWHERE,
    NAMESPACE_NAME,
    Addresses,
    Allowance,
    End,
    NamedHosts,
    PartOfCluster,
    Reached,
    SelectedPods,
    Subject,
    Unwritten,
    selector_of,
)
from transire.engines.api.allowances import WORLD as EVERY_ADDRESS
from transire.engines.cilium.objects.agent import agent_of
from transire.engines.cilium.objects.identity import (
    ACCOUNT,
    ANY,
    CLUSTER,
    K8S,
    NAMESPACE,
    NAMESPACE_LABELS,
    WORLD,
)
from transire.engines.cilium.objects.objects import held_by
from transire.engines.cilium.objects.rules import (
    CiliumRule,
    Named,
    Parser,
    Port,
    PortGroup,
    Ranges,
    Selector,
)
from transire.engines.cilium.objects.selectors import Demand, Labelled
from transire.flows.port_set import Protocol
from transire.k8s.label_selector import Operator
from transire.k8s.manifests import Manifest, ObjectRef
from transire.model.destinations import EntityKind
from transire.model.engine import Release
from transire.model.net import ECHO, MAX_PORT, PortRange
from transire.model.net import Protocol as Transport
from transire.model.pod_selector import LabelCondition
from transire.model.pod_selector import Operator as Condition
from transire.queries.cluster_state import ClusterState

_WORLDS = {WORLD[0]: EVERY_ADDRESS, WORLD[1]: EVERY_ADDRESS[:1], WORLD[2]: EVERY_ADDRESS[1:]}
_ECHO_REQUESTS = {(Protocol.ICMP, 8), (Protocol.ICMPv6, 128)}
_TRANSPORTS = {
    Protocol.TCP: Transport.TCP,
    Protocol.UDP: Transport.UDP,
    Protocol.SCTP: Transport.SCTP,
}
_NODES = frozenset({"host", "remote-node"})
_PARTS = {
    "kube-apiserver": EntityKind.KUBE_APISERVER,
    "ingress": EntityKind.INGRESS,
}


def allowances(
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str],
) -> tuple[Allowance, ...]:
    """What the rules that allow egress name, in the order in which the agent has them."""
    agent = agent_of(release, options)
    reader = _Reader(cluster=cluster.name)
    held = held_by(agent, cluster.name, manifests)
    return (
        *(found for rule in held.rules for found in reader.of(rule)),
        *(_for_nodes(each, manifests) for each in held.host_policies),
    )


def _for_nodes(ref: ObjectRef, manifests: Sequence[Manifest]) -> Allowance:
    """A policy for nodes, of whose rules values have none."""
    why = "its rules are for nodes, and values are for pods"
    return Allowance(
        object=ref,
        manifest=next(each.index for each in manifests if each.ref == ref),
        pointer="/spec/nodeSelector",
        subjects=(),
        unwritten=(Unwritten(pointer="/spec/nodeSelector", why=why),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    cluster: str

    def of(self, rule: CiliumRule) -> Iterator[Allowance]:
        """The rule by its groups of ports."""
        subjects, unsaid = self._subjects(rule.subject)
        at = rule.origin.rule
        if rule.deny:
            yield replace(self._allowance(rule, subjects, ()), takes=True)
            return
        if rule.entry is not None or unsaid:
            key, why = (rule.entry.key, rule.entry.why) if rule.entry else (at, unsaid)
            yield self._allowance(
                rule, subjects or (Subject(),), (Unwritten(pointer=key, why=why),)
            )
            return
        if rule.peers is None or not subjects or not (rule.peers or rule.groups):
            return
        ends = tuple(self._ends(rule))
        reached = tuple(each for each in ends if isinstance(each, Reached))
        unwritten = tuple(each for each in ends if isinstance(each, Unwritten))
        for group in (None,) if rule.groups is None else rule.groups:
            yield self._of_group(rule, subjects, reached, unwritten, group)

    def _of_group(
        self,
        rule: CiliumRule,
        subjects: tuple[Subject, ...],
        reached: tuple[Reached, ...],
        unwritten: tuple[Unwritten, ...],
        group: PortGroup | None,
    ) -> Allowance:
        at = rule.origin.rule
        ports = list(_ports(group, at)) if group else []
        return Allowance(
            object=rule.origin.object,
            manifest=rule.origin.manifest,
            pointer=at,
            subjects=subjects,
            reached=reached,
            ports=tuple(each for each in ports if isinstance(each, PortRange))
            if group
            else EVERY_PORT,
            every_port=group is None,
            demands=_demands(group),
            unwritten=(*unwritten, *(each for each in ports if isinstance(each, Unwritten))),
        )

    def _allowance(
        self, rule: CiliumRule, subjects: tuple[Subject, ...], unwritten: tuple[Unwritten, ...]
    ) -> Allowance:
        return Allowance(
            object=rule.origin.object,
            manifest=rule.origin.manifest,
            pointer=rule.origin.rule,
            subjects=subjects,
            unwritten=unwritten,
        )

    def _subjects(self, chosen: Labelled) -> tuple[tuple[Subject, ...], str]:
        """The pods, or why values cannot name them; nothing where none are selected."""
        pods, namespaces, accounts = list[LabelCondition](), list[LabelCondition](), [""]
        for each in chosen.demands:
            if each.source not in {ANY, K8S} or each.key == CLUSTER:
                seen = self.cluster if each.key == CLUSTER else None
                if not each.takes(seen):
                    return (), ""
            elif each.key == ACCOUNT:
                if each.operator is not Operator.IN:
                    return (), "values name a service account, and no condition on one"
                accounts = list(each.values)
            elif (key := _namespace_key(each)) is not None:
                namespaces.append(_condition(each, key))
            else:
                pods.append(_condition(each, each.key))
        return tuple(
            Subject(pods=selector_of(pods, account), namespaces=tuple(namespaces))
            for account in accounts
        ), ""

    def _ends(self, rule: CiliumRule) -> Iterator[Reached | Unwritten]:
        at = rule.origin.rule
        names = {name for each in rule.peers or () if (name := _reserved_name(each))}
        for peer in rule.peers or (Labelled(()),):
            for end in self._end(peer, names):
                if isinstance(end, str):
                    yield Unwritten(pointer=at, why=end)
                else:
                    yield Reached(end=end, pointer=at)

    def _end(self, peer: Selector, names: set[str]) -> Iterator[End | str]:
        if isinstance(peer, Named):
            yield NamedHosts(text=peer.pattern.key, names=peer.pattern.hosts())
        elif isinstance(peer, Ranges):
            yield from (Addresses(cidr=each, without=peer.excepts) for each in peer.networks)
            if peer.missing:
                yield peer.missing
        elif not peer.demands:
            yield from EVERYWHERE
        elif (name := _reserved_name(peer)) is not None:
            yield from _entity(name, names)
        else:
            yield from self._selected(peer)

    def _selected(self, peer: Labelled) -> Iterator[SelectedPods | str]:
        pods, namespaces = list[LabelCondition](), list[LabelCondition]()
        for each in peer.demands:
            if each.source not in {ANY, K8S}:
                if not each.takes(None):
                    yield f"values have no words for the label {each.source}:{each.key}"
                    return
            elif each.key == CLUSTER:
                if not each.takes(self.cluster):
                    yield "it names pods of another cluster"
                    return
            elif each.key == ACCOUNT:
                yield "values have no words for the service account of pods that are reached"
                return
            elif (key := _namespace_key(each)) is not None:
                namespaces.append(_condition(each, key))
            else:
                pods.append(_condition(each, each.key))
        yield SelectedPods(pods=tuple(pods), namespaces=tuple(namespaces))


def _namespace_key(demand: Demand) -> str | None:
    """The label of the namespace that a demand is about, if it is about one."""
    if demand.key == NAMESPACE:
        return NAMESPACE_NAME
    if demand.key.startswith(NAMESPACE_LABELS):
        return demand.key.removeprefix(NAMESPACE_LABELS)
    return None


def _condition(demand: Demand, key: str) -> LabelCondition:
    return LabelCondition(
        key=key, operator=Condition(demand.operator.value), values=tuple(sorted(demand.values))
    )


def _reserved_name(peer: Selector) -> str | None:
    """The one name of Cilium's own that a peer demands, if that is all of it."""
    if not isinstance(peer, Labelled) or len(peer.demands) != 1:
        return None
    (demand,) = peer.demands
    plain = demand.operator is Operator.IN and demand.values == ("",)
    exists = demand.operator is Operator.EXISTS
    return demand.key if demand.source == "reserved" and (plain or exists) else None


def _entity(name: str, names: set[str]) -> Iterator[Addresses | PartOfCluster | str]:
    if name in _WORLDS:
        yield from _WORLDS[name]
    elif name in _PARTS:
        yield PartOfCluster(kind=_PARTS[name])
    elif name in _NODES:
        if names >= _NODES:
            yield PartOfCluster(kind=EntityKind.NODES)
        else:
            yield f"values have no words for {name} alone, only for all nodes"
    else:
        yield f"values have no words for the entity {name}"


def _ports(group: PortGroup, at: str) -> Iterator[PortRange | Unwritten]:
    for each in group.ports:
        if each.name:
            why = f"values have no words for a port by its name, here {each.name}"
            yield Unwritten(pointer=at, why=why)
        elif each.protocol in _TRANSPORTS:
            yield _port(each, _TRANSPORTS[Protocol(each.protocol)])
        elif (each.protocol, each.first) in _ECHO_REQUESTS:
            yield ECHO
        else:
            why = "values have no words for this protocol or type of ICMP, only for echo requests"
            yield Unwritten(pointer=at, why=why)


def _port(port: Port, protocol: Transport) -> PortRange:
    if port.is_every:
        return PortRange(protocol=protocol, first=1, last=MAX_PORT)
    first = max(port.first, 1)
    return PortRange(protocol=protocol, first=first, last=max(port.last, first))


_DEMANDS = {
    Parser.DNS: "it limits the names that may be queried",
    Parser.TLS: "it checks TLS server names",
    Parser.HTTP: "it limits HTTP requests",
}


def _demands(group: PortGroup | None) -> str:
    if group is None or group.l7 is None:
        return ""
    return _DEMANDS.get(group.l7.parser, "it looks into the connection")
