"""Squid as an enforcement point."""

from __future__ import annotations

from transire.points.api.point import Point
from transire.points.squid.facts import CAPABILITIES, NAME, RELEASES
from transire.points.squid.lint import lint
from transire.points.squid.read.reading import read
from transire.points.squid.write.document import write

SQUID = Point(
    name=NAME,
    title="Squid",
    releases=RELEASES,
    capabilities=CAPABILITIES,
    write=write,
    read=read,
    lint=lint,
)
