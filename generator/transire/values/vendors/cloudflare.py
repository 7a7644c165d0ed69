"""Cloudflare: text, one range a line, in a file for each family of addresses.

Source: https://www.cloudflare.com/ips/.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.net import Network, parse_cidr
from transire.model.problems import Position
from transire.values.vendors.json_place import refused
from transire.values.vendors.published import Offer, Published, Vendor


def read(text: str, path: str) -> Published:
    """The file.

    Raises:
        Rejected: if a line is not a range, or there is none.
    """
    ranges = tuple(_ranges(text, path))
    if not ranges:
        raise refused(Position(path=path), "the file is empty")
    return Published(offers=(Offer(ranges=ranges),))


def _ranges(text: str, path: str) -> Iterator[Network]:
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written:
            continue
        try:
            network = parse_cidr(written)
        except ValueError:
            network = None
        if network is None or "/" not in written:
            at = Position(path=path, line=number, column=1)
            raise refused(at, f"{written[:80]!r} is not an address range")
        yield network


VENDOR = Vendor(
    name="cloudflare",
    title="Cloudflare",
    filters=(),
    url="https://www.cloudflare.com/ips-v4 and https://www.cloudflare.com/ips-v6",
    read=read,
)
