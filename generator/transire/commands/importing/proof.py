"""What the values come to once Helm has rendered them, beside what the objects allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transire.charts.layout import BASELINE, TIER, team_place
from transire.commands.importing.base import Base
from transire.commands.importing.old_objects import OldObjects
from transire.engines.registry import engine_of
from transire.flows.flow_set import FlowSet
from transire.k8s.manifests import Manifest
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.meaning.meaning import api_server_ports
from transire.meaning.target import Target
from transire.model.intent import Mode
from transire.pipeline.render import objects_in, render_stamped
from transire.pipeline.renderer import Renderer
from transire.review.diff.bases import bases_of
from transire.review.diff.changes import Side, TargetChange
from transire.review.diff.compare import Seen, compare
from transire.review.diff.observed import API_SERVER
from transire.review.migration.places import Space
from transire.review.proof.prove import Shared, shared_objects


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObjects:
    """What the values of one namespace render to, with the baseline and the tier, and mean."""

    target: Target
    team: CompiledTeam
    objects: tuple[Manifest, ...]
    flows: FlowSet


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What values come to on one cluster, by namespace."""

    compiled: Compiled
    shared: Shared | None
    objects: Mapping[str, tuple[Manifest, ...]]
    targets: Mapping[str, tuple[Target, CompiledTeam]]

    def all(self, namespaces: Iterable[str]) -> tuple[Manifest, ...]:
        """The objects of the platform, and those of some namespaces."""
        own = (each for name in namespaces for each in self.objects.get(name, ()))
        return (*(self.shared.objects.all if self.shared else ()), *own)


def rendered(base: Base, compiled: Compiled, cluster: str, renderer: Renderer) -> Rendered:
    """Everything that Helm renders of the values for a cluster.

    Raises:
        HelmFailed: if there is no Helm, or it refuses.
    """
    stamped = base.stamped(compiled)
    here = [
        (target, team)
        for team in compiled.teams
        for target in team.targets
        if target.cluster.name == cluster
    ]
    platform = render_stamped(stamped, renderer, (BASELINE, TIER))
    places = sorted({team_place(team.team.name) for _, team in here})
    own = objects_in(render_stamped(stamped, renderer, places))
    shared = shared_objects(compiled, platform)
    return Rendered(
        compiled=compiled,
        shared=shared.get(cluster),
        objects={
            target.namespace: own[team_place(team.team.name), target.name] for target, team in here
        },
        targets={target.namespace: (target, team) for target, team in here},
    )


def new_objects(found: Rendered, space: Space, old: OldObjects) -> NewObjects:
    """What the values let the pods of a namespace do.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
        KeyError: if no team has the namespace.
    """
    target, team = found.targets[space.name]
    if found.shared is None:
        raise KeyError(space.name)
    objects = found.shared.objects.with_own(space.name, found.objects[space.name])
    if target.mode is Mode.AUDIT:
        objects = engine_of(target.cluster.release).enforced(objects)
    ports = API_SERVER | api_server_ports(target)
    flows = old.allowed(space, objects, ports)
    return NewObjects(target=target, team=team, objects=objects, flows=flows)


def change_of(
    old: OldObjects, space: Space, before: FlowSet, after: NewObjects
) -> TargetChange | None:
    """What is different once the values are in force; None where nothing is."""
    target = after.target
    side = Side(
        team=target.team,
        engine=str(target.cluster.release),
        mode=Mode.ENFORCE,
        environment=target.cluster.environment,
        revocation=engine_of(target.cluster.release).revocation,
    )
    lowered = after.team.lowered[target.name]
    return compare(
        space.name,
        target.cluster.name,
        Seen(side=side, objects=(), rendered=before, enforced=before),
        Seen(
            side=side,
            objects=(),
            rendered=after.flows,
            enforced=after.flows,
            bases=bases_of(target, lowered),
        ),
        old.world,
    )
