"""What lowering finds on its way: refusals, approximations, delegations and remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from transire.engines.api.refusal import Refusal
from transire.meaning.target import Approximated, Delegated, Lowered, Remark, Values
from transire.model.engine import Traits
from transire.model.intent import Approximation, Cluster, Rule
from transire.model.problems import Position, Problem, Rejected

Found = TypeVar("Found", Approximated, Delegated, Remark)


class LoweredBuilder:
    """Collects what is found for one cluster, to end as `Lowered` or as one `Rejected`.

    The one builder of this room: it lives for one lowering and is never shared.
    """

    def __init__(self, cluster: Cluster, traits: Traits) -> None:
        self.cluster = cluster
        self.traits = traits
        self._problems: list[Problem] = []
        self._approximated: list[Approximated] = []
        self._delegated: list[Delegated] = []
        self._remarks: list[Remark] = []

    def refuse_rule(self, rule: Rule, at: Position, fault: Refusal) -> None:
        """The engine cannot express something that stands in a rule."""
        self._refuse(f"rule {rule.name!r} on cluster", at, fault)

    def refuse_cluster(self, at: Position, fault: Refusal) -> None:
        """The engine cannot do what the cluster, its DNS or its platform requires."""
        self._refuse("cluster", at, fault)

    def _refuse(self, subject: str, at: Position, fault: Refusal) -> None:
        cluster = self.cluster
        message = f"{subject} {cluster.name!r} ({cluster.release}): {fault.why}"
        self._problems.append(
            Problem(at=at, id=fault.id, message=message, help=fault.remedy, proposal=fault.proposal)
        )

    def approximate(self, each: Approximated) -> None:
        """A host is widened or narrowed, by consent."""
        self._approximated.append(each)

    def delegate(self, each: Delegated) -> None:
        """A host's verdict is delegated to something else."""
        self._delegated.append(each)

    def remark(self, rule: str, remark_id: str, text: str) -> None:
        """Something true that the objects cannot hold."""
        self._remarks.append(Remark(rule=rule, id=remark_id, text=text))

    def stop_if_refused(self) -> None:
        """Raise every problem at once, if there is one.

        Raises:
            Rejected: with all of them, sorted.
        """
        if self._problems:
            raise Rejected(dict.fromkeys(self._problems))

    def lowered(self, values: Values) -> Lowered:
        """The values with everything a report must hold about them, sorted, without repetition.

        Raises:
            Rejected: if anything was refused.
        """
        self.stop_if_refused()
        return Lowered(
            values=values,
            approximated=_unique(
                self._approximated, key=lambda each: (each.rule, each.written, each.how)
            ),
            delegated=_unique(self._delegated, key=lambda each: (each.rule, each.host, each.to)),
            remarks=_unique(self._remarks, key=lambda each: (each.rule, each.id, each.text)),
        )


def accepts(rule: Rule, how: Approximation, cluster: Cluster) -> bool:
    """Whether the rule or the cluster accepts that approximation by name."""
    return how in cluster.approximate or how in rule.approximate


def _unique(found: Iterable[Found], key: Callable[[Found], tuple[str, ...]]) -> tuple[Found, ...]:
    return tuple(sorted(dict.fromkeys(found), key=key))
