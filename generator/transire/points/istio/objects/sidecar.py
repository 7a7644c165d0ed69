"""Sidecar: what the proxies beside pods of a namespace see of the mesh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.points.istio.objects.common import NOBODY, PRIVATE, PUBLIC, Common
from transire.points.istio.objects.host_rules import (
    EVERYTHING,
    holds,
    is_namespace,
    is_partial,
    wildcard_fault,
)
from transire.points.istio.objects.part import Part


class Mode(StrEnum):
    """What becomes of a destination that the mesh does not know."""

    REGISTRY_ONLY = "REGISTRY_ONLY"
    ALLOW_ANY = "ALLOW_ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar(Common):
    """A Sidecar that was taken.

    `selector` is None where it is for every pod of the namespace, `mode` where it leaves that to
    the mesh. `hosts` are pairs of a namespace and a pattern.
    """

    selector: Mapping[str, str] | None
    hosts: tuple[tuple[str, str], ...]
    mode: Mode | None

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether it is for a pod with these labels."""
        return all(labels.get(key) == value for key, value in (self.selector or {}).items())

    def takes(self, namespace: str, host: str, *, own: str) -> bool:
        """Whether a pod of namespace `own` sees a host of some namespace."""
        return any(
            _is_of(listed, namespace, own) and holds(pattern, host)
            for listed, pattern in self.hosts
        )


_KEYS = (
    "workloadSelector",
    "egress",
    "ingress",
    "outboundTrafficPolicy",
    "inboundConnectionPool",
)


def read_sidecar(spec: Part, common: Common) -> Sidecar:
    """A Sidecar, with what is wrong in it noted."""
    if not any(spec.has(key) for key in _KEYS):
        spec.fault("sets nothing")
    selector = _selector(spec)
    parts = spec.parts("egress")
    hosts: list[tuple[str, str]] = []
    for place, part in enumerate(parts):
        hosts.extend(_hosts(part))
        if part.has("port"):
            part.unmodelled("a listener for one port is not modelled", "port")
        elif place < len(parts) - 1:
            part.fault("has no port, and is not the last one")
        part.close(plain=("captureMode",), unmodelled=("bind",))
    if parts:
        _duplicates(spec, hosts, common.namespace)
    mode = _mode(spec)
    spec.close(plain=("ingress", "inboundConnectionPool"))
    return Sidecar(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        selector=selector,
        hosts=tuple(hosts) if parts else ((PUBLIC, EVERYTHING),),
        mode=mode,
    )


def _selector(spec: Part) -> dict[str, str] | None:
    part = spec.part("workloadSelector")
    if part is None:
        return None
    labels = part.table("labels")
    for key, value in labels.items():
        if "*" in key or "*" in value:
            part.fault("has a star, which no selector takes", "labels", key)
    if not labels:
        part.warning("selects no label, so that it holds for every pod")
    part.close()
    return labels or None


def _hosts(part: Part) -> list[tuple[str, str]]:
    found = []
    listed = part.texts("hosts")
    if not listed:
        part.fault("is missing or empty", "hosts")
    for place, text in enumerate(listed):
        namespace, slash, host = text.partition("/")
        if not slash or "/" in host:
            part.fault(f"{text[:80]!r} is not NAMESPACE/HOST", "hosts", place)
            continue
        if namespace not in {PUBLIC, PRIVATE, NOBODY} and not is_namespace(namespace):
            part.fault(f"{namespace[:63]!r} is no namespace", "hosts", place)
        if host != EVERYTHING and (fault := wildcard_fault(host)):
            part.fault(fault, "hosts", place)
        elif is_partial(host):
            part.fault(f"{host!r} has a star as part of a label", "hosts", place)
        found.append((namespace, host))
    return found


def _duplicates(spec: Part, hosts: list[tuple[str, str]], own: str) -> None:
    named = [(own if each == PRIVATE else each, host) for each, host in hosts]
    for (namespace, host), times in Counter(named).items():
        if times > 1:
            spec.warning(f"has {namespace}/{host} twice", "egress")


def _mode(spec: Part) -> Mode | None:
    part = spec.part("outboundTrafficPolicy")
    if part is None:
        return None
    mode = part.choice("mode", Mode)
    if part.has("egressProxy"):
        if mode != Mode.ALLOW_ANY:
            part.fault("belongs beside ALLOW_ANY alone", "egressProxy")
        else:
            part.unmodelled("egressProxy is not modelled", "egressProxy")
    part.close()
    return Mode(mode) if mode else Mode.REGISTRY_ONLY


def _is_of(listed: str, namespace: str, own: str) -> bool:
    if listed == PRIVATE:
        return namespace == own
    return listed in {PUBLIC, namespace}
