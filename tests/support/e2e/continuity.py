"""Whether a cluster was closed, and open, at every revision as it was before and after.

Both bounds come from the engine's own reading of the stored objects, as exact sets of flows: what
neither side allows is never allowed between, and what both sides allow is never cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from support.e2e.client import Body
from support.e2e.history import Change, History, Key, State
from support.e2e.stored import without_server_fields
from transire.engines.registry import engine_of, policy_kinds, read_objects
from transire.flows.flow_set import FlowSet
from transire.flows.port_set import PortSet
from transire.flows.source_pods import Sources
from transire.k8s.manifests import Manifest
from transire.meaning.world import world
from transire.model.intent import Cluster

_HELM = "meta.helm.sh/release-name"
_ARGOCD = "argocd.argoproj.io/tracking-id"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """How one cluster's engine reads what is stored there; states that are alike are read once."""

    cluster: Cluster
    _known: dict[tuple[str, tuple[str, ...]], FlowSet] = field(default_factory=dict)

    @cached_property
    def _world(self) -> FlowSet:
        return world(self.cluster, engine_of(self.cluster.release).traits(self.cluster))

    def allowed(self, namespace: str, state: State) -> FlowSet:
        """Every flow that pods of a namespace are allowed.

        Raises:
            Unjudgeable: if an object that concerns them holds what is not modelled.
        """
        about = [each for key, each in sorted(state.items()) if _concerns(key, namespace)]
        versions = tuple(
            f"{each['metadata']['uid']}/{each['metadata']['resourceVersion']}" for each in about
        )
        if (namespace, versions) not in self._known:
            objects = [
                Manifest(source="cluster", index=index, body=without_server_fields(each))
                for index, each in enumerate(about)
            ]
            reading = read_objects(objects, self.cluster)
            flows = reading.flows(Sources(namespace=namespace), PortSet.everything())
            self._known[namespace, versions] = flows & self._world
        return self._known[namespace, versions]

    def opened(self, history: History, namespaces: Iterable[str]) -> list[str]:
        """Where a namespace was allowed what it is allowed neither before nor after."""
        return [
            f"{namespace} is open after {change}: {flow}"
            for namespace in sorted(namespaces)
            for change, before, now, after in self._of(history, namespace)
            if (flow := (now - (before | after)).witness()) is not None
        ]

    def cut(self, history: History, namespaces: Iterable[str]) -> list[str]:
        """Where a namespace was not allowed what it is allowed both before and after."""
        return [
            f"{namespace} is cut after {change}: {flow}"
            for namespace in sorted(namespaces)
            for change, before, now, after in self._of(history, namespace)
            if (flow := ((before & after) - now).witness()) is not None
        ]

    def _of(
        self, history: History, namespace: str
    ) -> Iterator[tuple[Change, FlowSet, FlowSet, FlowSet]]:
        """Each change that concerns a namespace, with what it is allowed before, then, and after."""
        before = self.allowed(namespace, history.before)
        after = self.allowed(namespace, history.after)
        for change, state in history.states():
            if _concerns(change.key, namespace):
                yield change, before, self.allowed(namespace, state), after


def hasty_deletions(history: History) -> list[str]:
    """Deletions of a release before everything that it has in the end was there."""
    after = history.after
    return [
        f"{change} before {kind} {name} is there"
        for change, state in history.states()
        if change.how == "DELETED"
        for (version, kind, namespace, name), body in after.items()
        if _release(body) == _release(change.body)
        and not _is_as(state.get((version, kind, namespace, name)), body)
    ]


def _release(body: Body) -> str:
    """The Application or the Helm release that an object is of."""
    notes = body["metadata"].get("annotations", {})
    return str(notes.get(_ARGOCD, "")).partition(":")[0] or str(notes.get(_HELM, ""))


def _is_as(now: Body | None, later: Body) -> bool:
    return now is not None and now.get("spec") == later.get("spec")


def _concerns(key: Key, namespace: str) -> bool:
    """Whether an object may decide about pods of a namespace: it is a policy, there or for all."""
    version, _, where, _ = key
    return version.rpartition("/")[0] in policy_kinds() and where in {"", namespace}
