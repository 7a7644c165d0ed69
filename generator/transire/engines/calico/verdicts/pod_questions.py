"""The questions of one pod to the worlds that a release may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from transire.engines.calico.objects.domains import Domain
from transire.engines.calico.objects.fields import NUMBERS
from transire.engines.calico.objects.rules import CalicoPolicy
from transire.engines.calico.objects.selector import NAME, OF_NAMESPACE, Labels, Selector, keys_of
from transire.engines.calico.verdicts.endpoint import API_PORTS, Endpoint, GroupIndex, pod_labels
from transire.engines.calico.verdicts.ingress_requests import (
    Attempt,
    IngressPolicy,
    IngressVerdict,
    governing,
    judged,
    note,
)
from transire.engines.calico.verdicts.packet import PodView
from transire.engines.calico.verdicts.policy_state import PolicyState
from transire.engines.calico.verdicts.stored import Note
from transire.model.net import Network
from transire.queries.assumed_facts import AssumedFacts
from transire.queries.cluster_state import ClusterState, Pod
from transire.queries.directory import Directory, Place
from transire.queries.pod_questions import PodQuestions, Regions, unclear
from transire.queries.query import Caveat, Connection, Decision, DnsQuery, Source, Verdict

UNSURE_ORDER = (
    "two policies have the same order, and which of them comes first differs between the releases "
    "that this one may be"
)
_CACHED = 65536
HOST_NETWORK = Decision(
    verdict=Verdict.ALLOW,
    reason="a pod on the host's network is no workload endpoint, so no policy governs it",
)


MAY_SERVE_API = Caveat(
    id="api-server-not-known",
    text=(
        "a rule names the API server's service, and nothing shows whether this address is one of "
        "its endpoints; for those the verdict differs"
    ),
)


@lru_cache(maxsize=4096)
def _not_given(other: Decision) -> Caveat:
    """What to know where a set that is not given would make the decision another one."""
    by = other.decided_by
    where = "a rule" if by is None else f"{by.object}: {by.rule}"
    text = f"{where} may select a set of addresses that is not given, and then this may differ"
    return Caveat(id="not-given", text=text)


@dataclass(slots=True)
class Questions(PodQuestions[Endpoint]):
    """Verdicts for one source pod; two worlds that differ give none."""

    groups: GroupIndex = field(default_factory=lambda: GroupIndex((), ()))
    views: tuple[PodView, ...] = ()
    names_api_server: bool = False
    """Whether any rule names the API server's service."""
    foreign: frozenset[int] = frozenset()
    """Selectors, by what object each is, that may select sets which are not given."""
    endpoints: dict[tuple[int, str], tuple[Endpoint, Endpoint]] = field(default_factory=dict)
    """Destinations as they are and as if the API server, or a set, had their address."""
    caveats: tuple[Caveat, ...] = ()
    """What to know about objects that may concern the pod."""
    own_ends: Mapping[int | None, Endpoint] = field(default_factory=dict)
    """The pod itself by IP family, None where its address is not given."""
    ingress: tuple[IngressPolicy, ...] = ()
    """Policies that govern ingress, where any of them looks at requests."""

    def decide(self, what: DnsQuery | Connection) -> Decision:
        """The verdict for one flow.

        Raises:
            NotFoundError: if the question names something that the cluster does not have.
        """
        if self.pod is not None and self.pod.host_network:
            return HOST_NETWORK
        found = PodQuestions.decide(self, what)
        if not self.ingress or isinstance(what, DnsQuery) or what.protocol != "TCP":
            return found
        noted = self.ingress_note(what)
        return found if noted is None else replace(found, caveats=(*found.caveats, noted))

    def ingress_note(self, what: Connection) -> Caveat | None:
        """What to know where the destination is a pod whose ingress is by requests."""
        place = self.directory.destination(what)
        to = self.end(place, "")
        policies = () if to.pod is None else governing(self.ingress, to.pod)
        if not policies:
            return None
        verdict = self.ingress_verdict(what)
        return note(policies, verdict, what.request)

    def ingress_verdict(self, what: Connection) -> IngressVerdict | None:
        """What the destination's sidecar makes of the request; None where that is not known."""
        to = self.end(self.directory.destination(what), "")
        policies = () if to.pod is None else governing(self.ingress, to.pod)
        if not policies or what.request is None:
            return None
        source = self.own_ends.get(to.family, self.own_ends[None])
        return judged(policies, Attempt(source=source, to=to, port=what.port, request=what.request))

    @property
    def is_governed(self) -> bool:
        """Whether any policy may select the pod."""
        return any(view.is_governed for view in self.views)

    def known_as(self, host: str) -> str:
        """A name that every set and rule treats alike, if any has it among its domains."""
        return self.groups.known_as(host)

    def end(self, place: Place, learnt: str) -> Endpoint:
        """The destination with its labels and the sets that hold it."""
        labels, ports = None, None
        if place.pod is not None:
            labels = pod_labels(
                place.pod, self.directory.cluster, known_account=not place.described
            )
            ports = None if place.described else place.pod.named_ports
        found = Endpoint(
            ip=place.ip,
            pod=labels,
            named_ports=ports,
            groups=() if place.ip is None else self.groups.holding(place.ip),
            open_groups=self.groups.with_ranges() if place.ip is None else (),
            by_name=self.groups.naming(learnt) if learnt else (),
            learnt=learnt,
            serves_api=self.directory.serves_api(place),
        )
        if place.ip is None and labels is None:
            found.family = 4
        return found

    def judge(self, to: Endpoint, protocol: str, port: int) -> Decision:
        """The verdict for a destination."""
        number = NUMBERS.get(protocol)
        if number is None:
            return unclear(f"the protocol {protocol!r} is not modelled")
        found = self._decided(to, number, port)
        if found.verdict is Verdict.UNJUDGEABLE:
            return found
        caveats: list[Caveat] = []
        if port in API_PORTS and self._may_serve_api(to):
            other = self._decided(self._as_if(to, "API server"), number, port)
            caveats += [MAY_SERVE_API] if other.verdict is not found.verdict else []
        if self.foreign and to.pod is None:
            other = self._decided(self._as_if(to, "set"), number, port)
            caveats += [_not_given(other)] if other.verdict is not found.verdict else []
        return self.made.of(found, caveats)

    def _as_if(self, to: Endpoint, what: str) -> Endpoint:
        """The destination as if the API server or a set that is not given had its address."""
        key = id(to), what
        other = self.endpoints.get(key)
        if other is None:
            if len(self.endpoints) >= _CACHED:
                self.endpoints.clear()
            serves, open_to = (True, to.foreign) if what == "API server" else (False, self.foreign)
            as_if = replace(to, serves_api=serves, foreign=open_to, memberships={})
            other = self.endpoints[key] = to, as_if
        return other[1]

    def _decided(self, to: Endpoint, protocol: int, port: int) -> Decision:
        first, *others = (view.decide(to, protocol, port) for view in self.views)
        for other in others:
            if other.verdict is not first.verdict:
                return unclear(UNSURE_ORDER)
        return first

    def _may_serve_api(self, to: Endpoint) -> bool:
        """Whether nobody knows if the address is one of the API server's."""
        known = self.directory.knows_api_server or to.serves_api
        return self.names_api_server and not known and to.pod is None and to.ip is not None


@dataclass(frozen=True)
class Setting:
    """What the questions of all pods share."""

    worlds: tuple[PolicyState, ...]
    directory: Directory
    learns: bool
    find_foreign: Callable[[Iterable[PolicyState]], frozenset[int]] = field(compare=False)
    notes: tuple[Note, ...] = ()
    ingress: tuple[IngressPolicy, ...] = ()
    """Policies that govern ingress, where any of them looks at requests."""

    @cached_property
    def groups(self) -> GroupIndex:
        """The sets, by what they hold."""
        return GroupIndex(self.worlds[0].groups, _inline_domains(self.worlds[0]))

    @cached_property
    def names_api_server(self) -> bool:
        """Whether any rule names the API server's service."""
        return any(rule.api_server for policy in self._policies() for rule in policy.rules)

    @cached_property
    def foreign(self) -> frozenset[int]:
        """Selectors, by what object each is, that may select sets which are not given."""
        return self.find_foreign(self.worlds)

    @cached_property
    def of_sources(self) -> AssumedFacts:
        """What is assumed of pods that only a question describes, as far as policies select them.

        Without a service account they are not judged where it counts.
        """
        return self._assumed(policy.selector for policy in self._policies())

    @cached_property
    def of_destinations(self) -> AssumedFacts:
        """The same as far as rules mean them as destinations."""
        policies = self._policies()
        return self._assumed(each for policy in policies for each in policy.destination_selectors())

    def _policies(self) -> Iterator[CalicoPolicy]:
        for world in self.worlds:
            for tier in world.tiers:
                yield from tier.policies

    def _assumed(self, selectors: Iterable[Selector]) -> AssumedFacts:
        keys = {key for selector in selectors for key in keys_of(selector)}
        asked = (key.removeprefix(OF_NAMESPACE) for key in keys if key.startswith(OF_NAMESPACE))
        namespace_keys = frozenset(asked) - {NAME}
        return AssumedFacts(cluster=self.directory.cluster, namespace_keys=namespace_keys)

    @cached_property
    def regions(self) -> Regions:
        """The regions that rules can treat in different ways."""
        return Regions.of(_networks(self.worlds[0]))

    def questions(self, source: Source) -> Questions:
        """The questions of one pod.

        Raises:
            NotFoundError: if it names a pod that the cluster lists pods without.
        """
        pod = self.directory.source(source)
        labels = _labels(source, pod, self.directory.cluster)
        ends = {family: self._own_end(labels, pod, family) for family in (4, 6, None)}
        return Questions(
            directory=self.directory,
            source=source,
            pod=pod,
            regions=self.regions,
            learns=self.learns,
            groups=self.groups,
            names_api_server=self.names_api_server,
            foreign=self.foreign,
            facts=self.of_destinations,
            own_ends=ends,
            ingress=self.ingress,
            views=tuple(PodView(each, labels, ends, source.namespace) for each in self.worlds),
            caveats=(
                *(each.caveat for each in self.notes if each.concerns(source.namespace, labels)),
                *self.of_sources.of(source.namespace, account=True),
            ),
        )

    def _own_end(self, labels: Labels, pod: Pod | None, family: int | None) -> Endpoint:
        ips = pod.ips if pod else ()
        ip = next((each for each in ips if each.version == family), None)
        return Endpoint(
            ip=ip,
            pod=labels,
            groups=self.groups.holding(ip) if ip else (),
            open_groups=() if ip else self.groups.with_ranges(),
        )


def _labels(source: Source, pod: Pod | None, cluster: ClusterState) -> Labels:
    shown = Pod(
        namespace=source.namespace,
        name=source.pod,
        labels=source.labels,
        service_account=pod.service_account if pod else source.account,
    )
    return pod_labels(shown, cluster, known_account=bool(pod or source.account))


def _inline_domains(world: PolicyState) -> tuple[tuple[Domain, ...], ...]:
    return tuple(
        rule.destination.domains
        for tier in world.tiers
        for policy in tier.policies
        for rule in policy.rules
        if rule.destination.domains
    )


def _networks(world: PolicyState) -> Iterable[Network]:
    for group in world.groups:
        yield from group.nets.networks
    for tier in world.tiers:
        for policy in tier.policies:
            for rule in policy.rules:
                yield from rule.destination.nets.networks
                yield from rule.destination.not_nets.networks
