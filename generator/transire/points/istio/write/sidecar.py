"""Sidecar: a guard for each namespace, exact entries of its own, and routes for some requests."""

from __future__ import annotations

import re

from transire.model.http import BELOW, ONE_SEGMENT, PathPattern
from transire.points.istio.write.objects import (
    NETWORKING,
    Tree,
    guard,
    has_limited_http,
    made,
    name_of,
    originating,
    service_entry,
)
from transire.points.istio.write.wanted import (
    Carried,
    Wanted,
    WantedHost,
    WantedPort,
    methods_and_paths,
)


def sidecar(wanted: Wanted) -> list[Tree]:
    """The objects of one namespace."""
    namespace = wanted.namespace
    objects = [guard(namespace, audit=wanted.audit)]
    for host in wanted.hosts:
        objects += [
            service_entry(host, namespace, export=["."]),
            *originating(host, namespace),
        ]
        if has_limited_http(host):
            objects.append(_routes(host, namespace))
    return objects


def _routes(host: WantedHost, namespace: str) -> Tree:
    """Matches for every port in clear, and no route for the rest."""
    routes = [
        {
            "match": _matches(port),
            "route": [{"destination": {"host": host.host, "port": {"number": port.number}}}],
        }
        for port in host.ports
        if port.carried is Carried.HTTP
    ]
    spec = {"hosts": [host.host], "exportTo": ["."], "http": routes}
    return made(NETWORKING, "VirtualService", namespace, name_of(host.host), spec)


def _matches(port: WantedPort) -> list[Tree]:
    if not port.requests:
        return [{"port": port.number}]
    found = []
    for method, path in methods_and_paths(port.requests):
        match: Tree = {"port": port.number}
        if method:
            match["method"] = {"exact": method}
        if path is not None:
            match["uri"] = _path(path)
        found.append(match)
    return found


def _path(path: PathPattern) -> Tree:
    if path.is_exact:
        return {"exact": path.text}
    *before, last = path.segments
    if last == BELOW and ONE_SEGMENT not in before:
        return {"prefix": "/" + "".join(f"{each}/" for each in before)}
    wild = {ONE_SEGMENT: "[^/]+", BELOW: ".*"}
    return {"regex": "/" + "/".join(wild.get(each, re.escape(each)) for each in path.segments)}
