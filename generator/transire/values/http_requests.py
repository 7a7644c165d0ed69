"""What `http` and `tls` of a rule hold, and what may not stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.model.destinations import AddressRange, Destination, Entity, Host, Pods
from transire.model.http import Http, PathPattern, Tls, method_mistake
from transire.model.net import PortRange, Protocol
from transire.model.path_mistakes import path_mistakes
from transire.model.problems import Position
from transire.model.written_port import WrittenPort
from transire.values.mapping_reader import Fields, each
from transire.values.problem_collector import Misfit, ProblemCollector, shown
from transire.values.scalars import choice, text
from transire.yamlio import Node

HTTPS = PortRange(protocol=Protocol.TCP, first=443, last=443)
"""Where every client and server takes TLS for granted."""

_IN_CLEAR = (
    "write the port on which the host takes requests in clear, such as 80, or tls: originate, with "
    "which pods speak HTTP to a proxy or mesh that goes on by TLS"
)
_MAX_PATH = 1000
"""Characters of a path; no server takes much longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """`http` and `tls` of a rule as far as they could be read."""

    http: Http | None = None
    tls: Tls | None = None


def requests(fields: Fields) -> Requests:
    """Both keys; a misfit is counted, and left out."""
    return Requests(http=fields.get("http", _http, None), tls=fields.get("tls", choice(Tls), None))


def _http(node: Node, collector: ProblemCollector) -> Http:
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    methods = fields.get("methods", each(_method), ())
    paths = fields.get("paths", each(_path), ())
    collector.stop_after(misfits)
    if not fields.node.entries:
        raise Misfit
    return Http(methods=tuple(sorted(set(methods))), paths=tuple(sorted(set(paths))))


def _method(node: Node, collector: ProblemCollector) -> str:
    written = text(node, collector)
    mistake = method_mistake(written)
    if mistake is None:
        return written
    message, remedy = mistake
    raise collector.refuse(node.at, "bad-method", message, remedy)


def _path(node: Node, collector: ProblemCollector) -> PathPattern:
    written = text(node, collector)
    if len(written) > _MAX_PATH:
        raise collector.refuse(
            node.at,
            "bad-path",
            f"path {shown(written)} has {len(written)} characters, a path has at most {_MAX_PATH}",
            "write a shorter one with /** at its end",
        )
    mistakes = list(path_mistakes(written))
    for mistake in mistakes:
        collector.note(node.at, "bad-path", mistake.message, mistake.advice)
    if mistakes:
        raise Misfit
    return PathPattern.parse(written)


def check_requests(
    fields: Fields,
    destinations: Iterable[Destination],
    written: Iterable[WrittenPort],
    usual: Iterable[PortRange],
    collector: ProblemCollector,
) -> None:
    """Refuse what cannot stand beside `http`, and `tls` without it.

    `written` are the ports that the rule lists, and `usual` those of the platform where it lists
    none for some destination. What could not be read is not judged.
    """
    http, tls = fields.entry("http"), fields.entry("tls")
    if tls is not None and http is None:
        collector.misfits += 1
        collector.note(
            tls.key.at,
            "tls-without-http",
            "tls is about requests, and the rule has no http",
            "write http beside it, with the path /** where every request is meant, or leave tls "
            "out, since a connection by TLS needs none",
        )
    if http is None:
        return
    at = http.key.at
    reached = tuple(destinations)
    ports = [(each.at, each.port, "") for each in written]
    ports += [(at, port, ", the platform's default,") for port in usual]
    ports += [
        (at, port, f" of bundle {one.bundle}")
        for one in reached
        if isinstance(one, Host) and one.bundle
        for port in one.ports
    ]
    for problem in (*_beside(reached, at), *_ports(ports, clear=tls is None)):
        collector.misfits += 1
        collector.note(*problem)


_Found = tuple[Position, str, str, str]


def _beside(destinations: Iterable[Destination], at: Position) -> Iterator[_Found]:
    """Destinations that are no hosts; one of a bundle or network is named at the key."""
    seen: set[tuple[Position, str]] = set()
    for one in destinations:
        if isinstance(one, Host):
            continue
        vetted = isinstance(one, AddressRange) and (one.bundle or one.network)
        place, words = at if vetted else one.at, _words(one)
        if (place, words) in seen:
            continue
        seen.add((place, words))
        yield (
            place,
            "http-needs-hosts",
            f"http is for hosts alone, not for {words}",
            "give it a rule of its own without http",
        )


def _words(one: Destination) -> str:
    match one:
        case AddressRange(bundle=bundle) if bundle:
            return f"a range of bundle {bundle}"
        case AddressRange(network=network) if network:
            return f"network {network}"
        case AddressRange(cidr=cidr):
            return str(cidr)
        case Pods():
            return f"pods of {one.where}"
        case Entity(kind=kind):
            return kind.value
        case Host():
            return one.pattern.shown


def _ports(ports: Iterable[tuple[Position, PortRange, str]], *, clear: bool) -> Iterator[_Found]:
    for place, port, whose in ports:
        if port.protocol is not Protocol.TCP:
            yield (
                place,
                "http-over-tcp",
                f"http is a part of TCP, which {port}{whose} is not",
                "give it a rule of its own without http",
            )
        elif clear and port.covers(HTTPS):
            yield (
                place,
                "http-inside-tls",
                f"{port}{whose} takes TLS, in which nobody sees a path who does not end it",
                _IN_CLEAR,
            )
