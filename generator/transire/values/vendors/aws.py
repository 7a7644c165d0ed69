"""AWS: `ip-ranges.json`, an entry for each prefix, service and region.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from transire.values.vendors.json_place import JsonPlace
from transire.values.vendors.published import Offer, Published, Vendor

_CREATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9]{2}-[0-9]{2}-[0-9]{2}")
_FILTERS = ("region", "service", "network_border_group")


def read(text: str, path: str) -> Published:
    """The file.

    Raises:
        Rejected: if it is not all there, or holds something that is not known.
    """
    file = JsonPlace.of(text, path).fields(("syncToken", "createDate", "prefixes", "ipv6_prefixes"))
    offers = [
        *_offers(file["prefixes"], "ip_prefix", 4),
        *_offers(file["ipv6_prefixes"], "ipv6_prefix", 6),
    ]
    return Published(
        offers=tuple(offers),
        date=file["createDate"].day(_CREATED, "2026-11-20-21-43-08"),
        version=file["syncToken"].text(),
    )


def _offers(place: JsonPlace, key: str, version: int) -> Iterator[Offer]:
    for each in place.items():
        fields = each.fields((key, *_FILTERS))
        yield Offer(
            fields={name: frozenset({fields[name].text()}) for name in _FILTERS},
            ranges=(fields[key].network(version),),
        )


VENDOR = Vendor(
    name="aws",
    title="AWS",
    filters=_FILTERS,
    url="https://ip-ranges.amazonaws.com/ip-ranges.json",
    read=read,
)
