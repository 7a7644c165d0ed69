"""One entry of the values that breaks a guardrail, and what the platform sets for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from transire.model.choices import Approximation
from transire.model.ends import End
from transire.model.net import PortRange
from transire.model.pod_selector import EVERY_POD, PodSelector
from transire.model.problems import Level, Position, Proposal
from transire.model.scoped import Scoped
from transire.model.waiver import Subject


def _no_ports(subject: Subject) -> tuple[PortRange, ...]:
    del subject
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How far an entry reaches besides its destinations: where, for which pods, how read.

    `ports` gives those on which it opens what it reaches, and none for anything else.
    """

    limits: Scoped
    sources: tuple[PodSelector, ...] = EVERY_POD
    approximate: frozenset[Approximation] = frozenset()
    ports: Callable[[Subject], tuple[PortRange, ...]] = _no_ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry that breaks a guardrail.

    `team` is empty for the platform's own entries; `entry` is the rule's name, or the namespace
    where the guardrail is about one: the pair is what an exception names. `level` is given where
    this case weighs less than the guardrail's own. `about` holds everything that is found, as an
    exception has to name it, and `extent` how far that reaches; the one is empty and the other None
    where nothing can be added to what is found. `proposal` is what the help proposes, where that is
    a value.
    """

    team: str
    entry: str
    at: Position
    message: str
    help: str
    level: Level | None = None
    about: tuple[Subject, ...] = ()
    extent: Extent | None = field(default=None, compare=False, repr=False)
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrails:
    """The platform's settings for the guardrails; `levels` overrides a rule's own level.

    In `levels` the value None means off; `bundle_max_age` is in days, and None where nobody looks.
    """

    allowed_ports: tuple[PortRange, ...] = ()
    max_hosts_per_team: int = 500
    expires_soon_days: int = 30
    bundle_max_age: int | None = None
    require_ticket_for: frozenset[str] = frozenset()
    levels: Mapping[str, Level | None] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Guardrails levels={len(self.levels)}>"

    def soon(self, end: End, as_of: datetime) -> bool:
        """Whether something with that end is to be reported at the instant `as_of`."""
        return not end.passed(as_of) and end.days(as_of) <= self.expires_soon_days
