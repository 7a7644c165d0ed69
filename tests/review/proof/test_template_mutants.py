"""Every line of every template, deleted or changed: caught, refused, or proved to change nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.engines.mutants import TEMPLATES, Fate, count, fate_of, mutants_of, told_and_rendered
from support.engines.proofs import POLICY, problems_of
from transire.engines.registry import ENGINES

pytestmark = pytest.mark.slow("every mutant")

NOTICED = {
    (POLICY, "_metadata.tpl"): 25,
    (POLICY, "calico.yaml"): 200,
    (POLICY, "cilium.yaml"): 210,
    (POLICY, "kubernetes.yaml"): 140,
    (POLICY, "target.yaml"): 1,
    ("egress-baseline", "_metadata.tpl"): 25,
    ("egress-baseline", "admission.yaml"): 40,
    ("egress-baseline", "calico.yaml"): 200,
    ("egress-baseline", "cilium.yaml"): 200,
    ("egress-baseline", "kubernetes.yaml"): 130,
    ("egress-tier", "tier.yaml"): 20,
}
"""Mutants of each template that Helm or the proof must notice at least."""


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_mutated_is_proved_before(engine: str) -> None:
    for each, texts in told_and_rendered(engine):
        assert problems_of(each, texts) == ()


@pytest.mark.parametrize(("chart", "template"), TEMPLATES)
def test_no_changed_line_changes_the_meaning_unnoticed(
    chart: str, template: str, record_property: Callable[[str, object], None]
) -> None:
    fates = {str(each): fate_of(each) for each in mutants_of(chart, template)}
    counted = count(fates.values())
    for fate, number in counted.items():
        record_property(fate, number)

    assert [name for name, fate in fates.items() if fate is Fate.SURVIVED] == []
    assert counted[Fate.REFUSED] + counted[Fate.CAUGHT] >= NOTICED[chart, template]
