"""Lines of logs, composed after what each program writes."""

from __future__ import annotations

import json
from typing import Any

from transire.flowlogs.record import Flow, Lookup, Record
from transire.flowlogs.registry import recognised

HUBBLE_DENIED: dict[str, Any] = {
    "flow": {
        "time": "2026-05-04T09:12:44.118232000Z",
        "uuid": "7a0c3a8e-0e3b-4e0f-9a54-0a5f3a1c9b11",
        "verdict": "DROPPED",
        "drop_reason": 133,
        "IP": {"source": "10.244.1.44", "destination": "203.0.113.7", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 49822, "destination_port": 443, "flags": {"SYN": True}}},
        "source": {
            "ID": 682,
            "identity": 39399,
            "cluster_name": "prod-eu",
            "namespace": "payments-prod",
            "labels": [
                "k8s:app=checkout",
                "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=payments-prod",
                "k8s:io.cilium.k8s.policy.cluster=prod-eu",
                "k8s:io.cilium.k8s.policy.serviceaccount=checkout",
                "k8s:io.kubernetes.pod.namespace=payments-prod",
            ],
            "pod_name": "checkout-6d5f7c9b8-x2x7p",
            "workloads": [{"name": "checkout", "kind": "Deployment"}],
        },
        "destination": {"identity": 2, "labels": ["reserved:world"]},
        "Type": "L3_L4",
        "node_name": "node-1",
        "destination_names": ["api.example.com"],
        "event_type": {"type": 5},
        "traffic_direction": "EGRESS",
        "drop_reason_desc": "POLICY_DENIED",
        "Summary": "TCP Flags: SYN",
    },
    "node_name": "node-1",
    "time": "2026-05-04T09:12:44.118232Z",
}
WHISKER: dict[str, Any] = {
    "start_time": "2026-07-29T08:00:00Z",
    "end_time": "2026-07-29T08:00:15Z",
    "action": "Deny",
    "source_name": "payments-api-7c9d8b6f5-*",
    "source_namespace": "team-payments",
    "source_labels": "app=payments-api | pod-template-hash=7c9d8b6f5",
    "dest_name": "PUBLIC NETWORK",
    "dest_namespace": "-",
    "dest_labels": "",
    "protocol": "tcp",
    "dest_port": 443,
    "reporter": "Src",
    "policies": {
        "enforced": [
            {
                "kind": "EndOfTier",
                "name": "",
                "tier": "egress",
                "action": "Deny",
                "policy_index": 0,
                "rule_index": -1,
                "trigger": {
                    "kind": "CalicoNetworkPolicy",
                    "name": "egress.default-deny",
                    "namespace": "team-payments",
                },
            }
        ],
        "pending": [],
    },
    "packets_in": 0,
    "packets_out": 3,
}
ENTERPRISE: dict[str, Any] = {
    "start_time": 1785312000,
    "end_time": 1785312300,
    "source_ip": None,
    "source_name": "-",
    "source_name_aggr": "payments-api-7c9d8b6f5-*",
    "source_namespace": "team-payments",
    "source_type": "wep",
    "source_labels": {"labels": ["app=payments-api"]},
    "dest_ip": None,
    "dest_name": "-",
    "dest_name_aggr": "pub",
    "dest_namespace": "-",
    "dest_type": "net",
    "dest_port": 443,
    "dest_domains": ["api.stripe.com"],
    "proto": "tcp",
    "action": "deny",
    "reporter": "src",
    "policies": {"enforced_policies": ["0|egress|team-payments/egress.default-deny|deny|-1"]},
    "num_flows": 3,
    "num_flows_started": 3,
    "host": "node-1",
}
DNS_LINE: dict[str, Any] = {
    "start_time": 1785312000,
    "end_time": 1785312300,
    "type": "LOG",
    "count": 14,
    "client_ip": None,
    "client_name": "-",
    "client_name_aggr": "payments-api-7c9d8b6f5-*",
    "client_namespace": "team-payments",
    "client_labels": {"app": "payments-api"},
    "qname": "api.stripe.com",
    "qtype": "A",
    "rcode": "NoError",
    "rrsets": [
        {"name": "api.stripe.com", "type": "A", "rdata": ["198.51.100.24", "198.51.100.61"]},
        {"name": "api.stripe.com", "type": "TXT", "rdata": ["v=1"]},
    ],
    "host": "node-1",
}
COREDNS_LINES: list[tuple[str, dict[str, Any]]] = [
    (
        (
            '[INFO] [::1]:50759 - 29008 "A IN example.org. udp 41 false 4096" NOERROR '
            "qr,rd,ra,ad 68 0.037990251s"
        ),
        {"name": "example.org", "type": "A", "code": "NOERROR", "first": None},
    ),
    (
        (
            '2026-05-04T09:12:44.118Z [INFO] 10.244.1.44:40000 - 1 "AAAA IN api.example.com.svc. tcp '
            '41 true 1232" NXDOMAIN qr,aa 68 0.1s'
        ),
        {"name": "api.example.com.svc", "code": "NXDOMAIN", "first": 1777885964.118},
    ),
]


def read_line(line: str | dict[str, Any], format_: str = "") -> Record | None:
    """What the format reads, which has to be the one that the line is recognised as."""
    content = (line if isinstance(line, str) else json.dumps(line)).encode()
    found = recognised(content)
    assert found is not None
    if format_:
        assert found.name == format_
    return found.read(content)


def flow(line: str | dict[str, Any], format_: str = "") -> Flow:
    """The line's flow."""
    found = read_line(line, format_)
    assert isinstance(found, Flow)
    return found


def lookup(line: str | dict[str, Any], format_: str = "") -> Lookup:
    """The line's lookup."""
    found = read_line(line, format_)
    assert isinstance(found, Lookup)
    return found


def hubble(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The denied flow with fields changed, or left out where they are None."""
    body = {**HUBBLE_DENIED["flow"], **changes}
    return {
        **HUBBLE_DENIED,
        "flow": {key: value for key, value in body.items() if value is not None},
    }
