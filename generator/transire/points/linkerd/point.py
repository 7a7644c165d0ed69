"""Linkerd as a point."""

from __future__ import annotations

from collections.abc import Mapping

from transire.model.engine import Release
from transire.model.problems import Position, Problem
from transire.points.api.point import Point
from transire.points.linkerd.facts import CAPABILITIES, NAME, RELEASES
from transire.points.linkerd.read import read
from transire.points.linkerd.write import write


def lint(files: Mapping[str, str], release: Release) -> tuple[Problem, ...]:
    """What is not modelled in networks and routes of anybody.

    Raises:
        Rejected: if a file holds no objects.
    """
    return tuple(
        Problem(
            at=Position(path=each.file),
            id="linkerd-unread",
            message=f"{each.key} {each.why}",
            help="take it out, or look at it yourself: nothing here judges the mesh beside it",
        )
        for each in read(files, release).unmodelled
    )


POINT = Point(
    name=NAME,
    title="Linkerd, by its documentation",
    releases=RELEASES,
    capabilities=CAPABILITIES,
    write=write,
    read=read,
    lint=lint,
)
