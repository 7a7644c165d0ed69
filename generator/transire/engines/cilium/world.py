"""Everything one agent knows: the rules it holds, the cluster around it, and each pod's policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from transire.engines.cilium.answers import Answers, Pod
from transire.engines.cilium.endpoint import Endpoint, endpoint_of
from transire.engines.cilium.identity import K8S, NAMESPACE, Directory, directory_of
from transire.engines.cilium.mapstate import NamedPorts
from transire.engines.cilium.places import Places, public_address
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
    endpoints: dict[tuple[str, frozenset[tuple[str, str]], str], Endpoint] = field(
        default_factory=dict
    )

    def pod(self, source: Source) -> Pod:
        """The pod that a question is about."""
        known = self.directory.pods.get(f"{source.namespace}/{source.pod}") if source.pod else None
        if known and known.host_network:
            return Pod(endpoint=Endpoint(policed=False), on_host=True)
        account = known.service_account if known else "default"
        labels = source.labels or (known.labels if known else source.labels)
        return Pod(endpoint=self.endpoint(source.namespace, labels, account))

    def endpoint(self, namespace: str, labels: Mapping[str, str], account: str) -> Endpoint:
        """The policy of a pod with these labels."""
        key = namespace, frozenset(labels.items()), account
        found = self.endpoints.get(key)
        if found is None:
            identity = self.directory.pod(namespace, labels, "the pod", account)
            rules = (*self.rules.get(namespace, ()), *self.rules.get("", ()))
            found = endpoint_of(identity, rules, self.directory.agent, self.named_ports)
            if len(self.endpoints) >= _MOST_SOURCES:
                self.endpoints.clear()
            self.endpoints[key] = found
        return found

    def endpoints_of_cluster(self) -> Iterator[tuple[str, Endpoint]]:
        """The policy of every pod that the cluster file names."""
        for name, pod in self.directory.pods.items():
            if not pod.host_network:
                yield name, self.endpoint(pod.namespace, pod.labels, pod.service_account)


def world_of(held: Held, agent: Agent, cluster: ClusterState) -> World:
    """The world of an agent that holds these rules."""
    directory = directory_of(cluster, agent)
    places = Places(directory=directory, public=public_address(held.rules, directory))
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
