"""Which rules of policies values have words for, and what is listed of the others."""

from __future__ import annotations

import pytest

from support.values.imported import left_out, many, written
from transire.api import import_exit_code
from transire.commands.importing.results import ImportedPolicies

pytestmark = pytest.mark.slow("charts are rendered, and namespaces compared")

LOST = (
    (
        '{toEndpoints: [{matchExpressions: [{key: app, operator: Exists}]}], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}',
        "values name the pods that are reached by labels, and no condition such as app",
    ),
    (
        '{toFQDNs: [{matchPattern: "*"}], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}',
        "values have no pattern for the names of '*'",
    ),
    (
        '{toFQDNs: [{matchName: api.example.com}], toPorts: [{ports: [{port: "443", protocol: TCP}], rules: {http: [{method: GET}]}}]}',
        "it limits HTTP requests, which values do not, so that a rule would allow more than the objects do",
    ),
    (
        '{toFQDNs: [{matchName: api.example.com}], toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [api.example.com]}]}',
        "it checks TLS server names, which values do not, so that a rule would allow more than the objects do",
    ),
    (
        "{icmps: [{fields: [{type: 3, family: IPv4}]}], toCIDR: [203.0.113.0/24]}",
        "values have no words for this protocol or type of ICMP, only for echo requests",
    ),
    (
        '{toCIDR: [0.0.0.0/0], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}',
        "ranges of values never open addresses of the cluster itself, and those where clouds hand out credentials",
    ),
    (
        "{toCIDR: [203.0.113.0/24]}",
        "the rule leaves protocols open, and values have TCP, UDP, SCTP and echo requests alone",
    ),
    (
        '{toEntities: [host], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}',
        "values have no words for host alone, only for all nodes",
    ),
)
"""Rules that no values hold whole, and why."""

HELD = (
    (
        "{toCIDRSet: [{cidr: 203.0.113.0/24, except: [203.0.113.0/25]}], %s}",
        "{cidr: 203.0.113.128/25}",
    ),
    (
        '{toCIDR: ["2001:db8::/32"], %s}',
        '{cidr: "2001:db8::/32"}',
    ),
    (
        "{toEntities: [host, remote-node], %s}",
        "{entity: nodes}",
    ),
    (
        "{toEntities: [kube-apiserver], %s}",
        "{entity: kube-apiserver}",
    ),
    (
        "{toEntities: [ingress], %s}",
        "{entity: ingress}",
    ),
    (
        "{toEndpoints: [{matchLabels: {app: db}}], %s}",
        "{namespace: shop, pods: {app: db}}",
    ),
    (
        "{toEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: data}}], %s}",
        "{namespace: data}",
    ),
    (
        "{toEndpoints: [{matchLabels: {k8s:io.cilium.k8s.namespace.labels.tier: data, app: db}}], %s}",
        "{namespaceLabels: {tier: data}, pods: {app: db}}",
    ),
    (
        '{toFQDNs: [{matchPattern: "*.example.com"}], %s}',
        '"*.example.com"',
    ),
    (
        '{toFQDNs: [{matchPattern: "**.example.com"}], %s}',
        '"**.example.com"',
    ),
    (
        '{toFQDNs: [{matchPattern: "s3-*.example.com"}], %s}',
        '"s3-*.example.com"',
    ),
)
"""Rules without ports, and the destination that stands for each in values."""

PORTS = (
    'toPorts: [{ports: [{port: "443", protocol: TCP}, '
    '{port: "8000", endPort: 8010, protocol: UDP}]}]'
)


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> ImportedPolicies:
    return many(tmp_path_factory.mktemp("lost"), (rule for rule, _ in LOST))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> ImportedPolicies:
    return many(tmp_path_factory.mktemp("held"), (rule % PORTS for rule, _ in HELD))


@pytest.mark.parametrize("number", range(len(LOST)))
def test_what_values_cannot_hold_is_listed(lost: ImportedPolicies, number: int) -> None:
    ref, why = f"CiliumNetworkPolicy shop-{number}/one", LOST[number][1]

    assert [each for each in left_out(lost) if each[0] == ref] == [(ref, "/spec/egress/0", why)]
    assert import_exit_code(lost) == 1


@pytest.mark.parametrize("number", range(len(HELD)))
def test_what_values_can_hold_is_equal(held: ImportedPolicies, number: int) -> None:
    namespace, line = f"shop-{number}", HELD[number][1].replace("shop", f"shop-{number}")

    assert [each.is_equal for each in held.namespaces if each.name == namespace] == [True]
    assert f"      - {line}\n    ports: [443/TCP, 8000-8010/UDP]\n" in written(held, namespace)


def test_nothing_is_left_out_of_what_values_can_hold(held: ImportedPolicies) -> None:
    assert left_out(held) == []
    assert import_exit_code(held) == 0
