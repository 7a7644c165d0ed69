"""The charts hold no kind that projects and roles leave out, and none that they name in vain."""

from __future__ import annotations

import re

import pytest

from support.paths import CHARTS
from transire.engines.platform_kinds import ADMISSION_KINDS, CLUSTER_ROLES, tier_role
from transire.engines.registry import engine_of
from transire.model.engine import Release, Version

RELEASES = (
    Release(engine="cilium", version=Version.parse("1.19")),
    Release(engine="calico", version=Version.parse("3.31")),
    Release(engine="calico-enterprise", version=Version.parse("3.22")),
    Release(engine="kubernetes"),
)
TEAM_KINDS = {kind.kind for each in RELEASES for kind in engine_of(each).kinds(each).team}
BASELINE_KINDS = {
    kind.kind
    for each in RELEASES
    for kind in (*engine_of(each).kinds(each).baseline, *ADMISSION_KINDS)
}
TIER_KINDS = {"Tier", *(kind.kind for kind in CLUSTER_ROLES)}


def templates(chart: str) -> str:
    """The text of every template of the chart."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in (CHARTS / chart / "templates").glob("*.yaml")
    )


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        ("egress-policy", TEAM_KINDS),
        ("egress-baseline", BASELINE_KINDS),
        ("egress-tier", TIER_KINDS),
    ],
)
def test_a_chart_holds_exactly_the_kinds_that_may_be_published(
    chart: str, expected: set[str]
) -> None:
    text = templates(chart)
    written = set(re.findall(r"^kind: (\w+)$", text, flags=re.MULTILINE))
    chosen = set(re.findall(r'"(\w*Policy)"', text)) if "ternary" in text else set()

    assert written | chosen == expected


def test_the_role_of_the_tier_is_called_as_the_project_and_the_account_expect() -> None:
    assert f'$name := printf "{tier_role("%s")}" .Values.tier.name' in templates("egress-tier")
