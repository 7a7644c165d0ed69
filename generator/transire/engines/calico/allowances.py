"""What rules of Calico's policies let pods reach, part by part."""

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
from transire.engines.api.networkpolicy_allowances import networkpolicy_allowances
from transire.engines.api.reading import Reader
from transire.engines.calico.objects.domains import Domain, host_set
from transire.engines.calico.objects.fields import ICMP, ICMPV6, SCTP, TCP, UDP, Ports
from transire.engines.calico.objects.rules import (
    AddressGroup,
    CalicoAction,
    CalicoPolicy,
    CalicoRule,
    Entity,
)
from transire.engines.calico.objects.selector import (
    NAME,
    NAMESPACE,
    OF_NAMESPACE,
    OF_SERVICE_ACCOUNT,
    ORCHESTRATOR,
    SERVICE_ACCOUNT,
    AllOf,
    Selector,
)
from transire.engines.calico.objects.selector_forms import Literal, TooManyFormsError, conjunctions
from transire.engines.calico.reading import CalicoReading
from transire.k8s.manifests import Manifest
from transire.k8s.networkpolicy import is_networkpolicy, parse_networkpolicies
from transire.model.destinations import EntityKind
from transire.model.engine import Release
from transire.model.net import ECHO, MAX_PORT, PortRange, merge_ports
from transire.model.net import Protocol as Transport
from transire.model.pod_selector import LabelCondition, Operator
from transire.queries.cluster_state import ClusterState

_TRANSPORTS = {TCP: Transport.TCP, UDP: Transport.UDP, SCTP: Transport.SCTP}
_API_SERVER = tuple(
    PortRange(protocol=Transport.TCP, first=each, last=each) for each in (443, 6443)
)
"""Where API servers listen: a rule that names the service has the ports of its endpoints."""
_ECHO_TYPES = {ICMP: 8, ICMPV6: 128}


class _NoWordsError(Exception):
    """Something that values cannot write; the message says what."""


def allowances_with(
    read: Reader,
    manifests: Sequence[Manifest],
    release: Release,
    cluster: ClusterState,
    options: Mapping[str, str],
) -> tuple[Allowance, ...]:
    """What the rules that allow egress name: those of Calico in its order, then NetworkPolicies."""
    own = [each for each in manifests if not is_networkpolicy(each)]
    others = parse_networkpolicies(each for each in manifests if is_networkpolicy(each))
    found = [each for policy in others.policies for each in networkpolicy_allowances(policy)]
    reading = read(own, release, cluster, options)
    if not isinstance(reading, CalicoReading):
        raise TypeError(type(reading))
    places = {(each.ref.kind, each.ref.namespace, each.ref.name): each.index for each in own}
    world = reading.setting.worlds[0]
    for tier in world.tiers:
        for policy in tier.policies:
            ref = policy.object
            manifest = places[ref.kind, ref.namespace, ref.name]
            reader = _Reader(policy=policy, manifest=manifest, groups=world.groups)
            found += [] if policy.staged else list(reader.allowances())
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Takes one policy apart."""

    policy: CalicoPolicy
    manifest: int
    groups: Sequence[AddressGroup]

    def allowances(self) -> Iterator[Allowance]:
        for rule in self.policy.rules:
            if rule.action is CalicoAction.ALLOW:
                yield self._of(rule)
            elif rule.action is not CalicoAction.LOG:
                subjects, _ = self._senders(rule, [])
                yield replace(self._allowance(rule, subjects), takes=True)

    def _of(self, rule: CalicoRule) -> Allowance:
        if rule.entry is not None:
            entry = Unwritten(pointer=rule.entry.key, why=rule.entry.why)
            return self._allowance(rule, self._senders(rule, [])[0], unwritten=(entry,))
        unwritten = list[Unwritten]()
        subjects, fault = self._senders(rule, unwritten)
        if fault:
            return self._allowance(rule, subjects, unwritten=tuple(unwritten))
        reached = list[Reached]()
        for end in self._ends(rule):
            at = f"{rule.pointer}/destination"
            if isinstance(end, str):
                unwritten.append(Unwritten(pointer=at, why=end))
            else:
                reached.append(Reached(end=end, pointer=at))
        ports = list(_ports(rule))
        unwritten += [
            Unwritten(pointer=rule.pointer, why=each) for each in ports if isinstance(each, str)
        ]
        written = tuple(each for each in ports if isinstance(each, PortRange))
        if rule.api_server:
            written = _API_SERVER
        return self._allowance(rule, subjects, tuple(reached), written, tuple(unwritten))

    def _allowance(
        self,
        rule: CalicoRule,
        subjects: tuple[Subject, ...],
        reached: tuple[Reached, ...] = (),
        ports: tuple[PortRange, ...] = (),
        unwritten: tuple[Unwritten, ...] = (),
    ) -> Allowance:
        return Allowance(
            object=self.policy.object,
            manifest=self.manifest,
            pointer=rule.pointer,
            subjects=subjects,
            reached=reached,
            ports=ports,
            every_port=rule.protocol is None and rule.icmp is None and not rule.api_server,
            unwritten=unwritten,
        )

    def _senders(
        self, rule: CalicoRule, unwritten: list[Unwritten]
    ) -> tuple[tuple[Subject, ...], bool]:
        """The pods, and whether values cannot name them, which is then noted."""
        chosen: list[Selector] = [self.policy.selector]
        if rule.source.members is not None:
            chosen.append(rule.source.members)
        if rule.source.excluded is not None:
            why = "values have no words for senders that a rule leaves out with notSelector"
            unwritten.append(Unwritten(pointer=f"{rule.pointer}/source/notSelector", why=why))
            return (Subject(),), True
        try:
            return tuple(_subjects(AllOf(tuple(chosen)))), False
        except _NoWordsError as error:
            unwritten.append(Unwritten(pointer="/spec/selector", why=str(error)))
            return (Subject(),), True

    def _ends(self, rule: CalicoRule) -> Iterator[End | str]:
        entity = rule.destination
        if rule.api_server:
            yield PartOfCluster(kind=EntityKind.KUBE_APISERVER)
        elif entity.domains:
            yield from map(_named, entity.domains)
        elif entity.members is not None:
            yield from self._members(entity, entity.members)
        elif entity.nets:
            without = entity.not_nets.networks
            yield from (Addresses(cidr=each, without=without) for each in entity.nets.networks)
        else:
            without = entity.not_nets.networks
            for each in EVERYWHERE:
                yield replace(each, without=without) if isinstance(each, Addresses) else each

    def _members(self, entity: Entity, members: Selector) -> Iterator[End | str]:
        if entity.nets or entity.not_nets:
            yield "values have no words for a selector beside ranges in one rule"
            return
        for group in self.groups:
            if members.holds(group.labels):
                yield from (Addresses(cidr=each) for each in group.nets.networks)
                yield from map(_named, group.domains)
        try:
            yield from _selected(members)
        except _NoWordsError as error:
            yield str(error)


def _named(domain: Domain) -> NamedHosts:
    return NamedHosts(text=domain.text, names=host_set([domain]))


def _subjects(chosen: Selector) -> Iterator[Subject]:
    """The pods that a selector selects, as alternatives."""
    for form in _forms(chosen):
        pods, namespaces, accounts = _sorted_out(form)
        for account in accounts if accounts is not None else ("",):
            yield Subject(pods=selector_of(pods, account), namespaces=tuple(namespaces))


def _selected(chosen: Selector) -> Iterator[SelectedPods]:
    for form in _forms(chosen):
        pods, namespaces, accounts = _sorted_out(form)
        if accounts is not None:
            raise _NoWordsError("values have no words for the service account of pods reached")
        yield SelectedPods(pods=tuple(pods), namespaces=tuple(namespaces))


def _forms(chosen: Selector) -> Sequence[Sequence[Literal]]:
    try:
        return conjunctions(chosen)
    except TooManyFormsError:
        raise _NoWordsError("the selector is too intricate for the words of values") from None


def _sorted_out(
    form: Sequence[Literal],
) -> tuple[list[LabelCondition], list[LabelCondition], tuple[str, ...] | None]:
    """Conditions on pods, on namespaces, and the service accounts; None for any account."""
    pods, namespaces = list[LabelCondition](), list[LabelCondition]()
    accounts: tuple[str, ...] | None = None
    for each in form:
        key = each.key
        if each.values is None and each.is_part:
            raise _NoWordsError("values have no words for a part of a label's value")
        if key == ORCHESTRATOR:
            if _condition(each, key).meets({ORCHESTRATOR: "k8s"}):
                continue
            raise _NoWordsError("it is for no pods of Kubernetes")
        if key in {SERVICE_ACCOUNT, OF_SERVICE_ACCOUNT + NAME}:
            accounts = _accounts(each, accounts)
        elif key.startswith(OF_SERVICE_ACCOUNT):
            raise _NoWordsError("values have no words for labels of service accounts")
        elif key in {NAMESPACE, OF_NAMESPACE + NAME}:
            namespaces.append(_condition(each, NAMESPACE_NAME))
        elif key.startswith(OF_NAMESPACE):
            namespaces.append(_condition(each, key.removeprefix(OF_NAMESPACE)))
        else:
            pods.append(_condition(each, key))
    return pods, namespaces, accounts


def _accounts(each: Literal, known: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if each.values is None and not each.negated:
        return known
    if each.negated or each.values is None:
        raise _NoWordsError("values name a service account, and no condition on one")
    return tuple(sorted(each.values if known is None else each.values & set(known)))


def _condition(each: Literal, key: str) -> LabelCondition:
    if each.values is None:
        operator = Operator.DOES_NOT_EXIST if each.negated else Operator.EXISTS
        return LabelCondition(key=key, operator=operator)
    operator = Operator.NOT_IN if each.negated else Operator.IN
    return LabelCondition(key=key, operator=operator, values=tuple(sorted(each.values)))


def _ports(rule: CalicoRule) -> Iterator[PortRange | str]:
    """The ports, and in words what values cannot write of them."""
    entity = rule.destination
    for ports in (entity.ports, entity.not_ports):
        if ports is not None and ports.names:
            yield f"values have no words for a port by its name, here {min(ports.names)}"
            return
    if rule.protocol is None and rule.icmp is None:
        yield from _without(rule)
    elif rule.protocol in _TRANSPORTS:
        yield from _numbered(_TRANSPORTS[rule.protocol], entity.ports, entity.not_ports)
    elif rule.protocol in _ECHO_TYPES:
        number = None if rule.icmp is None else rule.icmp.type
        if number in {None, _ECHO_TYPES[rule.protocol]}:
            yield ECHO
        if number != _ECHO_TYPES[rule.protocol]:
            yield "values have no words for types of ICMP other than echo requests"
    else:
        yield "values have no words for this protocol"


def _without(rule: CalicoRule) -> Iterator[PortRange]:
    left = _TRANSPORTS.get(rule.not_protocol or 0)
    yield from (each for each in EVERY_PORT if each.protocol is not left)


def _numbered(
    protocol: Transport, wanted: Ports | None, unwanted: Ports | None
) -> Iterator[PortRange]:
    ranges = ((1, MAX_PORT),) if wanted is None else wanted.ranges
    found = merge_ports(PortRange(protocol=protocol, first=a, last=b) for a, b in ranges)
    for first, last in sorted(unwanted.ranges if unwanted else ()):
        found = tuple(part for each in found for part in _beside(each, first, last))
    yield from found


def _beside(each: PortRange, first: int, last: int) -> Iterator[PortRange]:
    """What is left of ports without a range."""
    for low, high in (
        (each.first, min(each.last, first - 1)),
        (max(each.first, last + 1), each.last),
    ):
        if low <= high:
            yield PortRange(protocol=each.protocol, first=low, last=high)
