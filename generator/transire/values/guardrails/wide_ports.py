"""When ports are so many that nobody can have meant each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from transire.model.net import PortRange, Protocol, merge_ports

MANY = 1_000
"""More ports of one protocol than this count as all of them."""


def is_wide(ports: Iterable[PortRange]) -> bool:
    """Whether these are more ports of one protocol than anybody means."""
    count: defaultdict[Protocol, int] = defaultdict(int)
    for each in merge_ports(ports):
        count[each.protocol] += each.last - each.first + 1
    return any(number > MANY for number in count.values())
