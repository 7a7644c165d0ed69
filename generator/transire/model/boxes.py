"""Sets of flows as boxes: each a source, a peer, hosts, addresses and ports that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

from transire.model.addresses import AddressSet
from transire.model.choices import Choice, Patterned
from transire.model.diagram import Diagram, Node, Union
from transire.model.exact import ExactSet
from transire.model.flow import ASK, CONNECT
from transire.model.hosts import HostSet
from transire.model.peers import Peer
from transire.model.ports import PortSet
from transire.model.ranges import Ranges
from transire.model.regions import LIMIT, Path, joined, paths
from transire.model.selectors import PodSet
from transire.model.text_shown import shown
from transire.model.variables import Axis


class Kinds(ExactSet):
    """Connections, questions to a resolver, or both."""

    __slots__ = ()

    @property
    def connect(self) -> bool:
        """Whether connections are in the set."""
        return self._holds(CONNECT)

    @property
    def ask(self) -> bool:
        """Whether questions are in the set."""
        return self._holds(ASK)

    def _holds(self, kind: int) -> bool:
        if isinstance(self.diagram, Node) and isinstance(self.diagram.cells, Ranges):
            return self.diagram.cells.at(kind) is True
        return self.diagram is True

    def __str__(self) -> str:
        if self.connect:
            return "reaches" if self.ask else "connects to"
        return "asks" if self.ask else "does nothing with"


class Requests(ExactSet):
    """HTTP requests by method, path, host and headers."""

    __slots__ = ()

    def __str__(self) -> str:
        """Such as `method=GET, path like /v1/*`."""
        found = []
        for path in paths(self.diagram):
            words = [
                shown(str(key) or _WORDS[axis], test)
                for (axis, key), test in path
                if isinstance(test, Choice | Patterned)
            ]
            found.append(", ".join(words) or "any request")
        return " or ".join(sorted(found)) or "no request"


_WORDS: Final[Mapping[int, str]] = {
    Axis.METHOD: "method",
    Axis.PATH: "path",
    Axis.HTTP_HOST: "host",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Every flow that is in each of these sets.

    `hosts` are the names that the peer's address was learnt for, and the root stands for none;
    in `server_names` it stands for a connection without TLS.
    """

    kinds: Kinds
    peer: Peer
    hosts: HostSet
    asked: HostSet
    addresses: AddressSet
    ports: PortSet
    source: PodSet
    server_names: HostSet
    requests: Requests

    def __str__(self) -> str:
        """One line for people: who, to what, on which ports."""
        words = [f"{self.source} {self.kinds} {self._destination()}"]
        if self.ports.diagram is not True:
            words.append(f"on {self.ports}")
        if self.asked.diagram is not True:
            words.append(f"for {self.asked}")
        if self.server_names.diagram is not True:
            words.append(f"with TLS for {_named(self.server_names, 'no name')}")
        if self.requests.diagram is not True:
            words.append(f"with HTTP {self.requests}")
        return " ".join(words)

    def _destination(self) -> str:
        hosts = "" if self.hosts.diagram is True else _named(self.hosts, "no name")
        addresses = "" if self.addresses.diagram is True else str(self.addresses)
        if self.peer != Peer.outside() or not (hosts or addresses):
            named = f" named {hosts}" if hosts else ""
            return f"{self.peer}{named}{f' at {addresses}' if addresses else ''}"
        return f"{hosts} at {addresses}" if hosts and addresses else hosts or addresses


def _named(names: HostSet, none: str) -> str:
    return ", ".join(none if each == "." else each for each in names.patterns())


_KINDS, _PEER, _HOSTS, _ASKED, _ADDRESSES, _PORTS, _SOURCE, _SERVER_NAMES, _REQUESTS = range(9)
_PARTS: Final[Mapping[int, int]] = MappingProxyType(
    {
        Axis.KIND: _KINDS,
        Axis.PEER: _PEER,
        Axis.RESERVED: _PEER,
        Axis.HOST: _HOSTS,
        Axis.ASKED: _ASKED,
        Axis.ADDRESS: _ADDRESSES,
        Axis.PROTOCOL: _PORTS,
        Axis.PORT: _PORTS,
        **dict.fromkeys(range(Axis.NAMESPACE, Axis.ACCOUNT_LABEL + 1), _SOURCE),
        **dict.fromkeys(range(Axis.PEER_NAMESPACE, Axis.PEER_ACCOUNT_LABEL + 1), _PEER),
        Axis.SERVER_NAME: _SERVER_NAMES,
        **dict.fromkeys(range(Axis.METHOD, Axis.HEADER + 1), _REQUESTS),
    }
)
"""Which part of a box each axis belongs to."""

_SHIFTS: Final[Mapping[int, int]] = MappingProxyType(
    {_ASKED: Axis.HOST - Axis.ASKED, _SERVER_NAMES: Axis.HOST - Axis.SERVER_NAME}
)

_MERGED: Final = (_HOSTS, _ASKED, _PORTS, _ADDRESSES, _SOURCE, _SERVER_NAMES, _REQUESTS, _PEER)
"""Boxes that differ in one part only become one, part by part in this order."""


def boxes(flows: Diagram) -> tuple[Box, ...]:
    """Disjoint boxes that make up a set of flows, the same for equal sets, ordered by text."""
    found = [_split(path) for path in paths(flows)]
    for part in (*_MERGED, _KINDS):
        found = _merged(found, part)
    return tuple(sorted(map(_box, found), key=str))


_Parts = tuple[Diagram, ...]


def _split(path: Path) -> _Parts:
    tests: list[Path] = [() for _ in fields(Box)]
    for variable, test in path:
        part = _PARTS[variable[0]]
        tests[part] = (*tests[part], (variable, test))
    return tuple(joined(each, _SHIFTS.get(part, 0)) for part, each in enumerate(tests))


def _merged(boxes_: Sequence[_Parts], part: int) -> list[_Parts]:
    alike: dict[_Parts, list[Diagram]] = {}
    for each in boxes_:
        alike.setdefault((*each[:part], *each[part + 1 :]), []).append(each[part])
    unite = Union(LIMIT)
    return [(*rest[:part], unite(those), *rest[part:]) for rest, those in alike.items()]


def _box(parts: _Parts) -> Box:
    return Box(
        kinds=Kinds(diagram=parts[_KINDS]),
        peer=Peer(diagram=parts[_PEER]),
        hosts=HostSet(diagram=parts[_HOSTS]),
        asked=HostSet(diagram=parts[_ASKED]),
        addresses=AddressSet(diagram=parts[_ADDRESSES]),
        ports=PortSet(diagram=parts[_PORTS]),
        source=PodSet(diagram=parts[_SOURCE]),
        server_names=HostSet(diagram=parts[_SERVER_NAMES]),
        requests=Requests(diagram=parts[_REQUESTS]),
    )
