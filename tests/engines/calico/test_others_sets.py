"""Selectors that find sets of addresses which somebody else makes are not taken for empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from transire.engines.registry import ENGINES
from transire.flows.source_pods import Sources
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version
from transire.queries.cluster_state import ClusterState

SETS = "!has(projectcalico.org/orchestrator)"
PODS = "projectcalico.org/orchestrator == 'k8s'"


def policy(destination: Mapping[str, Any], *, namespace: str = "shop", **spec: Any) -> Manifest:  # noqa: ANN401 - YAML
    rule = {"action": "Allow", "destination": destination}
    metadata = {"name": "egress.x", **({"namespace": namespace} if namespace else {})}
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy" if namespace else "GlobalNetworkPolicy",
        "metadata": metadata,
        "spec": {"tier": "egress", "types": ["Egress"], "egress": [rule], **spec},
    }
    return Manifest(source="x", index=0, body=body)


def address_set(name: str, labels: Mapping[str, str], *, namespace: str = "") -> Manifest:
    body = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkSet" if namespace else "GlobalNetworkSet",
        "metadata": {"name": name, "labels": labels}
        | ({"namespace": namespace} if namespace else {}),
        "spec": {"nets": ["198.51.100.0/24"]},
    }
    return Manifest(source="x", index=1, body=body)


TIER = Manifest(
    source="x",
    index=2,
    body={
        "apiVersion": "projectcalico.org/v3",
        "kind": "Tier",
        "metadata": {"name": "egress"},
        "spec": {"order": 100},
    },
)
OURS = address_set("ours", {"transire/set": "ours"})


def found(
    given: Manifest, *beside: Manifest, namespace: str = "shop", **declared: str
) -> list[str]:
    release = Release(engine="calico", version=Version.parse("3.32"))
    objects = (TIER, given, *beside)
    reading = ENGINES["calico"].read(objects, release, ClusterState(), {})
    sources = Sources(namespace=namespace)
    return [f"{each.object} {each.key}" for each in reading.others_fill(sources, declared)]


@pytest.mark.parametrize(
    ("destination", "namespace"),
    [
        ({"namespaceSelector": "global()", "selector": "use == 'partners'"}, "shop"),
        ({"namespaceSelector": "global()", "selector": "use == 'partners'"}, ""),
        ({"namespaceSelector": "all()", "selector": "use == 'partners'"}, "shop"),
        ({"namespaceSelector": "all()", "selector": f"transire/set == 'ours' && {SETS}"}, "shop"),
        ({"selector": "use == 'partners'"}, ""),
        ({"selector": "all()"}, ""),
        ({"namespaceSelector": "global()", "selector": SETS}, ""),
        ({"namespaceSelector": "global()", "selector": "has(transire/set)"}, ""),
        ({"namespaceSelector": "global()", "selector": "transire/set != 'ours'"}, ""),
        ({"namespaceSelector": "global()", "selector": "transire/set == 'other'"}, ""),
        ({"namespaceSelector": "projectcalico.org/name == 'bank'", "selector": "a == 'b'"}, "shop"),
        ({"namespaceSelector": "projectcalico.org/name == 'bank'", "selector": "a == 'b'"}, ""),
        ({"notSelector": "use == 'partners'"}, ""),
        ({"selector": "transire/set == 'ours' || use == 'partners'"}, ""),
    ],
)
def test_what_finds_sets_of_others_is_named(destination: dict[str, Any], namespace: str) -> None:
    given = policy(destination, namespace=namespace)
    name = f"{given.ref} /spec/egress/0/destination"

    assert found(given, OURS) == [name]


@pytest.mark.parametrize(
    ("destination", "namespace"),
    [
        ({"nets": ["203.0.113.0/24"]}, "shop"),
        ({"selector": "use == 'partners'"}, "shop"),
        ({"selector": "all()"}, "shop"),
        ({"namespaceSelector": "all()", "selector": PODS}, ""),
        ({"namespaceSelector": "all()", "selector": f"{PODS} && app == 'web'"}, "shop"),
        ({"namespaceSelector": "projectcalico.org/name == 'bank'", "selector": PODS}, "shop"),
        ({"namespaceSelector": "global()", "selector": f"transire/set == 'ours' && {SETS}"}, ""),
        ({"namespaceSelector": "global()", "selector": "transire/set == 'ours'"}, "shop"),
        ({"serviceAccounts": {"names": ["robot"]}}, "shop"),
        ({"services": {"name": "kubernetes", "namespace": "default"}}, "shop"),
    ],
)
def test_what_finds_ours_or_pods_alone_is_not(destination: dict[str, Any], namespace: str) -> None:
    assert found(policy(destination, namespace=namespace), OURS) == []


def test_sets_that_the_values_hand_the_verdict_to_are_left_out() -> None:
    partners = {"namespaceSelector": "global()", "selector": f"{SETS} && use == 'partners'"}
    wider = {"namespaceSelector": "global()", "selector": SETS}
    anywhere = {"namespaceSelector": "all()", "selector": f"{SETS} && use == 'partners'"}

    assert found(policy(partners), use="partners") == []
    assert found(policy(partners), use="others") != []
    assert found(policy(partners), use="partners", more="labels") != []
    assert found(policy(wider), use="partners") != []
    assert found(policy(anywhere), use="partners") != []


def test_policies_that_do_not_concern_the_pods_are_left_out() -> None:
    partners = policy({"namespaceSelector": "global()", "selector": "use == 'partners'"})
    staged = partners.with_body({**partners.body, "kind": "StagedNetworkPolicy"})

    assert found(partners, namespace="bank") == []
    assert found(staged) == []


def test_a_source_that_finds_sets_is_named_too() -> None:
    source = {"namespaceSelector": "global()", "selector": "use == 'partners'"}
    given = policy({"nets": ["203.0.113.0/24"]})
    rule = {**given.body["spec"]["egress"][0], "source": source}
    spec = {**given.body["spec"], "egress": [rule]}

    assert found(given.with_body({**given.body, "spec": spec})) == [
        f"{given.ref} /spec/egress/0/source"
    ]


@pytest.mark.parametrize("engine", ["cilium", "kubernetes"])
def test_engines_without_such_sets_have_nothing_to_name(engine: str) -> None:
    version = Version.parse("1.19") if engine == "cilium" else None
    release = Release(engine=engine, version=version)
    reading = ENGINES[engine].read((), release, ClusterState(), {})

    assert list(reading.others_fill(Sources(namespace="shop"), {})) == []
