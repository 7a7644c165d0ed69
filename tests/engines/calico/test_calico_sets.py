from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.draw.drawn_flows import connections, named_connections
from support.draw.rounds import in_rounds
from support.draw.spoilt_policies import spoilt_worlds
from support.draw.strategies_policies import CLUSTER, DOMAINS, Tree, worlds
from support.engines.one_namespace import same_as_products, same_without_the_name
from transire.engines.calico.objects.releases import ENTERPRISE, OPEN_SOURCE, Dialect
from transire.engines.calico.reading import CalicoReading, read_calico
from transire.k8s.manifests import Manifest
from transire.model.engine import Definitions
from transire.model.problems import Unjudgeable
from transire.queries.query import Verdict

pytestmark = pytest.mark.slow("many drawn examples")

EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))
CONNECTIONS = tuple(connections())
NAMED = tuple(named_connections())


def read(manifests: list[Manifest], *dialects: Dialect) -> CalicoReading:
    return read_calico(manifests, dialects, CLUSTER, product="calico")


@pytest.mark.parametrize("line", OPEN_SOURCE, ids=lambda line: f"{line[0]}.{line[1]}")
def test_sets_and_single_verdicts_agree_on_addresses(line: tuple[int, int]) -> None:
    [dialect] = OPEN_SOURCE[line]
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(worlds())
    def agree(manifests: list[Manifest]) -> None:
        assert_agreement(read(manifests, dialect), seen)

    agree()

    assert seen["read"] > 2 * seen["given up"]
    assert seen[Verdict.DENY] > seen.total() / 100
    assert seen[Verdict.ALLOW] > seen.total() / 100
    assert not seen[Verdict.UNJUDGEABLE]


def assert_agreement(reading: CalicoReading, seen: Counter[str]) -> None:
    """Every single verdict is what the set of flows holds, unless there is no set."""
    same_without_the_name(reading, "shop")
    seen["products"] += same_as_products(reading, "shop")
    try:
        flows = reading.flows()
    except Unjudgeable:
        seen["given up"] += 1
        return
    seen["read"] += 1
    for query, flow in CONNECTIONS:
        decision = reading.decide(query)
        seen[decision.verdict] += 1
        seen.update({each.id for each in decision.caveats})
        expected = Verdict.ALLOW if flows.contains(flow) else Verdict.DENY
        assert decision.verdict == expected, (query, reading.setting.worlds)


@pytest.mark.parametrize("line", [(3, 32), (3, 33)], ids=["3.32", "3.33"])
def test_sets_and_single_verdicts_agree_on_what_native_definitions_let_through(
    line: tuple[int, int],
) -> None:
    seen: Counter[str] = Counter()
    native = replace(CLUSTER, definitions=Definitions.NATIVE)

    @EXAMPLES
    @given(spoilt_worlds())
    def agree(manifests: list[Manifest]) -> None:
        reading = read_calico(manifests, OPEN_SOURCE[line], native, product="calico")
        assert_agreement(reading, seen)

    agree()

    assert seen["read"] > 2 * seen["given up"]
    assert seen["policy-dropped"]
    assert seen["net-dropped"]
    assert not seen[Verdict.UNJUDGEABLE]


@pytest.mark.parametrize("line", [(3, 30), (3, 33)], ids=["3.30", "3.33"])
def test_sets_and_single_verdicts_agree_on_the_storage_form(line: tuple[int, int]) -> None:
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(spoilt_worlds("crd.projectcalico.org/v1"))
    def agree(manifests: list[Manifest]) -> None:
        assert_agreement(read(manifests, *OPEN_SOURCE[line]), seen)

    agree()

    assert seen["read"] > 2 * seen["given up"]
    assert seen["storage-form"]
    assert not seen[Verdict.UNJUDGEABLE]


def lookups(domains: list[str]) -> Tree:
    """A policy in front of all others that allows lookups, and some names."""
    rules = [
        {"action": "Allow", "protocol": "UDP", "destination": {"ports": [53]}},
        {"action": "Allow", "destination": {"domains": domains or ["nowhere.test"]}},
        {"action": "Pass"},
    ]
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "GlobalNetworkPolicy",
        "metadata": {"name": "lookups.p"},
        "spec": {"tier": "lookups", "types": ["Egress"], "egress": rules},
    }


LOOKUP_TIER = {
    "apiVersion": "projectcalico.org/v3",
    "kind": "Tier",
    "metadata": {"name": "lookups"},
    "spec": {"order": 1},
}


def test_sets_and_single_verdicts_agree_on_names() -> None:
    seen: Counter[str] = Counter()

    @EXAMPLES
    @given(worlds(domains=True), st.none() | st.lists(st.sampled_from(DOMAINS), max_size=2))
    def agree(manifests: list[Manifest], domains: list[str] | None) -> None:
        for body in () if domains is None else (LOOKUP_TIER, lookups(domains)):
            manifests.append(Manifest(source="drawn", index=len(manifests), body=body))
        reading = read(manifests, *ENTERPRISE[3, 23])
        same_without_the_name(reading, "shop")
        seen["products"] += same_as_products(reading, "shop")
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

    assert seen["read"] > 2 * seen["given up"]
    assert seen[Verdict.DENY] > seen.total() / 100
    assert seen["by name"] > 0


def test_every_construct_is_drawn() -> None:
    seen: Counter[str] = Counter()

    def draw(manifests: list[Manifest]) -> None:
        for manifest in manifests:
            seen[manifest.ref.kind] += 1
            for rule in manifest.body["spec"].get("egress", ()):
                seen[rule.get("action", "kubernetes")] += 1
                seen.update(rule.keys())
                seen.update(rule.get("destination", {}).keys())

    wanted = {
        "Tier", "NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "NetworkSet",
        "GlobalNetworkSet", "AdminNetworkPolicy", "ClusterNetworkPolicy", "Allow", "Deny", "Pass", "Log", "kubernetes", "protocol",
        "notProtocol", "icmp", "notICMP", "ipVersion", "source", "nets", "notNets", "ports",
        "notPorts", "selector", "notSelector", "namespaceSelector", "domains", "to",
    }  # fmt: skip
    in_rounds(worlds(domains=True), draw, seen=seen, wanted=wanted)
