from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.draw.drawn_flows import connections
from support.draw.strategies_policies import CLUSTER as DRAWN
from support.draw.strategies_policies import Tree, kubernetes_policies
from support.engines.case_files import Case, cases, cluster, differences
from support.engines.one_namespace import same_as_products, same_without_the_name
from transire.engines.api.reading import Reading
from transire.engines.calico.enterprise import read as read_enterprise
from transire.engines.calico.open_source import read as read_calico
from transire.engines.kubernetes.reading import read
from transire.flows.pod_set import PodSet
from transire.k8s.manifests import Manifest
from transire.model.engine import Release
from transire.model.problems import Unjudgeable, UsageError
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Connection, Verdict

KUBERNETES = Release(engine="kubernetes")
READ: Mapping[str, Callable[..., Reading]] = {
    "calico": read_calico,
    "calico-enterprise": read_enterprise,
    "kubernetes": read,
}
CASES = tuple(cases("kubernetes"))


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_networkpolicies_allow_what_the_case_says(case: Case) -> None:
    reading = READ[case.release.engine](case.manifests, case.release, cluster())

    assert differences(case, reading) == []


@pytest.mark.parametrize(
    ("release", "options", "message"),
    [
        (KUBERNETES, {"mode": "x"}, "'mode' is not an option that NetworkPolicy has"),
    ],
)
def test_networkpolicy_has_no_options(
    release: Release, options: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read([], release, ClusterState(), options)

    assert str(caught.value) == message


CONNECTIONS = tuple(
    (query, flow)
    for query, flow in connections()
    if isinstance(query.what, Connection) and query.what.protocol in {"TCP", "UDP"}
)


@pytest.mark.slow("many drawn examples")
def test_sets_and_single_verdicts_of_networkpolicies_agree() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=60)
    @given(
        st.integers(0, 4).flatmap(lambda many: st.tuples(*map(kubernetes_policies, range(many))))
    )
    def agree(bodies: tuple[Tree, ...]) -> None:
        manifests = [
            Manifest(source="drawn", index=index, body=body) for index, body in enumerate(bodies)
        ]
        reading = read(manifests, KUBERNETES, DRAWN)
        flows = reading.flows()
        same_without_the_name(reading, "shop")
        seen["products"] += same_as_products(reading, "shop")
        for query, flow in CONNECTIONS:
            verdict = reading.decide(query).verdict
            seen[verdict] += 1
            expected = Verdict.ALLOW if flows.contains(flow) else Verdict.DENY
            assert verdict == expected, (query, manifests)

    agree()

    assert seen[Verdict.DENY] > seen.total() / 100
    assert seen[Verdict.ALLOW] > seen.total() / 100
    assert seen["products"]


def policy(spec: Tree, namespace: str | None = "shop") -> Manifest:
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": namespace},
        "spec": spec,
    }
    return Manifest(source="p.yaml", index=0, body=body)


NAMED = {"policyTypes": ["Egress"], "egress": [{}, {"ports": [{"port": 80}, {"port": "http"}]}]}


def test_sets_of_flows_do_not_know_which_pods_have_a_named_port() -> None:
    reading = read([policy(NAMED)], KUBERNETES, ClusterState())

    with pytest.raises(Unjudgeable) as caught:
        reading.flows()

    assert str(caught.value) == (
        "NetworkPolicy shop/p: /spec/egress/1/ports/1: which pods have a port named http is not "
        "known"
    )
    assert reading.flows(PodSet.in_namespace("bank"))


def test_sets_of_flows_need_every_object_that_concerns_the_pods() -> None:
    reading = read([policy({}, namespace=None)], KUBERNETES, ClusterState())

    with pytest.raises(Unjudgeable) as caught:
        reading.flows(PodSet.in_namespace("bank"))

    assert str(caught.value) == (
        "NetworkPolicy p: /metadata/namespace: the object names no namespace, so it is not known "
        "which pods it selects"
    )


def test_an_option_of_a_question_is_not_understood() -> None:
    query = replace(CONNECTIONS[0][0], options={"mode": "x"})

    decision = read([], KUBERNETES, DRAWN).decide(query)

    assert (decision.verdict, decision.reason) == (
        Verdict.UNJUDGEABLE,
        "the option 'mode' is not modelled",
    )
