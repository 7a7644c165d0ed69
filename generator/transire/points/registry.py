"""Every enforcement point that is a proxy, by its name: the way in for other rooms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.points.api.point import Point
from transire.points.envoy.point import ENVOY
from transire.points.squid.point import SQUID

POINTS: Mapping[str, Point] = MappingProxyType({each.name: each for each in (ENVOY, SQUID)})
"""The proxies that configuration is written for, the first choice first."""
