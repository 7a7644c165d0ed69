"""A way over without a gap: in which order values take the place of objects, each step proved.

At every step the pods of a namespace may do at least what both the objects and the values allow,
and at most what either does. Values come first; then the objects go one by one, those that deny
something behind those whose allows they limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from transire.commands.importing.old_objects import OldObjects
from transire.commands.importing.proof import NewObjects
from transire.commands.verify.live_objects import key_of
from transire.engines.registry import engine_of, read_objects
from transire.flows.flow import Flow
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.k8s.manifests import Manifest, ObjectRef
from transire.meaning.meaning import api_server_ports
from transire.model.problems import Unjudgeable
from transire.review.diff.observed import API_SERVER
from transire.review.migration.places import Space


class Action(StrEnum):
    """What a step does."""

    APPLY = "apply"
    """Publish what the values come to."""
    DELETE = "delete"
    REPLACE = "replace"
    """By what is left of it: its ingress, or its egress for other namespaces."""
    KEEP = "keep"
    """Nothing: it stays as it is, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it does to which object, and what it comes to in the namespaces it is about.

    `by` are the objects in its place. `opens` and `closes` are examples of what pods may do from
    then on that they might not before the step, and the other way round, by namespace.
    `unproved` is why the step could leave a gap; empty where it is proved that it does not.
    """

    action: Action
    object: ObjectRef | None = None
    by: tuple[Manifest, ...] = ()
    why: str = ""
    opens: Mapping[str, Flow]
    closes: Mapping[str, Flow]
    unproved: str = ""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """One namespace on the way: what its objects and its values allow, and what is there now.

    `new` are the values' objects, with numbers that no old one has. `now` is what pods may do, None
    where it cannot be judged.
    """

    space: Space
    before: FlowSet
    after: NewObjects
    new: tuple[Manifest, ...]
    there: tuple[Manifest, ...]
    now: FlowSet | None

    def with_in_place_of(self, manifest: Manifest, by: Sequence[Manifest]) -> _Place:
        """The same with other objects in place of one."""
        return replace(
            self,
            there=tuple(
                new
                for each in self.there
                for new in (by if key_of(each) == key_of(manifest) else (each,))
            ),
        )


_CUT, _PARTS = 1_000_000, 4
"""Where numbers of cut objects begin, and how many may come of one."""

_Moved = tuple[list[_Place], Step]
"""The namespaces after a step, and the step."""


@dataclass(frozen=True, kw_only=True)
class WayOver:
    """Goes the way for the namespaces that values are written for."""

    old: OldObjects
    ours: frozenset[int]
    """The places of objects of ours among the old ones, which the values' replace by name."""
    lower: Mapping[str, tuple[Manifest, ...]]
    """The objects of each namespace, without rules that cannot be judged."""

    def steps(self, places: Sequence[tuple[Space, FlowSet, NewObjects]]) -> Iterator[Step]:
        """The steps in their order."""
        here, first = self._moved([self._place(*each) for each in places], Action.APPLY)
        yield first
        names = sorted(each.space.name for each in here)
        left, kept = list[Manifest](), list[Step]()
        for each in self._policies():
            why = self._stays(each, names)
            if why:
                step = Step(action=Action.KEEP, object=each.ref, why=why, opens={}, closes={})
                kept.append(step)
            else:
                left.append(each)
        left.sort(key=lambda each: not each.ref.namespace)
        while left:
            manifest, (here, step) = self._next(here, left, names)
            left.remove(manifest)
            yield step
        yield from kept

    def _policies(self) -> Iterator[Manifest]:
        scope = engine_of(self.old.cluster.release).scope
        for each in self.old.objects:
            if scope.is_policy(each) and each.index not in self.ours:
                yield each

    def _stays(self, manifest: Manifest, names: Sequence[str]) -> str:
        """Why an object stays as it is; empty where it goes, or is cut down."""
        scope = engine_of(self.old.cluster.release).scope
        if scope.without_egress(manifest) == manifest:
            return "it holds no egress of pods"
        if manifest.ref.namespace:
            known = manifest.ref.namespace in names
            return "" if known else "no values are written for its namespace"
        if self._governs_only(manifest, names):
            return ""
        narrowed = scope.elsewhere(manifest, names)
        return "" if narrowed else "its egress cannot be narrowed to other namespaces"

    def _governs_only(self, manifest: Manifest, names: Sequence[str]) -> bool:
        """Whether a cluster-wide policy is for pods of these namespaces alone, as it names them."""
        governed = engine_of(self.old.cluster.release).scope.namespaces(manifest)
        return governed is not None and governed <= set(names)

    def _place(self, space: Space, before: FlowSet, after: NewObjects) -> _Place:
        """A namespace with the values' objects beside those that are there."""
        ours = {key_of(each) for each in self.old.objects if each.index in self.ours}
        kept = tuple(each for each in self.lower[space.name] if key_of(each) not in ours)
        new = tuple(
            replace(each, index=index)
            for index, each in enumerate(after.objects, start=len(self.old.objects))
        )
        return _Place(space=space, before=before, after=after, new=new, there=kept, now=before)

    def _next(
        self, here: list[_Place], left: Sequence[Manifest], names: Sequence[str]
    ) -> tuple[Manifest, _Moved]:
        """The first object that can go without a gap; the first of all where none can."""
        first: tuple[Manifest, _Moved] | None = None
        for each in left:
            found = each, self._without(here, each, names)
            if not found[1][1].unproved:
                return found
            first = first or found
        return first or (left[0], self._without(here, left[0], names))

    def _without(self, here: list[_Place], manifest: Manifest, names: Sequence[str]) -> _Moved:
        """The namespaces once an object has gone, or has been cut down."""
        scope = engine_of(self.old.cluster.release).scope
        namespace, by = manifest.ref.namespace, tuple[Manifest, ...]()
        if namespace or self._governs_only(manifest, names):
            cut = scope.without_egress(manifest)
            by = () if cut is None else (cut,)
        else:
            by = scope.elsewhere(manifest, names)
        concerned = [each for each in here if namespace in {"", each.space.name}]
        action = Action.REPLACE if by else Action.DELETE
        by = tuple(
            replace(each, index=_CUT + manifest.index * _PARTS + part)
            for part, each in enumerate(by)
        )
        smaller = [each.with_in_place_of(manifest, by) for each in concerned]
        moved, step = self._moved(smaller, action, manifest.ref, by)
        if not manifest.ref.namespace and not self._same_elsewhere(manifest, by, names):
            step = replace(step, unproved="pods of other namespaces might notice")
        by_name = {each.space.name: each for each in moved}
        return [by_name.get(each.space.name, each) for each in here], step

    def _moved(
        self,
        places: Sequence[_Place],
        action: Action,
        of: ObjectRef | None = None,
        by: tuple[Manifest, ...] = (),
    ) -> _Moved:
        """The namespaces as a step has left them, and the step."""
        opens: dict[str, Flow] = {}
        closes: dict[str, Flow] = {}
        unproved, moved = list[str](), list[_Place]()
        for each in places:
            now, why = self._judged(each)
            unproved += [why] if why else []
            moved.append(replace(each, now=now))
            if now is None or each.now is None:
                continue
            for found, flows in ((opens, now - each.now), (closes, each.now - now)):
                example = flows.witness()
                if example is not None:
                    found[each.space.name] = example
        step = Step(
            action=action,
            object=of,
            by=by,
            opens=opens,
            closes=closes,
            unproved="; ".join(unproved),
        )
        return moved, step

    def _judged(self, place: _Place) -> tuple[FlowSet | None, str]:
        """What pods may do there, and how that breaks the promise; empty where it keeps it."""
        ports = API_SERVER | api_server_ports(place.after.target)
        try:
            # the same objects as before, since what they come to by themselves is kept with them
            allowed = self.old.allowed(place.space, (*place.there, *place.new), ports)
        except Unjudgeable as error:
            return None, str(error)
        if not place.before & place.after.flows <= allowed:
            return allowed, f"{place.space.name} could not do what both objects and values allow"
        if not allowed <= place.before | place.after.flows:
            return allowed, f"{place.space.name} could do what neither objects nor values allow"
        return allowed, ""

    def _same_elsewhere(
        self, manifest: Manifest, by: Sequence[Manifest], names: Sequence[str]
    ) -> bool:
        """Whether the objects in its place are to pods of other namespaces what it was."""
        others = PodSet.everything() - PodSet.union(map(PodSet.in_namespace, names))
        try:
            one, other = (
                read_objects(
                    [replace(each, index=index) for index, each in enumerate(some)],
                    self.old.cluster,
                ).flows(others, PortSet.nothing())
                for some in ((manifest,), by)
            )
        except Unjudgeable:
            return False
        return one & self.old.world == other & self.old.world
