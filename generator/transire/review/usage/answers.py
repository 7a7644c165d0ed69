"""The names that clients got addresses for, and for how long: what flows without names are given.

Every client, address and name is kept once, and what stands for a pair of them is a number, so that
many pods with many hosts fit.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any, Generic, TypeVar

from transire.flowlogs.record import Lookup, Peer

Client = tuple[str, str, str]
"""Namespace, pod and, without them, address of who looked a name up."""
_GRACE = 300
"""Seconds that a name may be used for after its time to live, by caches and open connections."""
_HALF = 32
"""Bits of a half of a number that stands for two."""
_LOWER = (1 << _HALF) - 1
Value = TypeVar("Value", bound=Hashable)


class Numbers(Generic[Value]):
    """Numbers for values from 0 on, in the order in which they come."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._numbers: dict[Value, int] = {}

    def of(self, value: Value) -> int:
        """The number of a value."""
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number

    def known(self, value: Value) -> int | None:
        """The number of a value that has one."""
        return self._numbers.get(value)


def client_of(peer: Peer) -> Client | None:
    """Who looks names up, as far as the log has it."""
    if peer.namespace and peer.pod:
        return peer.namespace, peer.pod, ""
    return ("", "", peer.address) if peer.address else None


class Answers:
    """Collects answers; `names_of` gives the names of an address for a client at some time."""

    def __init__(self) -> None:
        self._clients: Numbers[Client] = Numbers()
        self._pairs: Numbers[tuple[str, str]] = Numbers()
        self._spans: dict[int, int] = {}
        self._of_address: dict[str, list[int]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs."""
        return {**self.__dict__, "_of_address": None}

    def add(self, lookup: Lookup) -> None:
        """What a client got, where the log has that and when."""
        client = client_of(lookup.client)
        if lookup.first is None or lookup.last is None or client is None:
            return
        begin, end = int(lookup.first), math.ceil(lookup.last + (lookup.ttl or 0) + _GRACE)
        for address in lookup.addresses or ():
            self._add(client, (address, lookup.name), begin, end)

    def absorb(self, other: Answers) -> None:
        """What another collected."""
        for key, span in other._spans.items():
            client, pair = other._clients.values[key >> _HALF], other._pairs.values[key & _LOWER]
            self._add(client, pair, span >> _HALF, span & _LOWER)

    def _add(self, client: Client, pair: tuple[str, str], begin: int, end: int) -> None:
        key = self._clients.of(client) << _HALF | self._pairs.of(pair)
        span = self._spans.get(key)
        if span is not None:
            begin, end = min(begin, span >> _HALF), max(end, span & _LOWER)
        self._spans[key] = begin << _HALF | end
        self._of_address = None

    def names_of(
        self, client: Client, address: str, first: float | None, last: float | None
    ) -> tuple[str, ...]:
        """The names that the client had for the address in that time, in order."""
        number = self._clients.known(client)
        if number is None:
            return ()
        return tuple(sorted(self._names_of(number, address, first, last)))

    def _names_of(
        self, client: int, address: str, first: float | None, last: float | None
    ) -> Iterator[str]:
        for pair in self._by_address().get(address, ()):
            span = self._spans.get(client << _HALF | pair)
            if span is None:
                continue
            if first is None or last is None or (span >> _HALF <= last and first <= span & _LOWER):
                yield self._pairs.values[pair][1]

    def _by_address(self) -> dict[str, list[int]]:
        if self._of_address is None:
            self._of_address = {}
            for number, (address, _) in enumerate(self._pairs.values):
                self._of_address.setdefault(address, []).append(number)
        return self._of_address
