"""Whose field it is that an object may not have: from the schemas that objects are judged with."""

from __future__ import annotations

import pytest

from support.engines.case_files import release
from transire.engines.registry import ENGINES
from transire.k8s.cluster_policies import DISTINCTIVE_FIELDS, EDITIONS
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import field_names
from transire.review.lint.field_hints import meant, owner, siblings

KINDS = {
    "cilium": ("cilium.io/v2", "CiliumNetworkPolicy"),
    "calico": ("projectcalico.org/v3", "NetworkPolicy"),
    "set": ("projectcalico.org/v3", "NetworkSet"),
    "kubernetes": ("networking.k8s.io/v1", "NetworkPolicy"),
}
KUBERNETES, CILIUM, CALICO = (
    "the Kubernetes NetworkPolicy",
    "Cilium's policies",
    "Calico's policies",
)


def manifest(kind: str) -> Manifest:
    api_version, name = KINDS[kind]
    metadata = {"name": "p", "namespace": "shop"}
    body = {"apiVersion": api_version, "kind": name, "metadata": metadata}
    return Manifest(source="p.yaml", index=0, body=body)


@pytest.mark.parametrize(
    ("kind", "on", "path", "expected"),
    [
        # in the same place of another API
        ("cilium", "cilium@1.19", "/spec/podSelector", KUBERNETES),
        ("cilium", "cilium@1.19", "/spec/egress/0/ports", KUBERNETES),
        ("cilium", "cilium@1.19", "/spec/egress/0/destination", CALICO),
        ("cilium", "cilium@1.19", "/specs/3/order", CALICO),
        ("kubernetes", "kubernetes", "/spec/selector", CALICO),
        ("kubernetes", "kubernetes", "/spec/log", CILIUM),
        ("kubernetes", "calico@3.32", "/spec/egress/0/toPorts", CILIUM),
        ("kubernetes", "kubernetes", "/spec/subject", "ClusterNetworkPolicy"),
        ("kubernetes", "kubernetes", "/spec/egress/0/to/0/namespaces", "ClusterNetworkPolicy"),
        ("calico", "calico@3.32", "/spec/egress/0/to", KUBERNETES),
        # in another place
        ("cilium", "cilium@1.19", "/spec/egress/0/toPorts/0/notNets", CALICO),
        ("cilium", "cilium@1.19", "/spec/egressDeny/0/selector", CALICO),
        ("calico", "calico@3.32", "/spec/egress/0/destination/endPort", KUBERNETES),
        ("calico", "calico@3.32", "/spec/egress/0/destination/toPorts", CILIUM),
        ("calico", "calico@3.32", "/spec/egress/0/destination/domainNames", "ClusterNetworkPolicy"),
        ("kubernetes", "kubernetes", "/spec/domains", "Calico Enterprise"),
        # in another release, kind, product or section of the same API
        ("cilium", "cilium@1.15", "/spec/enableDefaultDeny", "Cilium 1.16 and newer"),
        ("cilium", "cilium@1.16", "/spec/egress/1/toCIDRSet/0/cidrGroupSelector",
         "Cilium 1.17 and newer"),
        ("cilium", "cilium@1.15", "/spec/egress/0/toPorts/0/listener/priority",
         "Cilium 1.16 and newer"),
        ("cilium", "cilium@1.19", "/spec/egress/0/toRequires", "Cilium 1.18 and older"),
        ("cilium", "cilium@1.19", "/spec/egressDeny/0/toFQDNs",
         "egress alone: Cilium cannot deny by name"),
        ("calico", "calico@3.32", "/spec/namespaceSelector", "GlobalNetworkPolicy"),
        ("calico", "calico@3.32", "/spec/nets", "NetworkSet"),
        ("calico", "calico@3.32", "/spec/egress/0/destination/domains", "Calico Enterprise"),
        ("set", "calico@3.32", "/spec/allowedEgressDomains", "Calico Enterprise"),
        # nobody's, or of so common a name that it may be anybody's
        ("cilium", "cilium@1.19", "/spec/egress/0/zzz", ""),
        ("cilium", "cilium@1.19", "/spec/egress/0/http", ""),
        ("kubernetes", "kubernetes", "/spec/type", ""),
        ("kubernetes", "kubernetes", "/spec/egress/0/protocol", ""),
        ("kubernetes", "kubernetes", "/spec/podSelector/matchExpressions/0/value", ""),
        ("kubernetes", "kubernetes", "/status", ""),
        ("calico", "calico-enterprise@3.22", "/spec/egress/0/dns", ""),
        ("calico", "cilium@1.19", "/spec/toPorts", ""),
    ],
)  # fmt: skip
def test_a_field_is_known_to_be_somebody_elses(
    kind: str, on: str, path: str, expected: str
) -> None:
    assert owner(manifest(kind), path, release(on)) == expected


@pytest.mark.parametrize(
    ("kind", "on", "path", "wanted"),
    [
        ("kubernetes", "kubernetes", "/spec/podSelector/matchExpressions/0/value", "values"),
        ("cilium", "cilium@1.19", "/spec/egress/0/toServices/0/k8sServices", "k8sService"),
        ("cilium", "cilium@1.19", "/spec/egress/0/toGroups/0/awss", "aws"),
        ("cilium", "cilium@1.19", "/spec/egress/0/toPorts/0/terminatingTLS/secrets", "secret"),
        ("cilium", "cilium@1.19", "/spec/egress/0/toPorts/0/rules/http/0/headerMatch",
         "headerMatches"),
        ("cilium", "cilium@1.19", "/spec/egress/0/toPorts/0/rules/kafka/0/topics", "topic"),
        ("cilium", "cilium@1.19", "/spec/labels/0/keys", "key"),
        ("cilium", "cilium@1.19", "/spec/log/values", "value"),
        ("cilium", "cilium@1.19", "/metadata/finalizer", "finalizers"),
    ],
)  # fmt: skip
def test_a_misspelled_field_is_recognised_at_any_depth(
    kind: str, on: str, path: str, wanted: str
) -> None:
    known = siblings(manifest(kind), path, release(on))

    assert meant(path.rpartition("/")[2], known) == wanted


def test_objects_that_the_engine_does_not_read_have_no_hints() -> None:
    assert siblings(manifest("calico"), "/spec/nets", release("cilium@1.19")) == ()


def test_distinctive_words_are_fields() -> None:
    for engine in ENGINES.values():
        for api in engine.view.apis:
            kinds = [kind for each in api.kinds for kind in each.policies | each.parts]
            ways: tuple[list[str], ...] = ([], ["egress"], ["ingress"], ["egress", "destination"])
            names = {
                name
                for kind in kinds
                for way in ways
                for name in api.fields(kind, ["spec", *way], engine.releases.newest)
            }

            assert api.distinctive_fields - names == set(), api.title

    names = {
        name
        for each in EDITIONS.values()
        for way in ([], ["egress", "to"])
        for name in field_names(each.shape, ["spec", *way])
    }
    assert DISTINCTIVE_FIELDS - names == set()
