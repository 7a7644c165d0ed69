"""`observe`: what to switch on, so that logs hold what other commands read."""

from __future__ import annotations

from datetime import date, datetime

from transire.commands.arguments import StrPath, folder_at
from transire.commands.named_targets import check_cluster
from transire.delivery.monitoring.observe import Observability, observability
from transire.meaning.target import all_targets
from transire.model.ends import End, instant
from transire.model.problems import UsageError
from transire.values.load import load


def observe(
    root: StrPath, *, cluster: str = "", target: str = "", until: date | None = None
) -> Observability:
    """What to switch on for a cluster, or for one target.

    Args:
        root: the policy repository.
        cluster: the cluster, whose namespaces in audit are logged.
        target: `NAMESPACE.CLUSTER`, to log that namespace alone, in audit or not.
        until: a day, or a time with its offset from UTC, when logs end that have no own end.

    Raises:
        Rejected: if the values hold mistakes.
        UsageError: if the cluster or the target does not exist, or neither is named, or both.
    """
    if bool(cluster) is bool(target):
        raise UsageError("name one: --cluster NAME, or --target NAMESPACE.CLUSTER")
    organisation = load(folder_at(root), None)
    namespaces = None
    if target:
        found = next((each for each in all_targets(organisation) if each.name == target), None)
        if found is None:
            known = ", ".join(sorted(each.name for each in all_targets(organisation)))
            raise UsageError(f"there is no target {target!r}; the targets are {known}")
        cluster, namespaces = found.cluster.name, (found.namespace,)
    check_cluster(cluster, (each.name for each in organisation.platform.clusters))
    return observability(
        organisation, organisation.platform.cluster(cluster), namespaces, _end(until)
    )


def _end(until: date | None) -> End | None:
    if until is None:
        return None
    return End(last=instant(until), whole_day=not isinstance(until, datetime))
