"""Ambient: a waypoint for each namespace, closed by itself, and a policy for each entry."""

from __future__ import annotations

from transire.model.http import BELOW, ONE_SEGMENT, PathPattern
from transire.points.istio.write.objects import (
    SECURITY,
    WAYPOINT,
    Tree,
    made,
    name_of,
    originating,
    service_entry,
)
from transire.points.istio.write.wanted import Carried, Wanted, WantedHost, WantedPort

GATEWAY_API = "gateway.networking.k8s.io"
_DRY_RUN = {"istio.io/dry-run": "true"}


def ambient(wanted: Wanted) -> list[Tree]:
    """The objects of one namespace."""
    namespace, source = wanted.namespace, _source(wanted.namespace)
    closed: Tree = {
        "targetRefs": [{"group": GATEWAY_API, "kind": "Gateway", "name": WAYPOINT}],
        "action": "ALLOW",
    }
    if wanted.audit:
        closed["rules"] = [{"from": source}]
    objects = [
        _waypoint(namespace),
        made(SECURITY, "AuthorizationPolicy", namespace, "egress-default", closed),
    ]
    for host in wanted.hosts:
        objects += [
            service_entry(
                host, namespace, export=["."], labels={"istio.io/use-waypoint": WAYPOINT}
            ),
            *originating(host, namespace),
            _policy(host, namespace, audit=wanted.audit),
        ]
    return objects


def _waypoint(namespace: str) -> Tree:
    spec = {
        "gatewayClassName": "istio-waypoint",
        "listeners": [{"name": "mesh", "port": 15008, "protocol": "HBONE"}],
    }
    labels = {"istio.io/waypoint-for": "service"}
    return made(f"{GATEWAY_API}/v1", "Gateway", namespace, WAYPOINT, spec, labels=labels)


def _source(namespace: str) -> list[Tree]:
    return [{"source": {"namespaces": [namespace]}}]


def _policy(host: WantedHost, namespace: str, *, audit: bool) -> Tree:
    name = name_of(host.host)
    target = {"group": "networking.istio.io", "kind": "ServiceEntry", "name": name}
    spec = {
        "targetRefs": [target],
        "action": "ALLOW",
        "rules": [rule for port in host.ports for rule in _rules(host, port, namespace)],
    }
    annotations = _DRY_RUN if audit else None
    return made(SECURITY, "AuthorizationPolicy", namespace, name, spec, annotations=annotations)


def _rules(host: WantedHost, port: WantedPort, namespace: str) -> list[Tree]:
    source, number = _source(namespace), str(port.number)
    if port.carried is Carried.TCP:
        return [{"from": source, "to": [{"operation": {"ports": [number]}}]}]
    if port.carried is Carried.TLS:
        name = [{"key": "connection.sni", "values": [host.host]}]
        return [{"from": source, "to": [{"operation": {"ports": [number]}}], "when": name}]
    asked: Tree = {} if port.originate else {"ports": [number]}
    asked["hosts"] = [host.host] if host.is_wildcard else [host.host, f"{host.host}:{number}"]
    operations = [
        {"operation": {**asked, **_http(each.methods, each.paths)}} for each in port.requests
    ]
    return [{"from": source, "to": operations or [{"operation": asked}]}]


def _http(methods: tuple[str, ...], paths: tuple[PathPattern, ...]) -> Tree:
    found: Tree = {}
    if methods:
        found["methods"] = list(methods)
    if paths:
        found["paths"] = [_path(each) for each in paths]
    return found


def _path(path: PathPattern) -> str:
    """One segment and what is below as templates, since a bare star at the end is any depth."""
    if path.is_exact:
        return path.text
    wild = {ONE_SEGMENT: "{*}", BELOW: "{**}"}
    return "/" + "/".join(wild.get(each, each) for each in path.segments)
