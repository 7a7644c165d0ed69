"""Everything one agent knows: the rules it holds, the cluster around it, and each pod's policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from transire.engines.cilium.answers import Answers, Pod
from transire.engines.cilium.endpoint import Endpoint, endpoint_of
from transire.engines.cilium.identity import K8S, NAMESPACE, Directory, directory_of
from transire.engines.cilium.mapstate import NamedPorts
from transire.engines.cilium.places import networks_of, places_of
from transire.engines.cilium.read_objects import Held
from transire.engines.cilium.read_options import Agent
from transire.engines.cilium.rules import Rule
from transire.model.cluster import ClusterState
from transire.model.label_selector import Operator
from transire.model.ports import Protocol
from transire.model.query import Source

_MOST_SOURCES = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """One agent in one cluster; what it computed for a pod is kept."""

    held: Held
    directory: Directory
    named_ports: NamedPorts
    rules: Mapping[str, tuple[Rule, ...]]
    """By the one namespace whose pods they can select; under the empty name those of any."""
    answers: Answers
    described: dict[tuple[str, frozenset[tuple[str, str]], str], Pod] = field(default_factory=dict)
    """Pods by namespace, labels and service account."""

    def pod(self, source: Source) -> Pod:
        """The pod that a question is about."""
        known = self.directory.pods.get(f"{source.namespace}/{source.pod}") if source.pod else None
        if known and known.host_network:
            return Pod(endpoint=Endpoint(policed=False), settled=self.answers.on_host())
        account = known.service_account if known else "default"
        labels = source.labels or (known.labels if known else source.labels)
        return self._described(source.namespace, labels, account)

    def _described(self, namespace: str, labels: Mapping[str, str], account: str) -> Pod:
        key = namespace, frozenset(labels.items()), account
        found = self.described.get(key)
        if found is None:
            identity = self.directory.pod(namespace, labels, "the pod", account)
            rules = (*self.rules.get(namespace, ()), *self.rules.get("", ()))
            endpoint = endpoint_of(identity, rules, self.directory.agent, self.named_ports)
            found = Pod(endpoint=endpoint, settled=self.answers.settled(endpoint))
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


def world_of(held: Held, agent: Agent, cluster: ClusterState) -> World:
    """The world of an agent that holds these rules."""
    networks = frozenset(networks_of(held.rules))
    directory = directory_of(cluster, agent, networks)
    places = places_of(directory, networks)
    on_nodes = str(held.host_policies[0]) if held.host_policies else ""
    return World(
        held=held,
        directory=directory,
        named_ports=_named_ports(cluster),
        rules=_by_namespace(held.rules),
        answers=Answers(directory=directory, places=places, host_policies=on_nodes),
    )


def _by_namespace(rules: Iterable[Rule]) -> Mapping[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(_namespace(rule), []).append(rule)
    return {name: tuple(each) for name, each in found.items()}


def _namespace(rule: Rule) -> str:
    for each in rule.subject.demands:
        one = each.operator is Operator.IN and len(each.values) == 1
        if one and (each.source, each.key) == (K8S, NAMESPACE):
            return each.values[0]
    return ""


def _named_ports(cluster: ClusterState) -> NamedPorts:
    """Named ports with the same number on every pod that has them; pods on the host have none."""
    numbers: dict[tuple[str, int], set[int]] = {}
    for pod in cluster.pods:
        if not pod.host_network:
            for name, port in pod.named_ports.items():
                numbers.setdefault((name, Protocol[port.protocol]), set()).add(port.port)
    return {key: found.pop() for key, found in numbers.items() if len(found) == 1}
