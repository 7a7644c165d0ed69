"""What lint finds, and what is known of a cluster beside the manifests."""

from __future__ import annotations

from dataclasses import dataclass

from transire.k8s.admission import Pruned, Refused
from transire.k8s.correction import Correction
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.placeholders import Unrendered
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Network
from transire.model.problems import Level, Position, Problem
from transire.queries.cluster_state import ClusterState


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the engine's reading found in the same manifests, and the cluster's own addresses.

    Without `service_cidrs`, ranges that installers give to services by default are taken, and what
    rests on them weighs less.
    """

    refused: tuple[Refused, ...] = ()
    pruned: tuple[Pruned, ...] = ()
    taken: tuple[Refused, ...] = ()
    """Refusals of another way to serve the same API, which this cluster's does not make."""
    unmodelled: tuple[Unmodelled, ...] = ()
    """Places that the reading does not model."""
    service_cidrs: tuple[Network, ...] = ()
    families: frozenset[int] = frozenset({4, 6})
    """The IP versions that pods of the cluster may use."""
    unrendered: tuple[Unrendered, ...] = ()
    """Objects of the input that hold placeholders, and that nothing else looked at."""
    sources: tuple[str, ...] = ()
    """The files of the input, where it has such."""
    cluster: ClusterState | None = None
    """What the cluster holds, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """What one rule found: where, what is wrong, what to do, and where it is safe, the correction.

    `level` is given where this case weighs less than the rule's own.
    """

    manifest: Manifest
    path: str
    message: str
    help: str
    level: Level | None = None
    fix: Correction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """A trap in one object; `path` is a JSON pointer into it.

    `manifest` is the index of the object in the input, `source` the file that it came from, `line`
    and `column` the place in it from 1, or 0 where that is not known. `fix` is what to change, or
    None where every correction needs a person's decision.
    """

    rule: str
    level: Level
    object: ObjectRef
    path: str
    message: str
    help: str
    fix: Correction | None = None
    manifest: int = 0
    source: str = ""
    line: int = 0
    column: int = 0

    def __repr__(self) -> str:
        return f"<LintFinding {self.level}: {self.object} {self.path} ({self.rule})>"

    @property
    def problem(self) -> Problem:
        """The finding for reports about files; the object stands in the message."""
        where = f"{self.object}".strip() + (f" {self.path}" if self.path else "")
        return Problem(
            at=Position(path=self.source, line=self.line, column=self.column),
            id=self.rule,
            level=self.level,
            message=f"{where}: {self.message}" if where else self.message,
            help=self.help,
        )
