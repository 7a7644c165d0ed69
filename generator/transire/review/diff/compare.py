"""From what holds in a namespace before and after to what changed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transire.flows.address_set import AddressSet
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer
from transire.k8s.manifests import Manifest
from transire.model.intent import Mode
from transire.review.diff.bases import Bases, nothing_known, rests_on
from transire.review.diff.changes import ChangeClass, Event, Side, TargetChange
from transire.review.diff.connections import losing_pods
from transire.review.diff.grants import Grant, carried, grants, hosts_by_name
from transire.review.diff.objects import object_changes
from transire.review.diff.risk import with_reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A namespace on one side of a change.

    `rendered` is what its pods may do now, `enforced` what they may do once audit ends; both are
    the same where it is enforced. `side` is None where nothing of ours holds. `unjudged` is the
    reason why the sets are unknown, and then they are empty. `left` is true where it is what stays
    of a namespace that the values name no longer. `bases` gives the rules behind it.
    """

    side: Side | None
    objects: Sequence[Manifest]
    rendered: FlowSet
    enforced: FlowSet
    unjudged: str = ""
    left: bool = False
    bases: Bases = nothing_known


def compare(
    namespace: str, cluster: str, before: Seen, after: Seen, world: FlowSet
) -> TargetChange | None:
    """What changed for a namespace; None where neither the objects nor what they mean did.

    Without a `namespace` it is about the pods of all. `world` holds every flow that can exist.

    Raises:
        Unjudgeable: if the difference is too intricate to be listed.
    """
    objects = object_changes(before.objects, after.objects)
    change = TargetChange(
        namespace=namespace,
        cluster=cluster,
        before=before.side,
        after=after.side,
        change=_class(before, after),
        events=(Event.LEFT,)
        if after.left
        else (*_events(before.side, after.side), *_handover(before.side, after.side)),
        objects=objects,
        unjudged=after.unjudged or before.unjudged,
    )
    if not change.unjudged:
        change = _with_grants(change, before, after, world)
    if change.change is ChangeClass.SAME and not (
        objects or change.events or any(change.delegated) or before.side != after.side
    ):
        return None
    return with_reasons(change, hosts_by_name(before.enforced))


def with_files(
    change: TargetChange | None, after: Seen, files: Seen, where: tuple[str, str], world: FlowSet
) -> TargetChange | None:
    """The change with what the head's files open beyond its values, which end `after`.

    `where` is the namespace and the cluster. Files that nobody can judge count as opening.

    Raises:
        Unjudgeable: if the difference is too intricate to be listed.
    """
    if not files.unjudged and files.rendered <= after.rendered:
        return change
    namespace, cluster = where
    known = change or TargetChange(
        namespace=namespace,
        cluster=cluster,
        before=after.side,
        after=after.side,
        change=ChangeClass.SAME,
    )
    if files.unjudged:
        why = f"the files as they are cannot be judged: {files.unjudged}"
        found = replace(known, change=ChangeClass.UNJUDGED, unjudged=why)
    else:
        larger, smaller = (each.rendered.project_out(Axis.NAMESPACE) for each in (files, after))
        found = replace(
            known,
            change=ChangeClass.of(gains=True, losses=known.change.closes),
            beyond=grants(larger, smaller, outside(world)),
        )
    return with_reasons(found, hosts_by_name(after.enforced))


def refused(change: TargetChange) -> TargetChange:
    """The change where its values may not be published: that nothing changes is not sure then."""
    if change.change is not ChangeClass.SAME:
        return change
    why = "the values are refused, so nothing can be generated from them"
    unknown = replace(change, change=ChangeClass.UNJUDGED, unjudged=why)
    return with_reasons(unknown, HostSet.nothing())


def _class(before: Seen, after: Seen) -> ChangeClass:
    """The class over what holds now and what will hold once audit ends."""
    if before.unjudged or after.unjudged:
        return ChangeClass.UNJUDGED
    pairs = [(before.rendered, after.rendered)]
    if before.side and after.side:
        pairs.append(_once_enforced(before, after))
    return ChangeClass.of(
        gains=any(not now <= then for then, now in pairs),
        losses=any(not then <= now for then, now in pairs),
    )


def _once_enforced(before: Seen, after: Seen) -> tuple[FlowSet, FlowSet]:
    """What both sides allow once audit ends, as far as the objects of both show it.

    Objects in audit hold neither server names nor names that may be queried: what differs only in
    these, beside objects that do, is no change.
    """
    then, now = before.enforced, after.enforced
    if not _unlike(before, after):
        return then, now
    then, now = (each.project_out(Axis.SERVER_NAME) for each in (then, now))
    queries = carried(then & now)
    return then - queries, now - queries


def _unlike(before: Seen, after: Seen) -> bool:
    """Whether one side is in audit and the other is not."""
    return bool(before.side and after.side) and _in_audit(before) != _in_audit(after)


def _in_audit(seen: Seen) -> bool:
    return seen.side is not None and seen.side.mode is Mode.AUDIT


def _unchecked(before: Seen, after: Seen) -> bool:
    """Whether names are checked on the side that is not in audit."""
    if not _unlike(before, after):
        return False
    audited, checked = (before, after) if _in_audit(before) else (after, before)
    names = checked.enforced.project_out(Axis.SERVER_NAME)
    return names != checked.enforced or not (audited.enforced & carried(names)) <= names


def _events(before: Side | None, after: Side | None) -> Sequence[Event]:
    match before, after:
        case None, Side():
            return (Event.GOVERNED,)
        case Side(), None:
            return (Event.RELEASED,)
        case Side(mode=Mode.AUDIT), Side(mode=Mode.ENFORCE):
            return (Event.ENFORCED,)
        case Side(mode=Mode.ENFORCE), Side(mode=Mode.AUDIT):
            return (Event.AUDITED,)
        case _:
            return ()


def _handover(before: Side | None, after: Side | None) -> Sequence[Event]:
    """Whether another release publishes the same namespace, beside the one of before."""
    if before is None or after is None or not (before.release and after.release):
        return ()
    if bool(before.team) is not bool(after.team):
        # The baseline's release stays, whoever publishes beside it.
        return ()
    same = (before.release, before.tool) == (after.release, after.tool)
    return () if same else (Event.HANDOVER,)


def _with_grants(change: TargetChange, before: Seen, after: Seen, world: FlowSet) -> TargetChange:
    """The lines of what rules open and close, and whether they wait for audit to end."""
    nothing = FlowSet.nothing()
    then, now = _once_enforced(before, after)
    change = replace(change, unchecked=_unchecked(before, after))
    then = then if before.side and after.side else nothing
    now = now if after.side else nothing
    if change.namespace:
        # All pods are of it, so that repeating it with each of them would only be noise.
        then, now = (each.project_out(Axis.NAMESPACE) for each in (then, now))
    everywhere = outside(world)
    pending = after.side is not None and after.side.mode is Mode.AUDIT
    gains = _justified(grants(now, then, everywhere), after.bases)
    losses = _justified(grants(then, now, everywhere), before.bases)
    change = replace(change, gains=gains, losses=losses, pending=pending)
    if before.rendered.connections() <= after.rendered.connections():
        return change
    return replace(change, broken=losing_pods(change))


def _justified(found: tuple[Grant, ...], bases: Bases) -> tuple[Grant, ...]:
    rules = bases() if found else ()
    return tuple(replace(each, rules=rests_on(each.flows, rules)) for each in found)


def outside(world: FlowSet) -> AddressSet:
    """Every address outside the cluster."""
    return world.restrict(peer=Peer.outside()).addresses()
