"""What another release of an engine makes of the objects that a cluster holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from transire.commands.verify.live_objects import is_ours
from transire.engines.registry import engine_of, read_objects
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.model.intent import Cluster
from transire.model.problems import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOtherwise:
    """One object of which a release leaves out something that another does not, or the reverse."""

    object: str
    ours: bool
    what: str


def release_named(cluster: Cluster, written: str) -> Release:
    """A release of the cluster's engine.

    Raises:
        UsageError: if it is no version.
        NotModelled: if it is not modelled.
    """
    engine = engine_of(cluster.release)
    try:
        found = Release(engine=cluster.release.engine, version=Version.parse(written))
    except ValueError as error:
        raise UsageError(str(error)) from error
    engine.releases.check(found)
    return found


def read_otherwise(
    live: Sequence[Manifest], cluster: Cluster, release: Release
) -> tuple[ReadOtherwise, ...]:
    """The objects that the cluster's release and another leave out, or cut, in different ways."""
    numbered = tuple(replace(each, index=index) for index, each in enumerate(live))
    then = set(_left_out(numbered, cluster))
    now = set(_left_out(numbered, replace(cluster, release=release)))
    found = [(place, f"{what} from then on") for place, what in now - then]
    found += [(place, f"no longer {what}") for place, what in then - now]
    return tuple(
        ReadOtherwise(object=str(numbered[place].ref), ours=is_ours(numbered[place]), what=what)
        for place, what in sorted(found)
    )


def _left_out(live: Sequence[Manifest], cluster: Cluster) -> Iterator[tuple[int, str]]:
    reading = read_objects(live, cluster)
    for refused in reading.refused:
        yield refused.manifest, f"refused ({refused.why})"
    for pruned in reading.pruned:
        yield pruned.manifest, f"without {pruned.path}"
