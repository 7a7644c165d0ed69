"""Every mistake for which an object is refused is found, each at its own place."""

from __future__ import annotations

import pytest

from support.engines.case_files import release
from support.review.linting import linted, manifests_of
from transire.engines.registry import engine_of
from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest
from transire.queries.cluster_state import ClusterState
from transire.review.lint.refusals import all_refusals

MANY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: many, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: a}}, {ipBlock: {cidr: 198.51.100.0/24}}, {ipBlock: {cidr: b}}]
  - ports: [{port: 443}, {port: 70000}, {port: 80000}]
  - to: [{ipBlock: {cidr: c}}]
"""


def refusals(text: str, on: str) -> list[str]:
    """The places of all refusals of one object."""
    manifests, engine = manifests_of(text), release(on)

    def read(manifest: Manifest) -> tuple[Refused, ...]:
        return engine_of(engine).read((manifest,), engine, ClusterState(), {}).refused

    found = all_refusals(manifests, read(manifests[0]), read)
    return [each.why.partition(" ")[0] for each in found]


def test_places_are_those_of_the_object_as_it_was_written() -> None:
    assert sorted(refusals(MANY, "kubernetes")) == [
        "/spec/egress/0/to/0/ipBlock/cidr",
        "/spec/egress/0/to/2/ipBlock/cidr",
        "/spec/egress/1/ports/1/port",
        "/spec/egress/1/ports/2/port",
        "/spec/egress/2/to/0/ipBlock/cidr",
    ]


@pytest.mark.parametrize(
    ("on", "spec", "places"),
    [
        ("cilium@1.19",
         "{endpointSelector: {}, egress: [{toCIDR: [x, 198.51.100.7/32, y]}, {toEntities: [z]}]}",
         ["/spec/egress/0/toCIDR/0", "/spec/egress/0/toCIDR/2", "/spec/egress/1/toEntities/0"]),
        ("cilium@1.19", "{endpointSelector: {}}", ["/spec"]),
        # of what is around a mistake it is not known whether taking that out brought it
        ("cilium@1.19", "{egress: [{toCIDR: [x]}]}", ["/spec/egress/0/toCIDR/0"]),
    ],
)  # fmt: skip
def test_what_taking_out_brings_is_no_mistake(on: str, spec: str, places: list[str]) -> None:
    text = (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        f"metadata: {{name: x, namespace: shop}}\nspec: {spec}\n"
    )

    assert refusals(text, on) == places


def test_an_object_without_faults_has_none() -> None:
    text = MANY.replace("cidr: a", "cidr: 192.0.2.0/24").replace("cidr: b", "cidr: 192.0.2.0/24")
    text = text.replace("cidr: c", "cidr: 192.0.2.0/24").replace("70000", "80")

    assert refusals(text.replace("80000", "81"), "kubernetes") == []


def test_a_cause_with_a_finding_of_its_own_stands_for_the_refusal() -> None:
    text = (
        "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n"
        "metadata: {name: x, namespace: shop}\n"
        "spec: {order: 10, selector: app = 'web', types: [Egress]}\n"
    )

    (found,) = linted(text, "calico@3.32")

    assert found.rule == "selector-syntax"
    assert found.message == (
        "\"app = 'web'\" is no selector: no operator follows the label 'app'; the API server "
        "leaves the whole object out"
    )


def test_what_waits_for_its_tier_has_no_other_fault() -> None:
    text = (
        "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n"
        "metadata: {name: egress.deny, namespace: shop}\n"
        "spec: {tier: egress, selector: all(), types: [Egress]}\n"
    )

    assert [each.rule for each in linted(text, "calico@3.30")] == ["tier-not-given"]
