"""Small clusters for diagnoses: what every case has, and short forms of what one adds.

Namespace `shop` has the pod `web`, names are resolved by one CoreDNS pod, and the log is Hubble's
unless a case writes another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Tree = dict[str, Any]

START = datetime(2026, 6, 2, 10, 0, tzinfo=UTC).timestamp()
WRITTEN = "2026-03-01T08:00:00Z"
DNS_POD, WEB = "10.0.0.2", "10.0.0.10"

_CILIUM = {
    "cluster-name": "prod-1",
    "enable-ipv4": "true",
    "enable-ipv6": "true",
    "enable-policy": "default",
    "policy-audit-mode": "false",
    "tofqdns-dns-reject-response-code": "refused",
    "tofqdns-endpoint-max-ip-per-hostname": "1000",
    "tofqdns-idle-connection-grace-period": "0s",
    "tofqdns-min-ttl": "0",
}
_IMAGES = {
    "cilium": "quay.io/cilium/cilium:v{}",
    "calico": "docker.io/calico/node:v{}",
    "calico-enterprise": "quay.io/tigera/cnx-node:v{}",
    "kubernetes": "registry.example.com/agent:v{}",
}


def named(kind: str, name: str, namespace: str = "", api: str = "v1", **parts: object) -> Tree:
    """An object."""
    metadata: Tree = {"name": name, "creationTimestamp": WRITTEN}
    if namespace:
        metadata["namespace"] = namespace
    metadata.update(parts.pop("metadata", {}))  # type: ignore[call-overload]
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **parts}


def pod(name: str, namespace: str, ip: str, labels: Mapping[str, str], **spec: object) -> Tree:
    """A pod that runs."""
    return named(
        "Pod",
        name,
        namespace,
        metadata={"labels": dict(labels)},
        spec={"containers": [{"name": "main", "image": "registry.example.com/app:1"}], **spec},
        status={"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "hostIP": "192.0.2.11"},
    )


def snapshot(engine: str, image: str) -> dict[str, list[Tree]]:
    """What every cluster has, by the names of its files."""
    name = engine.partition("@")[0]
    dns = {"k8s-app": "kube-dns"}
    return {
        "namespaces": [named("Namespace", each) for each in ("default", "kube-system", "shop")],
        "nodes": [
            named(
                "Node",
                "worker-1",
                status={"addresses": [{"type": "InternalIP", "address": "192.0.2.11"}]},
            )
        ],
        "pods": [
            pod("coredns-6f6b679f8f-x2x4x", "kube-system", DNS_POD, dns),
            pod("web-6f6b679f8f-b5b7b", "shop", WEB, {"app": "web"}),
        ],
        "services": [
            named(
                "Service",
                "kube-dns",
                "kube-system",
                spec={
                    "clusterIP": "10.96.0.10",
                    "selector": dns,
                    "ports": [{"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53}],
                },
            )
        ],
        "endpointslices": [
            slice_of("kube-dns", "kube-system", [DNS_POD], {"name": "dns", "port": 53})
        ],
        "configmaps": [named("ConfigMap", "cilium-config", "kube-system", data=dict(_CILIUM))]
        if name == "cilium"
        else [],
        "daemonsets": [
            named(
                "DaemonSet",
                "cilium" if name == "cilium" else "agent",
                "kube-system",
                api="apps/v1",
                spec={
                    "template": {
                        "spec": {
                            "containers": [{"name": "agent", "image": _IMAGES[name].format(image)}]
                        }
                    }
                },
            )
        ],
        "applications": [],
    }


def slice_of(service: str, namespace: str, addresses: list[str], port: Tree) -> Tree:
    """The endpoints of a service."""
    return named(
        "EndpointSlice",
        f"{service}-abcde",
        namespace,
        api="discovery.k8s.io/v1",
        metadata={"labels": {"kubernetes.io/service-name": service}},
        endpoints=[{"addresses": addresses}],
        ports=[port],
    )


def cilium(name: str, **spec: object) -> Tree:
    """A policy of Cilium in `shop`, in force."""
    return named(
        "CiliumNetworkPolicy",
        name,
        "shop",
        api="cilium.io/v2",
        spec={"endpointSelector": {}, **spec},
        status={"conditions": [{"type": "Valid", "status": "True"}]},
    )


def native(name: str, **spec: object) -> Tree:
    """A NetworkPolicy in `shop`."""
    spec = {"podSelector": {}, "policyTypes": ["Egress"], **spec}
    return named("NetworkPolicy", name, "shop", api="networking.k8s.io/v1", spec=spec)


def calico(name: str, kind: str = "NetworkPolicy", namespace: str = "shop", **spec: object) -> Tree:
    """A policy of Calico."""
    spec = {"tier": "default", "selector": "all()", "types": ["Egress"], **spec}
    return named(kind, name, namespace, api="projectcalico.org/v3", spec=spec)


def tier(name: str, order: int) -> Tree:
    """A tier of Calico that ends in deny."""
    spec = {"order": order, "defaultAction": "Deny"}
    return named("Tier", name, api="projectcalico.org/v3", spec=spec)


_DNS_PEER = {
    "matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}
}
_DNS_PORT: Tree = {"ports": [{"port": "53", "protocol": "ANY"}]}
_CALICO_DNS: Tree = {
    "action": "Allow",
    "destination": {
        "namespaceSelector": "projectcalico.org/name == 'kube-system'",
        "selector": "k8s-app == 'kube-dns'",
        "ports": [53],
    },
}

USUAL: Mapping[str, Tree] = {
    "cilium-deny": cilium("deny-all", egress=[{}]),
    "cilium-dns": cilium(
        "allow-dns",
        egress=[
            {
                "toEndpoints": [_DNS_PEER],
                "toPorts": [{**_DNS_PORT, "rules": {"dns": [{"matchPattern": "*"}]}}],
            }
        ],
    ),
    "native-deny": native("deny-all"),
    "native-dns": native(
        "allow-dns",
        egress=[
            {
                "to": [
                    {
                        "namespaceSelector": {
                            "matchLabels": {"kubernetes.io/metadata.name": "kube-system"}
                        },
                        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                    }
                ],
                "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
            }
        ],
    ),
    "calico-tier": tier("default", 1_000_000),
    "calico-deny": calico("deny-all", order=2000),
    "calico-dns": calico(
        "allow-dns",
        order=100,
        egress=[{**_CALICO_DNS, "protocol": each} for each in ("UDP", "TCP")],
    ),
}
"""Policies that cases name."""
