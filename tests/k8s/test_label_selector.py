"""Label selectors, one object at a time and as sets, are one grammar."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.engines.cilium.objects.identity import K8S
from transire.engines.cilium.objects.selectors import Demand
from transire.flows.pod_set import NAMESPACE_NAME_LABEL, PodSet, Workload
from transire.k8s.label_selector import (
    LabelSelector,
    Operator,
    Requirement,
    read_selector,
    well_formed,
)

KEYS = st.sampled_from(("app", "tier", "k8s.io/app"))
VALUES = st.sampled_from(("", "a", "b", "web"))
LABELS = st.dictionaries(KEYS, VALUES)
REQUIREMENTS = st.builds(
    Requirement,
    key=KEYS,
    operator=st.sampled_from(Operator),
    values=st.frozensets(VALUES, max_size=3),
)
SELECTORS = st.builds(LabelSelector, requirements=st.lists(REQUIREMENTS, max_size=3).map(tuple))


@given(selector=SELECTORS, labels=LABELS, others=LABELS)
def test_a_selector_selects_the_pods_of_its_set(
    selector: LabelSelector, labels: dict[str, str], others: dict[str, str]
) -> None:
    pod = Workload(namespace="shop", labels=labels, namespace_labels=others)

    assert selector.matches(labels) == (pod in selector.pods())
    assert selector.matches(others) == (pod in selector.pods_of_namespaces())


def test_a_namespace_is_selected_by_its_name() -> None:
    wanted = {"matchLabels": {NAMESPACE_NAME_LABEL: "shop"}}

    assert read_selector(wanted).pods_of_namespaces() == PodSet.in_namespace("shop")


@given(requirement=REQUIREMENTS, seen=st.none() | VALUES)
def test_a_demand_takes_the_values_of_its_set(requirement: Requirement, seen: str | None) -> None:
    values = tuple(sorted(requirement.values))
    demand = Demand(K8S, requirement.key, requirement.operator, values)

    assert demand.takes(seen) == (seen in demand.texts)
    assert demand.texts == requirement.texts


@given(selector=SELECTORS, labels=LABELS)
def test_pinned_labels_are_those_of_every_pod_that_is_selected(
    selector: LabelSelector, labels: dict[str, str]
) -> None:
    if selector.matches(labels):
        assert selector.pinned().items() <= labels.items()


@given(selector=SELECTORS)
def test_what_is_well_formed_stays_as_it_is(selector: LabelSelector) -> None:
    tree = {
        "matchLabels": {},
        "matchExpressions": [
            {"key": each.key, "operator": each.operator.value, "values": sorted(each.values)}
            for each in selector.requirements
        ],
    }

    assert well_formed(tree) == tree
    assert read_selector(well_formed(tree)) == selector


@pytest.mark.parametrize(
    "tree",
    [
        {"matchLabels": None, "matchExpressions": None},
        {"matchLabels": ["app"], "matchExpressions": {"key": "app"}},
        {"matchLabels": {"": "a", "app": 1}},
        {"matchExpressions": ["app", {"operator": "In", "values": ["a"]}]},
        {"matchExpressions": [{"key": "app", "operator": "Equals", "values": ["a"]}]},
        {"matchExpressions": [{"key": 1, "operator": "Exists"}]},
    ],
)
def test_what_cannot_be_read_demands_nothing(tree: dict[str, Any]) -> None:
    assert read_selector(well_formed(tree)) == LabelSelector()


def test_values_that_are_no_text_are_not_listed() -> None:
    tree = {"matchExpressions": [{"key": "app", "operator": "In", "values": [1, "a", None]}]}

    assert read_selector(well_formed(tree)).listed_values() == {"a"}
