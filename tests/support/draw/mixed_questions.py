"""Lines of questions in every form, drawn from a seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

HOSTS = (
    "api.pay.test", "a.api.pay.test", "pay.test", "www.pay.test", "evil.test", "api.example.com",
    "a.example.com", "a.b.example.com", "API.Example.com.", ".",
)  # fmt: skip
SOURCES = (
    "shop", "shop/app=web", "shop/app=db,zone=a", "bank/app=web", "team-a/app=web", "kube-system",
    "default/k8s-app=kube-dns",
)  # fmt: skip
ADDRESSES = (
    "198.51.100.7",
    "203.0.113.9",
    "10.0.1.1",
    "10.1.2.3",
    "2001:db8::7",
    "169.254.169.254",
)
PODS = ("shop/app=db", "bank", "team-b/app=api", "kube-system/k8s-app=kube-dns")
SERVICES = ("443", "443", "80", "53/UDP", "8005/tcp", "123/udp", "9/SCTP", "8/ICMP", "128/icmpv6")


def lines(count: int, seed: int = 7) -> list[str]:
    """So many questions with ids of their own, each a line with its end."""
    draw = Random(seed)
    return [f"{_line(draw, number)}\n" for number in range(count)]


def _line(draw: Random, number: int) -> str:
    name = draw.choice(("{}", "{}", "{}", "é{}", 'a "quoted" {}', "tab\t{}")).format(number)
    asked = {"id": name, **(_short(draw, number) if draw.random() < 0.7 else _long(draw, number))}
    if draw.random() < 0.2:
        asked = dict(reversed(asked.items()))
    spaced = (", ", ": ") if draw.random() < 0.7 else (",", ":")
    return json.dumps(asked, ensure_ascii=draw.random() < 0.5, separators=spaced)


def _short(draw: Random, number: int) -> dict[str, Any]:
    service = draw.choice(SERVICES)
    where = {
        "host": _host(draw, number),
        "address": _bracketed(draw.choice(ADDRESSES)),
        "pod": f"pod:{draw.choice(PODS)}",
    }
    to = f"{where[draw.choice(('host', 'host', 'address', 'pod'))]}:{service}"
    if draw.random() < 0.2:
        to = f"dns:{_host(draw, number)}" + draw.choice(("", "", "@10.0.3.1:53", "@8.8.8.8:53/TCP"))
    return {"from": draw.choice(SOURCES), "to": to}


def _long(draw: Random, number: int) -> dict[str, Any]:
    namespace, _, labels = draw.choice(SOURCES).partition("/")
    pairs = dict(pair.split("=") for pair in labels.split(",") if pair)
    query: dict[str, Any] = {"kind": "dns", "host": _host(draw, number)}
    if draw.random() < 0.7:
        query |= {"kind": "connect", "port": 443, "protocol": draw.choice(("TCP", "UDP"))}
        if draw.random() < 0.5:
            query["ip"] = draw.choice(ADDRESSES)
            query["prior_lookups"] = [{"host": draw.choice(HOSTS), "ip": query["ip"]}]
    source = {"namespace": namespace, "labels": pairs}
    options = {"agent_options": {"enable-ipv6": "false"}} if draw.random() < 0.05 else {}
    return {"source": source, "query": query, **options}


def _host(draw: Random, number: int) -> str:
    return draw.choice(HOSTS) if draw.random() < 0.7 else f"host{number}.api.pay.test"


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def text_of(some: Sequence[str]) -> bytes:
    """The lines as a file holds them."""
    return "".join(some).encode()
