"""Whether what is written for an enforcement point is what its rules mean.

The configuration is written, read back by who knows nothing of the writing, and compared with the
meaning as a set: nothing may be let through that is not meant, and all that is meant has to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.flows.host_set import HostSet
from transire.flows.request_set import RequestSet
from transire.model.net import Network, merge_networks
from transire.model.problems import Unjudgeable
from transire.points.api.point import Point
from transire.points.api.reading import Guard, PointReading, PointUnmodelled
from transire.points.api.target import Listener, PointTarget
from transire.points.api.written import Written
from transire.points.meaning import listener_requests

_NO_NAME = HostSet.nothing()


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDifference:
    """How one listener differs from what is meant, with an example of each side."""

    listener: str
    extra: RequestSet = RequestSet.nothing()
    missing: RequestSet = RequestSet.nothing()
    other: str = ""

    def __str__(self) -> str:
        """Such as `shop lets CONNECT a.example.com:443 through, which is not meant`."""
        if self.other:
            return f"{self.listener}: {self.other}"
        parts = []
        if self.extra:
            parts.append(f"lets {self.extra.witness()} through, which is not meant")
        if self.missing:
            parts.append(f"stops {self.missing.witness()}, which is meant")
        return f"{self.listener} {' and '.join(parts)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointProof:
    """What was written, how it differs from the meaning, and what could not be judged."""

    written: Written
    differences: tuple[PointDifference, ...] = ()
    unmodelled: tuple[PointUnmodelled, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything was written, judged and found equal."""
        return not (self.written.refusals or self.differences or self.unmodelled)


def prove(point: Point, target: PointTarget) -> PointProof:
    """Write the target, read it back and compare; nothing is compared where a rule is refused."""
    written = point.write(target)
    if written.refusals:
        return PointProof(written=written)
    reading = point.read(written.files, target.release)
    return PointProof(
        written=written,
        differences=tuple(differences(reading, target, never=point.capabilities.never)),
        unmodelled=reading.unmodelled,
    )


def differences(
    reading: PointReading, target: PointTarget, *, never: HostSet = _NO_NAME
) -> Iterator[PointDifference]:
    """How configuration, whoever wrote it, differs from what a target means.

    A listener that the target does not have is one, and so is what is not modelled of one that it
    has. `never` are names that the point lets nobody have, which are missed by nobody.
    """
    wanted = {each.pods.name: each for each in target.listeners}
    for name in sorted({*wanted, *reading.listeners}):
        if name not in reading.listeners:
            yield PointDifference(listener=name, other="there is no such listener")
        elif name not in wanted:
            yield PointDifference(listener=name, other="no class of pods has such a listener")
        else:
            yield from _of_listener(reading, target, wanted[name], never)


def _of_listener(
    reading: PointReading, target: PointTarget, listener: Listener, never: HostSet
) -> Iterator[PointDifference]:
    name = listener.pods.name
    guard = reading.guard(name)
    for other in _guards_differ(guard, _guard(target, listener)):
        yield PointDifference(listener=name, other=other)
    try:
        allowed = reading.requests(name)
    except Unjudgeable as error:
        yield PointDifference(listener=name, other=f"it cannot be judged: {error}")
        return
    wanted = listener_requests(listener, target.clear_ports) - RequestSet.to(never)
    extra, missing = allowed - wanted - guard.aside, wanted - allowed - guard.aside
    if extra or missing:
        yield PointDifference(listener=name, extra=extra, missing=missing)


def _guard(target: PointTarget, listener: Listener) -> Guard:
    return Guard(
        port=listener.pods.port,
        audit=listener.audit,
        denied=merge_networks(target.denied),
        server_names=target.server_names,
    )


def _guards_differ(found: Guard, meant: Guard) -> Iterator[str]:
    if found.port != meant.port:
        yield f"it listens on {found.port}, and not on {meant.port}"
    if found.audit != meant.audit:
        yield "it lets everything through" if found.audit else "it enforces what is in audit"
    if merge_networks([*found.denied, *found.moot]) != merge_networks([*meant.denied, *found.moot]):
        yield f"it denies {_ranges(found.denied)}, and not {_ranges(meant.denied)}"
    if found.server_names != meant.server_names:
        yield "it compares " + (
            "TLS names, which is not meant" if found.server_names else "no TLS names, and has to"
        )


def _ranges(networks: tuple[Network, ...]) -> str:
    return ", ".join(map(str, networks)) or "no address"
