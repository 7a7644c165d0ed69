"""One cluster: what the values have for it, and what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from transire.commands.diff.revision import TargetKey, ValuesSnapshot
from transire.commands.verify.live_objects import (
    Keep,
    Key,
    State,
    Stranger,
    as_compared,
    as_read,
    differences,
    is_ours,
    key_of,
    not_accepted,
    ours_of,
    policies_of,
    shown_once,
    strangers,
)
from transire.engines.registry import engine_of
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.k8s.manifests import Manifest
from transire.meaning.meaning import api_server_ports
from transire.model.engine import Release
from transire.model.intent import Cluster
from transire.review.diff.bases import Bases, Basis
from transire.review.diff.changes import TargetChange
from transire.review.diff.compare import Seen, compare
from transire.review.diff.observed import API_SERVER, see

_HELD = Basis(
    name="no rule",
    source="the cluster",
    reason="what the cluster holds beside the values, or otherwise",
    ticket="",
    expires=None,
)


@dataclass(frozen=True, kw_only=True)
class ClusterSide:
    """What a cluster should hold beside what it holds; `live` are its objects as they are stored.

    Tiers of others count where policies are read, and are no strangers: they decide nothing alone.
    """

    values: ValuesSnapshot
    name: str
    cluster: Cluster
    live: tuple[Manifest, ...]
    keys: tuple[TargetKey, ...]

    @classmethod
    def of(cls, values: ValuesSnapshot, name: str, given: Iterable[Manifest]) -> ClusterSide:
        """The cluster of that name, with what was given of it."""
        keys = tuple(sorted(each for each in {*values.targets, *values.alone()} if each[1] == name))
        cluster = values.clusters[name]
        keep = engine_of(cluster.release).kept
        live = shown_once(ours_of(given), keep)
        return cls(values=values, name=name, cluster=cluster, live=live, keys=keys)

    @property
    def keep(self) -> Keep:
        """The form in which objects of the cluster's engine are compared."""
        return engine_of(self.cluster.release).kept

    def key(self, manifest: Manifest) -> Key:
        """By what an object is found, whichever API shows it."""
        return key_of(self.keep(manifest))

    @cached_property
    def by_key(self) -> dict[Key, Manifest]:
        """The stored objects, each as it is."""
        return {self.key(each): each for each in self.live}

    @cached_property
    def rendered(self) -> dict[Key, Manifest]:
        """What the charts render for the cluster."""
        values, name = self.values, self.name
        objects = [*values.shared(name).all, *(e for key in self.keys for e in values.own(key))]
        return {self.key(each): each for each in ours_of(objects)}

    @cached_property
    def rejected(self) -> dict[Key, State]:
        """The stored objects that what enforces them does not accept."""
        found = {key: not_accepted(each) for key, each in self.by_key.items()}
        return {key: state for key, state in found.items() if state is not None}

    def strangers(self) -> list[Stranger]:
        """The policies that the values do not have, by their names."""
        known = {
            *self.rendered,
            *(key for key, each in self.by_key.items() if self._is_others_tier(each)),
        }
        found = strangers(self.by_key, known, self.keep)
        return sorted(found, key=lambda each: (each.whose.value, each.shown))

    def _is_others_tier(self, live: Manifest) -> bool:
        """Whether it is a tier of somebody else, which decides nothing without a policy in it."""
        tier = engine_of(self.cluster.release).kinds(self.cluster.release).tier
        own = self.values.organisation.platform.tier.name
        of_tier = tier is not None and live.ref.kind == tier.kind
        return of_tier and live.ref.name != own and not is_ours(live)

    def difference(self, rendered: Manifest) -> tuple[str, ...]:
        """Where the cluster has an object otherwise than it is rendered; nowhere without it."""
        live = self.by_key.get(self.key(rendered))
        return () if live is None else differences(live, rendered, self.keep)

    def change(self, key: TargetKey) -> TargetChange | None:
        """From what the values have for a namespace to what it holds."""
        before = self._seen(key, self._governing(key[0], self._policies), self.cluster)
        after = self._seen(key, self._governing(key[0], self._enforced), self.cluster)
        after = replace(after, bases=self._with_cluster(key))
        before, after = (
            replace(seen, objects=self._governing(key[0], _at_home(objects, key[0])))
            for seen, objects in ((before, self._policies), (after, self._shown))
        )
        return self._compared(key, before, after)

    def _with_cluster(self, key: TargetKey) -> Bases:
        """The rules of the values, and for what no rule allows that the cluster holds it."""
        rules, world = self.values.bases(key), self.values.shared(self.name).world
        return lambda: (*rules(), (_HELD, world))

    def upgraded(self, key: TargetKey, release: Release) -> TargetChange | None:
        """From what the live objects come to on the cluster's release to another."""
        live = self._governing(key[0], self._enforced)
        before = self._seen(key, live, self.cluster)
        after = self._seen(key, live, replace(self.cluster, release=release))
        return self._compared(key, before, after)

    @cached_property
    def _policies(self) -> tuple[Manifest, ...]:
        return policies_of(self.rendered.values())

    @cached_property
    def _enforced(self) -> tuple[Manifest, ...]:
        """The stored policies as engines read them.

        Those of ours that are not accepted are left out where they are as rendered. All others
        count: whoever writes a policy may write its status, too.
        """
        absent = {key for key in self.rejected if self._is_as_rendered(key)}
        taken = (each for key, each in self.by_key.items() if key not in absent)
        return tuple(as_read(each) for each in policies_of(taken))

    def _is_as_rendered(self, key: Key) -> bool:
        rendered = self.rendered.get(key)
        return rendered is not None and not self.difference(rendered)

    @cached_property
    def _shown(self) -> tuple[Manifest, ...]:
        """The same as a person compares them: what differs in nothing is as it is rendered."""
        return tuple(
            self._as_shown(each) for each in self._enforced if not self._is_others_tier(each)
        )

    def _as_shown(self, live: Manifest) -> Manifest:
        rendered = self.rendered.get(self.key(live))
        if rendered is None:
            return live
        same = not differences(live, rendered, self.keep)
        return rendered if same else as_compared(live, rendered, _as_it_is)

    def _compared(self, key: TargetKey, before: Seen, after: Seen) -> TargetChange | None:
        world = self.values.shared(self.name).world.restrict(source=PodSet.in_namespace(key[0]))
        return compare(*key, before, after, world)

    def _governing(self, namespace: str, objects: Iterable[Manifest]) -> tuple[Manifest, ...]:
        """The objects that may concern the pods of a namespace, numbered as one input.

        Sets of other namespaces may be found by a selector; policies of others hold no pod here.
        """
        scope = engine_of(self.cluster.release).scope
        found = []
        for each in objects:
            names = scope.namespaces(each)
            elsewhere = each.ref.namespace not in {"", namespace}
            if elsewhere and each.ref.kind.endswith("Policy"):
                continue
            if names is None or namespace in names:
                found.append(each if names is None else scope.narrowed(each))
        return tuple(replace(each, index=index) for index, each in enumerate(found))

    def _seen(self, key: TargetKey, objects: Sequence[Manifest], cluster: Cluster) -> Seen:
        target = self.values.targets.get(key)
        ports = API_SERVER | (api_server_ports(target) if target else PortSet.nothing())
        flows = self.values.shared(self.name).world.restrict(source=PodSet.in_namespace(key[0]))
        seen = see(self.values.side(key), objects, cluster, flows, ports)
        return replace(seen, bases=self.values.bases(key))

    def concerns(self, manifest: Manifest, namespaces: frozenset[str], *, whole: bool) -> bool:
        """Whether an object matters to what is looked at: all, or some namespaces."""
        if manifest.ref.namespace:
            return manifest.ref.namespace in namespaces
        names = engine_of(self.cluster.release).scope.namespaces(manifest)
        return whole or names is None or bool(names & namespaces)


def _at_home(objects: Iterable[Manifest], namespace: str) -> list[Manifest]:
    """Those that a change of the namespace lists: its own and those of the cluster."""
    return [each for each in objects if each.ref.namespace in {"", namespace}]


def _as_it_is(manifest: Manifest) -> Manifest:
    return manifest
