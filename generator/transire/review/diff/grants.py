"""What one set of flows allows beyond another, in the lines that a reviewer reads.

A difference of sets is exact but says everything at once: one more host with checked server names
also lets its name pass to the addresses of the old hosts. So it is read from coarse to fine. First
come destinations that were out of reach: hosts, addresses that need no name, pods and nodes, and
names that may be asked. What is left differs only in details, such as server names, and is said
last and in full. Every flow of the difference is in exactly one of these parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from transire.model.addresses import AddressSet
from transire.model.boxes import Box
from transire.model.flow import Flow
from transire.model.flows import FlowSet
from transire.model.hosts import HostSet
from transire.model.meaning import host_set
from transire.model.names import HostPattern
from transire.model.peers import Peer
from transire.model.selectors import PodSet
from transire.model.variables import Axis

ANY_ADDRESS = "any address outside the cluster"

_EXCEPT = " except "
_CONTENT = (
    Axis.SERVER_NAME, Axis.METHOD, Axis.PATH, Axis.HTTP_HOST, Axis.HEADER,
)  # fmt: skip


class GrantKind(StrEnum):
    """What a line is about."""

    FQDN = "fqdn"
    """Hosts, at whatever address they have."""
    CIDR = "cidr"
    """Addresses outside the cluster, under any name or none."""
    IN_CLUSTER = "in-cluster"
    """Pods and nodes."""
    DNS = "dns"
    """Names that may be asked."""
    DETAIL = "detail"
    """Destinations that are in reach before and after, in another way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A destination as people write it, and the narrower ones that are on the other side."""

    text: str
    instead_of: tuple[str, ...] = ()
    shown: str = ""
    """The text for people: names in both forms."""

    def __post_init__(self) -> None:
        if not self.shown:
            object.__setattr__(self, "shown", self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Some pods, some destinations and some ports that belong together.

    `example` is one flow of it, plain and always the same. `flows` is the exact set. `implied`
    says that it only follows from other lines: where server names are checked, the name of a new
    host also passes to the addresses of the hosts beside it.
    """

    kind: GrantKind
    who: str
    every_pod: bool
    destinations: tuple[Destination, ...]
    ports: str
    example: Flow
    implied: bool = False
    flows: FlowSet = field(repr=False)

    @property
    def hosts(self) -> HostSet:
        """The names that it leads to; none where it is about addresses or pods."""
        return self.flows.hosts() if self.kind is GrantKind.FQDN else HostSet.nothing()


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """Which flows a kind of line is about, and what such a line leaves open."""

    kind: GrantKind
    part: Callable[[FlowSet], FlowSet]
    open: tuple[Axis, ...]

    def of(self, flows: FlowSet) -> FlowSet:
        return self.part(flows).whatever(*self.open)


def _outside(flows: FlowSet) -> FlowSet:
    return flows.connections().restrict(peer=Peer.outside())


def _by_address(flows: FlowSet) -> FlowSet:
    return _outside(flows) & _outside(flows).unnamed().whatever(Axis.HOST)


def _by_name(flows: FlowSet) -> FlowSet:
    return _outside(flows) - _by_address(flows)


def _inside(flows: FlowSet) -> FlowSet:
    return flows.connections().restrict(peer=Peer.everything() - Peer.outside())


def _asked(flows: FlowSet) -> FlowSet:
    """Questions that are not only what any connection to that port may carry."""
    return flows.questions() - flows.connections().whatever(Axis.KIND, Axis.ASKED, *_CONTENT)


_VIEWS = (
    _View(
        kind=GrantKind.FQDN, part=_by_name, open=(Axis.ADDRESS, Axis.RESERVED, *_CONTENT)
    ),
    _View(kind=GrantKind.CIDR, part=_by_address, open=(Axis.HOST, *_CONTENT)),
    _View(kind=GrantKind.IN_CLUSTER, part=_inside, open=(Axis.HOST, Axis.ADDRESS, *_CONTENT)),
    _View(kind=GrantKind.DNS, part=_asked, open=(Axis.HOST, Axis.ADDRESS)),
    _View(kind=GrantKind.DETAIL, part=_by_name, open=(Axis.ADDRESS, Axis.RESERVED)),
    _View(kind=GrantKind.DETAIL, part=lambda flows: flows, open=()),
)  # fmt: skip


def grants(larger: FlowSet, smaller: FlowSet, everywhere: AddressSet) -> tuple[Grant, ...]:
    """What `larger` allows and `smaller` does not, the most telling first.

    `everywhere` holds every address outside the cluster, which is said in words.

    Raises:
        Unjudgeable: if the difference is too intricate to be said.
    """
    rest = larger - smaller
    rest -= rest.questions() & (larger - smaller).connections().whatever(
        Axis.KIND, Axis.ASKED, *_CONTENT
    )
    found: list[Grant] = []
    for view in _VIEWS:
        if not rest:
            break
        new = view.of(rest) - view.of(smaller)
        own = view.part(rest) & new
        after, before = view.of(larger), view.of(smaller)
        lines = [_Line(view, box, own, after, before, everywhere) for box in new.boxes()]
        found += [replace(each.grant(), implied=each.follows_from(found)) for each in lines]
        rest -= own
    return tuple(found)


def hosts_by_name(flows: FlowSet) -> HostSet:
    """The hosts that are in reach for their names, and not only for their addresses."""
    return _by_name(flows).hosts()


@dataclass(frozen=True, slots=True)
class _Line:
    """One box on its way to a line."""

    view: _View
    box: Box
    own: FlowSet
    after: FlowSet
    before: FlowSet
    everywhere: AddressSet

    def grant(self) -> Grant:
        flows = self.own & FlowSet.of_box(self.box)
        example = _plain(flows)
        if example is None:
            raise AssertionError("a line of a difference holds no flow of it")
        return Grant(
            kind=self.view.kind,
            who=str(self.box.source),
            every_pod=self.box.source == PodSet.everything(),
            destinations=tuple(self._destinations()),
            ports=str(self.box.ports),
            example=example,
            flows=flows,
        )

    def follows_from(self, found: Sequence[Grant]) -> bool:
        """Whether only names of hosts pass that other lines are about, for the same pods."""
        names = self.box.server_names
        if self.view.kind is not GrantKind.DETAIL or names.named() != names:
            return False
        who, ports = str(self.box.source), str(self.box.ports)
        return names <= HostSet.union(
            each.hosts for each in found if (each.who, each.ports) == (who, ports)
        )

    def _destinations(self) -> Iterator[Destination]:
        box = self.box
        match self.view.kind:
            case GrantKind.FQDN:
                yield from self._hosts()
            case GrantKind.CIDR:
                whole = box.addresses == self.everywhere
                yield Destination(text=ANY_ADDRESS if whole else str(box.addresses))
            case GrantKind.IN_CLUSTER:
                yield Destination(text=str(box.peer))
            case GrantKind.DNS:
                names = "any name" if box.asked.diagram is True else str(box.asked)
                yield Destination(text=f"{names} at {box.peer}")
            case _:
                kinds = "" if box.kinds.connect else f"{box.kinds} "
                yield Destination(text=f"{kinds}{box.destination} {box.content}".rstrip())

    def _hosts(self) -> Iterator[Destination]:
        """The patterns that hold now, each with those that it takes the place of."""
        now, then = (self._patterns(each) for each in (self.after, self.before))
        left = self.box.hosts
        for text, names in now:
            if text not in dict(then) and not names.is_disjoint(left):
                instead = tuple(each for each, part in then if part < names)
                yield Destination(text=text, instead_of=instead, shown=_shown(text))
                left -= names
        for text in left.patterns():
            yield Destination(text=text, shown=_shown(text))

    def _patterns(self, flows: FlowSet) -> Sequence[tuple[str, HostSet]]:
        """The patterns that all pods and ports of the line may reach, as texts and as names."""
        scope = FlowSet.connect(source=self.box.source, peer=Peer.outside(), ports=self.box.ports)
        texts = (HostSet.everything() - (scope - flows).hosts()).patterns()
        return [
            (each, host_set(HostPattern(text=each)))
            for each in texts
            if _EXCEPT not in each and each != "."
        ]


def _shown(text: str) -> str:
    return text if _EXCEPT in text or text == "." else HostPattern(text=text).shown


def _plain(flows: FlowSet) -> Flow | None:
    """One flow, with the host's own name in its TLS greeting where that is among them."""
    flow = flows.witness()
    if flow is None or flow.host is None:
        return flow
    own = HostSet.exact([flow.host])
    return (flows.restrict(hosts=own).greeting(own)).witness() or flow
