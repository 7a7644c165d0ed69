"""Traps in anybody's configuration of Squid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from transire.model.engine import Release
from transire.model.problems import Level, Position, Problem, in_order
from transire.points.api.reading import PointUnmodelled
from transire.points.squid.facts import FILE, RELEASES
from transire.points.squid.read.configuration import Configuration
from transire.points.squid.read.reading import SquidReading, read

_REVERSE = ("dstdomain", "dstdom_regex")
_JUDGE = "remove it, or judge by hand what it lets through: nothing here is proved of "


def lint(files: Mapping[str, str], release: Release) -> tuple[Problem, ...]:
    """Lists that hold of more or less than they seem to, an open end, and what is not modelled.

    Raises:
        NotModelled: if the release is not modelled.
    """
    RELEASES.check(release)
    reading = read(files, release)
    known = {problem.at: problem for problem in _of_lists(reading.whole)}
    others = (
        problem for problem in map(_unmodelled, reading.unmodelled) if problem.at not in known
    )
    return in_order(
        [*known.values(), *others, *_of_the_end(reading.whole), *_of_listeners(reading)]
    )


def _unmodelled(place: PointUnmodelled) -> Problem:
    line = place.key.rpartition(" ")[2]
    return Problem(
        at=Position(path=place.file, line=int(line), column=1)
        if line.isdecimal()
        else Position(path=place.file),
        id="squid-not-modelled",
        message=place.why if line.isdecimal() else f"{place.key}: {place.why}",
        help=_JUDGE + (f"port {place.listener}" if place.listener else "any port"),
    )


def _of_lists(whole: Configuration) -> Iterator[Problem]:
    for acl in whole.acls.values():
        at = Position(path=acl.file, line=acl.line, column=1)
        if acl.kind in _REVERSE and "-n" not in acl.flags:
            yield Problem(
                at=at,
                id="squid-reverse-lookup",
                message=f"{acl.name} also holds of an address whose reverse lookup gives the name, "
                "and whoever has an address decides about that",
                help=f"write acl {acl.name} {acl.kind} -n",
            )
        for value in acl.values:
            yield from _of_value(at, acl.name, acl.kind, value)


def _of_value(at: Position, name: str, kind: str, value: str) -> Iterator[Problem]:
    if kind == "dstdomain" and "*" in value:
        yield Problem(
            at=at,
            id="squid-star",
            message=f"{value} in {name} is a name with a star in it, which no request has",
            help=f"write {value.lstrip('*')} for all names below, the parent among them",
        )
    if kind == "dst" and value.lower().startswith("::ffff:"):
        yield Problem(
            at=at,
            id="squid-mapped",
            message=f"Squid takes {value} in {name} for a range of IPv4, and ::ffff:0:0/96 for all "
            "of it",
            help="leave it out: an IPv4-mapped answer is compared as the IPv4 address",
        )


def _of_the_end(whole: Configuration) -> Iterator[Problem]:
    if not whole.rules:
        return
    last = whole.rules[-1]
    if last.allow or [term.name for term in last.terms] != ["all"]:
        then = "denied" if last.allow else "let through"
        yield Problem(
            at=Position(path=last.line.file, line=last.line.number, column=1),
            id="squid-open-end",
            message=f"what no rule matches is {then}, since the last rule does the opposite",
            help="end with http_access deny all",
            level=Level.WARNING if last.allow else Level.ERROR,
        )


def _of_listeners(reading: SquidReading) -> Iterator[Problem]:
    for name in reading.listeners:
        guard = reading.guard(name)
        if guard.audit:
            yield Problem(
                at=Position(path=FILE),
                id="squid-audit",
                message=f"port {name} lets everything through, and logs what it would deny",
                help="end the audit once its log has no would-deny that is wanted",
                level=Level.NOTE,
            )
        if not guard.denied and reading.lets_anything_through(name):
            yield Problem(
                at=Position(path=FILE),
                id="squid-any-address",
                message=f"port {name} compares no address, so a name may lead into the cluster",
                help="deny private, metadata, node and service ranges with a list of dst behind "
                "the names",
                level=Level.WARNING,
            )
