"""Everything that causes look at: policies, a snapshot, settings, logs and the symptom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from transire.engines.api.diagnosis import Diagnosis, Setting
from transire.engines.api.engine import Engine
from transire.engines.api.policy_shape import Policy, Rule
from transire.engines.api.policy_view import PolicyApi
from transire.engines.api.reading import Reading
from transire.flows.pod_set import Workload
from transire.k8s.go_cidr import parse_address
from transire.k8s.manifests import Manifest, ObjectRef
from transire.model.engine import Release, Version
from transire.model.problems import Unjudgeable
from transire.queries.cluster_state import ClusterState, Pod
from transire.queries.query import Connection, Decision, DnsQuery, Query, Source, Verdict
from transire.review.doctor import policies
from transire.review.doctor.collect import Collector
from transire.review.doctor.findings import Unseen
from transire.review.doctor.placed import Objects, Placed
from transire.review.doctor.resolvers import Resolver
from transire.review.doctor.services import ServicePort
from transire.review.doctor.symptom import Symptom
from transire.review.doctor.troubles import HTTPS, Seen, Trouble
from transire.review.lint.context import LintContext


@dataclass(frozen=True, kw_only=True)
class Case:
    """One symptom in one namespace of one cluster.

    `objects` are those of the cluster, policies included, `wanted` those that our values come to,
    where a target is named. `agents` are the releases of the agents with their places. `troubles`
    are those that the symptom is about, `proxied` those of them that a proxy logged, and
    `all_troubles` all of the namespace, but for those of proxies.
    """

    symptom: Symptom
    namespace: str
    cluster: str
    release: Release
    engine: Engine
    objects: Objects
    wanted: tuple[Manifest, ...] | None
    context: LintContext
    reading: Reading
    state: ClusterState
    settings: Mapping[str, Setting]
    agents: tuple[tuple[Placed, Version], ...]
    pods: tuple[Pod, ...]
    services: tuple[ServicePort, ...]
    resolvers: tuple[Resolver, ...]
    collector: Collector
    seen: Seen
    unread: tuple[Unseen, ...]
    has_logs: bool
    has_snapshot: bool
    troubles: tuple[Trouble, ...] = ()
    all_troubles: tuple[Trouble, ...] = ()
    proxied: tuple[Trouble, ...] = ()
    verdicts: dict[int, tuple[Trouble, Decision | None]] = field(default_factory=dict)

    @cached_property
    def _meant(self) -> frozenset[int]:
        return frozenset(map(id, self.troubles))

    def is_meant(self, trouble: Trouble) -> bool:
        """Whether a trouble is one that the symptom is about."""
        return id(trouble) in self._meant

    @property
    def facts(self) -> Diagnosis:
        """What the engine shows of itself."""
        return self.engine.diagnosis

    @property
    def is_open(self) -> bool:
        """Whether something gets through that should not."""
        return self.collector.is_open

    def setting(self, name: str) -> str:
        """The value of a setting, empty where it is not known."""
        found = self.settings.get(name)
        return found.value if found else ""

    def workload(self, pod: Pod) -> Workload:
        """What selectors see of a pod."""
        return policies.workload(pod, self.context)

    def api_of(self, policy: Policy) -> PolicyApi:
        """What read a policy."""
        return self.context.api_of(policy)

    def governing(self, trouble: Trouble) -> Iterator[Policy]:
        """The policies in force that select the first pod of a trouble."""
        for pod in trouble.pods[:1]:
            for each in policies.selecting(self.context, self.workload(pod)):
                if each.in_force:
                    yield each

    def is_for(self, policy: Policy, rule: Rule, trouble: Trouble) -> bool:
        """Whether the destination of a trouble is one of a rule, whatever the ports."""
        if rule.nothing:
            return False
        if rule.anywhere or rule.everything:
            return True
        outside = not trouble.peers
        api = self.api_of(policy)
        named = any(
            policies.matches_host(api.host_labels(pattern.text, self.release), host)
            for pattern in rule.hosts
            for host in trouble.hosts
        )
        inside = any(policies.reaches_pod(rule, self.workload(each)) for each in trouble.peers)
        return (
            named
            or inside
            or policies.reaches_address(rule, trouble.address)
            or (outside and rule.world)
        )

    def would_allow(self, policy: Policy, trouble: Trouble) -> Rule | None:
        """The rule of a policy that would let a trouble through, if one would."""
        for rule in policy.rules:
            if (
                policies.allows(rule)
                and policies.has_port(rule, trouble.protocol, trouble.port)
                and self.is_for(policy, rule, trouble)
            ):
                return rule
        return None

    def decide(self, trouble: Trouble) -> Decision | None:
        """What the policies come to for a trouble; None where that cannot be told."""
        key = id(trouble)
        if key not in self.verdicts:
            # The trouble is kept beside, so that no other one gets its id.
            self.verdicts[key] = trouble, self._decide(trouble)
        return self.verdicts[key][1]

    def denies(self, trouble: Trouble) -> bool:
        """Whether the policies surely deny it."""
        found = self.decide(trouble)
        return found is not None and found.verdict is Verdict.DENY

    def lets(self, trouble: Trouble) -> bool:
        """Whether the policies surely allow it."""
        found = self.decide(trouble)
        return found is not None and found.verdict is Verdict.ALLOW

    def _decide(self, trouble: Trouble) -> Decision | None:
        if not trouble.pods:
            return None
        pod = trouble.pods[0]
        what = self._asked(trouble)
        if what is None:
            return None
        source = Source(namespace=pod.namespace, labels=pod.labels, account=pod.service_account)
        query = Query(id="doctor", source=source, what=what)
        try:
            found = self.reading.decide(query)
        except Unjudgeable:
            return None
        return None if found.verdict is Verdict.UNJUDGEABLE else found

    def _asked(self, trouble: Trouble) -> Connection | DnsQuery | None:
        port, protocol = trouble.port or HTTPS, trouble.protocol or "TCP"
        server = next((each for each in self.resolvers if each.query), None)
        name, at = (server.query, server.port) if server else ("", 53)
        if trouble.how == "refused":
            return DnsQuery(host=trouble.names[0], dns_server=name, port=at)
        if trouble.peers:
            peer = trouble.peers[0]
            return Connection(port=port, protocol=protocol, pod=f"{peer.namespace}/{peer.name}")
        found = parse_address(trouble.address) if trouble.address else None
        host = trouble.hosts[0] if trouble.hosts else ""
        if found is None and not host:
            return None
        return Connection(
            port=port, protocol=protocol, ip=found, host=host, dns_server=name, dns_port=at
        )

    def placed(self, policy: Policy) -> Placed:
        """Where a policy stands."""
        return self.objects.where(policy.manifest)

    def of_ref(self, ref: ObjectRef) -> Placed | None:
        """Where the object of a verdict stands."""
        return self.objects.named(ref.kind, ref.namespace, ref.name)

    @cached_property
    def pod_objects(self) -> Mapping[tuple[str, str], Placed]:
        """Pods of the snapshot by namespace and name."""
        return {
            (each.manifest.ref.namespace, each.manifest.ref.name): each
            for each in self.objects.of("Pod")
        }

    def object_of(self, pod: Pod) -> Placed | None:
        """The pod as the snapshot has it."""
        return self.pod_objects.get((pod.namespace, pod.name))


def title(policy: Policy | Manifest) -> str:
    """A policy for people: `namespace/name`, or its name where it has no namespace."""
    ref = policy.ref
    return f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name
