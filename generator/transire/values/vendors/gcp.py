"""Google Cloud: `cloud.json`, an entry for each prefix and region of customers' addresses.

Source: https://cloud.google.com/compute/docs/faq#find_ip_range.
"""

from __future__ import annotations

import re

from transire.values.vendors.json_place import JsonPlace
from transire.values.vendors.published import Offer, Published, Vendor

_CREATED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9:.]+(?:Z|[+-][0-9:]+)?")
_FILTERS = ("service", "scope")
_PREFIXES = {"ipv4Prefix": 4, "ipv6Prefix": 6}


def read(text: str, path: str) -> Published:
    """The file.

    Raises:
        Rejected: if it is not all there, or holds something that is not known.
    """
    file = JsonPlace.of(text, path).fields(("syncToken", "creationTime", "prefixes"))
    return Published(
        offers=tuple(map(_offer, file["prefixes"].filled())),
        date=file["creationTime"].day(_CREATED, "2026-11-20T07:04:09.1234"),
        version=file["syncToken"].text(),
    )


def _offer(place: JsonPlace) -> Offer:
    fields = place.fields(_FILTERS, tuple(_PREFIXES))
    prefixes = [key for key in _PREFIXES if key in fields]
    if len(prefixes) != 1:
        place.refuse("must have one of 'ipv4Prefix' and 'ipv6Prefix'")
    (key,) = prefixes
    return Offer(
        fields={name: frozenset({fields[name].text()}) for name in _FILTERS},
        ranges=(fields[key].network(_PREFIXES[key]),),
    )


VENDOR = Vendor(
    name="gcp",
    title="Google Cloud",
    filters=_FILTERS,
    url="https://www.gstatic.com/ipranges/cloud.json",
    read=read,
)
