"""History against a change: what passed and would be blocked, what was denied and would pass.

Each kind of flow is looked up in the sets of what objects allow, the same that `diff` compares.
What a log does not hold stays open, and where it decides, the answer is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from transire.flowlogs.record import Outcome
from transire.flowlogs.tally import Coverage
from transire.flowlogs.times import latest
from transire.flows.diagrams.axes import Axis
from transire.flows.flow_set import FlowSet
from transire.k8s.go_cidr import parse_address
from transire.meaning.hosts import matches
from transire.meaning.target import Target
from transire.model.destinations import AddressRange, Destination, Entity, Host, Pods
from transire.review.usage.concrete import flows_of, open_axes
from transire.review.usage.places import Places
from transire.review.usage.sightings import Origin, Sighting, Sightings


class Effect(StrEnum):
    """What the change does to flows of the past."""

    BLOCKED = "newly blocked"
    BLOCKED_LATER = "newly blocked once audit ends"
    OPENED = "newly passing"
    BLOCKED_BEFORE = "blocked before as well"
    """They passed in the log, and neither side allows them: somebody else's policy did."""
    UNKNOWN = "unknown"
    SAME = "as before"


@dataclass(frozen=True, kw_only=True)
class Affected:
    """Flows of one workload to one place, and what becomes of them."""

    namespace: str
    cluster: str
    team: str
    origin: Origin
    place: str
    port: int | None
    protocol: str
    effect: Effect
    outcome: Outcome
    count: int
    last: float | None
    why: str = ""
    """Why it is unknown."""
    listed: bool = False
    """Whether a rule of either side lists the place."""

    @property
    def target(self) -> str:
        """`NAMESPACE.CLUSTER`."""
        return f"{self.namespace}.{self.cluster}"


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Every flow of the logs that the change touches, and how many there are in all.

    `passed` and `denied` count the flows of targets that the logs show as such.
    """

    coverage: Coverage
    affected: tuple[Affected, ...]
    counts: Mapping[Effect, int]
    passed: int
    denied: int
    elsewhere: Mapping[str, int]
    unplaced: Mapping[str, int]
    left_out: Mapping[str, int]
    change: str = ""
    """A digest of the files on both sides."""

    @property
    def blocked(self) -> int:
        """How many flows that passed would be blocked, at once or when audit ends."""
        return self.counts.get(Effect.BLOCKED, 0) + self.counts.get(Effect.BLOCKED_LATER, 0)

    @property
    def is_open(self) -> bool:
        """Whether anything could not be judged, or nothing was there to be judged."""
        unknown = self.counts.get(Effect.UNKNOWN, 0) or self.unplaced or self.coverage.unread
        return bool(unknown) or not (self.passed or self.denied)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What a namespace's pods may do before a change, after it, and once audit ends.

    `world` holds every flow that they could have. `why` is the reason where that is not known.
    """

    before: FlowSet
    after: FlowSet
    later: FlowSet
    world: FlowSet
    why: str = ""


SidesOf = Callable[[str, str], Sides]
"""The sides of a namespace on a cluster."""


def backtested(
    places: Places,
    sides: SidesOf,
    sightings: Sightings,
    coverage: Coverage,
    listed: Mapping[str, Sequence[Destination]],
) -> Backtest:
    """The sightings looked up on both sides of the targets that they are of.

    `listed` holds what rules of either side list, by the names of targets.
    """
    placed = places.placed(sightings.found())
    counts: Counter[Effect] = Counter()
    outcomes: Counter[bool] = Counter()
    judges: dict[str, _Judge] = {}
    affected: list[Affected] = []
    for target, each in placed.found:
        judge = judges.get(target.name)
        if judge is None:
            made = _Judge.of(sides(target.namespace, target.cluster.name))
            judge = judges[target.name] = made
        effect, why = judge.effect(each)
        counts[effect] += each.count
        outcomes[each.outcome is Outcome.DENIED] += each.count
        if effect is not Effect.SAME:
            known = listed.get(target.name, ())
            affected += (
                replace(one, listed=_is_listed(one.place, known))
                for one in _affected(target, each, effect, why)
            )
    return Backtest(
        coverage=coverage,
        affected=tuple(_merged(affected)),
        counts=dict(counts),
        passed=outcomes[False],
        denied=outcomes[True],
        elsewhere=placed.elsewhere,
        unplaced=placed.unplaced,
        left_out=dict(sorted((Counter(sightings.left_out) + Counter(placed.foreign)).items())),
    )


def _affected(target: Target, each: Sighting, effect: Effect, why: str) -> Iterator[Affected]:
    for place in each.names or (each.address or each.entity or each.namespace or "?",):
        yield Affected(
            namespace=target.namespace,
            cluster=target.cluster.name,
            team=target.team,
            origin=each.origin,
            place=place,
            port=each.port,
            protocol=each.protocol,
            effect=effect,
            outcome=each.outcome,
            count=each.count,
            last=each.last,
            why=why,
        )


def _is_listed(place: str, known: Iterable[Destination]) -> bool:
    """Whether a rule names the host, a range with the address, or what else the place is."""
    address = parse_address(place)
    for each in known:
        match each:
            case Host(pattern=pattern):
                found = address is None and matches(pattern, place)
            case AddressRange(cidr=cidr):
                found = address is not None and address in cidr
            case Pods(namespace=namespace):
                found = place == namespace
            case Entity(kind=kind):
                found = place == kind.value
        if found:
            return True
    return False


_ORDER = {each: place for place, each in enumerate(Effect)}


def _merged(found: Iterable[Affected]) -> list[Affected]:
    """One line for each workload and place, in order."""
    merged: dict[Affected, tuple[int, float | None]] = {}
    for each in found:
        key = replace(each, origin=_plain(each.origin), count=0, last=None)
        count, last = merged.get(key, (0, None))
        merged[key] = count + each.count, latest((last, each.last))
    lines = [replace(key, count=count, last=last) for key, (count, last) in merged.items()]
    return sorted(lines, key=_place_in_order)


def _place_in_order(each: Affected) -> tuple[object, ...]:
    """What is blocked first, and then the most frequent; the rest tells equals apart."""
    what = each.target, each.place, each.port or 0, each.protocol, each.outcome
    return _ORDER[each.effect], -each.count, what, each.origin.order, each.why


def _plain(origin: Origin) -> Origin:
    """The workload alone, where that is known."""
    return replace(origin, labels=None, account="") if origin.workload else origin


class _Allowed:
    """What one side allows, asked with some axes open."""

    def __init__(self, allowed: FlowSet, world: FlowSet) -> None:
        self._allowed, self._denied = allowed, world - allowed
        self._sets: dict[tuple[Axis, ...], tuple[FlowSet, FlowSet]] = {}

    def holds(self, sighting: Sighting, axes: tuple[Axis, ...]) -> bool | None:
        """Whether it allows the flows of a sighting; None where what the log lacks decides."""
        if axes not in self._sets:
            self._sets[axes] = (
                self._allowed.project_out(*axes),
                self._denied.project_out(*axes),
            )
        allowed, denied = self._sets[axes]
        flows = list(flows_of(sighting, sighting.names or (None,)))
        if not any(allowed.contains(each) for each in flows):
            return False
        return True if not all(denied.contains(each) for each in flows) else None


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """Both sides of one target, as they are and once audit ends."""

    before: _Allowed
    after: _Allowed
    later: _Allowed
    why: str

    @classmethod
    def of(cls, sides: Sides) -> _Judge:
        return cls(
            before=_Allowed(sides.before, sides.world),
            after=_Allowed(sides.after, sides.world),
            later=_Allowed(sides.later, sides.world),
            why=sides.why,
        )

    def effect(self, sighting: Sighting) -> tuple[Effect, str]:
        """What becomes of the flows, and why that is unknown."""
        if self.why:
            return Effect.UNKNOWN, self.why
        if sighting.outcome is Outcome.UNKNOWN:
            return Effect.UNKNOWN, "the logs do not have what became of it"
        axes = tuple(open_axes(sighting))
        if not sighting.names and not sighting.namespace:
            axes = (*axes, Axis.HOST, Axis.SERVER_NAME)
        after = self.after.holds(sighting, axes)
        later = self.later.holds(sighting, axes)
        if sighting.outcome is Outcome.DENIED:
            return self._of_denied(after)
        if after is None or later is None:
            return Effect.UNKNOWN, "the logs lack what decides"
        if after and later:
            return Effect.SAME, ""
        before = self.before.holds(sighting, axes)
        if not after and before is False:
            return Effect.BLOCKED_BEFORE, ""
        return (Effect.BLOCKED_LATER if after else Effect.BLOCKED), ""

    @staticmethod
    def _of_denied(after: bool | None) -> tuple[Effect, str]:
        if after is None:
            return Effect.UNKNOWN, "the logs lack what decides"
        return (Effect.OPENED, "") if after else (Effect.SAME, "")
