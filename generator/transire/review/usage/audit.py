"""What logs saw of every entry, and what they could not have seen.

An entry is *used* where a flow that passed, within the days that are looked at, is one it means;
*unused* only where the logs cover the whole time and every flow that could have been one of its own
is accounted for; else *unknown*, with the reason. The days end with the last line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from transire.flowlogs.record import Outcome
from transire.flowlogs.tally import Coverage
from transire.flowlogs.times import DAY, earliest, latest
from transire.meaning.target import Target
from transire.model.engine import Traits
from transire.review.usage.entries import Entry, Fit, Fits, entries_of
from transire.review.usage.places import Places, Sorting
from transire.review.usage.sightings import Origin, Sighting, Sightings
from transire.review.usage.wording import when

NOT_LOOKED_AT = "of targets that are not looked at"
"""Why a flow is passed over where a team is named that its target is not of."""

_EDGES = 2
"""Days at both ends of the time on which a namespace may have been quiet."""


class Standing(StrEnum):
    """How it stands with an entry."""

    USED = "used"
    UNUSED = "unused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Use:
    """One entry, and what was seen of it; `why` holds the reasons where that is unknown.

    What was seen before the days that are looked at is counted, and makes no entry used.
    `workloads` and `names` count connections; `last` is in seconds since the epoch.
    """

    entry: Entry
    standing: Standing
    count: int = 0
    last: float | None = None
    workloads: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    maybe: int = 0
    """Connections that are of the entry if what the log lacks is as it needs."""
    why: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Connections to one place that no entry allows, or that were denied although one does.

    `passed` is true where they passed all the same: for another name on the address, by audit, or
    by a policy of somebody else.
    """

    target: Target
    origin: Origin
    place: str
    port: int | None
    protocol: str
    outcome: Outcome
    listed: bool
    count: int
    last: float | None

    @property
    def passed(self) -> bool:
        """Whether the connections were made."""
        return self.outcome in {Outcome.PASSED, Outcome.FAILED}


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Every entry and every place beside them; `days` is the time that entries were held against.

    `refused_names` counts lookups by target, workload and name, `elsewhere` flows of namespaces
    that no target is for, and `unplaced` those that could be of several clusters.
    """

    days: int
    coverage: Coverage
    uses: tuple[Use, ...]
    wanted: tuple[Wanted, ...]
    refused_names: Mapping[tuple[str, Origin, str], int]
    elsewhere: Mapping[str, int]
    unplaced: Mapping[str, int]
    left_out: Mapping[str, int]
    nameless: int
    merged: int

    @property
    def thin(self) -> bool:
        """Whether any entry could not be judged."""
        return any(each.standing is Standing.UNKNOWN for each in self.uses)


def audited(
    places: Places,
    targets: Mapping[str, tuple[Target, Traits]],
    sightings: Sightings,
    coverage: Coverage,
    days: int,
) -> Audit:
    """The sightings held against every entry of the targets, which are by their names."""
    books = {name: _Book(target, traits, coverage) for name, (target, traits) in targets.items()}
    sorting = Sorting(places)
    left_out = Counter(sightings.left_out)
    for target, each in sorting.each(sightings.found()):
        if target.name in books:
            books[target.name].enter(each)
        else:
            left_out[NOT_LOOKED_AT] += each.count
    placed = sorting.placed()
    left_out.update(placed.foreign)
    uses = [use for book in books.values() for use in book.uses(days, placed.unplaced)]
    return Audit(
        days=days,
        coverage=coverage,
        uses=tuple(uses),
        wanted=tuple(wanted for book in books.values() for wanted in book.wanted()),
        refused_names=_refused(places, sightings),
        elsewhere=placed.elsewhere,
        unplaced=placed.unplaced,
        left_out=dict(sorted(left_out.items())),
        nameless=sum(book.nameless for book in books.values()),
        merged=sightings.merged,
    )


def _refused(places: Places, sightings: Sightings) -> dict[tuple[str, Origin, str], int]:
    found = {}
    for (origin, name), count in sightings.denied_names.items():
        match places.of(origin):
            case [target]:
                found[target.name, origin, name] = count
    return dict(sorted(found.items(), key=lambda each: (each[0][0], each[0][2], each[0][1].order)))


class _Seen:
    """How often something was seen, and when."""

    __slots__ = ("count", "first", "last")

    def __init__(self) -> None:
        self.count = 0
        self.first: float | None = None
        self.last: float | None = None

    def add(self, each: Sighting) -> None:
        """More of it."""
        self.count += each.count
        self.first = earliest((self.first, each.first))
        self.last = latest((self.last, each.last))

    def is_since(self, since: float | None) -> bool:
        """Whether any of it may be of that time or later."""
        return since is None or self.last is None or self.last >= since


class _Hits:
    """What was seen of one entry, by which workloads and under which names."""

    def __init__(self) -> None:
        self.seen = _Seen()
        self.workloads: Counter[str] = Counter()
        self.names: Counter[str] = Counter()

    def add(self, entry: Entry, each: Sighting) -> None:
        """More of it."""
        self.seen.add(each)
        self.workloads[each.origin.shown] += each.count
        for name in entry.names_of(each):
            self.names[name] += each.count


class _Book:
    """One target: its entries, and what was seen of them."""

    def __init__(self, target: Target, traits: Traits, coverage: Coverage) -> None:
        self.target = target
        self._coverage = coverage
        self.entries = entries_of(target, traits)
        self.nameless = 0
        self._fits = Fits(self.entries)
        self._hits: dict[Entry, _Hits] = {}
        self._maybe: dict[Entry, _Seen] = {}
        self._wanted: dict[tuple[Origin, str, int | None, str, Outcome, bool], _Seen] = {}
        self._passed: tuple[float | None, float | None] = None, None
        self._cut = False

    def enter(self, each: Sighting) -> None:
        """One kind of flow of the target's namespace."""
        if each.outcome is Outcome.PASSED:
            self._pass(each)
        self._cut = self._cut or each.names_cut
        fits = self._fits.of(each)
        sure = [entry for entry, fit in fits.items() if fit is Fit.YES]
        maybe = [entry for entry, fit in fits.items() if fit is Fit.MAYBE]
        if each.outcome is Outcome.UNKNOWN:
            sure, maybe = [], [*sure, *maybe]
        if each.outcome is not Outcome.DENIED:
            for entry in sure:
                self._hits.setdefault(entry, _Hits()).add(entry, each)
        if not sure:
            for entry in maybe:
                self._maybe.setdefault(entry, _Seen()).add(each)
        if not sure and not maybe and not each.namespace:
            self._want(each, listed=False)
        elif sure and each.outcome in {Outcome.DENIED, Outcome.WOULD_BE_DENIED}:
            self._want(each, listed=True)
        elif not sure and not each.names and not each.namespace:
            self.nameless += each.count

    def _pass(self, each: Sighting) -> None:
        """When flows passed, but for times of clocks that were wrong."""
        begin, end = self._coverage.first, self._coverage.last
        if begin is None or end is None:
            return
        times = [time for time in (each.first, each.last) if time and begin <= time <= end]
        first, last = self._passed
        self._passed = earliest((first, *times)), latest((last, *times))

    def _want(self, each: Sighting, *, listed: bool) -> None:
        for place in each.names or (each.address or each.entity or "?",):
            key = each.origin, place, each.port, each.protocol, each.outcome, listed
            self._wanted.setdefault(key, _Seen()).add(each)

    def uses(self, days: int, unplaced: Mapping[str, int]) -> list[Use]:
        """Each entry in the order of the values."""
        last = self._coverage.last
        since = None if last is None else last - days * DAY
        thin = tuple(self._thin(days, unplaced, since))
        return [self._use(each, thin, since) for each in self.entries]

    def _thin(self, days: int, unplaced: Mapping[str, int], since: float | None) -> Iterable[str]:
        """Why nothing can be called unused on this target."""
        coverage = self._coverage
        if coverage.days is None:
            yield "no line has a time"
        elif coverage.days < days:
            yield f"the logs cover {coverage.days:.1f} of {days} days"
        namespace = self.target.namespace
        first, last = self._passed
        if first is None or last is None or since is None:
            yield f"no flow of {namespace} that passed is in the logs"
        elif (own := (last - max(first, since)) / DAY) < days - _EDGES:
            yield f"flows of {namespace} that passed are of {own:.1f} of {days} days"
        for begin, end in coverage.gaps:
            if since is None or end > since:
                yield f"no line from {when(begin)} to {when(end)}"
        for what, count in coverage.lost.items():
            yield f"{count} {what}"
        for each in coverage.unread:
            yield f"{each.count} lines of {each.source} were not read: {each.why}"
        if unplaced.get(self.target.namespace):
            yield f"{unplaced[self.target.namespace]} flows may be of another cluster"

    def _use(self, entry: Entry, thin: tuple[str, ...], since: float | None) -> Use:
        hits = self._hits.get(entry, _Hits())
        maybe = self._maybe.get(entry, _Seen())
        if hits.seen.count and hits.seen.is_since(since):
            return _use_of(entry, Standing.USED, hits, maybe)
        why = list(thin)
        if maybe.count and maybe.is_since(since):
            why.append(f"{maybe.count} flows may be of it: the logs lack what tells")
        if entry.is_host and self._cut:
            why.append("names of some lines are cut")
        if entry.is_host and not entry.traits.hosts:
            why.append("what names go through the proxy is in its own log")
        standing = Standing.UNKNOWN if why else Standing.UNUSED
        return _use_of(entry, standing, hits, maybe, tuple(why))

    def wanted(self) -> list[Wanted]:
        """What was wanted beside the entries, the most frequent first."""
        found = [
            Wanted(
                target=self.target,
                origin=origin,
                place=place,
                port=port,
                protocol=protocol,
                outcome=outcome,
                listed=listed,
                count=seen.count,
                last=seen.last,
            )
            for (origin, place, port, protocol, outcome, listed), seen in self._wanted.items()
        ]
        return sorted(
            found,
            key=lambda e: (-e.count, e.place, e.port or 0, e.protocol, e.outcome, e.origin.order),
        )


def _use_of(
    entry: Entry, standing: Standing, hits: _Hits, maybe: _Seen, why: tuple[str, ...] = ()
) -> Use:
    return Use(
        entry=entry,
        standing=standing,
        count=hits.seen.count,
        last=hits.seen.last,
        workloads=_by_count(hits.workloads),
        names=_by_count(hits.names) if entry.is_wildcard else {},
        maybe=maybe.count,
        why=why,
    )


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first, those that are as frequent by name."""
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
