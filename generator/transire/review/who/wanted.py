"""What `who` is asked about: a name, addresses, pods or a part of the cluster, on some ports.

```text
HOST[:PORT[/proto]]   *.example.com[:PORT]   ADDRESS[:PORT]   [v6][:PORT]   RANGE[:PORT]
pod:NAMESPACE[/k=v,...][:PORT]   entity:NAME[:PORT]
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from transire.flows.port_set import PortSet, Protocol
from transire.model.intent import EntityKind
from transire.model.names import HostPattern
from transire.model.net import Network
from transire.queries.query import Connection
from transire.queries.query_notation import ICMP, destination_from, source_from

_ANY_PORT = ":1"
"""Stands for a port where none is written, so that the rest is read as in questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedName:
    """A name, or all that a pattern stands for."""

    pattern: HostPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAddresses:
    """Addresses."""

    network: Network


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPods:
    """Pods of a namespace that have these labels, perhaps among others."""

    namespace: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEntity:
    """A part of the cluster that is no pod."""

    kind: EntityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked about, as it was written; `ports` is None where none was."""

    text: str
    what: WantedName | WantedAddresses | WantedPods | WantedEntity
    ports: PortSet | None = None

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """What the text asks about.

        Raises:
            ValueError: with a sentence that names what is wrong.
        """
        network = _network(text)
        if network is not None:
            return cls(text=text, what=WantedAddresses(network=network))
        if text.startswith(("pod:", "entity:")):
            return _inside(text)
        if "://" in text:
            raise ValueError(
                f"{text!r} is a URL, not a host; write a host and a port such as "
                "api.example.com:443"
            )
        where, port = _parted(text)
        at = _address(where)
        if at is not None:
            return cls(text=text, what=WantedAddresses(network=at), ports=_ports(f"a.b{port}"))
        pattern = HostPattern.parse(where.lower().removesuffix("."))
        return cls(text=text, what=WantedName(pattern=pattern), ports=_ports(f"a.b{port}"))


def _network(text: str) -> Network | None:
    """An address or a range without a port, a bare IPv6 address included."""
    try:
        return ip_network(text)
    except ValueError:
        return None


def _address(where: str) -> Network | None:
    """An address or a range in front of a port; an IPv6 address is in brackets."""
    if where.startswith("[") and where.endswith("]"):
        return ip_network(ip_address(where[1:-1]))
    found = _network(where)
    return found if found is None or found.version == 4 else None  # noqa: PLR2004 - IPv4


def _parted(text: str) -> tuple[str, str]:
    """Where, and the port with its colon if there is one."""
    if text.startswith("[") and text.endswith("]"):
        return text, ""
    where, colon, port = text.rpartition(":")
    return (where, f":{port}") if colon else (text, "")


def _inside(text: str) -> Wanted:
    has_port = text.count(":") > 1
    found = destination_from(text if has_port else text + _ANY_PORT)
    if not isinstance(found, Connection):
        raise TypeError(text)
    ports = _port_set(found) if has_port else None
    if found.entity:
        return Wanted(text=text, what=WantedEntity(kind=EntityKind(found.entity)), ports=ports)
    peer = source_from(text.split(":")[1])
    return Wanted(
        text=text, what=WantedPods(namespace=peer.namespace, labels=peer.labels), ports=ports
    )


def _ports(text: str) -> PortSet | None:
    if ":" not in text:
        return None
    found = destination_from(text)
    return _port_set(found) if isinstance(found, Connection) else None


def _port_set(found: Connection) -> PortSet:
    if found.protocol in ICMP:
        return PortSet.of_icmp(4 if found.protocol == ICMP[0] else 6, found.port)
    return PortSet.of_port(Protocol[found.protocol], found.port)
