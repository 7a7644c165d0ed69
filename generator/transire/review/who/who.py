"""What `who` answers: the ways, and which targets let everything pass meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from transire.meaning.target import Target
from transire.model.intent import Cluster, Mode, Organisation
from transire.review.who.wanted import Wanted, WantedAddresses
from transire.review.who.ways import Way, targets_on, ways_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A target in audit, whose pods reach everything, and when that ends if it does."""

    target: Target
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who may reach something from some clusters, by the values, at an instant.

    `ways` are in the order of clusters, targets and rules. `audited` are the targets of those
    clusters that block nothing yet: their pods reach everything, whatever the ways say.
    """

    wanted: Wanted
    as_of: datetime
    clusters: tuple[Cluster, ...]
    ways: tuple[Way, ...]
    audited: tuple[Audited, ...]

    def __repr__(self) -> str:
        return f"<Who {self.wanted.text}: ways={len(self.ways)}>"


def who_reaches(
    organisation: Organisation,
    wanted: Wanted,
    clusters: Sequence[Cluster],
    as_of: datetime,
    at: Sequence[WantedAddresses] = (),
) -> Who:
    """Everything that leads to what is asked about from these clusters.

    `at` are the addresses that a name has.

    Raises:
        Rejected: if an engine cannot express a rule that has to be looked at.
        Unjudgeable: if the flows are too intricate to be listed.
    """
    return Who(
        wanted=wanted,
        as_of=as_of,
        clusters=tuple(clusters),
        ways=ways_to(organisation, wanted, clusters, at),
        audited=tuple(
            Audited(target=each, until=_until(organisation, each))
            for cluster in clusters
            for each in targets_on(organisation, cluster)
            if each.mode is Mode.AUDIT
        ),
    )


def _until(organisation: Organisation, target: Target) -> str:
    """The end of the target's audit, empty where none is set."""
    for team in organisation.teams:
        for each in team.publications:
            if (each.namespace, each.cluster) == (target.namespace, target.cluster.name):
                return "" if each.until is None else str(each.until)
    until = organisation.platform.until
    return "" if until is None else str(until)
