"""Policies of Calico and of Kubernetes, as their engines read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.values.imported import NAMESPACE, imported, left_out, written

pytestmark = pytest.mark.slow("charts are rendered, and namespaces compared")

LABELLED = NAMESPACE.replace("shop}", "shop, labels: {env: prod}}")
TIER = (
    "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 9}\n"
)
CALICO_DNS = """\
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: default.dns}
spec:
  order: 1
  namespaceSelector: has(env)
  types: [Egress]
  egress:
    - action: Allow
      protocol: UDP
      destination: &dns
        namespaceSelector: projectcalico.org/name == 'kube-system'
        selector: k8s-app == 'kube-dns'
        ports: [53]
    - {action: Allow, protocol: TCP, destination: *dns}
"""
NETWORKPOLICY_DNS = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: dns, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
"""


def calico(egress: str, name: str = "default.own", more: str = "") -> str:
    """A policy of namespace shop with egress rules in one line."""
    return (
        "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: shop}}\n"
        f"spec:\n  types: [Egress]\n{more}  egress: [{egress}]\n"
    )


def rules(text: str) -> str:
    """The rules of a file, as it is written."""
    return text.partition("egress:\n")[2]


def test_selectors_are_alternatives_of_conditions(tmp_path: Path) -> None:
    selector = "  selector: (app == 'a' || role in {'b', 'c'}) && !has(legacy)\n"
    allow = "{action: Allow, protocol: TCP, destination: {nets: [203.0.113.0/24], ports: [443]}}"
    found = imported(
        tmp_path, LABELLED, CALICO_DNS, calico(allow, more=selector), engine="calico@3.30"
    )

    assert [each.is_equal for each in found.namespaces] == [True]
    assert rules(written(found)) == (
        "  - name: default-own\n"
        '    reason: "taken over from NetworkPolicy shop/default.own"\n'
        "    from:\n"
        "      - {matchExpressions: [{key: legacy, operator: DoesNotExist}, "
        "{key: role, operator: In, values: [b, c]}]}\n"
        "      - {labels: {app: a}, matchExpressions: [{key: legacy, operator: DoesNotExist}]}\n"
        "    to:\n"
        "      - {cidr: 203.0.113.0/24}\n"
        "    ports: [443/TCP]\n"
    )


def test_what_a_tier_before_denies_is_cut_out(tmp_path: Path) -> None:
    deny = """\
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: security.bad}
spec:
  tier: security
  types: [Egress]
  egress:
    - {action: Deny, destination: {nets: [203.0.113.128/25]}}
    - {action: Pass}
"""
    allow = "{action: Allow, protocol: TCP, destination: {nets: [203.0.113.0/24], ports: [443]}}"
    found = imported(
        tmp_path, LABELLED, TIER, deny, CALICO_DNS, calico(allow), engine="calico@3.30"
    )

    assert [each.is_equal for each in found.namespaces] == [True]
    assert "      - {cidr: 203.0.113.0/25}\n    ports: [443/TCP]\n" in written(found)


def test_sets_are_followed_and_ports_are_left_out(tmp_path: Path) -> None:
    network_set = """\
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: partner, namespace: shop, labels: {role: partner}}
spec: {nets: [198.51.100.0/24]}
"""
    allow = (
        "{action: Allow, protocol: TCP, destination: {selector: role == 'partner', "
        "ports: ['8000:8010'], notPorts: [8005]}}"
    )
    found = imported(
        tmp_path, LABELLED, network_set, CALICO_DNS, calico(allow), engine="calico@3.30"
    )

    assert [each.is_equal for each in found.namespaces] == [True]
    assert "      - {cidr: 198.51.100.0/24}\n" in written(found)
    assert "    ports: [8000-8004/TCP, 8006-8010/TCP]\n" in written(found)


def test_service_accounts_and_the_api_server(tmp_path: Path) -> None:
    allow = "{action: Allow, destination: {services: {name: kubernetes, namespace: default}}}"
    more = "  serviceAccountSelector: projectcalico.org/name == 'operator'\n"
    found = imported(tmp_path, LABELLED, CALICO_DNS, calico(allow, more=more), engine="calico@3.30")

    assert [each.is_equal for each in found.namespaces] == [True]
    assert "      - {serviceAccount: operator}\n    to:\n      - {entity: kube-apiserver}\n" in (
        written(found)
    )


def test_other_services_leave_the_rest_compared(tmp_path: Path) -> None:
    allow = "{action: Allow, destination: {services: {name: web, namespace: shop}}}"
    found = imported(tmp_path, LABELLED, CALICO_DNS, calico(allow), engine="calico@3.30")

    assert [len(each.partly) for each in found.namespaces] == [1]
    assert left_out(found) == [
        (
            "NetworkPolicy shop/default.own",
            "/spec/egress/0/destination/services",
            "the endpoints of services are not modelled",
        )
    ]


def test_domains_of_calico_enterprise(tmp_path: Path) -> None:
    allow = (
        "{action: Allow, protocol: TCP, destination: "
        "{domains: [api.example.com, '*.example.org'], ports: [443]}}"
    )
    found = imported(tmp_path, LABELLED, CALICO_DNS, calico(allow), engine="calico-enterprise@3.22")

    assert [each.is_equal for each in found.namespaces] == [True]
    assert '      - api.example.com\n      - "**.example.org"\n' in written(found)


def test_networkpolicies_with_blocks_pods_and_ranges_of_ports(tmp_path: Path) -> None:
    own = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: own, namespace: shop, annotations: {kubernetes.io/description: pay out}}
spec:
  podSelector: {matchExpressions: [{key: app, operator: In, values: [a, b]}]}
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.0/26]}
        - podSelector: {matchLabels: {app: db}}
        - namespaceSelector: {matchLabels: {tier: data}}
      ports: [{port: 8000, endPort: 8010}]
"""
    found = imported(tmp_path, NETWORKPOLICY_DNS, own, engine="kubernetes")

    assert [each.is_equal for each in found.namespaces] == [True]
    assert rules(written(found)) == (
        "  - name: own\n"
        "    reason: pay out\n"
        "    from:\n"
        "      - {matchExpressions: [{key: app, operator: In, values: [a, b]}]}\n"
        "    to:\n"
        "      - {cidr: 203.0.113.64/26}\n"
        "      - {cidr: 203.0.113.128/25}\n"
        "      - {namespace: shop, pods: {app: db}}\n"
        "      - {namespaceLabels: {tier: data}}\n"
        "    ports: [8000-8010/TCP]\n"
    )


def test_all_pods_of_the_namespace_are_the_default_of_the_platform(tmp_path: Path) -> None:
    same = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: same, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}
"""
    found = imported(tmp_path, NETWORKPOLICY_DNS, same, engine="kubernetes")

    files = {each.path: each.after.decode() for each in found.edits}
    assert [each.is_equal for each in found.namespaces] == [True]
    assert "  inCluster: same-namespace\n" in files["values/platform.yaml"]
    assert files["values/teams/shop.yaml"].endswith("egress: []\n")
