"""What a question leaves open about a pod, and rules ask for, is assumed with a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.policy_repository import run

BY_ACCOUNT = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: web}}
  egress: [{toEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: db}}]}]
"""
BY_NAMESPACE = {
    "cilium@1.19": """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  endpointSelector: {}
  egress: [{toEndpoints: [{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.env": prod}}]}]
""",
    "calico@3.33": """\
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  types: [Egress]
  egress: [{action: Allow, destination: {namespaceSelector: "env == 'prod'"}}]
""",
    "kubernetes": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{namespaceSelector: {matchLabels: {env: prod}}}]}]
""",
}
NAMESPACE = (
    "the labels of namespace bank are not given, so it is taken to have none but its name; rules "
    "here ask for env"
)
ACCOUNT = (
    "the service account of the pod of shop is not given, so it is taken to be default; rules here "
    "ask for service accounts"
)


def assumed(root: Path, engine: str, text: str, flow: tuple[str, str]) -> list[str]:
    (root / "policy.yaml").write_text(text)
    words = ("explain", "-f", "policy.yaml", "--engine", engine, "--format", "json")
    answer = json.loads(run(root, *words, "--from", flow[0], "--to", flow[1]).out)
    ids = {"assumed-account", "assumed-cluster", "assumed-namespace"}
    return [each["text"] for each in answer["caveats"] if each["id"] in ids]


@pytest.mark.parametrize("engine", BY_NAMESPACE)
def test_labels_of_a_namespace_that_are_not_given_are_named(engine: str, tmp_path: Path) -> None:
    text, given = (
        BY_NAMESPACE[engine],
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n",
    )
    pod, outside = ("shop", "pod:bank/app=db:5432"), ("shop", "203.0.113.7:443")

    assert assumed(tmp_path, engine, text, pod) == [NAMESPACE]
    assert assumed(tmp_path, engine, text, outside) == []
    assert assumed(tmp_path, engine, text + given, pod) == []
    assert assumed(tmp_path, engine, text.replace("env", "kubernetes.io/metadata.name"), pod) == []


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (("shop/app=x", "203.0.113.7:443"), [ACCOUNT]),
        (("shop/io.cilium.k8s.policy.serviceaccount=web", "203.0.113.7:443"), []),
        (("shop/io.cilium.k8s.policy.serviceaccount=web", "pod:shop/app=db:80"), [ACCOUNT]),
        (
            (
                "shop/io.cilium.k8s.policy.serviceaccount=web",
                "pod:shop/io.cilium.k8s.policy.serviceaccount=db:80",
            ),
            [],
        ),
    ],
)
def test_a_service_account_that_is_not_given_is_named(
    flow: tuple[str, str], expected: list[str], tmp_path: Path
) -> None:
    assert assumed(tmp_path, "cilium@1.19", BY_ACCOUNT, flow) == expected


def test_the_account_of_a_pod_that_is_given_is_known(tmp_path: Path) -> None:
    pod = (
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {app: x}}\n"
        "spec: {serviceAccountName: web, containers: []}\n"
    )

    assert assumed(tmp_path, "cilium@1.19", BY_ACCOUNT + pod, ("shop/app=x", "10.0.0.1:80")) == []
