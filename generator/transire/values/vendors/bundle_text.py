"""The text of a bundle's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from transire.model.net import Network, PortRange, merge_networks, merge_ports
from transire.values.vendors.published import Offer, Vendor
from transire.values.vendors.selection import Filters
from transire.yamlio import YamlTree, write

_SCHEMA = "yaml-language-server: $schema=../.schema/bundle.schema.json"
_STAR = "A star is exactly one label here; write ** where the vendor means more, and say so."

Ports = tuple[PortRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands at the head of a bundle."""

    name: str
    owner: str
    reason: str
    vendor: Vendor
    day: date
    version: str
    only: Filters


def bundle_text(head: Head, offers: Iterable[Offer]) -> str:
    """The file, the same bytes for the same offers in any order."""
    to = list(_destinations(tuple(offers)))
    published: dict[str, YamlTree] = {"source": head.vendor.name, "date": head.day.isoformat()}
    if head.version:
        published["version"] = head.version
    if head.only:
        published["only"] = [
            f"{key}={value}" for key, values in head.only.items() for value in sorted(values)
        ]
    tree: YamlTree = {
        "apiVersion": "transire/v1",
        "kind": "Bundle",
        "bundle": head.name,
        "owner": head.owner,
        "reason": head.reason,
        "published": published,
        "to": to,
    }
    stars = any(isinstance(each, str) and "*" in each for each in _names(to))
    lines = [_SCHEMA, f"Made by `transire bundle` of {head.vendor.url}."]
    return write(tree, head=[*lines, *([_STAR] if stars else [])])


def _names(to: Iterable[YamlTree]) -> Iterator[YamlTree]:
    for each in to:
        yield each["host"] if isinstance(each, dict) and "host" in each else each


def _destinations(offers: tuple[Offer, ...]) -> Iterator[YamlTree]:
    """Hosts by name, then ranges, merged where their ports are the same."""
    hosts: dict[str, list[Ports]] = {}
    ranges: dict[Network, list[Ports]] = {}
    for offer in offers:
        for host in offer.hosts:
            hosts.setdefault(host.text, []).append(offer.ports)
        for network in offer.ranges:
            ranges.setdefault(network, []).append(offer.ports)
    for name in sorted(hosts):
        ports = _together(hosts[name])
        yield {"host": name, "ports": ports} if ports else name
    together: dict[tuple[str, ...], list[Network]] = {}
    for network, several in ranges.items():
        together.setdefault(tuple(_together(several)), []).append(network)
    for ports_of in sorted(together):
        for network in merge_networks(together[ports_of]):
            cidr: dict[str, YamlTree] = {"cidr": str(network)}
            yield {**cidr, "ports": list(ports_of)} if ports_of else cidr


def _together(several: list[Ports]) -> list[str]:
    """The ports of one destination in all offers; none where an offer names none."""
    if not all(several):
        return []
    return [str(each) for each in merge_ports(port for ports in several for port in ports)]
