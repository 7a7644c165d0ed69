"""Egress gateway: TLS of the mesh around that of the application, by host and namespace."""

from __future__ import annotations

from collections.abc import Sequence

from transire.points.istio.write.objects import (
    GATEWAY_HOST,
    GATEWAY_NAMESPACE,
    GATEWAY_SELECTOR,
    NETWORKING,
    SECURITY,
    Tree,
    guard,
    made,
    name_of,
    service_entry,
)
from transire.points.istio.write.wanted import TLS_PORT, Wanted


def gateway(wanted: Wanted) -> list[Tree]:
    """The objects of one namespace: its guard, its entries and the way to the gateway."""
    namespace = wanted.namespace
    objects = [guard(namespace, audit=False)]
    for host in wanted.hosts:
        objects += [
            service_entry(host, namespace, export=[".", GATEWAY_NAMESPACE]),
            _way(host.host, namespace),
        ]
    return objects


def _way(host: str, namespace: str) -> Tree:
    name = name_of(host)
    gateway_name = f"{GATEWAY_NAMESPACE}/{name}"
    port = {"number": TLS_PORT}
    there = {"host": GATEWAY_HOST, "subset": name, "port": port}
    spec = {
        "hosts": [host],
        "exportTo": [".", GATEWAY_NAMESPACE],
        "gateways": ["mesh", gateway_name],
        "tls": [
            {
                "match": [{"gateways": ["mesh"], "port": TLS_PORT, "sniHosts": [host]}],
                "route": [{"destination": there}],
            }
        ],
        "tcp": [
            {
                "match": [{"gateways": [gateway_name], "port": TLS_PORT}],
                "route": [{"destination": {"host": host, "port": port}}],
            }
        ],
    }
    return made(NETWORKING, "VirtualService", namespace, name, spec)


def shared_gateway(every: Sequence[Wanted]) -> list[Tree]:
    """What lies beside the gateway: a server and a subset by host, a policy by namespace."""
    hosts = sorted({host.host for each in every for host in each.hosts})
    objects: list[Tree] = []
    for host in hosts:
        objects += [_server(host), _subset(host)]
    return [*objects, *map(_policy, every)]


def _policy(wanted: Wanted) -> Tree:
    """The hosts of one namespace, or none; policies of several namespaces are a union."""
    spec: Tree = {"selector": {"matchLabels": GATEWAY_SELECTOR}, "action": "ALLOW"}
    if wanted.hosts:
        names = {"key": "connection.sni", "values": [host.host for host in wanted.hosts]}
        source = {"source": {"namespaces": [wanted.namespace]}}
        spec["rules"] = [{"from": [source], "when": [names]}]
    name = f"egress-{wanted.namespace}"
    return made(SECURITY, "AuthorizationPolicy", GATEWAY_NAMESPACE, name, spec)


def _server(host: str) -> Tree:
    server = {
        "port": {"number": TLS_PORT, "name": "tls", "protocol": "TLS"},
        "hosts": [host],
        "tls": {"mode": "ISTIO_MUTUAL"},
    }
    spec = {"selector": GATEWAY_SELECTOR, "servers": [server]}
    return made(NETWORKING, "Gateway", GATEWAY_NAMESPACE, name_of(host), spec)


def _subset(host: str) -> Tree:
    tls = {"port": {"number": TLS_PORT}, "tls": {"mode": "ISTIO_MUTUAL", "sni": host}}
    spec = {
        "host": GATEWAY_HOST,
        "exportTo": ["*"],
        "subsets": [{"name": name_of(host), "trafficPolicy": {"portLevelSettings": [tls]}}],
    }
    return made(NETWORKING, "DestinationRule", GATEWAY_NAMESPACE, name_of(host), spec)
