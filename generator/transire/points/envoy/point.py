"""Envoy as a point."""

from __future__ import annotations

from transire.points.api.point import Point
from transire.points.envoy import facts
from transire.points.envoy.lint import lint
from transire.points.envoy.read.reading import read
from transire.points.envoy.write.files import write

ENVOY = Point(
    name=facts.NAME,
    title=facts.TITLE,
    releases=facts.RELEASES,
    capabilities=facts.CAPABILITIES,
    write=write,
    read=read,
    lint=lint,
)
