"""Objects that are given beside policies tell of a cluster as a cluster file does."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path

import pytest

from support.policy_repository import run
from transire.helm import read_yaml
from transire.queries.cluster_state import ClusterState, NamedPort, Node, Pod
from transire.queries.given_objects import with_objects

OBJECTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: bank, labels: {env: prod}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: bank, labels: {app: db}}
spec:
  serviceAccountName: ledger
  containers: [{name: c, ports: [{name: sql, containerPort: 5432}, {containerPort: 80}]}]
status: {podIP: 10.0.0.7, podIPs: [{ip: 10.0.0.7}, {ip: "fd00::7"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop, labels: {app: agent}}
spec: {hostNetwork: true}
status: {podIP: 192.168.1.9}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: shop}
status: {phase: Succeeded, podIP: 10.0.0.8}
---
apiVersion: v1
kind: Node
metadata: {name: one}
status: {addresses: [{type: InternalIP, address: 192.168.1.9}, {type: Hostname, address: one}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: bank}
spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd96::7"]}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: bank}
spec: {clusterIP: None}
"""
DB = Pod(
    namespace="bank",
    name="db",
    labels={"app": "db"},
    ips=(ip_address("10.0.0.7"), ip_address("fd00::7")),
    named_ports={"sql": NamedPort(port=5432, protocol="TCP")},
    service_account="ledger",
)
AGENT = Pod(
    namespace="shop",
    name="agent",
    labels={"app": "agent"},
    ips=(ip_address("192.168.1.9"),),
    host_network=True,
)


def test_namespaces_pods_nodes_and_services_are_taken_over() -> None:
    found = with_objects(ClusterState(), read_yaml(OBJECTS, "objects.yaml"))

    assert found.namespace_labels == {"bank": {"env": "prod"}}
    assert found.pods == (DB, AGENT)
    assert found.nodes == (Node(name="one", ip=ip_address("192.168.1.9")),)
    assert found.services == {
        ip_address("10.96.0.7"): "the service bank/db",
        ip_address("fd96::7"): "the service bank/db",
    }
    assert found.partial


def test_a_cluster_file_counts_where_it_has_the_same() -> None:
    known = ClusterState(
        namespace_labels={"bank": {"env": "dev"}},
        pods=(
            Pod(namespace="bank", name="db", labels={"app": "other"}),
            Pod(namespace="bank", name="else", ips=(ip_address("10.0.0.7"),)),
        ),
        nodes=(Node(name="one", ip=ip_address("192.168.1.9"), reserved=frozenset({"host"})),),
    )
    found = with_objects(known, read_yaml(OBJECTS, "objects.yaml"))

    assert found.namespace_labels == known.namespace_labels
    assert found.pods == (*known.pods, AGENT)
    assert found.nodes == known.nodes
    assert not found.partial


@pytest.mark.parametrize(
    "text",
    [
        "",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: 7\n",
        "apiVersion: v1\nkind: Node\nmetadata: {name: a}\nstatus: {addresses: [x, {address: y}]}\n",
        "apiVersion: apps/v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n",
    ],
)
def test_what_is_malformed_or_of_another_api_tells_nothing(text: str) -> None:
    assert with_objects(ClusterState(), read_yaml(text, "a.yaml")) == ClusterState()


@pytest.mark.parametrize("port", ["0", "65536", '"80"', "true"])
def test_a_port_that_is_none_has_no_name(port: str) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n"
        f"spec: {{containers: [{{name: c, ports: [{{name: web, containerPort: {port}}}]}}]}}\n"
    )

    [found] = with_objects(ClusterState(), read_yaml(pod, "a.yaml")).pods
    assert found.named_ports == {}


POLICIES = {
    "cilium@1.19": """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  endpointSelector: {}
  egress:
  - toEndpoints: [{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.env": prod, app: db}}]
    toPorts: [{ports: [{port: sql, protocol: TCP}]}]
""",
    "calico@3.33": """\
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  types: [Egress]
  egress:
  - action: Allow
    protocol: TCP
    destination: {namespaceSelector: "env == 'prod'", selector: "app == 'db'", ports: [sql]}
""",
    "kubernetes": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{namespaceSelector: {matchLabels: {env: prod}}, podSelector: {matchLabels: {app: db}}}]
    ports: [{port: sql}]
""",
}


@pytest.mark.parametrize("engine", POLICIES)
def test_every_engine_uses_the_objects_of_the_same_file(engine: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(f"{POLICIES[engine]}---\n{OBJECTS}")
    wanted = {
        "pod:bank/app=db:5432": ("allow", []),
        "10.0.0.7:5432": ("allow", []),
        "10.0.0.7:5433": ("deny", []),
        "10.96.0.7:5432": ("deny", ["service-address"]),
        "10.0.0.99:5432": ("deny", ["taken-for-outside"]),
        "203.0.113.7:5432": ("deny", []),
    }
    lines = [json.dumps({"id": to, "from": "shop/app=web", "to": to}) for to in wanted]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines))
    words = ("explain", "-f", "all.yaml", "--engine", engine, "--queries", "queries.jsonl")
    shown = run(tmp_path, *words, "--format", "json").out.splitlines()
    found = {answer["id"]: answer for answer in map(json.loads, shown)}
    place = {"not-given", "service-address", "taken-for-outside"}

    assert wanted == {
        to: (each["verdict"], [one["id"] for one in each["caveats"] if one["id"] in place])
        for to, each in found.items()
    }


@pytest.mark.parametrize(
    ("engine", "verdict"),
    [("cilium@1.19", "allow"), ("calico@3.33", "allow"), ("kubernetes", "unjudgeable")],
)
def test_a_source_with_the_labels_of_a_pod_on_the_host_s_network_is_one(
    engine: str, verdict: str, tmp_path: Path
) -> None:
    (tmp_path / "all.yaml").write_text(f"{POLICIES[engine]}---\n{OBJECTS}")
    flow = ("--from", "shop/app=agent", "--to", "203.0.113.7:443")
    ran = run(tmp_path, "explain", "-f", "all.yaml", "--engine", engine, *flow)

    assert ran.out.startswith(f"{verdict}: shop/app=agent to 203.0.113.7 on 443/TCP\n")
    assert "on the host's network" in ran.out
