"""What the platform has generated beside policies is a setting that is shown, too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from support.review.generated_settings import GENERATED
from transire.model.intent import InCluster, Mode, Platform
from transire.model.net import PortRange
from transire.model.observation import Monitoring, Observe
from transire.review.diff.settings import settings

PLATFORM = Platform(
    path="values/platform.yaml",
    mode=Mode.ENFORCE,
    ports=(PortRange.parse("443"),),
    in_cluster=InCluster.ALL,
    clusters=(),
)


def told(**changes: Any) -> list[str]:  # noqa: ANN401 - fields of the platform
    after = replace(PLATFORM, **changes)
    return [f"{each.name}: {each.before!r} -> {each.after!r}" for each in settings(PLATFORM, after)]


@pytest.mark.parametrize("field", GENERATED)
def test_a_part_that_comes_is_shown_whole(field: str) -> None:
    value, expected = GENERATED[field]

    assert told(**{field: value}) == expected


def test_a_part_that_comes_at_its_defaults_is_shown() -> None:
    assert told(observe=Observe()) == ["observe.clusters: '' -> 'all'"]
    assert "monitoring.clusters: '' -> 'all'" in told(monitoring=Monitoring())
