"""Microsoft 365: sets of endpoints, each with hosts, ranges and the ports of both.

Source: https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.net import PortRange
from transire.values.vendors.json_place import JsonPlace
from transire.values.vendors.published import Offer, Published, Vendor

_REQUIRED = ("id", "serviceArea", "category", "required")
_PORTS = {"tcpPorts": "TCP", "udpPorts": "UDP"}
_OPTIONAL = ("urls", "ips", *_PORTS, "serviceAreaDisplayName", "expressRoute", "notes")


def read(text: str, path: str) -> Published:
    """The file.

    Raises:
        Rejected: if it is not all there, or holds something that is not known.
    """
    return Published(offers=tuple(map(_offer, JsonPlace.of(text, path).filled())))


def _offer(place: JsonPlace) -> Offer:
    fields = place.fields(_REQUIRED, _OPTIONAL)
    ports = tuple(each for key in _PORTS if key in fields for each in _ports(fields[key], key))
    if not ports:
        place.refuse("has neither 'tcpPorts' nor 'udpPorts'")
    if "urls" not in fields and "ips" not in fields:
        place.refuse("has neither 'urls' nor 'ips'")
    return Offer(
        fields={
            "id": frozenset({str(fields["id"].number())}),
            "serviceArea": frozenset({fields["serviceArea"].text()}),
            "category": frozenset({fields["category"].text()}),
            "required": frozenset({str(fields["required"].flag()).lower()}),
        },
        hosts=tuple(each.host() for each in _list(fields.get("urls"))),
        ranges=tuple(each.network() for each in _list(fields.get("ips"))),
        ports=ports,
    )


def _list(place: JsonPlace | None) -> Iterator[JsonPlace]:
    if place is not None:
        yield from place.filled()


def _ports(place: JsonPlace, key: str) -> Iterator[PortRange]:
    for part in place.text().split(","):
        try:
            yield PortRange.parse(f"{part.strip()}/{_PORTS[key]}")
        except ValueError:
            place.refuse(f"is {place.text()!r}, which is not a list of ports")


VENDOR = Vendor(
    name="microsoft365",
    title="Microsoft 365",
    filters=_REQUIRED,
    url="https://endpoints.office.com/endpoints/worldwide",
    read=read,
)
