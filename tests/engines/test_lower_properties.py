"""Laws of lowering on every engine: nothing is guessed, skipped, or left to the order of things."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from support.draw.lowering_strategies import expressible_baselines, expressible_targets
from support.draw.strategies import targets
from support.engines.lowering_parts import lowered
from support.paths import CHARTS
from transire.engines.registry import ENGINES
from transire.meaning.target import Baseline, Target
from transire.model.intent import Rule
from transire.model.problems import Level, Rejected
from transire.yamlio import write

pytestmark = pytest.mark.slow("many drawn examples")


@pytest.mark.parametrize("engine", ENGINES)
def test_anything_is_lowered_or_refused_in_sentences(engine: str) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=40)
    @given(target=targets(engine=engine))
    def run(target: Target) -> None:
        try:
            lowered(target)
        except Rejected as rejected:
            seen["refused"] += 1
            for problem in rejected.problems:
                assert problem.level is Level.ERROR
                for sentence in (problem.message, problem.help):
                    assert sentence == sentence.strip()
                    assert sentence[0].islower()
                    assert not sentence.endswith(".")
                    assert "\n" not in sentence
        else:
            seen["lowered"] += 1

    run()

    assert {"lowered", "refused"} == set(seen)


def either(engine: str) -> st.SearchStrategy[Target | Baseline]:
    return st.one_of(expressible_targets(engine), expressible_baselines(engine))


def outcome(what: Target | Baseline) -> tuple[str, ...]:
    """Everything that lowering says, as text."""
    try:
        result = lowered(what)
    except Rejected as rejected:
        return tuple(map(str, rejected.problems))
    beside = (*result.approximated, *result.delegated, *result.remarks)
    return (write(result.values), *map(str, beside))


def shuffled(what: Target | Baseline, seed: int) -> Target | Baseline:
    """The same meaning with every tuple in another order."""
    source = random.Random(seed)

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(source.sample(items, len(items)))

    def rule(each: Rule) -> Rule:
        return replace(each, destinations=mixed(each.destinations), ports=mixed(each.ports))

    network = what.cluster.network
    cluster = replace(
        what.cluster,
        network=replace(
            network,
            pod_cidrs=mixed(network.pod_cidrs),
            service_cidrs=mixed(network.service_cidrs),
            node_cidrs=mixed(network.node_cidrs),
        ),
    )
    everyone = mixed(tuple(map(rule, what.everyone)))
    if isinstance(what, Target):
        return replace(
            what, cluster=cluster, everyone=everyone, rules=mixed(tuple(map(rule, what.rules)))
        )
    return replace(
        what,
        cluster=cluster,
        everyone=everyone,
        enforce=mixed(what.enforce),
        audit=mixed(what.audit),
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_the_order_of_what_is_written_changes_no_byte(engine: str) -> None:
    @settings(max_examples=40)
    @given(what=either(engine), seed=st.integers(0, 1000))
    def run(what: Target | Baseline, seed: int) -> None:
        assert outcome(what) == outcome(shuffled(what, seed))

    run()


@pytest.mark.parametrize("engine", ENGINES)
def test_values_are_plain_trees_that_the_charts_take_and_no_two_rules_give_one_object(
    engine: str,
) -> None:
    schemas = {
        kind: jsonschema_rs.validator_for(
            json.loads((CHARTS / chart / "values.schema.json").read_text())
        )
        for kind, chart in ((Target, "egress-policy"), (Baseline, "egress-baseline"))
    }

    @settings(max_examples=60)
    @given(what=either(engine))
    def run(what: Target | Baseline) -> None:
        try:
            values = lowered(what).values
        except Rejected:
            return

        assert values == yaml.safe_load(write(values))
        schemas[type(what)].validate(values)
        halves = [values] if isinstance(what, Target) else [values["enforce"], values["audit"]]
        for key in ("rules", "sets"):
            found = [each["name"] for half in halves for each in half[key]]

            assert len(found) == len(set(found))

    run()
