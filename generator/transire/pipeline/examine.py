"""Everything that is looked at in what Helm renders, target by target, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from transire.cache.store import Cache
from transire.charts.layout import BASELINE, TIER, team_place
from transire.helm import HelmChoice
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.model.problems import Position, Problem
from transire.pipeline.known_proofs import KEPT_FROM, Item, KnownProofs, LookedUp
from transire.pipeline.own_schemas import other_schemas
from transire.pipeline.progress import Progress
from transire.pipeline.render import objects_in, render_stamped, too_big
from transire.pipeline.renderer import Renderer
from transire.pipeline.shard import Shard
from transire.pipeline.stamp import Stamped, as_shipped
from transire.pipeline.workers import Workers
from transire.review.proof.allowed_objects import strange_objects
from transire.review.proof.expression_size import long_expressions
from transire.review.proof.own_metadata import OwnMetadata
from transire.review.proof.platform_objects import bent_objects
from transire.review.proof.prove import Shared, prove_platform, prove_team, shared_objects
from transire.review.proof.rendered import Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found, how many targets were rendered, and by which Helm."""

    problems: tuple[Problem, ...]
    rendered: int
    helm: HelmChoice


def begin_to_examine(
    compiled: Compiled,
    stamped: Stamped,
    helm: HelmChoice | None,
    *,
    with_platform: bool = True,
    cache: Cache | None = None,
    shard: Shard | None = None,
) -> Callable[[], Examined]:
    """Render every target and give what is wrong with it; `with_platform` the platform's too.

    That is its size, objects that are none of ours, and whatever its objects allow that the values
    do not mean, or the other way round. What is returned gives it; where there is much to do,
    others do it while the caller goes on. Of what the cache has as proved nothing is done again.
    Of the teams only those of the shard are looked at.

    Raises:
        HelmFailed: if there is no Helm, or it refuses one of them.
        Rejected: if a rendering is not a stream of objects.
        Unjudgeable: if an object holds what is not modelled.
    """
    items: Sequence[Item] = (*([None] if with_platform else []), *in_shard(compiled, shard))
    known = KnownProofs.of(cache, compiled, stamped, helm)
    looked_up = LookedUp(open=items) if known is None else known.look_up(items)
    progress = Progress(len(looked_up.open), _targets(looked_up.open), things="targets")
    results = Workers.fitting(progress.total).start(
        lambda some: list(_examined(compiled, stamped, helm, some, progress)),
        list(enumerate(looked_up.open)),
    )

    def examined() -> Examined:
        found = results()
        if known is not None:
            known.keep(key for key, each in zip(looked_up.keys, found, strict=True) if _kept(each))
        again = (
            Examined(problems=(), rendered=each, helm=KEPT_FROM) for each in looked_up.rendered
        )
        return _together([*found, *again])

    return examined


def in_shard(compiled: Compiled, shard: Shard | None) -> tuple[CompiledTeam, ...]:
    """The teams whose targets are in that part; all of them without one."""
    return tuple(each for each in compiled.teams if shard is None or shard.has(each.team.name))


def _targets(items: Iterable[Item]) -> int:
    return sum(len(each.targets) for each in items if each is not None)


def _kept(examined: Examined) -> bool:
    return not examined.problems and examined.helm == KEPT_FROM


def _together(found: Sequence[Examined]) -> Examined:
    return Examined(
        problems=tuple(problem for each in found for problem in each.problems),
        rendered=sum(each.rendered for each in found),
        helm=found[0].helm if found else KEPT_FROM,
    )


def found_in_platform(
    compiled: Compiled, objects: Objects, meant: Objects, shared: Mapping[str, Shared]
) -> Iterator[Problem]:
    """Whatever is wrong with what the platform's charts render, by place and cluster.

    `meant` is what the charts of this release render for the same targets.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
    """
    own = {BASELINE: OwnMetadata(files=(compiled.organisation.platform.path,))}
    yield from strange_objects(compiled, objects, own)
    yield from prove_platform(compiled, shared)
    for (place, name), found in sorted(objects.items()):
        cluster = compiled.organisation.platform.cluster(name)
        yield from bent_objects(place, cluster, found, meant[place, name])
        yield from long_expressions(cluster, found)


def found_in_team(
    compiled: Compiled, team: CompiledTeam, objects: Objects, shared: Mapping[str, Shared]
) -> Iterator[Problem]:
    """Whatever is wrong with what a team's chart renders, by place and target.

    Raises:
        Unjudgeable: if an object holds what is not modelled.
    """
    files = (team.team.path, compiled.organisation.platform.path)
    own = {team_place(team.team.name): OwnMetadata(team=team.team.name, files=files)}
    yield from strange_objects(compiled, objects, own)
    yield from prove_team(team, objects, shared)


def _examined(
    compiled: Compiled,
    stamped: Stamped,
    helm: HelmChoice | None,
    items: Sequence[tuple[int, Item]],
    progress: Progress,
) -> Iterator[Examined]:
    """What is found for some teams; None stands for the platform's own charts."""
    if not items:
        return
    renderer = Renderer.using(helm)
    platform = render_stamped(stamped, renderer, (BASELINE, TIER))
    shared = shared_objects(compiled, platform)
    for place, item in items:
        if item is None:
            at, texts = Position(path=compiled.organisation.platform.path), platform
            meant = objects_in(render_stamped(as_shipped(stamped), renderer, (BASELINE, TIER)))
            found = found_in_platform(compiled, objects_in(texts), meant, shared)
        else:
            at = item.team.at
            texts = render_stamped(stamped, renderer, (team_place(item.team.name),))
            found = found_in_team(compiled, item, objects_in(texts), shared)
        beside = other_schemas(stamped) if item is None else ()
        problems = (*beside, *too_big(stamped, texts, at), *found)
        yield Examined(problems=problems, rendered=len(texts), helm=renderer.helm)
        progress.add(place, _targets([item]))
