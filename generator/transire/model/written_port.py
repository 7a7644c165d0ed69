"""What a rule lists where: its ports, and names that its lists have twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.model.net import PortRange, Protocol
from transire.model.problems import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPort:
    """A port or a range of ports as one item of a list writes it.

    `owner` is the place of the rule, or of its destination, that has the list.
    """

    port: PortRange
    at: Position
    owner: Position

    def has(self, protocol: Protocol, number: int) -> bool:
        """Whether the port of that protocol is among those that the item writes."""
        port = self.port
        return port.protocol is protocol and port.first <= number <= port.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A name that a list of a rule has already, such as a bundle."""

    key: str
    text: str
    at: Position


def place_of(
    written: Iterable[WrittenPort], protocol: Protocol, number: int, owner: Position
) -> Position | None:
    """Where the owner lists a port first, or None."""
    places = (each.at for each in written if each.owner == owner and each.has(protocol, number))
    return next(places, None)
