"""Short forms of flows, as lines of Hubble.

`denied`, `passed`, `reported` or `reset` with `address:port`; `asked` with a name and its answer;
`refused` with a name. `at` is in seconds from the start of every log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from support.doctor.clusters import DNS_POD, START, WEB

Tree = dict[str, Any]

_VERDICTS = {"denied": "DROPPED", "passed": "FORWARDED", "reported": "AUDIT", "reset": "REDIRECTED"}


def lines(short: Tree) -> Iterator[str]:
    """The lines of one short form."""
    for each in _flows(short):
        yield json.dumps({"flow": each, "time": each["time"], "node_name": "prod-1/worker-1"})


def _flows(short: Tree) -> Iterator[Tree]:
    at = float(short.get("at", 0))
    if "asked" in short:
        yield _dns(short, at, "REQUEST", "FORWARDED", {"query": f"{short['asked']}."})
        answer = {"query": f"{short['asked']}.", "ips": short.get("answer", []), "ttl": 30}
        yield _dns(short, at, "RESPONSE", "FORWARDED", {**answer, "ttl": short.get("ttl", 30)})
        return
    if "refused" in short:
        yield _dns(short, at, "REQUEST", "DROPPED", {"query": f"{short['refused']}."})
        return
    word = next(each for each in _VERDICTS if each in short)
    address, _, port = str(short[word]).rpartition(":")
    address = address.strip("[]")
    yield _connection(short, word, at, (address, int(port)))
    if word == "reset":
        yield _back(at, address, int(port))


def _time(at: float) -> str:
    return datetime.fromtimestamp(START + at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _web() -> Tree:
    return {
        "namespace": "shop",
        "pod_name": "web-6f6b679f8f-b5b7b",
        "labels": ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"],
        "workloads": [{"name": "web", "kind": "Deployment"}],
    }


def _dns(short: Tree, at: float, kind: str, verdict: str, dns: Tree) -> Tree:
    ends = [_web(), {"namespace": "kube-system", "pod_name": "coredns-6f6b679f8f-x2x4x"}]
    addresses = [WEB, DNS_POD]
    if kind == "RESPONSE":
        ends.reverse()
        addresses.reverse()
    kinds = ["AAAA" if any(":" in ip for ip in dns.get("ips", [])) else short.get("type", "A")]
    return {
        "time": _time(at),
        "verdict": verdict,
        "IP": {"source": addresses[0], "destination": addresses[1]},
        "l4": {"UDP": {"source_port": 40000, "destination_port": 53}},
        "source": ends[0],
        "destination": ends[1],
        "Type": "L7",
        "l7": {"type": kind, "dns": {**dns, "qtypes": kinds}},
        "event_type": {"type": 129},
        "traffic_direction": "EGRESS",
        "is_reply": kind == "RESPONSE",
    }


def _connection(short: Tree, word: str, at: float, where: tuple[str, int]) -> Tree:
    address, port = where
    protocol = short.get("protocol", "TCP")
    destination: Tree = {"labels": [f"reserved:{short.get('as', 'world')}"]}
    if "pod" in short:
        namespace, _, name = short["pod"].partition("/")
        destination = {"namespace": namespace, "pod_name": name}
    flow: Tree = {
        "time": _time(at),
        "verdict": _VERDICTS[word],
        "IP": {"source": WEB, "destination": address},
        "l4": {protocol: {"source_port": 40000, "destination_port": port}},
        "source": _web(),
        "destination": destination,
        "Type": "L3_L4",
        "event_type": {"type": 5},
        "traffic_direction": "EGRESS",
        "is_reply": False,
    }
    if "names" in short:
        flow["destination_names"] = short["names"]
    if word == "denied":
        flow["drop_reason_desc"] = short.get("why", "POLICY_DENIED")
    if "by" in short:
        flow["egress_allowed_by"] = [{"name": short["by"], "namespace": "shop"}]
    return flow


def _back(at: float, address: str, port: int) -> Tree:
    return {
        "time": _time(at + 0.01),
        "verdict": "FORWARDED",
        "IP": {"source": address, "destination": WEB},
        "l4": {"TCP": {"source_port": port, "destination_port": 40000, "flags": {"RST": True}}},
        "source": {"labels": ["reserved:world"]},
        "destination": _web(),
        "Type": "L3_L4",
        "event_type": {"type": 4},
        "traffic_direction": "EGRESS",
        "is_reply": True,
    }
