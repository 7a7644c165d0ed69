"""Policies outside of the platform's tier, and sets that no policy of ours finds, are named."""

from __future__ import annotations

from typing import Any

import pytest

from support.mutants.examples import told_and_rendered
from support.mutants.fates import Fate, Mutant, fate_of
from support.paths import CHARTS
from transire.engines.registry import ENGINES
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.review.proof.tiers_and_sets import beside_the_tier

KINDS = ENGINES["calico-enterprise"].kinds(
    Release(engine="calico-enterprise", version=Version.parse("3.23"))
)


def given(kind: str, name: str, labels: dict[str, str] | None = None, **spec: Any) -> Manifest:  # noqa: ANN401 - YAML
    metadata = {"name": name, "namespace": "shop", "labels": labels or {}}
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }
    return Manifest(source="x", index=0, body=body)


POLICY = given("NetworkPolicy", "egress.a", tier="egress", selector="transire/set == 'ours' && x")
OURS = given("NetworkSet", "ours", {"transire/set": "ours"})


def found(*objects: Manifest) -> list[str]:
    return [
        f"{each.ref.name} {why}" for each, why in beside_the_tier(objects, KINDS.team, "egress")
    ]


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([POLICY, OURS], []),
        ([given("NetworkPolicy", "default.a")], ["default.a is in the tier None, not egress"]),
        (
            [given("StagedNetworkPolicy", "other.a", tier="other")],
            ["other.a is in the tier 'other', not egress"],
        ),
        ([OURS], ["ours is a set that no policy beside it finds"]),
        (
            [POLICY, given("NetworkSet", "stray", {"transire/set": "stray"})],
            ["stray is a set that no policy beside it finds"],
        ),
        (
            [POLICY, given("NetworkSet", "ours")],
            ["ours lacks the label transire/set, which is ours"],
        ),
        ([given("Tier", "egress")], []),
    ],
)
def test_what_is_beside_the_tier_is_named(objects: list[Manifest], expected: list[str]) -> None:
    assert found(*objects) == expected


def test_a_policy_without_a_spec_is_in_no_tier() -> None:
    bare = POLICY.with_body({**POLICY.body, "spec": None})

    assert found(bare) == ["egress.a is in the tier None, not egress"]


STRAY = """\
{{- if eq .Values.engine "calico-enterprise" }}
---
apiVersion: projectcalico.org/v3
kind: KIND
{{ include "egress.metadata" (dict "values" .Values "name" "NAME" "layer" "allow" "source" .Values.source MORE) }}
spec: SPEC
{{- end }}
"""


@pytest.mark.parametrize(
    ("kind", "name", "more", "spec"),
    [
        ("NetworkSet", "stray", '"set" "stray"', "{nets: [0.0.0.0/0]}"),
        ("NetworkSet", "stray", "", "{nets: [0.0.0.0/0]}"),
        (
            "NetworkPolicy",
            "default.stray",
            "",
            "{selector: all(), types: [Egress], egress: [{action: Allow}]}",
        ),
    ],
)
def test_what_a_template_adds_beside_the_tier_is_found_by_check(
    kind: str, name: str, more: str, spec: str
) -> None:
    path = "templates/calico.yaml"
    text = (CHARTS / "egress-policy" / path).read_text(encoding="utf-8")
    stray = STRAY.replace("KIND", kind).replace("NAME", name)
    stray = stray.replace("MORE", more).replace("SPEC", spec)
    mutant = Mutant(chart="egress-policy", path=path, line=1, what="more", text=text + stray)

    assert told_and_rendered("calico-enterprise")
    assert fate_of(mutant, drawn=8) is Fate.CHECK
