"""What became of policies: values, what they allow beside the objects, and the way over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transire.commands.importing.way_over import Step
from transire.model.problems import Problem
from transire.review.diff.changes import Diff, TargetChange
from transire.review.diff.sort_order import biggest_first
from transire.review.lint.finding import LintFinding
from transire.review.migration.candidates import LeftOut
from transire.review.migration.rules import Imported
from transire.workspace.file_plan import Edit
from transire.workspace.scaffold import difference


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceResult:
    """One namespace: its team, and whether its values allow what its objects do.

    `change` leads from the objects to the values, None where both allow the same. `unjudged` is
    why nobody can tell, and empty otherwise. `unlimited` are the pods that may reach everything
    today, since no object is for them, in words; empty where there is none. With `partly`, rules
    that only add something could not be judged: the rest is compared without them.
    """

    name: str
    team: str
    rules: tuple[Imported, ...] = ()
    change: TargetChange | None = None
    unjudged: str = ""
    unlimited: str = ""
    partly: tuple[LeftOut, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether both allow the very same."""
        return self.change is None and not self.unjudged and not self.partly


@dataclass(frozen=True, kw_only=True)
class ImportedPolicies:
    """What became of some policies.

    `edits` are values files before and after, by path; `begun` the files of a new repository beside
    them. `left_out` is what no values hold, and `unread` what may hold policies and was not read.
    `problems` are what guardrails find in the values. `limits_nothing` are namespaces of which the
    objects limit no egress. `way` leads from the objects to the values, step by step.
    """

    cluster: str
    engine: str
    namespaces: tuple[NamespaceResult, ...]
    limits_nothing: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    unread: tuple[Problem, ...]
    edits: tuple[Edit, ...]
    begun: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    traps: tuple[LintFinding, ...]
    notes: tuple[str, ...]
    objects: int
    way: tuple[Step, ...] = ()

    @property
    def patch(self) -> str:
        """The edits as a patch that `git apply` takes."""
        return difference(self.edits)

    @property
    def diff(self) -> Diff:
        """From the objects to the values, for every namespace that was compared."""
        changes = [each.change for each in self.namespaces if each.change is not None]
        return Diff(
            base="what the objects allow",
            head="what the values allow",
            looked_at=sum(not each.unjudged for each in self.namespaces),
            targets=biggest_first(changes),
        )


def import_exit_code(found: ImportedPolicies) -> int:
    """3 where something could not be judged, 1 where anything differs or is left out, else 0."""
    unjudged = any(each.unjudged or each.partly for each in found.namespaces)
    if unjudged or any(each.unproved for each in found.way):
        return 3
    differs = any(each.change is not None for each in found.namespaces)
    return int(differs or bool(found.left_out) or bool(found.unread))
