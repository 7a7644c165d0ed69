"""Azure: service tags, an entry for each service and region.

The file holds no date; the name with which Microsoft publishes it does.
Source: https://learn.microsoft.com/azure/virtual-network/service-tags-overview.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath

from transire.values.vendors.json_place import JsonPlace
from transire.values.vendors.published import Offer, Published, Vendor

_NAMED = re.compile(r"ServiceTags_[A-Za-z]+_([0-9]{4})([0-9]{2})([0-9]{2})")
_FILTERS = ("name", "id", "region", "systemService")
_SEEN = ("region", "systemService")


def read(text: str, path: str) -> Published:
    """The file.

    Raises:
        Rejected: if it is not all there, or holds something that is not known.
    """
    file = JsonPlace.of(text, path).fields(("changeNumber", "cloud", "values"))
    file["cloud"].text()
    return Published(
        offers=tuple(map(_offer, file["values"].filled())),
        date=_day(path),
        version=str(file["changeNumber"].number()),
    )


def _offer(place: JsonPlace) -> Offer:
    tag = place.fields(("name", "id", "properties"))
    about = tag["properties"].fields(
        (*_SEEN, "addressPrefixes"), ("changeNumber", "regionId", "platform", "networkFeatures")
    )
    return Offer(
        fields={
            "name": frozenset({tag["name"].text()}),
            "id": frozenset({tag["id"].text()}),
            **{key: frozenset({about[key].text()}) for key in _SEEN},
        },
        ranges=tuple(each.network() for each in about["addressPrefixes"].items()),
    )


def _day(path: str) -> date | None:
    named = _NAMED.fullmatch(PurePath(path).stem)
    try:
        return None if named is None else date(*map(int, named.groups()))
    except ValueError:
        return None


VENDOR = Vendor(
    name="azure",
    title="Azure",
    filters=_FILTERS,
    url="https://www.microsoft.com/en-us/download/details.aspx?id=56519",
    read=read,
)
