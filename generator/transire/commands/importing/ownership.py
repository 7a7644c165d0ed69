"""Which team gets a namespace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transire.commands.importing.given import GivenPolicies
from transire.k8s.json_pointer import inner
from transire.model.intent import Organisation
from transire.model.names import is_dns_label
from transire.model.problems import UsageError
from transire.review.migration.places import Space


@dataclass(frozen=True, kw_only=True)
class Owners:
    """How teams are found: one for all, by a label, or one for each namespace."""

    team: str
    label: str
    given: GivenPolicies

    def of(
        self, spaces: Iterable[Space], organisation: Organisation, cluster: str
    ) -> Mapping[str, str]:
        """The team of each namespace; one that has the namespace on the cluster keeps it.

        Raises:
            UsageError: if a label names no team.
        """
        known = {
            each.namespace: team.name
            for team in organisation.teams
            for each in team.publications
            if each.cluster == cluster
        }
        return {each.name: known.get(each.name) or self._of(each) for each in spaces}

    def _of(self, space: Space) -> str:
        if self.team:
            return self.team
        name = self._labelled(space) if self.label else space.name
        if not is_dns_label(name):
            raise UsageError(
                f"{name!r} is no name of a team, which namespace {space.name} has as "
                f"{self.label}; name the team with --team"
            )
        return name

    def _labelled(self, space: Space) -> str:
        """The label of the namespace, or else that of most of its policies, or else its name."""
        own = (space.labels or {}).get(self.label)
        if own:
            return own
        values: Counter[str] = Counter()
        for each in self.given.policies:
            value = inner(each.body, "metadata", "labels").get(self.label)
            if each.ref.namespace == space.name and isinstance(value, str) and value:
                values[value] += 1
        ordered = sorted(values.items(), key=lambda each: (-each[1], each[0]))
        return ordered[0][0] if ordered else space.name
