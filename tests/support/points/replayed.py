"""Recorded cases sent again: the target of each list, and what is sent for each case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from support.lab import Answer, Plain, Raw, Request, Tunnel
from support.points.recorded_requests import Case, can_exist, listener_of
from transire.model.engine import Release
from transire.points.api.target import PointTarget

PRIVATE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128"),
    *("64:ff9b::/96", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8"),
)
"""What names may not lead to beside the addresses of a list."""

_FIRST_PORT = 20_001
_VIA = frozenset({"CONNECT", "http", "raw"})
_INSIDE = {"tls": "tls", "http": "http", "raw": "text"}
_NOTHING = (
    "GET http://nothing.invalid/ HTTP/1.1\r\nHost: nothing.invalid\r\nConnection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One list of rules with its cases."""

    name: str
    target: PointTarget
    cases: tuple[Case, ...]

    def sent(self, case: Case) -> Request:
        """What is sent for a case, in the same way as when it was recorded."""
        port = self.target.listener(case["request"]["namespace"]).pods.port
        return _sent(case["request"], port)

    @property
    def addresses(self) -> dict[str, list[str]]:
        """What names resolve to where that matters."""
        requests = [case["request"] for case in self.cases]
        return {each["host"]: each["resolved_ip"] for each in requests if "resolved_ip" in each}


def replayed(path: Path, release: Release) -> Iterator[Replayed]:
    """The lists of a file, without names that change while they are used or can be none.

    Without those for whom a proxy has to understand what Squid does not: TLS without CONNECT, and
    HTTP/2 in clear.
    """
    lists: dict[str, list[Case]] = {}
    for case in json.loads(path.read_text("utf-8")):
        request = case["request"]
        if request["via"] in _VIA and can_exist(request["host"]) and not request.get("flip"):
            lists.setdefault(json.dumps(case["values"]), []).append(case)
    for cases in lists.values():
        namespaces = list(cases[0]["values"]["namespaces"])
        denied = (*PRIVATE, *cases[0]["values"].get("deny_addresses", ()))
        listeners = tuple(
            listener_of(cases[0]["values"], namespace, _FIRST_PORT + number)
            for number, namespace in enumerate(namespaces)
        )
        yield Replayed(
            name=cases[0]["list"],
            target=PointTarget(
                release=release,
                listeners=listeners,
                denied=tuple(map(ip_network, denied)),
                resolvers=("127.0.0.1",),
            ),
            cases=tuple(cases),
        )


def _sent(request: Case, port: int) -> Request:
    host = f"[{request['host']}]" if ":" in request["host"] else request["host"]
    target = request.get("target", f"{host}:{request['port']}")
    header = request.get("host_header", None) if "host_header" in request else target
    match request["via"]:
        case "CONNECT":
            return Tunnel(
                port,
                target,
                inside=_INSIDE[request.get("inside", "tls")],
                server_name=request.get("sni", request["host"].rstrip(".")),
                path=request.get("path", "/"),
                headers=tuple(request.get("headers", ())),
                host_header=header or "",
                version=request.get("version", "1.1"),
            )
        case "http":
            return _plain(request, port, host)
        case _:
            text = request["raw"]
            ends = "Connection: close" in text or "HTTP/1.0" in text
            return Raw(port, text if ends else text + _NOTHING)


def _plain(request: Case, port: int, host: str) -> Plain:
    authority = host if request["port"] == 80 else f"{host}:{request['port']}"
    path = request.get("path", "/")
    target = request.get("target", f"http://{authority}{path}")
    return Plain(
        port,
        path if request.get("form") == "origin" else target,
        method=request.get("method", "GET"),
        headers=tuple(request.get("headers", ())),
        host_header=request.get("host_header", authority),
        version=request.get("version", "1.1"),
        body=request.get("body", ""),
    )


def reached(case: Case, answer: Answer) -> bool:
    """Whether the origin was reached at an address of the host, on the port in question."""
    request = case["request"]
    host = request["host"].lower().rstrip(".")
    wanted = {host, *request.get("resolved_ip", ())}
    return any(
        {arrival.name, arrival.address} & wanted and arrival.port == request["port"]
        for arrival in answer.reached
    )
