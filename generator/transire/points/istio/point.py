"""Istio as three points, one for each mode of a mesh."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.model.engine import Release
from transire.model.problems import Level, Position, Problem
from transire.points.api.point import Point
from transire.points.istio.facts import CAPABILITIES, MeshMode, releases
from transire.points.istio.reading import read_mesh
from transire.points.istio.write.write import write_mesh

_TITLES = {
    MeshMode.AMBIENT: "Istio ambient, a waypoint for each namespace",
    MeshMode.GATEWAY: "Istio with an egress gateway",
    MeshMode.SIDECAR: "Istio sidecars",
}


def lint(files: Mapping[str, str], release: Release) -> tuple[Problem, ...]:
    """What is refused, taken with a warning, or not modelled in objects of anybody.

    Raises:
        Rejected: if a file holds no objects.
    """
    reading = read_mesh(files, release)
    return tuple(
        Problem(
            at=Position(path=each.file),
            id="istio-unread",
            message=f"{each.key} {each.why}",
            help="take it out, or look at it yourself: nothing here judges the mesh beside it",
            level=Level.ERROR,
        )
        for each in reading.unmodelled
    )


def _point(mode: MeshMode) -> Point:
    return Point(
        name=mode.value,
        title=_TITLES[mode],
        releases=releases(mode),
        capabilities=CAPABILITIES[mode],
        write=write_mesh,
        read=read_mesh,
        lint=lint,
    )


POINTS: Mapping[MeshMode, Point] = MappingProxyType({mode: _point(mode) for mode in MeshMode})
"""The points of Istio by mode."""
