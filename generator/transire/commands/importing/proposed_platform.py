"""What a new `platform.yaml` should hold, by what the policies of all namespaces have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import collapse_addresses, ip_network

from transire.commands.importing.old_objects import OldObjects
from transire.commands.importing.platform_file import ProposedPlatform, Ranges
from transire.engines.api.allowances import NAMESPACE_NAME, Allowance, SelectedPods
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.flows.port_set import Protocol as IpProtocol
from transire.k8s.json_pointer import inner, items, maps, text
from transire.k8s.manifests import Manifest
from transire.meaning.meaning import in_cluster_flows, resolver_flows
from transire.meaning.premises.dns_resolvers import COREDNS, OPENSHIFT
from transire.meaning.target import Target
from transire.model.destinations import Labels
from transire.model.intent import Dns, DnsProfile, InCluster, Mode, Organisation, Platform, Resolver
from transire.model.net import Network, PortRange, Protocol
from transire.model.pod_selector import LabelCondition, Operator
from transire.model.problems import Rejected
from transire.review.migration.places import Space

_DNS = PortRange(protocol=Protocol.UDP, first=53, last=53)
_OF_TEMPLATE = Ranges(
    pods=(ip_network("10.0.0.0/16"),),
    services=(ip_network("10.96.0.0/12"),),
    nodes=(ip_network("192.168.10.0/24"),),
    assumed=True,
)


def ranges_of(others: Iterable[Manifest]) -> Ranges:
    """The ranges that nodes show; those of the template where there is no node with its pods'."""
    pods: list[Network] = []
    nodes: list[Network] = []
    for each in others:
        if each.ref.kind != "Node":
            continue
        spec, status = inner(each.body, "spec"), inner(each.body, "status")
        written = items(spec, "podCIDRs") or [spec.get("podCIDR")]
        pods += (net for text_ in written for net in _network(text_))
        for _, address in maps(status, "addresses", ""):
            if text(address, "type") == "InternalIP":
                nodes += _network(text(address, "address"))
    if not pods or not nodes:
        return _OF_TEMPLATE
    return Ranges(
        pods=_collapsed(pods), services=_OF_TEMPLATE.services, nodes=_collapsed(nodes), assumed=True
    )


def _network(written: object) -> Iterator[Network]:
    if isinstance(written, str) and written:
        try:
            yield ip_network(written, strict=False)
        except ValueError:
            return


def _collapsed(found: list[Network]) -> tuple[Network, ...]:
    four = [each for each in found if each.version == 4]  # noqa: PLR2004 - the IP version
    six = [each for each in found if each.version != 4]  # noqa: PLR2004 - the same
    return (*collapse_addresses(four), *collapse_addresses(six))


def decided(
    proposed: ProposedPlatform,
    organisation: Organisation,
    old: OldObjects,
    spaces: Iterable[Space],
    flows: Mapping[str, FlowSet],
) -> ProposedPlatform:
    """The proposal with the DNS profile and the in-cluster default that fit most namespaces."""
    judged = [each for each in spaces if each.name in flows]
    trial = _Trial(organisation.platform, old, judged, flows)
    profile, resolver = _resolver(old.allowances)
    dns = Dns(profile=profile, resolver=resolver)
    open_ = trial.holding(dns=dns)
    limited = any(each.demands and _is_dns(each) for each in old.allowances)
    restrict = limited and not open_ and trial.takes(replace(dns, restrict=True))
    return replace(
        proposed,
        profile=profile,
        resolver=resolver,
        restrict=restrict,
        in_cluster=trial.in_cluster(replace(dns, restrict=restrict)),
    )


class _Trial:
    """Tries settings of the platform on namespaces."""

    def __init__(
        self,
        platform: Platform,
        old: OldObjects,
        spaces: list[Space],
        flows: Mapping[str, FlowSet],
    ) -> None:
        self._platform = platform
        self._old = old
        self._spaces = spaces
        self._flows = flows
        self._traits = engine_of(old.cluster.release).traits(old.cluster)

    def _target(self, space: Space, dns: Dns, in_cluster: InCluster) -> Target:
        return Target(
            team=space.name,
            team_path="",
            namespace=space.name,
            cluster=replace(self._old.cluster, dns=dns),
            mode=Mode.ENFORCE,
            rules=(),
            everyone=(),
            platform=replace(self._platform, in_cluster=in_cluster),
        )

    def takes(self, dns: Dns) -> bool:
        """Whether the engine's release can have the settings at all."""
        engine = engine_of(self._old.cluster.release)
        try:
            for each in self._spaces[:1]:
                engine.lower(self._target(each, dns, InCluster.DECLARED))
        except Rejected:
            return False
        return True

    def holding(self, dns: Dns) -> int:
        """How many namespaces let all of their pods query any name there, by UDP or by TCP."""
        return sum(
            any(
                resolver_flows(self._target(each, dns, InCluster.DECLARED), self._traits)
                & self._old.world
                & _speaking(protocol)
                <= self._flows[each.name]
                for protocol in (IpProtocol.UDP, IpProtocol.TCP)
            )
            for each in self._spaces
        )

    def in_cluster(self, dns: Dns) -> InCluster:
        """The most that all namespaces let all of their pods reach inside."""
        for way in (InCluster.ALL, InCluster.SAME_NAMESPACE):
            if self._spaces and all(
                in_cluster_flows(self._target(each, dns, way), self._traits) & self._old.world
                <= self._flows[each.name]
                for each in self._spaces
            ):
                return way
        return InCluster.DECLARED


def _speaking(protocol: IpProtocol) -> FlowSet:
    """Everything that any pod does by one protocol."""
    return FlowSet.reach(
        source=PodSet.everything(), peer=Peer.everything(), ports=PortSet.of_protocol(protocol)
    )


def _resolver(allowances: Iterable[Allowance]) -> tuple[DnsProfile, Resolver | None]:
    """The profile whose resolver most rules name, or one of its own."""
    named: Counter[tuple[str, Labels]] = Counter()
    for allowance in allowances:
        for each in allowance.reached if _is_dns(allowance) else ():
            if isinstance(each.end, SelectedPods) and each.end.namespaces is not None:
                named.update(_pods(each.end))
    known = {
        (COREDNS.namespace, COREDNS.labels): DnsProfile.COREDNS,
        (OPENSHIFT.namespace, OPENSHIFT.labels): DnsProfile.OPENSHIFT,
    }
    for (namespace, labels), _ in named.most_common():
        if (namespace, labels) in known:
            return known[namespace, labels], None
    for (namespace, labels), _ in named.most_common():
        if namespace and labels:
            return DnsProfile.CUSTOM, Resolver(namespace=namespace, labels=labels)
    return DnsProfile.COREDNS, None


def _is_dns(allowance: Allowance) -> bool:
    return not allowance.every_port and any(each.covers(_DNS) for each in allowance.ports)


def _pods(end: SelectedPods) -> Iterator[tuple[str, Labels]]:
    spaces = [each for each in end.namespaces or () if each.key == NAMESPACE_NAME]
    plain = all(_is_plain(each) for each in (*end.pods, *(end.namespaces or ())))
    if plain and len(spaces) == 1 == len(end.namespaces or ()):
        yield spaces[0].values[0], tuple(sorted((each.key, each.values[0]) for each in end.pods))


def _is_plain(each: LabelCondition) -> bool:
    return each.operator is Operator.IN and len(each.values) == 1
