"""Where a team publishes: its namespaces with their clusters, and the mode of each pair.

A mode or an end of a cluster wins over that of its namespace, and both win over the platform's
defaults. An audit that has no end of its own takes the end of the audit that it stands below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from transire.model.ends import End
from transire.model.intent import Mode, Publication
from transire.model.problems import Position
from transire.values.ends import end
from transire.values.guardrails.fixed import unknown_cluster
from transire.values.mapping_reader import Fields, each, entries
from transire.values.problem_collector import ProblemCollector
from transire.values.references import References
from transire.values.scalars import choice, name, name_key
from transire.values.team_claims import Allowance
from transire.yamlio import Entry, MappingNode, Node

ModeUntil = tuple[Mode, End | None]
"""A mode, and when it ends."""

_Placed = tuple[str, Position, ModeUntil]
"""A cluster, where it is written, and the mode there."""


def mode(node: Node, collector: ProblemCollector) -> ModeUntil:
    """A mode by its name, or a map with its end.

    Raises:
        Misfit: for anything else.
    """
    if not isinstance(node, MappingNode):
        return choice(Mode)(node, collector), None
    misfits = collector.misfits
    fields = Fields.of(node, collector)
    named = fields.need("mode", choice(Mode), Mode.ENFORCE)
    until = fields.need("until", end, None)
    collector.stop_after(misfits)
    _check_end(named, until, collector)
    return named, until


def _check_end(named: Mode, until: End | None, collector: ProblemCollector) -> None:
    if until is not None and named is not Mode.AUDIT:
        raise collector.refuse(
            until.at,
            "until-without-audit",
            f"mode {named} has an end, {until}, and only audit may end",
            "remove until",
        )


def _mode_of(fields: Fields, above: ModeUntil, collector: ProblemCollector) -> ModeUntil:
    """The mode that the map gives, where it gives one, and what it takes from `above`."""
    misfits = collector.misfits
    named, own_end = fields.get("mode", mode, (above[0], None))
    until = fields.get("until", end, None)
    collector.stop_after(misfits)
    if until is not None and own_end is not None:
        raise collector.refuse(until.at, "until-twice", "the mode has two ends", "write until once")
    _check_end(named, until, collector)
    inherited = above[1] if named is above[0] else None
    return named, until or own_end or inherited


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationReader:
    """Reads the map of namespaces of a team, which may claim what its allowance holds.

    `references` hold the clusters and the default mode.
    """

    references: References
    allowance: Allowance

    def read(self, node: Node, collector: ProblemCollector) -> tuple[Publication, ...]:
        """Every pair of a namespace and a cluster, sorted.

        Raises:
            Misfit: if the node is no map.
        """
        found: dict[tuple[str, str], Publication] = {}
        for entry in entries(node):
            with collector:
                for one in self._of_namespace(entry, collector):
                    found.setdefault((one.namespace, one.cluster), one)
        return tuple(found[pair] for pair in sorted(found))

    def _of_namespace(self, entry: Entry, collector: ProblemCollector) -> tuple[Publication, ...]:
        namespace = name_key(entry.key, collector)
        if namespace in self.references.system:
            collector.note(
                entry.key.at,
                "system-namespace",
                f"{namespace} is a system namespace, which nothing of ours selects",
                "publish from a namespace of the team",
            )
        else:
            self.allowance.check_namespace(namespace, entry.key, collector)
        return tuple(
            Publication(namespace=namespace, cluster=cluster, mode=named, until=until, at=at)
            for cluster, at, (named, until) in self._placed(entry, collector)
        )

    def _placed(self, entry: Entry, collector: ProblemCollector) -> tuple[_Placed, ...]:
        at, references = entry.key.at, self.references
        until = references.until
        default = references.mode, None if until is None else replace(until, at=at)
        if not isinstance(entry.value, MappingNode):
            return self._listed(entry.value, at, default, collector)
        misfits = collector.misfits
        fields = Fields.of(entry.value, collector)
        usual = default
        with collector:
            usual = _mode_of(fields, default, collector)
        clusters = fields.entry("clusters")
        if clusters is not None and isinstance(clusters.value, MappingNode):
            placed = tuple(self._mapped(clusters.value, usual, collector))
        else:
            placed = fields.need("clusters", lambda node, _: self._listed(node, at, usual, _), ())
        collector.stop_after(misfits)
        return placed

    def _listed(
        self, node: Node, at: Position, usual: ModeUntil, collector: ProblemCollector
    ) -> tuple[_Placed, ...]:
        return tuple((called, at, usual) for called in each(self._cluster)(node, collector))

    def _mapped(
        self, node: MappingNode, usual: ModeUntil, collector: ProblemCollector
    ) -> Iterator[_Placed]:
        for entry in node.entries.values():
            with collector:
                called = self._known(name_key(entry.key, collector), entry.key, collector)
                fields = Fields.of(entry.value, collector)
                yield called, entry.key.at, _mode_of(fields, usual, collector)

    def _cluster(self, node: Node, collector: ProblemCollector) -> str:
        return self._known(name(node, collector), node, collector)

    def _known(self, called: str, node: Node, collector: ProblemCollector) -> str:
        unknown_cluster.check(called, self.references.clusters, node.at, collector)
        self.allowance.check_cluster(called, node, collector)
        return called
