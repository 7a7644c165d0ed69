"""Sets of flows as boxes: each a source, a peer, hosts, addresses and ports that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

from transire.flows.address_set import AddressSet
from transire.flows.diagrams.axes import Axis
from transire.flows.diagrams.diagram import Diagram, Graft, Intersection, Node, Union, node, when
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.paths import LIMIT, Parts, paths
from transire.flows.diagrams.string_functions import AutomatonMap, FiniteMap, StringFunction
from transire.flows.exact_set import ExactSet
from transire.flows.flow import CONNECT, QUERY
from transire.flows.host_set import HostSet
from transire.flows.patterns.label_wording import shown
from transire.flows.patterns.path_patterns import path_patterns
from transire.flows.peer_set import Peer
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet


class Kinds(ExactSet):
    """Connections, DNS queries, or both."""

    __slots__ = ()

    @property
    def connect(self) -> bool:
        """Whether connections are in the set."""
        return self._holds(CONNECT)

    @property
    def query(self) -> bool:
        """Whether DNS queries are in the set."""
        return self._holds(QUERY)

    def _holds(self, kind: int) -> bool:
        if isinstance(self.diagram, Node) and isinstance(self.diagram.cells, StepFunction):
            return self.diagram.cells.at(kind) is True
        return self.diagram is True

    def __str__(self) -> str:
        if self.connect:
            return "reaches" if self.query else "connects to"
        return "asks" if self.query else "does nothing with"


class Requests(ExactSet):
    """HTTP requests by method, path, host and headers."""

    __slots__ = ()

    def __str__(self) -> str:
        """Such as `method=GET, path like /v1/*`."""
        found = []
        for path in paths(self.diagram):
            words = [
                _worded(axis, str(key), test)
                for (axis, key), test in path
                if isinstance(test, FiniteMap | AutomatonMap)
            ]
            found.append(", ".join(words) or "any request")
        return " or ".join(sorted(found)) or "no request"


def _worded(axis: int, key: str, test: StringFunction[Diagram]) -> str:
    if axis != Axis.PATH or not isinstance(test, AutomatonMap):
        return shown(key or _WORDS[axis], test)
    patterns = None if test.absent else path_patterns(test.machine)
    if patterns is not None:
        return f"path like {_listed(patterns)}"
    others = path_patterns(test.machine.map(lambda hit: not hit))
    if others is not None:
        return f"{'no path, or ' if test.absent else ''}path not like {_listed(others)}"
    return "some paths"


def _listed(patterns: tuple[str, ...]) -> str:
    return patterns[0] if len(patterns) == 1 else f"({', '.join(patterns)})"


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
    queried: HostSet
    addresses: AddressSet
    ports: PortSet
    source: PodSet
    server_names: HostSet
    requests: Requests

    def diagram(self) -> Diagram:
        """The flows of the box as a diagram."""
        both = Intersection(LIMIT)
        found: Diagram = True
        for part, each in enumerate(fields(self)):
            back = Graft(leaf=True, shift=-_SHIFTS.get(part, 0))
            found = both(found, back(getattr(self, each.name).diagram))
        return found

    def __str__(self) -> str:
        """One line for people: who, to what, on which ports."""
        ports = "" if self.ports.diagram is True else f"on {self.ports}"
        words = (f"{self.source} {self.kinds} {self.destination}", ports, self.content)
        return " ".join(filter(None, words))

    @property
    def destination(self) -> str:
        """Where the flows go, in words: the peer, its names and addresses."""
        hosts = "" if self.hosts.diagram is True else _named(self.hosts, "no name")
        addresses = "" if self.addresses.diagram is True else str(self.addresses)
        if self.peer != Peer.outside() or not (hosts or addresses):
            named = f" named {hosts}" if hosts else ""
            return f"{self.peer}{named}{f' at {addresses}' if addresses else ''}"
        return f"{hosts} at {addresses}" if hosts and addresses else hosts or addresses

    @property
    def content(self) -> str:
        """What the flows carry, in words; empty where it may be anything."""
        words = []
        if self.queried.diagram is not True:
            words.append(f"for {self.queried}")
        if self.server_names.diagram is not True:
            words.append(f"with TLS for {_named(self.server_names, 'no name')}")
        if self.requests.diagram is not True:
            words.append(f"with HTTP {self.requests}")
        return " ".join(words)


def _named(names: HostSet, none: str) -> str:
    return ", ".join(none if each == "." else each for each in names.patterns())


_KINDS, _PEER, _HOSTS, _QUERIED, _ADDRESSES, _PORTS, _SOURCE, _SERVER_NAMES, _REQUESTS = range(9)
_PARTS: Final[Mapping[int, int]] = MappingProxyType(
    {
        Axis.KIND: _KINDS,
        Axis.PEER: _PEER,
        Axis.RESERVED: _PEER,
        Axis.HOST: _HOSTS,
        Axis.QUERIED: _QUERIED,
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
    {_QUERIED: Axis.HOST - Axis.QUERIED, _SERVER_NAMES: Axis.HOST - Axis.SERVER_NAME}
)

_MERGED: Final = (
    *(_HOSTS, _QUERIED, _PORTS, _ADDRESSES, _SOURCE, _SERVER_NAMES, _REQUESTS, _PEER, _KINDS),
)
"""Boxes that differ in one part only become one, part by part in this order."""


def boxes(flows: Diagram) -> tuple[Box, ...]:
    """Disjoint boxes that make up a set of flows, the same for equal sets, ordered by text."""
    taker = _Taker()
    found = taker.below(flows)
    for part in _MERGED:
        found = taker.merged(found, part)
    return tuple(sorted(map(_box, found), key=str))


_Parts = tuple[Diagram, ...]
_ANY: Final[_Parts] = (True,) * len(_MERGED)


class _Taker:
    """Takes a diagram apart from the bottom, joining at each node what differs in one part."""

    def __init__(self) -> None:
        self._parts = Parts()
        self._union = Union(LIMIT)
        self._memory: dict[int, tuple[Node, list[_Parts]]] = {}

    def below(self, diagram: Diagram) -> list[_Parts]:
        """The boxes of a diagram."""
        if isinstance(diagram, bool):
            return [_ANY] if diagram else []
        if id(diagram) not in self._memory:
            self._memory[id(diagram)] = diagram, self._at(diagram)
        return self._memory[id(diagram)][1]

    def _at(self, at: Node) -> list[_Parts]:
        axis, key = at.variable
        part = _PARTS[axis]
        variable = axis + _SHIFTS.get(part, 0), key
        found = []
        for test, rest in self._parts.of(at):
            for box in self.below(rest):
                own = node(variable, when(test, box[part]))
                found.append((*box[:part], own, *box[part + 1 :]))
        return self.merged(found, part)

    def merged(self, boxes_: Sequence[_Parts], part: int) -> list[_Parts]:
        """Those that differ in one part only, as one."""
        alike: dict[_Parts, list[Diagram]] = {}
        for each in boxes_:
            alike.setdefault((*each[:part], *each[part + 1 :]), []).append(each[part])
        return [(*rest[:part], self._union(own), *rest[part:]) for rest, own in alike.items()]


def _box(parts: _Parts) -> Box:
    return Box(
        kinds=Kinds(diagram=parts[_KINDS]),
        peer=Peer(diagram=parts[_PEER]),
        hosts=HostSet(diagram=parts[_HOSTS]),
        queried=HostSet(diagram=parts[_QUERIED]),
        addresses=AddressSet(diagram=parts[_ADDRESSES]),
        ports=PortSet(diagram=parts[_PORTS]),
        source=PodSet(diagram=parts[_SOURCE]),
        server_names=HostSet(diagram=parts[_SERVER_NAMES]),
        requests=Requests(diagram=parts[_REQUESTS]),
    )
