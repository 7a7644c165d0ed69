"""A cluster that never was: its workloads, what they reach, its noise, and the log of all of it.

Made of a seed, and of nothing that is under test: the truth is drawn first, and lines are written
of it as Hubble writes them.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 6, 1, tzinfo=UTC)
_RELEASES = "bcdfghjklmnpqrstvwxz2456789"
_REPLICA = 9


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a workload of a namespace connects to, on which port, over which addresses."""

    namespace: str
    app: str
    host: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class World:
    """What is true: who reaches what for `days` days, and who is refused what."""

    cluster: str
    days: int
    passed: tuple[Reach, ...]
    denied: tuple[Reach, ...]
    noise: float
    """How many lines of noise there are for a line of these."""
    cut: float = 0.0
    """The share of these whose line has no names, as a mask leaves them out."""


@dataclass(kw_only=True)
class Log:
    """Lines in the order of their times, and how often each of the truths is among them."""

    lines: list[str] = field(default_factory=list)
    passed: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    denied: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    last: dict[tuple[str, str, str, int], str] = field(default_factory=dict)
    noise: int = 0


def address(source: random.Random) -> str:
    """An address that nobody of the example's clusters has."""
    return f"45.{source.randrange(256)}.{source.randrange(256)}.{source.randrange(1, 255)}"


def written(world: World, seed: int, *, a_day: int = 12) -> Log:
    """The log of a world: `a_day` rounds a day in which each truth shows now and then."""
    source = random.Random(seed)
    log = Log()
    for day in range(world.days):
        for turn in range(a_day):
            at = START + timedelta(
                days=day, seconds=86_400 / a_day * (turn + source.random() * 0.9)
            )
            _round(world, log, source, at)
        # Every truth shows at least once in the first half.
        if day == world.days // 2:
            for truths, verdict in ((world.passed, "FORWARDED"), (world.denied, "DROPPED")):
                for each in truths:
                    if (log.passed + log.denied)[_key(each)] == 0:
                        _connect(
                            world,
                            log,
                            source,
                            each,
                            verdict=verdict,
                            at=START + timedelta(days=day),
                        )
    log.lines.sort(key=lambda line: str(json.loads(line)["time"]))
    return log


def _round(world: World, log: Log, source: random.Random, at: datetime) -> None:
    for truths, verdict in ((world.passed, "FORWARDED"), (world.denied, "DROPPED")):
        for each in truths:
            if source.random() < 0.4:
                _connect(world, log, source, each, verdict=verdict, at=at)
    count = int(world.noise * (len(world.passed) + len(world.denied)) * 0.4) + 1
    log.lines += [_noise(world, source, at) for _ in range(count)]
    log.noise += count


def _key(each: Reach) -> tuple[str, str, str, int]:
    return each.namespace, each.app, each.host, each.port


def _connect(
    world: World, log: Log, source: random.Random, each: Reach, *, verdict: str, at: datetime
) -> None:
    pod = _pod(world, source, each.namespace, each.app)
    to = source.choice(each.addresses)
    log.lines += list(_lookup(pod, each.host, to, at, source))
    names = [] if world.cut and source.random() < world.cut else [each.host]
    at_once = at + timedelta(seconds=1)
    log.lines.append(_flow(pod, each, to, names, verdict=verdict, at=at_once))
    counts = log.passed if verdict == "FORWARDED" else log.denied
    counts[_key(each)] += 1
    log.last[_key(each)] = at.date().isoformat()


def _pod(world: World, source: random.Random, namespace: str, app: str) -> dict[str, object]:
    release = "".join(source.choice(_RELEASES) for _ in range(_REPLICA))
    return {
        "cluster_name": world.cluster,
        "namespace": namespace,
        "labels": [
            f"k8s:app={app}",
            f"k8s:pod-template-hash={release}",
            f"k8s:io.kubernetes.pod.namespace={namespace}",
            "k8s:io.cilium.k8s.policy.serviceaccount=default",
        ],
        "pod_name": f"{app}-{release}-{source.randrange(10**5):05}",
        "workloads": [{"name": app, "kind": "Deployment"}],
    }


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _line(at: datetime, **flow: object) -> str:
    return json.dumps({"flow": {"time": _stamp(at), **flow}, "time": _stamp(at)})


def _flow(
    pod: dict[str, object], each: Reach, to: str, names: list[str], *, verdict: str, at: datetime
) -> str:
    reason = {"drop_reason_desc": "POLICY_DENIED"} if verdict == "DROPPED" else {}
    return _line(
        at,
        verdict=verdict,
        IP={"source": "10.0.1.9", "destination": to},
        l4={"TCP": {"source_port": 40_000 + at.second, "destination_port": each.port}},
        source=pod,
        destination={"labels": ["reserved:world"]},
        destination_names=names,
        event_type={"type": 5},
        traffic_direction="EGRESS",
        **reason,
    )


def _lookup(
    pod: dict[str, object], host: str, to: str, at: datetime, source: random.Random
) -> Iterator[str]:
    namespace = pod["namespace"]
    names = [f"{host}.{namespace}.svc.cluster.local.", f"{host}.cluster.local.", f"{host}."]
    for place, name in enumerate(names):
        answer: dict[str, object] = {"query": name, "qtypes": [source.choice(["A", "AAAA"])]}
        answer |= {"ips": [to], "ttl": 60} if place == len(names) - 1 else {"rcode": 3}
        yield _line(
            at + timedelta(milliseconds=place),
            verdict="FORWARDED",
            source={"namespace": "kube-system", "labels": ["k8s:k8s-app=kube-dns"]},
            destination=pod,
            IP={"source": "10.0.0.10", "destination": "10.0.1.9"},
            l4={"UDP": {"source_port": 53, "destination_port": 40_000}},
            l7={"type": "RESPONSE", "dns": answer},
            event_type={"type": 129},
            traffic_direction="EGRESS",
            is_reply=True,
        )


def _noise(world: World, source: random.Random, at: datetime) -> str:
    """Traffic that no entry is about: inside, replies, ingress, health checks, other namespaces."""
    at += timedelta(seconds=source.random() * 60)
    pod = _pod(world, source, source.choice(["kube-system", "monitoring"]), "agent")
    other = {**pod, "namespace": "monitoring", "pod_name": "scraper-1"}
    base: dict[str, object] = {
        "verdict": "FORWARDED",
        "source": pod,
        "destination": other,
        "IP": {"source": "10.0.2.1", "destination": "10.0.2.2"},
        "l4": {"TCP": {"source_port": source.randrange(1024, 65_535), "destination_port": 9090}},
        "event_type": {"type": 4},
        "traffic_direction": "EGRESS",
        "is_reply": False,
    }
    changes: list[dict[str, object]] = [
        {},
        {"is_reply": True},
        {"traffic_direction": "INGRESS", "source": {"labels": ["reserved:host"]}},
        {"destination": {"labels": ["reserved:world"]}, "destination_names": ["noise.example.org"],
         "IP": {"source": "10.0.2.1", "destination": address(source)}},
    ]  # fmt: skip
    return _line(at, **{**base, **source.choice(changes)})
