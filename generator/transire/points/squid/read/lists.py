"""Lists of access (`acl`), and what each is a condition on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from transire.flows.exact_set import ExactSet
from transire.flows.host_set import HostSet, Wild
from transire.flows.port_set import PortSet, Protocol
from transire.flows.text_set import TextSet
from transire.model.net import Network, PortRange, parse_cidr
from transire.model.problems import Unjudgeable
from transire.points.squid.facts import MAPPED
from transire.points.squid.read.expressions import decoded_set, host_set, path_set, unlike_posix


class Way(Enum):
    """The kinds of requests that Squid gets; `OTHER` are schemes that are in no set."""

    TUNNEL = "CONNECT"
    CLEAR = "http"
    BY_TLS = "https"
    OTHER = "ftp and others"


class On(Enum):
    """What a condition is on beside the way."""

    HOSTS = "hosts"
    PORTS = "ports"
    METHODS = "methods"
    PATHS = "paths"


REQUESTS = frozenset({Way.CLEAR, Way.BY_TLS})
EVERY_WAY = frozenset(Way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """A list as it is written, its lines together; `line` is the first of them."""

    name: str
    kind: str
    values: tuple[str, ...]
    flags: frozenset[str]
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a list holds of: some ways, and there a set of `on`, or everything where it is None.

    `decoded` is what a set of paths is to Squid, which compares path and query, decoded once.
    `unknown` are ways on which nothing is known. `listener` is the only one that it holds of.
    `addresses` are those that a name may have, on which no set is. `notes` go into the log.
    """

    ways: frozenset[Way] = EVERY_WAY
    unknown: frozenset[Way] = frozenset()
    on: On | None = None
    among: ExactSet = field(default_factory=TextSet.nothing)
    decoded: TextSet | None = None
    listener: str | None = None
    addresses: tuple[Network, ...] = ()
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


BUILT_IN = MappingProxyType(
    {
        "all": Condition(),
        "CONNECT": Condition(ways=frozenset({Way.TUNNEL})),
        "manager": Condition(
            ways=REQUESTS,
            unknown=frozenset({Way.OTHER}),
            on=On.PATHS,
            among=path_set("^/squid-internal-mgr/"),
        ),
    }
)
"""Lists that Squid has by itself, as far as they are modelled."""


def condition(acl: Acl) -> Condition:
    """What a list is a condition on.

    Raises:
        Unjudgeable: if it is not modelled.
    """
    made = _KINDS.get(acl.kind)
    if made is None:
        raise Unjudgeable("acl", acl.name, f"the kind {acl.kind} is not modelled")
    strange = acl.flags - _FLAGS.get(acl.kind, frozenset())
    if strange:
        raise Unjudgeable("acl", acl.name, f"{min(strange)} is not modelled for {acl.kind}")
    try:
        return made(acl)
    except ValueError as error:
        raise Unjudgeable("acl", acl.name, str(error)) from error


def _listener(acl: Acl) -> Condition:
    if len(acl.values) != 1:
        raise ValueError("several listeners in one list are not modelled")
    return Condition(listener=acl.values[0])


def _ports(acl: Acl) -> Condition:
    ranges = [PortRange.parse(value) for value in acl.values]
    tcp = (PortSet.of_port(Protocol.TCP, each.first, each.last) for each in ranges)
    return Condition(on=On.PORTS, among=PortSet.union(tcp))


def _domains(acl: Acl) -> Condition:
    if "-n" not in acl.flags:
        raise ValueError("without -n it also holds of what the reverse lookup of an address gives")
    _refuse_bungled(acl.values)
    exact = [value for value in acl.values if not value.startswith(".")]
    below = [value[1:] for value in acl.values if value.startswith(".")]
    sets = [HostSet.exact(exact + below)]
    sets += [HostSet.pattern([Wild.LABELS, f".{name}"]) for name in below]
    return Condition(on=On.HOSTS, among=HostSet.union(sets))


def _refuse_bungled(values: Iterable[str]) -> None:
    """Squid does not start where a name stands before one that covers it."""
    seen: set[str] = set()
    for value in values:
        if value != value.lower() or value.endswith("."):
            raise ValueError(f"{value} is not in lower case without a trailing dot")
        if value.startswith("."):
            covered = [each for each in seen if each == value[1:] or each.endswith(value)]
            if covered and value not in seen:
                raise ValueError(f"Squid does not start with {min(covered)} before {value}")
        seen.add(value)


def _host_expressions(acl: Acl) -> Condition:
    if "-n" not in acl.flags:
        raise ValueError("without -n it also holds of what the reverse lookup of an address gives")
    if "-i" not in acl.flags and any(value != value.lower() for value in acl.values):
        raise ValueError("names are in lower case by then, so that upper case without -i is dead")
    _refuse_unlike(acl.values)
    return Condition(on=On.HOSTS, among=HostSet.union(map(host_set, acl.values)))


def _refuse_unlike(expressions: Iterable[str]) -> None:
    for each in expressions:
        why = unlike_posix(each)
        if why:
            raise ValueError(why)


def _addresses(acl: Acl) -> Condition:
    if "all" in acl.values:
        raise ValueError("all as a list of addresses is not modelled")
    networks = []
    for value in acl.values:
        if ":" in value and value.partition("/")[0].lower().startswith("::ffff:"):
            raise ValueError(f"Squid takes {value} for a range of IPv4, {MAPPED} for all of it")
        networks.append(parse_cidr(value))
    return Condition(addresses=tuple(networks))


def _schemes(acl: Acl) -> Condition:
    ways = {"HTTP": Way.CLEAR, "HTTPS": Way.BY_TLS}
    named = {value.upper() for value in acl.values}
    return Condition(
        ways=frozenset(way for scheme, way in ways.items() if scheme in named),
        unknown=frozenset({Way.OTHER}) if named - set(ways) else frozenset(),
    )


def _methods(acl: Acl) -> Condition:
    named = set(acl.values)
    if any(value != value.upper() for value in named):
        raise ValueError("a method in lower case is not modelled")
    if named == {"CONNECT"}:
        return BUILT_IN["CONNECT"]
    if "CONNECT" in named:
        raise ValueError("CONNECT beside other methods is not modelled")
    return Condition(
        ways=REQUESTS,
        unknown=frozenset({Way.OTHER}),
        on=On.METHODS,
        among=TextSet.of(named),
    )


def _paths(acl: Acl) -> Condition:
    _refuse_unlike(acl.values)
    return Condition(
        ways=REQUESTS,
        unknown=frozenset({Way.OTHER}),
        on=On.PATHS,
        among=TextSet.union(map(path_set, acl.values)),
        decoded=TextSet.union(map(decoded_set, acl.values)),
    )


def _sources(acl: Acl) -> Condition:
    if acl.values != ("all",):
        raise ValueError("pods that are told apart by their addresses are not modelled")
    return Condition()


def _notes(acl: Acl) -> Condition:
    notes = dict(value.partition("=")[::2] for value in acl.values if "=" in value)
    return Condition(notes=MappingProxyType(notes))


_KINDS = MappingProxyType(
    {
        "myportname": _listener,
        "port": _ports,
        "dstdomain": _domains,
        "dstdom_regex": _host_expressions,
        "dst": _addresses,
        "proto": _schemes,
        "method": _methods,
        "urlpath_regex": _paths,
        "src": _sources,
        "annotate_transaction": _notes,
    }
)
_FLAGS = MappingProxyType({"dstdomain": frozenset({"-n"}), "dstdom_regex": frozenset({"-n", "-i"})})
