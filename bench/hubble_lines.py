"""Lines of Hubble as its exporter writes them, any number of them, the same for the same seed.

Knows nothing of what reads them. A line has about 1,200 bytes; of 20 lines 8 are connections to
hosts outside, 6 connections inside, 4 replies, one an answer of a resolver, and one a drop.
"""

# ruff: noqa: INP001 - as in tests: a folder of scripts

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 6, 1, tzinfo=UTC)
PODS = 600
HOSTS = 300
_KINDS = ("outside",) * 8 + ("inside",) * 6 + ("reply",) * 4 + ("answer", "drop")
_HASH = "bcdfghjklmnpqrstvwxz2456789"


def lines(count: int, seed: int, namespaces: tuple[str, ...], days: int = 30) -> Iterator[bytes]:
    """So many lines, evenly over the days, each with its end."""
    source = random.Random(seed)
    pods = [_pod(source, source.choice(namespaces)) for _ in range(PODS)]
    hosts = [(f"h{each}.service{each % 40}.example.com", _address(source)) for each in range(HOSTS)]
    hosts += [("api.stripe.com", "45.9.1.1"), ("files.stripe.com", "45.9.1.1")]
    step = timedelta(days=days) / max(count, 1)
    for number in range(count):
        at = (START + number * step).strftime("%Y-%m-%dT%H:%M:%S.%f") + f"{number % 1000:03}Z"
        pod, other = source.choice(pods), source.choice(pods)
        yield _line(source, source.choice(_KINDS), at, pod, other, source.choice(hosts))


def _address(source: random.Random) -> str:
    return f"45.{source.randrange(256)}.{source.randrange(256)}.{source.randrange(1, 255)}"


def _pod(source: random.Random, namespace: str) -> tuple[str, str]:
    """An end of a flow, and its address."""
    app = source.choice(("checkout", "fraud", "settlement", "mailer", "web", "worker"))
    release = "".join(source.choice(_HASH) for _ in range(9))
    body = {
        "ID": source.randrange(4000),
        "identity": source.randrange(60_000),
        "cluster_name": "prod-eu",
        "namespace": namespace,
        "labels": [
            f"k8s:app={app}",
            f"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={namespace}",
            "k8s:io.cilium.k8s.policy.cluster=prod-eu",
            f"k8s:io.cilium.k8s.policy.serviceaccount={app}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
        ],
        "pod_name": f"{app}-{release}-{source.randrange(10**5):05}",
        "workloads": [{"name": app, "kind": "Deployment"}],
    }
    address = f"10.{source.randrange(256)}.{source.randrange(256)}.{source.randrange(1, 255)}"
    return json.dumps(body, separators=(",", ":")), address


_WORLD = '{"identity":2,"labels":["reserved:world"]}'
_TCP = '"TCP":{{"source_port":{},"destination_port":{},"flags":{{"SYN":true}}}}'
_UDP = '"UDP":{{"source_port":53,"destination_port":{}}}'


def _line(  # noqa: PLR0917 - the parts of a line
    source: random.Random,
    kind: str,
    at: str,
    pod: tuple[str, str],
    other: tuple[str, str],
    host: tuple[str, str],
) -> bytes:
    port = source.randrange(32_768, 60_999)
    parts: dict[str, Any] = {
        "verdict": '"DROPPED","drop_reason":133' if kind == "drop" else '"FORWARDED"',
        "source": pod,
        "destination": (_WORLD, host[1]),
        "l4": _TCP.format(port, 443),
        "names": f'"destination_names":["{host[0]}"],',
        "event": 5,
        "reply": "" if kind == "drop" else '"is_reply":false,',
        "reason": '"drop_reason_desc":"POLICY_DENIED",' if kind == "drop" else "",
        "l7": "",
    }
    if kind == "inside":
        parts |= {"destination": other, "names": "", "event": 4, "l4": _TCP.format(port, 8080)}
    elif kind == "reply":
        parts |= {"source": other, "destination": pod, "names": "", "event": 4}
        parts["reply"] = '"is_reply":true,'
    elif kind == "answer":
        dns = {"query": f"{host[0]}.", "ips": [host[1]], "ttl": 30, "qtypes": ["A"]}
        parts |= {"source": other, "destination": pod, "names": "", "event": 129}
        parts["l7"] = f'"l7":{{"type":"RESPONSE","dns":{json.dumps(dns)}}},'
        parts |= {"reply": '"is_reply":true,', "l4": _UDP.format(port)}
    return _written(source.getrandbits(128), at, parts)


def _written(unique: int, at: str, parts: dict[str, Any]) -> bytes:
    (source, from_), (destination, to) = parts["source"], parts["destination"]
    return (
        f'{{"flow":{{"time":"{at}","uuid":"{unique:032x}",'
        f'"emitter":{{"name":"Hubble","version":"1.19.4"}},"verdict":{parts["verdict"]},'
        f'"IP":{{"source":"{from_}","destination":"{to}","ipVersion":"IPv4"}},'
        f'"l4":{{{parts["l4"]}}},"source":{source},"destination":{destination},"Type":"L3_L4",'
        f'"node_name":"prod-eu/node-{unique % 20}",{parts["names"]}{parts["l7"]}'
        f'"event_type":{{"type":{parts["event"]}}},"traffic_direction":"EGRESS",'
        f"{parts['reason']}{parts['reply']}"
        f'"Summary":"TCP Flags: SYN"}},'
        f'"node_name":"prod-eu/node-{unique % 20}","time":"{at}"}}\n'
    ).encode()
