"""Squid's configuration as a reading: what it lets through, and what is not modelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network

from transire.flows.request_set import Request, RequestSet
from transire.model.engine import Release
from transire.model.problems import Unjudgeable
from transire.points.api.reading import Guard, PointDecision, PointUnmodelled
from transire.points.squid.facts import MAPPED, decoded_alike, of_its_own
from transire.points.squid.read.configuration import Configuration, configuration
from transire.points.squid.read.decisions import decide
from transire.points.squid.read.rules import Effect, effect

_EVERY_ADDRESS = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SquidReading:
    """A configuration of Squid as Squid reads it."""

    whole: Configuration
    effects: Mapping[str, Effect | PointUnmodelled]

    @property
    def listeners(self) -> tuple[str, ...]:
        """The names of its ports; one without a name has its address for it."""
        return tuple(sorted(self.whole.ports))

    @property
    def unmodelled(self) -> tuple[PointUnmodelled, ...]:
        """Directives, lists and rules that are not modelled."""
        found = {(each.file, each.key): each for each in self.whole.unmodelled}
        for each in self.effects.values():
            if isinstance(each, PointUnmodelled):
                found.setdefault((each.file, each.key), each)
        return tuple(found.values())

    def requests(self, listener: str) -> RequestSet:
        """What the port lets through; in audit, what it would let through without."""
        return self._effect(listener).requests

    def guard(self, listener: str) -> Guard:
        """Where it listens, what it denies by address, and what Squid cannot tell apart."""
        guard = Guard(port=self.whole.ports[listener], moot=(MAPPED,))
        found = self.effects[listener]
        if isinstance(found, PointUnmodelled):
            return guard
        if not self.lets_anything_through(listener):
            return replace(guard, moot=_EVERY_ADDRESS)
        aside = of_its_own() | decoded_alike() if self._compares_paths() else of_its_own()
        return replace(guard, audit=found.audit, denied=found.denied, aside=aside)

    def lets_anything_through(self, listener: str) -> bool:
        """Whether it is known that the port lets something through."""
        found = self.effects[listener]
        return isinstance(found, Effect) and bool(found.requests or found.audit)

    def decide(self, listener: str, request: Request) -> PointDecision:
        """The verdict about one request, rule by rule."""
        self._effect(listener)
        return decide(self.whole, listener, request)

    def _effect(self, listener: str) -> Effect:
        found = self.effects[listener]
        general = [each for each in self.whole.unmodelled if each.listener in {"", listener}]
        for each in general:
            raise Unjudgeable(each.file, each.key, each.why)
        if isinstance(found, PointUnmodelled):
            raise Unjudgeable(found.file, found.key, found.why)
        return found

    def _compares_paths(self) -> bool:
        return any(acl.kind == "urlpath_regex" for acl in self.whole.acls.values())


def read(files: Mapping[str, str], release: Release) -> SquidReading:
    """The configuration that begins with `squid.conf`; all modelled releases read it alike."""
    del release
    whole = configuration(files)
    return SquidReading(whole=whole, effects={name: _tried(whole, name) for name in whole.ports})


def _tried(whole: Configuration, listener: str) -> Effect | PointUnmodelled:
    try:
        return effect(whole, listener)
    except Unjudgeable as error:
        return PointUnmodelled(file=error.where, key=error.key, why=error.why, listener=listener)
