"""Where the charts of an organisation lie, and which version of each is pinned.

A chart has one place, below `charts/` in the repository and below the registry's address alike:
`teams/payments` for a team, `egress-baseline` and `egress-tier` for the platform. So no team can
push over a chart of the platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHARTS = "charts"
"""The folder of all charts in the repository."""

BASELINE = "egress-baseline"
"""Place of the chart with what one cluster gets for all enrolled namespaces."""

TIER = "egress-tier"
"""Place of the chart with the Calico tier."""

PART_OF, US = "app.kubernetes.io/part-of", "transire"
"""The label by which objects of ours are known, and what it holds."""


def team_place(team: str) -> str:
    """Place of the team's chart."""
    return f"teams/{team}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPin:
    """One version of a chart; `digest` is the OCI manifest's, `sha256:...`, where it is known."""

    name: str
    version: str
    digest: str = ""

    @property
    def tag(self) -> str:
        """The Git tag of this version."""
        return f"{self.name}-{self.version}"


Pins = Mapping[str, ChartPin]
"""The pinned version of every chart that is published, by the chart's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedChart:
    """A chart at its place in the version that is pinned."""

    place: str
    pin: ChartPin

    @property
    def folder(self) -> str:
        """The chart's folder in the repository."""
        return f"charts/{self.place}"

    def address(self, registry: str) -> str:
        """The chart's address in the registry."""
        return f"{registry.rstrip('/')}/{self.place}"


def pinned(pins: Pins, place: str) -> PinnedChart:
    """The chart of that place.

    Raises:
        ValueError: if nothing is pinned there; the caller pins every chart before it publishes.
    """
    if place not in pins:
        raise ValueError(f"no version is pinned for charts/{place}")
    return PinnedChart(place=place, pin=pins[place])
