"""Which namespaces a policy lists, and that it governs no pod of another."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.example_targets import example_targets
from support.engines.proofs import flows_of_objects, objects_of
from support.mutants.examples import told_and_rendered
from transire.engines.cilium.objects.agent import agent_of
from transire.engines.cilium.objects.objects import held_by
from transire.engines.registry import ENGINES
from transire.k8s.manifests import Manifest
from transire.model.engine import Release, Version

CILIUM = "k8s:io.kubernetes.pod.namespace"


def manifest(version: str, kind: str, spec: Any, **metadata: str) -> Manifest:  # noqa: ANN401 - YAML
    body = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    return Manifest(source="x", index=0, body=body)


def cilium(*expressions: Any, **more: Any) -> Manifest:  # noqa: ANN401 - YAML
    selector = {"matchExpressions": list(expressions), **more}
    return cilium_selecting(selector)


def cilium_selecting(selector: Any) -> Manifest:  # noqa: ANN401 - YAML
    spec = {"endpointSelector": selector, "egress": [{}]}
    return manifest("cilium.io/v2", "CiliumClusterwideNetworkPolicy", spec, name="x")


def calico(selector: str) -> Manifest:
    spec = {"namespaceSelector": selector}
    return manifest("projectcalico.org/v3", "GlobalNetworkPolicy", spec)


def governed_namespaces(each: Manifest) -> frozenset[str] | None:
    """What the engines tell of the object; they never contradict each other."""
    told = {engine.scope.namespaces(each) for engine in ENGINES.values()} - {None}
    assert len(told) < 2
    return next(iter(told), None)


def to_its_own(each: Manifest) -> Manifest:
    engine = "cilium" if each.api_version.startswith("cilium") else "calico"
    return ENGINES[engine].scope.narrowed(each)


IN = {"key": CILIUM, "operator": "In", "values": ["a", "b"]}


@pytest.mark.parametrize(
    "each",
    [
        cilium(IN),
        cilium(IN, matchLabels={"k8s:app": "web"}),
        cilium(IN, {"key": "app", "operator": "Exists"}),
        cilium(IN, unknown=True),
        calico("projectcalico.org/name in {'a', 'b'}"),
    ],
)
def test_a_list_of_names_is_all_it_governs(each: Manifest) -> None:
    assert governed_namespaces(each) == frozenset({"a", "b"})


def test_conditions_on_labels_stay_when_the_list_of_names_is_left_out() -> None:
    condition = {"key": "k8s:app", "operator": "Exists"}

    assert to_its_own(cilium(IN, condition)).body["spec"]["endpointSelector"] == {
        "matchExpressions": [condition]
    }


def test_a_network_policy_governs_its_own_namespace() -> None:
    each = manifest("networking.k8s.io/v1", "NetworkPolicy", {}, namespace="a")

    assert governed_namespaces(each) == frozenset({"a"})


@pytest.mark.parametrize(
    "each",
    [
        cilium(),
        cilium({**IN, "operator": "NotIn"}),
        cilium({**IN, "key": "app"}),
        cilium({**IN, "values": []}),
        cilium({**IN, "values": [1]}),
        cilium({**IN, "values": ["a", "not a name"]}),
        calico("projectcalico.org/name not in {'a', 'b'}"),
        calico("projectcalico.org/name in {'a'} || all()"),
        calico("!projectcalico.org/name in {'a'}"),
        calico("all()"),
        calico(""),
        manifest("networking.k8s.io/v1", "NetworkPolicy", {}),
        manifest("projectcalico.org/v3", "Tier", {}),
        manifest("cilium.io/v2", "CiliumClusterwideNetworkPolicy", None),
        Manifest(source="x", index=0, body={**cilium(IN).body, "specs": [{}]}),
    ],
)
def test_what_is_said_in_another_way_may_govern_any_namespace(each: Manifest) -> None:
    assert governed_namespaces(each) is None


def test_to_pods_of_a_listed_namespace_the_object_is_the_same_without_the_list() -> None:
    more = {"matchLabels": {"k8s:app": "web"}, "unknown": True}

    assert cilium_selecting(more) == to_its_own(cilium(IN, **more))
    assert cilium_selecting({}) == to_its_own(cilium(IN))
    for names in ("'a', 'b'", "'a'"):
        listed = calico(f"projectcalico.org/name in {{{names}}}")
        assert calico("all()") == to_its_own(listed)


def test_an_object_that_an_agent_refuses_for_one_name_is_not_taken_for_the_others() -> None:
    each = cilium({**IN, "values": ["a", "not a name"]})
    release = Release(engine="cilium", version=Version.parse("1.17"))

    assert governed_namespaces(each) is None
    assert held_by(agent_of(release, {}), "c", [each]).refused


@pytest.mark.parametrize("engine", ENGINES)
def test_objects_for_others_change_nothing_for_a_namespace(engine: str) -> None:
    dropped = 0
    assert len(example_targets()[engine]) == len(told_and_rendered(engine))
    for each, texts in told_and_rendered(engine):
        objects, here = objects_of(texts), each.target.namespace
        scope = ENGINES[engine].scope
        names = {found: scope.namespaces(one) for found, one in enumerate(objects)}
        kept = [
            one if names[found] is None else scope.narrowed(one)
            for found, one in enumerate(objects)
            if names[found] is None or here in (names[found] or ())
        ]
        dropped += len(objects) - len(kept)

        assert flows_of_objects(each.target, objects) == flows_of_objects(each.target, kept)
    assert dropped or engine not in {"calico", "kubernetes"}
