"""Findings about configuration of Envoy, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire.model.engine import Release
from transire.model.problems import Level, Position, Problem, in_order
from transire.points.api.reading import PointUnmodelled
from transire.points.envoy import facts
from transire.points.envoy.read.reading import EnvoyReading, read


def lint(files: Mapping[str, str], release: Release) -> tuple[Problem, ...]:
    """What is not modelled, and what lets more through than its lists have.

    Raises:
        NotModelled: if the release is not modelled.
    """
    reading = read(files, release)
    return in_order([*map(_unmodelled, reading.unmodelled), *_open(reading)])


def _unmodelled(place: PointUnmodelled) -> Problem:
    return Problem(
        at=Position(path=place.file),
        id="envoy-not-modelled",
        message=f"{place.key}: {place.why}",
        help="remove it, or judge by hand what it lets through: nothing here is proved of "
        + (f"listener {place.listener}" if place.listener else "any listener"),
    )


def _open(reading: EnvoyReading) -> Iterator[Problem]:
    for name in reading.listeners:
        guard = reading.guard(name)
        if not guard.denied:
            yield Problem(
                at=Position(path=facts.LISTENERS),
                id="envoy-any-address",
                message=f"listener {name} compares no address, so a name may lead into the cluster",
                help="deny private, metadata, node and service ranges with a check of upstream "
                "addresses after a forward proxy that keeps them",
                level=Level.WARNING,
            )
        if guard.audit:
            yield Problem(
                at=Position(path=facts.LISTENERS),
                id="envoy-audit",
                message=f"listener {name} lets everything through, and logs what it would deny",
                help="end the audit once its log has no would-deny that is wanted",
                level=Level.NOTE,
            )
