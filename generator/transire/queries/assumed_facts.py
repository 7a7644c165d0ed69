"""What is taken to be so of a pod that a question only describes, where rules ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from transire.queries.cluster_state import ClusterState
from transire.queries.query import Caveat

_ALWAYS_THERE = frozenset({"kubernetes.io/metadata.name"})
"""The label of a namespace that follows from its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedFacts:
    """What rules ask for: labels of namespaces by key, service accounts, a label for clusters."""

    cluster: ClusterState
    namespace_keys: frozenset[str] = frozenset()
    accounts: bool = False
    cluster_key: str = ""
    """The label that holds the name of a pod's cluster; empty where no rule asks for it."""

    def of(self, namespace: str, *, account: bool, in_cluster: bool = False) -> tuple[Caveat, ...]:
        """What to know of a pod of this namespace.

        `account` and `in_cluster` tell whether its account and its cluster are given. Nothing is
        assumed of a namespace where the labels of the cluster's namespaces are given.
        """
        found = []
        asked = self.namespace_keys - _ALWAYS_THERE
        if asked and not self.cluster.namespace_labels:
            found.append(_namespace(namespace, min(asked)))
        if self.accounts and not account and (self.cluster.partial or not self.cluster.pods):
            found.append(_account(namespace))
        if self.cluster_key and not in_cluster:
            found.append(_cluster(namespace, self.cluster.name, self.cluster_key))
        return tuple(found)


@lru_cache(maxsize=4096)
def _namespace(namespace: str, key: str) -> Caveat:
    text = (
        f"the labels of namespace {namespace} are not given, so it is taken to have none but its "
        f"name; rules here ask for {key}"
    )
    return Caveat(id="assumed-namespace", text=text)


@lru_cache(maxsize=4096)
def _account(namespace: str) -> Caveat:
    text = (
        f"the service account of the pod of {namespace} is not given, so it is taken to be "
        "default; rules here ask for service accounts"
    )
    return Caveat(id="assumed-account", text=text)


@lru_cache(maxsize=4096)
def _cluster(namespace: str, name: str, key: str) -> Caveat:
    text = (
        f"the cluster of the pod of {namespace} is not given, so it is taken to be {name}; rules "
        f"here ask for {key}"
    )
    return Caveat(id="assumed-cluster", text=text)
