"""All recorded lists as one target, and the recorded requests as the laboratory sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from support.lab import Plain, Raw, Request, Tunnel
from support.points.recorded_requests import rule_of
from transire.model.engine import Release
from transire.model.net import merge_networks
from transire.points.api.target import Listener, PodClass, PointTarget

_DENIED = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 "
    "224.0.0.0/4 240.0.0.0/4 ::/128 ::1/128 ::ffff:0:0/96 64:ff9b::/96 2002::/16 fc00::/7 "
    "fe80::/10 ff00::/8"
)
_FIRST_PORT = 20_001
_USUAL = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Cases by their id, and the listener that each goes to."""

    cases: Mapping[str, Mapping[str, Any]]
    target: PointTarget

    @classmethod
    def of(cls, file: Path, release: Release) -> Recorded:
        """Every case of a file whose request is one of some pod's namespace."""
        cases = {each["id"]: each for each in json.loads(file.read_text("utf-8"))}
        listeners = dict[str, Listener]()
        denied = set(_DENIED.split())
        for case in cases.values():
            denied |= set(case["values"].get("deny_addresses", ()))
            for namespace, whole in sorted(case["values"]["namespaces"].items()):
                name = f"{case['list']}-{namespace}"
                if name not in listeners:
                    listeners[name] = _listener(name, namespace, whole, len(listeners))
        target = PointTarget(
            release=release,
            listeners=tuple(listeners.values()),
            denied=merge_networks(map(ip_network, sorted(denied))),
            resolvers=("127.0.0.1",),
        )
        return cls(cases=cases, target=target)

    def listener(self, case: Mapping[str, Any]) -> Listener:
        """The listener that the request of a case goes to."""
        return self.target.listener(f"{case['list']}-{case['request']['namespace']}")

    def message(self, case: Mapping[str, Any]) -> Request | None:
        """The request as the laboratory sends it; None for forms that it does not have."""
        request, port = case["request"], self.listener(case).pods.port
        match request["via"]:
            case "raw":
                return Raw(port, request["raw"])
            case "http":
                return _plain(request, port)
            case "CONNECT" if request.get("host_header", "") is not None:
                return _tunnel(request, port)
            case _:
                return None


def _listener(name: str, namespace: str, whole: Mapping[str, Any], place: int) -> Listener:
    return Listener(
        pods=PodClass(name=name, namespace=namespace, port=_FIRST_PORT + place),
        rules=tuple(rule_of(namespace, each) for each in whole["egress"]),
        audit=whole.get("mode") == "audit",
    )


def _authority(request: Mapping[str, Any]) -> str:
    host = f"[{request['host']}]" if ":" in request["host"] else request["host"]
    return f"{host}:{request['port']}"


def _plain(request: Mapping[str, Any], port: int) -> Plain:
    authority = _authority(request)
    if request["port"] == _USUAL:
        authority = authority.removesuffix(f":{_USUAL}")
    path = request.get("path", "/")
    target = path if request.get("form") == "origin" else f"http://{authority}{path}"
    return Plain(
        port,
        request.get("target", target),
        method=request.get("method", "GET"),
        headers=tuple(request.get("headers", ())),
        host_header=request.get("host_header", authority),
        version=request.get("version", "1.1"),
        body=request.get("body", ""),
    )


def _tunnel(request: Mapping[str, Any], port: int) -> Tunnel:
    inside = request.get("inside", "tls")
    return Tunnel(
        port,
        request.get("target", _authority(request)),
        inside={"raw": "text"}.get(inside, inside),
        server_name=request.get("sni", request["host"].rstrip(".")) if inside == "tls" else None,
        method=request.get("method", "GET"),
        path=request.get("path", "/"),
        inner_host=request["host"],
        headers=tuple(request.get("headers", ())),
        host_header=request.get("host_header"),
        version=request.get("version", "1.1"),
    )
