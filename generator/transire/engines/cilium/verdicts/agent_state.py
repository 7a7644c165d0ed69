"""Everything one agent knows: the rules it holds, the cluster around it, and each pod's policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.identity import (
    ACCOUNT,
    CLUSTER,
    K8S,
    NAMESPACE,
    NAMESPACE_LABELS,
    IdentityDirectory,
    directory_of,
)
from transire.engines.cilium.objects.objects import Held
from transire.engines.cilium.objects.rules import CiliumRule
from transire.engines.cilium.objects.selectors import Labelled, is_label
from transire.engines.cilium.verdicts.endpoint import Endpoint, endpoint_of
from transire.engines.cilium.verdicts.identities_of import networks_of, places_of
from transire.engines.cilium.verdicts.named_ports import NamedPorts
from transire.engines.cilium.verdicts.single_flow import FlowVerdicts, Pod
from transire.k8s.label_selector import Operator
from transire.model.net import Network
from transire.queries.assumed_facts import AssumedFacts
from transire.queries.cluster_state import ClusterState
from transire.queries.directory import pods_like
from transire.queries.query import Caveat, Source

_MOST_SOURCES = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class AgentState:
    """One agent in one cluster; what it computed is kept, and for flows most of it is not needed.

    `held` is what the agent holds.
    """

    held: Held
    agent: Agent
    cluster: ClusterState
    described: dict[tuple[object, ...], Pod] = field(default_factory=dict)
    """Pods by namespace, labels and service account."""

    @cached_property
    def named_ports(self) -> NamedPorts:
        """The ports that names stand for."""
        return NamedPorts.of(self.cluster)

    @cached_property
    def directory(self) -> IdentityDirectory:
        """Who is behind an address, as far as rules make a difference."""
        return directory_of(self.cluster, self.agent, self._networks)

    @cached_property
    def rules(self) -> Mapping[str, tuple[CiliumRule, ...]]:
        """By the one namespace whose pods they can select; under the empty name those of any."""
        return _by_namespace(self.held.rules)

    @cached_property
    def _order(self) -> Mapping[int, int]:
        """The place of each rule among all, by what object it is."""
        return {id(rule): place for place, rule in enumerate(self.held.rules)}

    @cached_property
    def verdicts(self) -> FlowVerdicts:
        """Verdicts for destinations."""
        host_policies = self.held.host_policies
        return FlowVerdicts(
            directory=self.directory,
            places=places_of(
                self.directory, self._networks, self.held.services, self._of_destinations
            ),
            host_policies=str(host_policies[0]) if host_policies else "",
        )

    @cached_property
    def _of_sources(self) -> AssumedFacts:
        """What is assumed of pods that only a question describes, as far as rules select them.

        An agent has policies for the pods of its own cluster alone, so of a source no cluster is
        assumed once that one has a name.
        """
        found = self._assumed(rule.subject for rule in self.held.rules)
        named = self.cluster.name != ClusterState().name
        return replace(found, cluster_key="") if named else found

    @cached_property
    def _of_destinations(self) -> AssumedFacts:
        """The same as far as rules mean them as peers."""
        peers = (each for rule in self.held.rules for each in rule.peers or ())
        return self._assumed(each for each in peers if isinstance(each, Labelled))

    def _assumed(self, among: Iterable[Labelled]) -> AssumedFacts:
        chosen = tuple(among)
        keys = {demand.key for each in chosen for demand in each.demands}
        asked = (key for key in keys if key.startswith(NAMESPACE_LABELS))
        return AssumedFacts(
            cluster=self.cluster,
            namespace_keys=frozenset(key.removeprefix(NAMESPACE_LABELS) for key in asked),
            accounts=ACCOUNT in keys,
            cluster_key=CLUSTER if any(self._asks_for_cluster(each) for each in chosen) else "",
        )

    def _asks_for_cluster(self, chosen: Labelled) -> bool:
        """Whether a selector was written with a demand on which cluster pods are in.

        What the agent adds, and what the entity of the own cluster means, was not written.
        """
        own = is_label(K8S, CLUSTER, self.cluster.name)
        asked = [
            each
            for each in chosen.demands
            if each.names(CLUSTER) and each.operator in {Operator.IN, Operator.NOT_IN}
        ]
        is_added = self.agent.local_cluster or len(chosen.demands) == 1
        return bool(asked) and not (is_added and asked == [own])

    @cached_property
    def _networks(self) -> frozenset[Network]:
        return frozenset(networks_of(self.held.rules))

    def pod(self, source: Source) -> Pod:
        """The pod that is the source of a query."""
        known = self.directory.pods.get(f"{source.namespace}/{source.pod}") if source.pod else None
        pods = self.directory.pods.values()
        like = (
            (known,) if known else pods_like(pods, source.namespace, source.labels, source.account)
        )
        if like and all(pod.host_network for pod in like):
            return Pod(endpoint=Endpoint(policed=False), settled=self.verdicts.on_host())
        accounts = {pod.service_account for pod in like}
        alone = accounts.pop() if len(accounts) == 1 else "default"
        account = source.account or alone
        labels = source.labels or (known.labels if known else source.labels)
        given = bool(like or source.account) or ACCOUNT in labels
        facts = self._of_sources.of(source.namespace, account=given, in_cluster=CLUSTER in labels)
        return self._described(source.namespace, labels, account, facts)

    def _described(
        self,
        namespace: str,
        labels: Mapping[str, str],
        account: str,
        facts: tuple[Caveat, ...] = (),
    ) -> Pod:
        key = namespace, frozenset(labels.items()), account, facts
        found = self.described.get(key)
        if found is None:
            identity = self.directory.pod(namespace, labels, "the pod", account)
            rules = [*self.rules.get(namespace, ()), *self.rules.get("", ())]
            rules.sort(key=lambda rule: self._order[id(rule)])
            endpoint = endpoint_of(identity, rules, self.agent, self.named_ports)
            found = Pod(
                endpoint=endpoint,
                namespace=namespace,
                caveats=(*endpoint.caveats, *facts),
                settled=self.verdicts.settled(endpoint),
            )
            if len(self.described) >= _MOST_SOURCES:
                self.described.clear()
            self.described[key] = found
        return found

    def endpoints_of_cluster(self) -> Iterator[tuple[str, Endpoint]]:
        """The policy of every pod that the cluster file names."""
        for name, pod in self.directory.pods.items():
            if not pod.host_network:
                found = self._described(pod.namespace, pod.labels, pod.service_account)
                yield name, found.endpoint


def _by_namespace(rules: Iterable[CiliumRule]) -> Mapping[str, tuple[CiliumRule, ...]]:
    found: dict[str, list[CiliumRule]] = {}
    for rule in rules:
        found.setdefault(_namespace(rule), []).append(rule)
    return {name: tuple(each) for name, each in found.items()}


def _namespace(rule: CiliumRule) -> str:
    for each in rule.subject.demands:
        one = each.operator is Operator.IN and len(each.values) == 1
        if one and (each.source, each.key) == (K8S, NAMESPACE):
            return each.values[0]
    return ""
