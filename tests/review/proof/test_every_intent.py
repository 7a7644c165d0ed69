"""Whatever an engine can say is proved after real Helm rendered it; the rest is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from support.draw.lowering_strategies import expressible_targets
from support.draw.rounds import in_rounds
from support.draw.strategies import targets
from support.engines.constructs import CONSTRUCTS, constructs
from support.engines.example_targets import example_targets
from support.engines.proofs import objects_of, problems_of, texts_of, told
from transire.engines.registry import ENGINES
from transire.meaning.target import Target
from transire.model.intent import Mode
from transire.model.problems import Level, Rejected

pytestmark = pytest.mark.slow("many drawn examples")

SHARE = 0.6
KINDS = {
    "cilium": {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"},
    "calico": {"NetworkPolicy", "GlobalNetworkPolicy", "Tier"},
    "calico-enterprise": {
        *("NetworkPolicy", "GlobalNetworkPolicy", "Tier", "NetworkSet", "GlobalNetworkSet"),
        *("StagedNetworkPolicy", "StagedGlobalNetworkPolicy"),
    },
    "kubernetes": {"NetworkPolicy"},
}


@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_an_engine_can_say_is_proved(engine: str) -> None:
    seen: Counter[str] = Counter()

    def run(target: Target) -> None:
        seen["drawn"] += 1
        try:
            each = told(target)
        except Rejected:
            return
        texts = texts_of(each)

        assert problems_of(each, texts) == ()
        seen["judged"] += 1
        seen.update(set(constructs(target, each.lowered)))
        seen.update({found.ref.kind for found in objects_of(texts)})

    wanted = CONSTRUCTS[engine] | KINDS[engine]
    in_rounds(expressible_targets(engine), run, seen=seen, wanted=wanted)

    assert seen["judged"] / seen["drawn"] >= SHARE


@pytest.mark.parametrize("engine", ENGINES)
def test_any_intent_is_proved_or_refused_with_reasons(engine: str) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=30, derandomize=True, database=None)
    @given(target=targets(engine=engine))
    def run(target: Target) -> None:
        try:
            each = told(target)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            assert problems_of(each, texts_of(each)) == ()
            seen["judged"] += 1
            return

        assert {problem.level for problem in problems} == {Level.ERROR}
        assert all(problem.message and problem.help for problem in problems)
        seen["refused"] += 1

    run()

    assert seen.keys() == {"judged", "refused"}


@pytest.mark.parametrize("engine", ["cilium", "calico", "calico-enterprise"])
@pytest.mark.parametrize("with_everyone", [True, False])
def test_an_enrolled_namespace_in_audit_is_proved_even_where_nothing_is_written(
    engine: str, *, with_everyone: bool
) -> None:
    target = example_targets()[engine][0]
    everyone = target.everyone if with_everyone else ()
    platform = replace(target.platform, mode=Mode.AUDIT, enrol=("batch",), everyone=everyone)
    each = told(replace(target, platform=platform, everyone=everyone, mode=Mode.ENFORCE))
    texts = texts_of(each)

    assert problems_of(each, texts) == ()
    audited = [one.ref for one in objects_of(texts) if one.ref.name.endswith("-audit--batch")]
    assert bool(audited) or not with_everyone
