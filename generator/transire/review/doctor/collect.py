"""From records and a symptom to troubles, and to those that the symptom is about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from transire.flowlogs.located import Located
from transire.flowlogs.record import Flow, Outcome, Peer
from transire.flowlogs.record import Seen as SeenBy
from transire.queries.cluster_state import Pod
from transire.review.doctor.services import ServicePort, endpoint_addresses
from transire.review.doctor.sources import Pods
from transire.review.doctor.symptom import Symptom
from transire.review.doctor.troubles import (
    HTTPS,
    How,
    Seen,
    Trouble,
    flow,
    lookup,
)

_HOWS = {
    Outcome.DENIED: How.DENIED,
    Outcome.WOULD_BE_DENIED: How.AUDITED,
    Outcome.FAILED: How.FAILED,
    Outcome.PASSED: How.PASSED,
}
_OUTSIDE = "203.0.113.250"
"""An address that nobody has, in place of any outside the cluster."""
_SERVICE_SUFFIXES = ("", ".svc", ".svc.cluster.local")


@dataclass(frozen=True, kw_only=True)
class Collector:
    """What troubles are made from."""

    seen: Seen
    pods: Pods
    own: tuple[Pod, ...]
    symptom: Symptom
    services: tuple[ServicePort, ...]
    namespaces: frozenset[str]

    @cached_property
    def all(self) -> tuple[Trouble, ...]:
        """Every trouble of the namespace, and every destination that was reached."""
        groups: defaultdict[tuple[object, ...], list[Located]] = defaultdict(list)
        for each in self.seen.flows:
            record = flow(each)
            if each.detail.reset or record.reply:
                continue
            how = self._how(each, record)
            if how is not None:
                groups[self._key(record, how)].append(each)
        found = [self._trouble(events, key) for key, events in groups.items()]
        return tuple(map(self._with_names, [*found, *self._lookups()]))

    @cached_property
    def is_open(self) -> bool:
        """Whether something gets through that should not, by the symptom and by what is logged."""
        denied = any(each.how is How.DENIED and not each.is_lookup for each in self.all)
        return self.symptom.is_open or (self.symptom.is_without_effect and not denied)

    def _how(self, event: Located, record: Flow) -> How | None:
        if record.outcome is Outcome.PASSED and self._is_reset(event, record):
            return How.RESET
        if record.seen is SeenBy.PACKET and record.outcome is Outcome.PASSED:
            return None
        return _HOWS.get(record.outcome)

    @cached_property
    def _resets(self) -> Mapping[tuple[str, str], list[float]]:
        found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        for each in self.seen.flows:
            record = flow(each)
            if each.detail.reset and record.first is not None:
                ends = (record.source.address, record.destination.address)
                found[ends].append(record.first)
        return found

    def _is_reset(self, event: Located, record: Flow) -> bool:
        """Whether the far end is known to have ended the connection within a second."""
        at = record.first
        if at is None or not event.detail.handed:
            return False
        ends = (record.destination.address, record.source.address)
        return any(0 <= each - at < 1 for each in self._resets.get(ends, ()))

    def resets(self, trouble: Trouble) -> tuple[Located, ...]:
        """The resets that came from the destination of a trouble."""
        return tuple(
            each
            for each in self.seen.flows
            if each.detail.reset and flow(each).source.address == trouble.address
        )

    def _key(self, record: Flow, how: How) -> tuple[object, ...]:
        pods = self.pods.of(record.source)
        source = record.source.workload or (pods[0].name if pods else record.source.pod)
        peers = self.pods.of(record.destination)
        peer = record.destination
        inside = (peer.namespace, peer.workload or peer.pod) if peers or peer.namespace else ()
        where = inside or (peer.address, peer.entity, peer.address_set, record.names)
        return source or record.source.address, where, record.port, record.protocol, how

    def _trouble(self, events: list[Located], key: tuple[object, ...]) -> Trouble:
        record = flow(events[0])
        how = key[-1]
        peers = distinct(each for event in events for each in self.pods.of(flow(event).destination))
        pods = distinct(each for event in events for each in self.pods.of(flow(event).source))
        return Trouble(
            source=str(key[0]),
            pods=pods or self._by_source(record.source),
            how=how if isinstance(how, How) else How.FAILED,
            names=record.names,
            address=record.destination.address,
            peers=peers,
            peer=record.destination,
            port=record.port,
            protocol=record.protocol or "TCP",
            events=tuple(events),
            proxied=record.named,
        )

    def _by_source(self, peer: Peer) -> tuple[Pod, ...]:
        """A pod that is gone, as its labels are in the log."""
        if peer.labels is None or not peer.namespace:
            return ()
        return (Pod(namespace=peer.namespace, name=peer.pod, labels=dict(peer.labels)),)

    def _with_names(self, trouble: Trouble) -> Trouble:
        """With the names for which the pods got the address before, and whether it is meant."""
        if trouble.address and not trouble.peers:
            own = {id(each) for each in trouble.pods}
            found = [
                each
                for each in self.seen.answers(address=trouble.address)
                if any(id(pod) in own for pod in self.pods.of(lookup(each).client))
            ]
            asked = tuple(dict.fromkeys(lookup(each).name for each in reversed(found)))
            trouble = replace(trouble, asked=asked)
        return replace(trouble, named=self.is_named(trouble))

    def _lookups(self) -> Iterator[Trouble]:
        """Names that policies did not let pods query, and names that resolvers failed on."""
        groups: defaultdict[tuple[str, str, How], list[Located]] = defaultdict(list)
        for each in self.seen.lookups:
            record = lookup(each)
            how = How.REFUSED if record.outcome is Outcome.DENIED else None
            if record.code == "SERVFAIL":
                how = How.FAILED
            if how is not None:
                pods = self.pods.of(record.client)
                source = record.client.workload or (pods[0].name if pods else "")
                groups[source, record.name, how].append(each)
        for (source, name, how), events in groups.items():
            record = lookup(events[0])
            yield Trouble(
                source=source,
                pods=self.pods.of(record.client) or self._by_source(record.client),
                how=how,
                names=(name,),
                port=53,
                protocol="UDP",
                events=tuple(events),
            )

    def is_named(self, trouble: Trouble) -> bool:
        """Whether the symptom names the destination."""
        for host in self.symptom.hosts:
            for name in trouble.hosts:
                if name == host or name.startswith(f"{host}."):
                    return True
        if trouble.address and trouble.address in self.symptom.addresses:
            return True
        if trouble.address in self._meant_endpoints:
            return True
        return any(name_of(each) in self._meant_pods for each in trouble.peers)

    @cached_property
    def meant(self) -> tuple[ServicePort, ...]:
        """Services that the symptom names, by `name.namespace`, or by a word of its trouble."""
        port = self.symptom.port
        found = [each for each in self.services if self._is_meant(each)]
        exact = [each for each in found if port in {each.port, each.target}]
        return tuple(exact or found)

    def _is_meant(self, each: ServicePort) -> bool:
        ref = each.service.manifest.ref
        full = f"{ref.name}.{ref.namespace}"
        if any(f"{full}{suffix}" in self.symptom.hosts for suffix in _SERVICE_SUFFIXES):
            return True
        if any(address in self.symptom.addresses for address in each.addresses):
            return self.symptom.port in {None, each.port, each.target}
        if each.node_port and each.node_port == self.symptom.port:
            return True
        return ref.name in self.symptom.troubled_words and ref.namespace != "kube-system"

    def is_service(self, host: str) -> bool:
        """Whether a host is the name of a service in a namespace that is known."""
        _, _, rest = host.partition(".")
        namespace, _, tail = rest.partition(".")
        return namespace in self.namespaces and tail in {"", "svc", "svc.cluster.local"}

    @cached_property
    def _meant_pods(self) -> frozenset[tuple[str, str]]:
        return frozenset(name_of(pod) for each in self.meant for pod in each.pods)

    @cached_property
    def _meant_endpoints(self) -> frozenset[str]:
        """Addresses behind the services that the symptom names."""
        return frozenset(ip for each in self.meant for ip in endpoint_addresses(each.slices))

    @cached_property
    def source_pods(self) -> tuple[Pod, ...]:
        """The pods of the namespace that the symptom names, or all of them."""
        words = self.symptom.troubled_words
        found = tuple(each for each in self.own if _workload_words(each) & words)
        return found or self.own

    def focus(self) -> tuple[Trouble, ...]:
        """The troubles that the symptom is about, or what it names where no log shows any."""
        wanted = self._wanted()
        named = [each for each in wanted if each.named]
        if named:
            return tuple(self._own(named))
        about = [each for each in wanted if each.is_lookup] if self.symptom.is_about_names else []
        if about:
            return tuple(self._own(about))
        if not (self.symptom.hosts or self.symptom.addresses or self.meant):
            if self.is_open and not wanted:
                return tuple(self._anything())
            return tuple(self._own([each for each in wanted if not each.is_lookup] or wanted))
        unknown = [each for each in wanted if not each.hosts and not each.peers]
        unknown = [] if self.is_open else [e for e in unknown if self._may_be(e)]
        own = self._own(unknown)
        events = tuple(event for each in own for event in each.events)
        return (*own, *(replace(each, events=events) for each in self._assumed()))

    def _wanted(self) -> list[Trouble]:
        """What ended as the symptom has it."""
        ends = {How.PASSED, How.AUDITED} if self.is_open else set(How) - {How.PASSED}
        return [each for each in self.all if each.how in ends]

    def _own(self, found: Sequence[Trouble]) -> Sequence[Trouble]:
        """Those of the pods that the symptom names, if any are."""
        names = {name_of(each) for each in self.source_pods}
        own = [each for each in found if any(name_of(pod) in names for pod in each.pods)]
        return own or found

    def _may_be(self, trouble: Trouble) -> bool:
        """Whether an address without a name may be that of a host which the symptom names."""
        port = self.symptom.port
        outside = not trouble.is_lookup and trouble.entity in {"", "world"}
        return outside and (port is None or port == trouble.port)

    def _anything(self) -> Iterator[Trouble]:
        """Some address outside, for a symptom that anything is let through."""
        port = self.symptom.port or HTTPS
        if self.source_pods:
            yield Trouble(
                source=workload_of(self.source_pods[0]),
                pods=self.source_pods,
                how=How.PASSED,
                address=_OUTSIDE,
                port=port,
                stands_for=f"any address outside on port {port}",
            )

    def _assumed(self) -> Iterator[Trouble]:
        """What the symptom names, taken to fail as it tells."""
        how = How.PASSED if self.is_open else How.ASSUMED
        pods = self.source_pods
        source = workload_of(pods[0]) if pods else ""
        services = {
            f"{e.service.manifest.ref.name}.{e.service.manifest.ref.namespace}" for e in self.meant
        }
        port = self.symptom.port or HTTPS
        for host in self.symptom.hosts:
            if not self.is_service(host) and host not in services:
                yield Trouble(
                    source=source, pods=pods, how=how, names=(host,), port=port, named=True
                )
        behind = {ip for each in self.meant for ip in each.addresses}
        for address in self.symptom.addresses:
            if address not in behind:
                yield Trouble(
                    source=source, pods=pods, how=how, address=address, port=port, named=True
                )
        for each in self.meant:
            for address in () if each.pods else endpoint_addresses(each.slices):
                yield Trouble(
                    source=source, pods=pods, how=how, address=address, port=each.target, named=True
                )
            if each.pods:
                yield Trouble(
                    source=source,
                    pods=pods,
                    how=how,
                    peers=each.pods,
                    port=each.target,
                    protocol=each.protocol,
                    named=True,
                )


def name_of(pod: Pod) -> tuple[str, str]:
    """What tells pods apart."""
    return pod.namespace, pod.name


def distinct(pods: Iterable[Pod]) -> tuple[Pod, ...]:
    """Each pod once, by name."""
    found = {name_of(each): each for each in pods}
    return tuple(found[key] for key in sorted(found))


_HASHES = re.compile(
    r"(?:-[bcdfghjklmnpqrstvwxz2456789]{5,10})?-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d+)$"
)
"""What controllers add to the names of their pods."""


def workload_of(pod: Pod) -> str:
    """The name of a pod without what its controller added."""
    return _HASHES.sub("", pod.name)


def _workload_words(pod: Pod) -> frozenset[str]:
    """Words by which people name a workload."""
    labels = (pod.labels.get(key) for key in _NAME_LABELS)
    return frozenset(each.lower() for each in (workload_of(pod), pod.name, *labels) if each)


_NAME_LABELS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app", "name")
