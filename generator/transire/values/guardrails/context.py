"""What every guardrail looks at: the entries of the organisation, at an instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from transire.model.guardrail import Finding
from transire.model.intent import Host, Organisation, Rule, Team
from transire.model.problems import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule with its owner; `team` is empty for the platform's rules for everyone."""

    team: str
    rule: Rule

    def finding(self, at: Position, message: str, help: str) -> Finding:  # noqa: A002 - the field
        """A finding about this entry."""
        return Finding(team=self.team, entry=self.rule.name, at=at, message=message, help=help)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailContext:
    """What every guardrail looks at: the whole organisation, as of an instant."""

    organisation: Organisation
    as_of: datetime

    def entries(self) -> Iterator[Entry]:
        """Every rule of every team, then those for everyone."""
        for team in self.organisation.teams:
            for rule in team.rules:
                yield Entry(team=team.name, rule=rule)
        for rule in self.organisation.platform.everyone:
            yield Entry(team="", rule=rule)

    def hosts(self) -> Iterator[tuple[Entry, Host]]:
        """Every host of every rule, with its entry."""
        for entry in self.entries():
            for host in entry.rule.hosts:
                yield entry, host

    def teams(self) -> tuple[Team, ...]:
        """All teams, sorted by name."""
        return self.organisation.teams

    def enrolled(self) -> Iterator[str]:
        """The namespaces that follow the platform's own mode on some cluster.

        Those are the ones in `enrol` to which no team publishes there.
        """
        platform = self.organisation.platform
        published = {
            (each.namespace, each.cluster) for team in self.teams() for each in team.publications
        }
        for namespace in platform.enrol:
            if any((namespace, cluster.name) not in published for cluster in platform.clusters):
                yield namespace
