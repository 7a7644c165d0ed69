from collections import Counter

import pytest
from calico_strategies import CLUSTER, worlds
from drawn_flows import connections, named_connections
from hypothesis import HealthCheck, given, settings

from transire.model.calico.dialect import ENTERPRISE, V3_29, V3_30, V3_32, Dialect
from transire.model.calico.reading import CalicoReading, read_calico
from transire.model.manifests import Manifest
from transire.model.problems import Unjudgeable
from transire.model.query import Verdict

EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))
CONNECTIONS = tuple(connections())
NAMED = tuple(named_connections())


def read(manifests: list[Manifest], *dialects: Dialect) -> CalicoReading:
    return read_calico(manifests, dialects, CLUSTER, product="calico")


@pytest.mark.parametrize("dialect", [V3_29, V3_30, V3_32], ids=["3.29", "3.30", "3.32"])
def test_sets_and_single_verdicts_agree_on_addresses(dialect: Dialect) -> None:
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(worlds())
    def agree(manifests: list[Manifest]) -> None:
        reading = read(manifests, dialect)
        try:
            flows = reading.flows()
        except Unjudgeable:
            seen["given up"] += 1
            return
        seen["read"] += 1
        for query, flow in CONNECTIONS:
            verdict = reading.decide(query).verdict
            seen[verdict] += 1
            expected = Verdict.ALLOW if flows.contains(flow) else Verdict.DENY
            assert verdict == expected, (query, manifests)

    agree()

    assert seen["read"] > 4 * seen["given up"]
    assert seen[Verdict.DENY] > seen.total() / 20
    assert seen[Verdict.ALLOW] > seen.total() / 20
    assert not seen[Verdict.UNJUDGEABLE]


def test_sets_and_single_verdicts_agree_on_names() -> None:
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(worlds(domains=True))
    def agree(manifests: list[Manifest]) -> None:
        reading = read(manifests, ENTERPRISE[1])
        try:
            flows = reading.flows()
        except Unjudgeable:
            seen["given up"] += 1
            return
        seen["read"] += 1
        for query, asked, opened in NAMED:
            decision = reading.decide(query)
            seen[decision.verdict] += 1
            seen["by name"] += any(each.id == "shared-address" for each in decision.caveats)
            both = flows.contains(asked) and flows.contains(opened)
            expected = Verdict.ALLOW if both else Verdict.DENY
            assert decision.verdict == expected, (query, manifests)

    agree()

    assert seen["read"] > 4 * seen["given up"]
    assert seen[Verdict.DENY] > 0
    assert seen["by name"] > 0
