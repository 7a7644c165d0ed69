"""The proxies that rooms above can ask for."""

from __future__ import annotations

from transire.points.registry import POINTS


def test_every_proxy_stands_by_its_name_and_names_the_release_that_is_meant() -> None:
    assert list(POINTS) == ["envoy", "squid"]
    for name, point in POINTS.items():
        assert point.name == name
        assert point.releases.has(point.releases.newest.version)
