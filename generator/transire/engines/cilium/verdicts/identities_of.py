"""Which identities a query concerns: its resolver, and the other end of its connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

from transire.engines.cilium.objects.identity import (
    ACCOUNT,
    CLUSTER,
    Identity,
    IdentityDirectory,
    IdentityKind,
)
from transire.engines.cilium.objects.rules import CiliumRule, Ranges
from transire.engines.cilium.objects.services import Services
from transire.engines.cilium.verdicts import reasons as wording
from transire.engines.cilium.verdicts.named_ports import ports_of
from transire.model.net import Address, Network
from transire.queries.assumed_facts import AssumedFacts
from transire.queries.cluster_state import ClusterState
from transire.queries.directory import COREDNS, number_of, pods_like, usual_resolver
from transire.queries.query import Caveat, Connection
from transire.queries.typed_addresses import caveats_on, service_address

_RESOLVER = ClusterState().dns_server
_MOST_RESOLVERS = 4096
_API_SERVER = frozenset({"kube-apiserver"})
_EITHER_NODE = ("host", "remote-node")
IdentityWithCaveats = tuple[Identity, tuple[Caveat, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IdentityFinder:
    """Finds identities; what the cluster file lacks is assumed with a caveat or not judged."""

    directory: IdentityDirectory
    assumed: IdentityWithCaveats
    """Stands for the address of a host where none is given."""
    facts: AssumedFacts
    """What is assumed of pods that are only described."""
    services: Services = field(default_factory=Services)
    resolvers: dict[str, IdentityWithCaveats] = field(default_factory=dict)

    def resolver(self, name: str) -> IdentityWithCaveats:
        """The resolver of that name, a pod or an address; the cluster's own where it is empty.

        Raises:
            LookupError: if it is a pod that the cluster file lacks.
        """
        found = self.resolvers.get(name)
        if found is None:
            found = self._resolver(name or self.directory.cluster.dns_server)
            if len(self.resolvers) >= _MOST_RESOLVERS:
                self.resolvers.clear()
            self.resolvers[name] = found
        return found

    def _resolver(self, name: str) -> IdentityWithCaveats:
        try:
            address = ip_address(name)
        except ValueError:
            return self._resolver_pod(name)
        found = self.directory.of_address(address)
        return found, (*self._family(address), *self._taken_for_outside(found))

    def behind_service(self, resolver: Identity, protocol: int, port: int) -> tuple[int, str]:
        """The port at which a resolver gets lookups, and the service that brings them there."""
        found = self.services.behind(resolver, protocol, port)
        return (found[1], str(found[0])) if found else (port, "")

    def _taken_for_outside(self, found: Identity) -> tuple[Caveat, ...]:
        """What to know of an address that is taken to be outside the cluster."""
        address = found.address
        if address is None or found.place is not IdentityKind.WORLD or not found.region:
            return ()
        service = self.services.at(address)
        if service:
            return (service_address(address, str(service)),)
        inside = self.directory.agent.cidr_matches_nodes or self.directory.agent.cidr_matches_pods
        return caveats_on(address, self.directory.cluster, ranges_mean_inside=inside)

    def _resolver_pod(self, name: str) -> IdentityWithCaveats:
        pod = self.directory.pods.get(name)
        if pod is None and name == _RESOLVER:
            return self._usual_resolver(name)
        return self._pod(name), ()

    def _usual_resolver(self, name: str) -> IdentityWithCaveats:
        """The pod with the labels of CoreDNS, whatever its name; else one is assumed."""
        known = usual_resolver(self.directory.pods)
        if known is not None:
            return self._pod(known), ()
        phrase, account = f"the resolver {name}", COREDNS.service_account
        found = self.directory.pod(COREDNS.namespace, COREDNS.labels, phrase, account)
        return replace(found, ports=ports_of(COREDNS)), (wording.assumed_resolver(name),)

    def destination(self, what: Connection) -> IdentityWithCaveats:
        """The other end of a connection.

        Raises:
            LookupError: if it is a pod or a node that the cluster file lacks.
        """
        address = what.ip
        if address is not None:
            found = self.directory.of_address(address)
            if not (found.region and _is_described(what)):
                return found, (*self._family(address), *self._taken_for_outside(found))
        if what.peer_reserved:
            return self._reserved(what.peer_reserved, address, what.node), ()
        if what.peer_labels is not None or what.peer_namespace:
            phrase = f"the pod {what.pod}" if what.pod else f"a pod of {what.peer_namespace}"
            labels = what.peer_labels or {}
            found = self.directory.described(what.peer_namespace, labels, phrase)
            alike = bool(pods_like(self.directory.pods.values(), what.peer_namespace, labels))
            return found, self.facts.of(
                what.peer_namespace,
                account=alike or ACCOUNT in labels,
                in_cluster=alike or CLUSTER in labels,
            )
        if what.pod:
            return self._pod(what.pod), ()
        if what.node:
            return self._node(what.node), ()
        return self.assumed

    def _reserved(self, names: frozenset[str], address: Address | None, node: str) -> Identity:
        """What has these reserved names; where the API server has no address, one outside."""
        phrase = node or (str(address) if address else " and ".join(sorted(names)))
        outside = self.assumed[0].address
        if address is None and outside is not None and names == _API_SERVER:
            return replace(self.directory.world(outside, *names), wording=phrase)
        return self.directory.reserved(names, address, phrase)

    def meant(self, identity: Identity) -> tuple[Identity, ...]:
        """The identities that an address may have, where that is not known."""
        if not identity.entry:
            return (identity,)
        return tuple(
            self.directory.reserved(frozenset({name}), identity.address, identity.wording)
            for name in _EITHER_NODE
        )

    def _pod(self, name: str) -> Identity:
        pod = self.directory.pods.get(name)
        if pod is None:
            raise LookupError(f"the cluster file has no pod {name}")
        for address in pod.ips:
            return self.directory.of_address(address)
        phrase = f"the pod {name}"
        return self.directory.pod(pod.namespace, pod.labels, phrase, pod.service_account)

    def _node(self, name: str) -> Identity:
        for node in self.directory.cluster.nodes:
            if node.name == name:
                return self.directory.of_address(node.ip)
        raise LookupError(f"the cluster file has no node {name}")

    def _family(self, address: Address) -> tuple[Caveat, ...]:
        agent = self.directory.agent
        on = agent.ipv4 if isinstance(address, IPv4Address) else agent.ipv6
        return () if on else (wording.family_off(address),)


def _is_described(what: Connection) -> bool:
    """Whether a query itself describes what its address is."""
    if what.peer_labels is not None or what.peer_namespace:
        return True
    return bool(what.peer_reserved or what.pod or what.node)


def places_of(
    directory: IdentityDirectory,
    networks: Iterable[Network],
    services: Services,
    facts: AssumedFacts,
) -> IdentityFinder:
    """The identity finder of a cluster in which rules name these networks."""
    public = _public_address(directory, [each for each in networks if each.prefixlen])
    assumed = directory.of_address(public), (wording.assumed_address(public),)
    return IdentityFinder(directory=directory, assumed=assumed, services=services, facts=facts)


def _public_address(directory: IdentityDirectory, named: Sequence[Network]) -> Address:
    """A public address that no narrow range of a policy names, and nothing in the cluster has."""
    for address in _public(directory):
        known = number_of(address) in directory.known
        if not known and not any(address in each for each in named):
            return address
    return next(_public(directory))


def networks_of(rules: Iterable[CiliumRule]) -> Iterator[Network]:
    """The networks that rules name, those that they leave out included."""
    for rule in rules:
        for selector in rule.peers or ():
            if isinstance(selector, Ranges):
                yield from selector.networks
                yield from selector.excepts


def _public(directory: IdentityDirectory) -> Iterator[Address]:
    if not directory.agent.ipv4:
        yield from (IPv6Address(first << 112 | 0x53) for first in range(0x2A00, 0x3000, 0x11))
        return
    for first in range(20, 200):
        network = IPv4Network((first << 24, 8))
        if network.is_global:
            yield network[0x010203]
