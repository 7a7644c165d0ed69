"""What an approval has to hold for a finding to pass, and how a file writes that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from transire.engines.registry import engine_of
from transire.meaning.host_sets import covers
from transire.model.choices import Approximation
from transire.model.guardrail import Extent, Finding
from transire.model.intent import Cluster
from transire.model.names import HostKind, HostPattern
from transire.model.net import PortRange
from transire.model.pod_selector import EVERY_POD, PodSelector, sources_tree
from transire.model.scoped import Place
from transire.model.waiver import Approved, OnPort, Subject, Where, inline, where_tree
from transire.values.guardrails.context import GuardrailContext

_LONGEST = 2_000
"""How many characters of an exception help writes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Everything that is found, in which places, and for which pods there.

    `ports` are those on which what is found is open, where all of them are known.
    """

    about: tuple[Subject, ...] = ()
    ports: Mapping[Subject, tuple[PortRange, ...]] = field(default_factory=dict)
    places: tuple[Where, ...] = ()
    sources: tuple[PodSelector, ...] = EVERY_POD

    @property
    def parts(self) -> Iterator[tuple[Where | None, PodSelector]]:
        """Each place with each selector: what is needed is needed in all of these."""
        return product(self.places or (None,), self.sources)

    @property
    def written(self) -> str:
        """The keys of an exception that lets all of it pass and nothing else, for a sentence."""
        keys: dict[str, Any] = {}
        if self.about:
            keys["for"] = [Approved(subject=each).tree for each in self.about]
        keys |= where_tree(self.places)
        if self.places and any(self.sources):
            keys["from"] = sources_tree(self.sources)
        texts = [f"{key}: {inline(value, quoted=True)}" for key, value in keys.items()]
        if sum(map(len, texts)) > _LONGEST:
            return f"{' and '.join(f'{key}:' for key in keys)} as long as the entry's own lists"
        *most, last = texts
        return f"{', '.join(most)} and {last}" if most else last


def together(needs: Iterable[Needed]) -> Needed:
    """All of several needs of one entry."""
    needs = list(needs)
    return Needed(
        about=tuple(dict.fromkeys(each for needed in needs for each in needed.about)),
        places=tuple(sorted({each for needed in needs for each in needed.places})),
        sources=tuple(sorted({each for needed in needs for each in needed.sources})),
    )


def needed_for(finding: Finding, review: GuardrailContext) -> Needed:
    """What exceptions have to hold for the finding to pass."""
    extent = finding.extent
    if extent is None:
        return Needed(about=finding.about)
    places = [each for each in review.places.get(finding.team, ()) if extent.limits.holds_in(each)]
    names = {each.cluster for each in places}
    clusters = [each for each in review.organisation.platform.clusters if each.name in names]
    ports = {
        each: extent.ports(subject)
        for subject in finding.about
        for each in _as_read(subject, extent, clusters)
    }
    return Needed(
        about=tuple(ports),
        ports=ports,
        places=tuple(sorted({each for one in places for each in _where(one, extent)})),
        sources=extent.sources,
    )


def _where(place: Place, extent: Extent) -> Iterator[Where]:
    """The place; of those for everyone, each namespace that the rule names."""
    inside = [place.namespace] if place.namespace else sorted(extent.limits.namespaces or {""})
    yield from (Where(namespace=each, cluster=place.cluster) for each in inside)


def _as_read(subject: Subject, extent: Extent, clusters: list[Cluster]) -> Iterator[Subject]:
    """The subject, a host as wide as engines read it by consent."""
    match subject:
        case HostPattern():
            yield from _widened(subject, extent, clusters)
        case OnPort(what=HostPattern() as pattern, port=port):
            for each in _widened(pattern, extent, clusters):
                yield OnPort(what=each, port=port)
        case _:
            yield subject


def _widened(
    pattern: HostPattern, extent: Extent, clusters: list[Cluster]
) -> Iterator[HostPattern]:
    if pattern.kind is HostKind.EXACT:
        yield pattern
        return
    wider = dict.fromkeys(
        reading
        for cluster in clusters
        if Approximation.WIDEN in extent.approximate | cluster.approximate
        for reading in engine_of(cluster.release).as_read(pattern, cluster.release)
        if reading != pattern and covers(reading, pattern)
    )
    yield from wider or (pattern,)
