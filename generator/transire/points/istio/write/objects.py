"""Objects of Istio as they are written, and their names."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from transire.points.istio.write.wanted import Carried, WantedHost

Tree = dict[str, Any]

NETWORKING = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"
GATEWAY_NAMESPACE = "istio-system"
GATEWAY_SELECTOR = {"istio": "egressgateway"}
GATEWAY_HOST = "istio-egressgateway.istio-system.svc.cluster.local"
WAYPOINT = "waypoint"
_LONGEST = 50
_DIGITS = 8


def name_of(host: str) -> str:
    """The name of objects for a host: readable, and unlike that of any other."""
    plain = host.replace("*", "wild").replace(".", "-").strip("-")
    short = plain[:_LONGEST].strip("-")
    return f"egress-{short}-{sha256(host.encode()).hexdigest()[:_DIGITS]}"


def made(
    api: str,
    kind: str,
    namespace: str,
    name: str,
    spec: Tree,
    *,
    labels: Tree | None = None,
    annotations: Tree | None = None,
) -> Tree:
    """One object."""
    metadata: Tree = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = labels
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def service_entry(
    host: WantedHost, namespace: str, *, export: list[str], labels: Tree | None = None
) -> Tree:
    """The entry of a host: its proxy looks the name up by itself, so that it leads there alone."""
    ports: list[Tree] = []
    for each in host.ports:
        carried = each.carried.value
        port: Tree = {
            "number": each.number,
            "name": f"{carried.lower()}-{each.number}",
            "protocol": carried,
        }
        if each.target != each.number:
            port["targetPort"] = each.target
        ports.append(port)
    spec: Tree = {
        "hosts": [host.host],
        "ports": ports,
        "location": "MESH_EXTERNAL",
        "resolution": "DYNAMIC_DNS" if host.is_wildcard else "DNS",
        "exportTo": export,
    }
    return made(NETWORKING, "ServiceEntry", namespace, name_of(host.host), spec, labels=labels)


def originating(host: WantedHost, namespace: str) -> list[Tree]:
    """The rule by which TLS is started towards a host, where it is."""
    ports = [each for each in host.ports if each.originate]
    if not ports:
        return []
    tls: Tree = {"mode": "SIMPLE"}
    if not host.is_wildcard:
        tls["sni"] = host.host
    settings = [{"port": {"number": each.number}, "tls": tls} for each in ports]
    spec = {
        "host": host.host,
        "exportTo": ["."],
        "trafficPolicy": {"portLevelSettings": settings},
    }
    return [made(NETWORKING, "DestinationRule", namespace, name_of(host.host), spec)]


def guard(namespace: str, *, audit: bool) -> Tree:
    """The Sidecar of a namespace: its own entries alone, and nothing that is not listed."""
    spec = {
        "egress": [{"hosts": ["./*", f"{GATEWAY_NAMESPACE}/*"]}],
        "outboundTrafficPolicy": {"mode": "ALLOW_ANY" if audit else "REGISTRY_ONLY"},
    }
    return made(NETWORKING, "Sidecar", namespace, "default", spec)


def has_limited_http(host: WantedHost) -> bool:
    """Whether some port of a host lets some requests through alone."""
    return any(each.carried is Carried.HTTP and each.requests for each in host.ports)
