"""ServiceEntry: names outside of the cluster that a mesh knows.

Forms that are taken, refused and warned of are those of the definition and the webhook of Istio
1.30.3, tried one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from transire.k8s.go_cidr import parse_address, parse_network
from transire.model.net import Address, Network
from transire.points.istio.objects.common import Common, read_export
from transire.points.istio.objects.host_rules import (
    EVERYTHING,
    is_partial,
    is_wildcard,
    name_fault,
    wildcard_fault,
)
from transire.points.istio.objects.part import Part

_MOST_HOSTS = 256
_MOST_PORT = 65_535


class Protocol(StrEnum):
    """What a port carries, as far as a proxy treats it differently."""

    HTTP = "HTTP"
    TLS = "TLS"
    TCP = "TCP"
    UDP = "UDP"
    SNIFFED = "a protocol that the proxy finds out"


class Resolution(StrEnum):
    """Where a proxy connects to."""

    NONE = "NONE"
    """To the address that the application dialled."""
    STATIC = "STATIC"
    DNS = "DNS"
    DNS_ROUND_ROBIN = "DNS_ROUND_ROBIN"
    DYNAMIC_DNS = "DYNAMIC_DNS"
    """To the name that the application sent, which the proxy looks up; since 1.30."""


PROTOCOLS: Mapping[str, Protocol] = {
    "HTTP": Protocol.HTTP,
    "HTTP2": Protocol.HTTP,
    "GRPC": Protocol.HTTP,
    "GRPC-WEB": Protocol.HTTP,
    "HTTPS": Protocol.TLS,
    "TLS": Protocol.TLS,
    "TCP": Protocol.TCP,
    "MONGO": Protocol.TCP,
    "REDIS": Protocol.TCP,
    "MYSQL": Protocol.TCP,
    "UDP": Protocol.UDP,
    "": Protocol.SNIFFED,
}
_DYNAMIC = {"HTTP", "HTTP2", "GRPC", "TLS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPort:
    """A port of an entry; `target` is the port at the origin."""

    number: int
    protocol: Protocol
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry(Common):
    """An entry that was taken; `automatic` holds addresses that Istio has given to its hosts."""

    labels: Mapping[str, str]
    hosts: tuple[str, ...]
    addresses: tuple[Network, ...]
    ports: tuple[EntryPort, ...]
    resolution: Resolution
    endpoints: tuple[str, ...]
    export: tuple[str, ...]
    automatic: Mapping[str, Address]

    def port(self, number: int) -> EntryPort | None:
        """The port of that number."""
        return next((each for each in self.ports if each.number == number), None)


def read_entry(top: Part, spec: Part, common: Common, labels: Mapping[str, str]) -> ServiceEntry:
    """An entry, with what is wrong in it noted."""
    resolution = Resolution(spec.choice("resolution", Resolution) or Resolution.NONE)
    hosts = _hosts(spec, resolution)
    ports = _ports(spec, resolution)
    addresses = _addresses(spec, resolution)
    endpoints = _endpoints(spec, resolution)
    if resolution in {Resolution.DNS, Resolution.DNS_ROUND_ROBIN} and not endpoints:
        for place, host in enumerate(hosts):
            if fault := name_fault(host):
                spec.fault(f"{fault}, and {resolution} looks up one name", "hosts", place)
    if resolution is Resolution.DNS_ROUND_ROBIN and len(endpoints) > 1:
        spec.fault("has several endpoints, and DNS_ROUND_ROBIN takes one", "endpoints")
    carried = {each.protocol for each in ports}
    if carried - {Protocol.HTTP, Protocol.TLS}:
        if len(hosts) > 1 and resolution is not Resolution.NONE:
            spec.fault("has several hosts, and a port that tells no names apart", "hosts")
        bare = resolution is Resolution.NONE and not addresses
        if bare and carried & {Protocol.TCP, Protocol.SNIFFED}:
            spec.warning("is missing, so that every address of the port is meant", "addresses")
    if spec.choice("location", ("MESH_EXTERNAL", "MESH_INTERNAL")) == "MESH_INTERNAL":
        spec.unmodelled("a destination inside of the mesh is not modelled", "location")
    export = read_export(spec, common.namespace, nobody=True)
    spec.close(unmodelled=("workloadSelector", "subjectAltNames"))
    return ServiceEntry(
        ref=common.ref,
        created=common.created,
        unmodelled=common.unmodelled,
        labels=labels,
        hosts=hosts,
        addresses=addresses,
        ports=ports,
        resolution=resolution,
        endpoints=endpoints,
        export=export,
        automatic=_automatic(top),
    )


def _hosts(spec: Part, resolution: Resolution) -> tuple[str, ...]:
    hosts = spec.texts("hosts")
    if not hosts:
        spec.fault("is missing, and an entry has at least one host", "hosts")
    if len(hosts) > _MOST_HOSTS:
        spec.fault(f"has {len(hosts)} items, at most {_MOST_HOSTS} are taken", "hosts")
    for place, host in enumerate(hosts):
        if host == EVERYTHING:
            spec.fault("is '*', which no entry may have", "hosts", place)
        elif fault := wildcard_fault(host):
            spec.fault(fault, "hosts", place)
        elif is_partial(host):
            spec.warning(f"{host!r} has a star as part of a label", "hosts", place)
        if resolution is Resolution.DYNAMIC_DNS and not is_wildcard(host):
            spec.fault(f"{host!r} is one name, and DYNAMIC_DNS takes wildcards", "hosts", place)
    return hosts


def _ports(spec: Part, resolution: Resolution) -> tuple[EntryPort, ...]:
    found: list[EntryPort] = []
    parts = spec.parts("ports")
    names = [part.text("name") for part in parts]
    for part, name in zip(parts, names, strict=True):
        number = _port_number(part, "number")
        if not name:
            part.fault("is missing", "name")
        elif Counter(names)[name] > 1:
            part.fault(f"{name!r} is the name of another port, too", "name")
        written = part.text("protocol").upper()
        if written not in PROTOCOLS:
            part.fault(f"{written!r} is no protocol that Istio knows", "protocol")
        if resolution is Resolution.DYNAMIC_DNS and written not in _DYNAMIC:
            part.fault(f"DYNAMIC_DNS takes {', '.join(sorted(_DYNAMIC))} alone", "protocol")
        target = _port_number(part, "targetPort") if part.has("targetPort") else number
        part.close()
        if any(each.number == number for each in found):
            part.fault(f"{number} is the number of another port, too", "number")
        found.append(
            EntryPort(number=number, protocol=PROTOCOLS.get(written, Protocol.TCP), target=target)
        )
    return tuple(found)


def _port_number(part: Part, key: str) -> int:
    number = part.whole(key) or 0
    if not 0 < number <= _MOST_PORT:
        part.fault(f"{number} is no port", key)
    return number


def _addresses(spec: Part, resolution: Resolution) -> tuple[Network, ...]:
    found = []
    for place, text in enumerate(spec.texts("addresses")):
        if resolution is Resolution.DYNAMIC_DNS:
            spec.fault("belongs to no entry with DYNAMIC_DNS", "addresses", place)
        if "/" in text and resolution not in {Resolution.NONE, Resolution.STATIC}:
            spec.fault(f"{text!r} is a range, which {resolution} does not take", "addresses", place)
        address = parse_address(text)
        whole = parse_network(f"{text}/{address.max_prefixlen}" if address else text)
        if whole is None:
            spec.fault(f"{text[:80]!r} is neither an address nor a range", "addresses", place)
        else:
            found.append(whole[1])
    return tuple(found)


def _endpoints(spec: Part, resolution: Resolution) -> tuple[str, ...]:
    found = []
    for part in spec.parts("endpoints"):
        address = part.text("address")
        is_address = parse_address(address) is not None
        if resolution in {Resolution.NONE, Resolution.DYNAMIC_DNS}:
            part.fault(f"belongs to no entry with {resolution}")
        elif resolution is Resolution.STATIC and not is_address:
            part.fault(f"{address[:80]!r} is no address, which STATIC takes alone", "address")
        elif not is_address and (fault := name_fault(address)):
            part.fault(fault, "address")
        part.close(
            plain=("labels", "locality", "weight"),
            unmodelled=("ports", "network", "serviceAccount"),
        )
        found.append(address)
    return tuple(found)


def _automatic(top: Part) -> dict[str, Address]:
    """The addresses that Istio has given out, by host; `status` is Istio's alone to write."""
    status = top.body.get("status")
    listed = status.get("addresses") if isinstance(status, Mapping) else None
    found = {}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping):
            address = parse_address(str(each.get("value")))
            if address is not None:
                found[str(each.get("host"))] = address
    return found
