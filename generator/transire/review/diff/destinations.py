"""Destinations as text for a reviewer: hosts, addresses, pods and nodes, and queried names.

What is new is written as the pattern that holds now, with the narrower ones that it takes the place
of, and not as the odd remainder between them: `**.example.com (instead of *.example.com)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final, TypeVar

from transire.flows.address_set import AddressSet
from transire.flows.boxes import Box
from transire.flows.diagrams.axes import PEER_SHIFT, Axis
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.paths import Path, joined, paths
from transire.flows.exact_set import ExactSet
from transire.flows.host_set import HostSet
from transire.flows.peer_set import Peer, PeerKind, ReservedIdentity
from transire.flows.pod_set import PodSet
from transire.meaning.host_sets import host_set
from transire.model.names import HostPattern

ANY_ADDRESS: Final = "any address outside the cluster"
ANY_NAME: Final = "any name"
ALL_NAMES: Final = HostSet.everything() | HostSet.root()

_EXCEPT: Final = " except "
_ROOT: Final = "."

SetT = TypeVar("SetT", bound=ExactSet)


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


def hosts(now: HostSet, then: HostSet, new: HostSet) -> Iterator[Destination]:
    """The new hosts, as patterns of what is in reach now."""
    left = new
    for each, names in _replacing(_patterns(now), _patterns(then), new):
        yield each
        left -= names
    yield from (Destination(text=each, shown=_shown(each)) for each in left.patterns())


def queried_names(now: HostSet, then: HostSet, new: HostSet) -> Iterator[Destination]:
    """The names that may newly be queried, as patterns of those that may be queried now."""
    pieces = [(ANY_NAME, ALL_NAMES)] if now == ALL_NAMES else _patterns(now)
    left = new
    for each, names in _replacing(pieces, _patterns(then), new):
        yield each
        left -= names
    yield from (
        Destination(text=_or_root(each), shown=_shown(_or_root(each))) for each in left.patterns()
    )


def addresses(
    now: AddressSet, then: AddressSet, new: AddressSet, everywhere: AddressSet
) -> Iterator[Destination]:
    """The new addresses, as networks of what is in reach now."""
    pieces = [(ANY_ADDRESS, everywhere)] if now == everywhere else _networks(now)
    left = new
    for each, part in _replacing(pieces, _networks(then), new):
        yield each
        left -= part
    if left:
        yield Destination(text=ANY_ADDRESS if left == everywhere else str(left))


def peers(now: Peer, then: Peer, new: Peer) -> Iterator[Destination]:
    """The new pods and nodes, as sets of what is in reach now."""
    left = new
    for each, part in _replacing(_alternatives(now), _alternatives(then), new):
        yield each
        left -= part
    yield from (Destination(text=text) for text, _ in _alternatives(left))


def whole(box: Box, everywhere: AddressSet) -> Destination:
    """Where the flows of a box go, by peer, name and address together."""
    peer = "" if box.peer == Peer.outside() else peer_text(box.peer)
    named = "" if box.hosts.diagram is True else hosts_text(box.hosts, "no name")
    anywhere = box.addresses.diagram is True or box.addresses == everywhere
    numbers = "" if anywhere else str(box.addresses)
    if peer and named:
        named = f"named {named}"
    if numbers and (peer or named):
        numbers = f"at {numbers}"
    return Destination(text=" ".join(filter(None, (peer, named, numbers))) or ANY_ADDRESS)


def peer_text(peer: Peer) -> str:
    """Such as `pods with app=ledger in ledger` or `the API server inside the cluster`."""
    return " or ".join(sorted(text for text, _ in _alternatives(peer))) or "nothing"


def hosts_text(names: HostSet, none: str) -> str:
    """The patterns of a set in one line; `none` stands for the root, which is no name."""
    found = [none if each == _ROOT else _shown(each) for each in names.patterns()]
    return ", ".join(found)


def _replacing(
    now: Sequence[tuple[str, SetT]], then: Sequence[tuple[str, SetT]], new: SetT
) -> Iterator[tuple[Destination, SetT]]:
    """The parts of what is now that hold something new, with the parts they take the place of."""
    left = new
    before = type(new).union(part for _, part in then)
    for text, part in now:
        if left.is_disjoint(part):
            continue
        apart = before.is_disjoint(part)
        instead = () if apart else tuple(each for each, narrower in then if narrower < part)
        yield Destination(text=text, instead_of=instead, shown=_shown(text)), part
        left -= part


def _patterns(names: HostSet) -> list[tuple[str, HostSet]]:
    """The patterns of a set, each with its names, those that people may write."""
    found = []
    for text in names.patterns():
        pattern = text.partition(_EXCEPT)[0]
        if text != _ROOT and not _is_notation(pattern):
            part = host_set(HostPattern(text=pattern))
            found.append((text, part if pattern == text else part & names))
    return found


def _is_notation(text: str) -> bool:
    """Whether it is no pattern that people may write, such as `{a*, b*}.example.com`."""
    return "{" in text or ".**" in text


def _networks(found: AddressSet) -> list[tuple[str, AddressSet]]:
    texts = [each for each in str(found).split(", ") if "/" in each and _EXCEPT not in each]
    return [(each, AddressSet.nets([ip_network(each)])) for each in texts]


def _alternatives(peer: Peer) -> list[tuple[str, Peer]]:
    return [(_alternative(path), Peer(diagram=joined(path))) for path in paths(peer.diagram)]


_NOUNS: Final[Mapping[str, str]] = {
    ReservedIdentity.HOST: "the pod's own node",
    ReservedIdentity.REMOTE_NODE: "other nodes",
    ReservedIdentity.KUBE_APISERVER: "the API server",
}
_PLACES: Final = {
    frozenset(PeerKind): "",
    frozenset({PeerKind.OUTSIDE}): " outside the cluster",
    frozenset({PeerKind.POD, PeerKind.NODE}): " inside the cluster",
    frozenset({PeerKind.NODE}): " on nodes",
    frozenset({PeerKind.POD}): " in pods",
}
_AT_HOME: Final = {ReservedIdentity.HOST, ReservedIdentity.REMOTE_NODE}


def _alternative(path: Path) -> str:
    """One way to be in a set of peers, as text; what has none of ours gets those of the set."""
    kinds, flags = frozenset(PeerKind), list[str]()
    for (axis, key), test in path:
        if isinstance(test, StepFunction) and axis == Axis.PEER:
            kinds = frozenset(kind for kind in PeerKind if test.at(kind))
        elif isinstance(test, StepFunction):
            flags.append(str(key) if test.at(1) else f"!{key}")
    pods = tuple(part for part in path if part[0][0] >= Axis.PEER_NAMESPACE)
    if kinds == {PeerKind.POD} and not flags:
        return _pods(PodSet(diagram=joined(pods, -PEER_SHIFT)))
    if len(flags) == 1 and flags[0] in _NOUNS and kinds in _PLACES and not pods:
        at_home = flags[0] in _AT_HOME and kinds == {PeerKind.NODE}
        return _NOUNS[flags[0]] + ("" if at_home else _PLACES[kinds])
    return str(Peer(diagram=joined(path)))


def _pods(pods: PodSet) -> str:
    if pods == PodSet.everything():
        return "any pod of the cluster"
    text = str(pods)
    return text if text.startswith("any pod") else f"pods with {text}"


def _or_root(text: str) -> str:
    return "the root of the DNS" if text == _ROOT else text


def _shown(text: str) -> str:
    """The pattern with its Unicode form, where it is one that has such a form."""
    if "xn--" not in text or _EXCEPT in text or _is_notation(text):
        return text
    return HostPattern(text=text).shown
