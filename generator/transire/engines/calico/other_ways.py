"""The same objects in clusters that differ in something that is not given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from transire.engines.api.reading import Reading
from transire.engines.calico.verdicts.pod_questions import Setting
from transire.engines.calico.verdicts.policy_state import PolicyState
from transire.engines.calico.verdicts.stored import ScopedUnmodelled
from transire.queries.query import Caveat, Verdict


class Judging(Reading, Protocol):
    """What a reading is to another one of this engine."""

    @property
    def setting(self) -> Setting:
        """The policies."""
        ...

    @property
    def scoped(self) -> tuple[ScopedUnmodelled, ...]:
        """What is not modelled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWay:
    """A cluster of another kind: `where` names it, and begins the caveat."""

    id: str
    where: str
    read: Callable[[], Judging]


@dataclass(frozen=True, slots=True)
class Differing:
    """A way in which the objects come to something else, and how they are read there."""

    way: OtherWay
    reading: Judging

    def caveat(self, verdict: Verdict) -> Caveat:
        """What to know where this is the verdict there, and another one here."""
        return Caveat(id=self.way.id, text=f"{self.way.where} the verdict is {verdict}")


@dataclass(slots=True, eq=False)
class OtherWays:
    """Some ways, each read once, when the first question comes."""

    ways: Sequence[OtherWay] = ()
    found: list[Differing] | None = field(default=None, init=False)

    def differing(
        self, worlds: tuple[PolicyState, ...], scoped: tuple[ScopedUnmodelled, ...]
    ) -> Sequence[Differing]:
        """The ways in which these policies or doubts are others."""
        if self.found is None:
            self.found = list(self._read(worlds, scoped))
        return self.found

    def _read(
        self, worlds: tuple[PolicyState, ...], scoped: tuple[ScopedUnmodelled, ...]
    ) -> Iterator[Differing]:
        for way in self.ways:
            reading = way.read()
            mine = [(each.tiers, each.groups) for each in worlds]
            other = [(each.tiers, each.groups) for each in reading.setting.worlds]
            if (mine, scoped) != (other, reading.scoped):
                yield Differing(way, reading)
