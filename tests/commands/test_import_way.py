"""The way from old objects to values: in which order they go, and that no step leaves a gap."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from support.values.imported import DNS, NAMESPACE, STRIPE, imported, policy
from transire.api import IMPORT_FORMATS
from transire.commands.importing.results import ImportedPolicies
from transire.k8s.json_pointer import plain

pytestmark = pytest.mark.slow("charts are rendered, and namespaces compared")

BOTH = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: both, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: api}}
  ingress: [{fromEndpoints: [{}]}]
  egress:
    - toCIDR: [203.0.113.7/32]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""
CLOSED = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a-closed, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egressDeny: [{toCIDR: [198.51.100.0/25]}]
"""
WIDE = policy('{toCIDR: [198.51.100.0/24], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}')
EVERYWHERE = """\
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: wide}
spec:
  endpointSelector: {}
  ingress: [{fromEntities: [cluster]}]
  egress:
    - toCIDR: [203.0.113.8/32]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""
CALICO = """\
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: default.wide}
spec:
  order: 100
  namespaceSelector: has(env)
  types: [Ingress, Egress]
  ingress: [{action: Allow}]
  egress:
    - {action: Allow, protocol: TCP, destination: {nets: [203.0.113.0/24], ports: [443]}}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: default.own, namespace: shop}
spec:
  order: 200
  selector: app == 'web'
  types: [Egress]
  egress:
    - {action: Allow, protocol: TCP, destination: {nets: [198.51.100.7/32], ports: [8443]}}
"""


def steps(found: ImportedPolicies) -> list[tuple[str, str]]:
    return [(str(each.action), str(each.object or "")) for each in found.way]


def test_objects_go_one_by_one_once_the_values_are_there(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, STRIPE)

    assert steps(found) == [
        ("apply", ""),
        ("delete", "CiliumNetworkPolicy shop/dns"),
        ("delete", "CiliumNetworkPolicy shop/stripe"),
    ]
    assert [(each.unproved, each.opens, each.closes) for each in found.way] == [("", {}, {})] * 3


def test_an_object_with_ingress_keeps_that(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, BOTH)

    (step,) = [each for each in found.way if str(each.action) == "replace"]
    assert [plain(each.body["spec"]) for each in step.by] == [
        {
            "endpointSelector": {"matchLabels": {"app": "api"}},
            "ingress": [{"fromEndpoints": [{}]}],
        }
    ]
    assert step.unproved == ""


def test_what_denies_goes_behind_what_it_limits(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, CLOSED, WIDE)

    assert steps(found) == [
        ("apply", ""),
        ("delete", "CiliumNetworkPolicy shop/dns"),
        ("delete", "CiliumNetworkPolicy shop/one"),
        ("delete", "CiliumNetworkPolicy shop/a-closed"),
    ]
    assert [each.unproved for each in found.way] == ["", "", "", ""]


def test_a_cluster_wide_policy_stays_for_other_namespaces(tmp_path: Path) -> None:
    found = imported(tmp_path, DNS, STRIPE, EVERYWHERE, NAMESPACE)

    step = found.way[-1]
    assert (str(step.action), str(step.object), step.unproved) == (
        "replace",
        "CiliumClusterwideNetworkPolicy wide",
        "",
    )
    assert [plain(each.body["specs"]) for each in step.by] == [
        [
            {"endpointSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]},
            {
                "endpointSelector": {
                    "matchExpressions": [
                        {
                            "key": "k8s:io.kubernetes.pod.namespace",
                            "operator": "NotIn",
                            "values": ["shop"],
                        }
                    ]
                },
                "egress": [
                    {
                        "toCIDR": ["203.0.113.8/32"],
                        "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}],
                    }
                ],
            },
        ]
    ]


def test_calico_keeps_ingress_and_other_namespaces_in_two_objects(tmp_path: Path) -> None:
    labelled = NAMESPACE.replace("shop}", "shop, labels: {env: prod}}")
    found = imported(tmp_path, labelled, CALICO, engine="calico@3.30")

    step = found.way[-1]
    assert [each.unproved for each in found.way] == ["", "", ""]
    assert steps(found)[1] == ("delete", "NetworkPolicy shop/default.own")
    ingress, egress = (plain(each.body) for each in step.by)
    assert (ingress["metadata"]["name"], ingress["spec"]["types"]) == ("default.wide", ["Ingress"])
    assert "egress" not in ingress["spec"]
    assert egress["metadata"]["name"] == "default.wide-egress"
    assert egress["spec"]["types"] == ["Egress"]
    assert egress["spec"]["namespaceSelector"] == (
        "(has(env)) && projectcalico.org/name not in {'shop'}"
    )


@pytest.mark.parametrize(
    "selector",
    [
        "projectcalico.org/name == 'shop'",
        'kubernetes.io/metadata.name in {"shop"}',
    ],
)
def test_a_cluster_wide_policy_of_these_namespaces_alone_goes(
    tmp_path: Path, selector: str
) -> None:
    policy = (
        "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: wide}\n"
        f"spec:\n  namespaceSelector: {selector!r}\n  types: [Egress]\n"
        "  egress: [{action: Allow, protocol: TCP, destination: {nets: [203.0.113.8/32], "
        "ports: [443]}}]\n"
    )
    found = imported(tmp_path, policy, NAMESPACE, engine="calico@3.30")

    step = found.way[-1]
    assert (str(step.action), str(step.object), step.unproved, step.by) == (
        "delete",
        "GlobalNetworkPolicy wide",
        "",
        (),
    )


def test_text_shows_the_steps_and_what_is_left_of_objects(tmp_path: Path) -> None:
    text = IMPORT_FORMATS["text"](imported(tmp_path, DNS, BOTH))

    shown = text.partition("the way over")[2].splitlines()
    assert shown[1:4] == [
        "  1. publish the charts of the values, beside what is there",
        "  2. delete CiliumNetworkPolicy shop/dns",
        "  3. replace CiliumNetworkPolicy shop/both by what is left of it",
    ]
    kept = "\n".join(each.removeprefix("     | ") for each in shown if each.startswith("     | "))
    assert yaml.safe_load(kept)["spec"]["ingress"] == [{"fromEndpoints": [{}]}]


def test_an_object_that_holds_no_egress_stays(tmp_path: Path) -> None:
    ingress = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: in, namespace: shop}\nspec: {podSelector: {}, ingress: [{}]}\n"
    )
    found = imported(tmp_path, DNS, STRIPE, ingress)

    assert [(str(each.object), each.why) for each in found.way if each.why] == [
        ("NetworkPolicy shop/in", "it holds no egress of pods")
    ]
