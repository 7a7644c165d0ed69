"""Answers for strangers: workloads, and hosts that no rule lists, by numbers in place of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from transire.flowlogs.tally import Coverage
from transire.review.usage.audit import Audit, Use, Wanted
from transire.review.usage.backtest import Backtest
from transire.review.usage.sightings import Origin


def redacted_audit(audit: Audit) -> Audit:
    """The same with `workload-1`, `host-1` and so on, alike wherever they stand.

    Names that a wildcard served are of its rule, and stay.
    """
    workloads = _Numbers(
        "workload",
        (
            *(name for use in audit.uses for name in use.workloads),
            *(each.origin.shown for each in audit.wanted),
            *(origin.shown for _, origin, _ in audit.refused_names),
        ),
    )
    hosts = _Numbers(
        "host",
        (
            *(each.place for each in audit.wanted if not each.listed),
            *(name for _, _, name in audit.refused_names),
        ),
    )
    return replace(
        audit,
        uses=tuple(_use(each, workloads) for each in audit.uses),
        wanted=tuple(_wanted(each, workloads, hosts) for each in audit.wanted),
        refused_names={
            (target, workloads.origin(origin), hosts.of(name)): count
            for (target, origin, name), count in audit.refused_names.items()
        },
        elsewhere=_summed(audit.elsewhere),
        coverage=without_namespaces(audit.coverage),
    )


def redacted_backtest(found: Backtest) -> Backtest:
    """The same of a backtest; what a rule of either side lists stays."""
    workloads = _Numbers("workload", (each.origin.shown for each in found.affected))
    hosts = _Numbers("host", (each.place for each in found.affected if not each.listed))
    return replace(
        found,
        affected=tuple(
            replace(
                each,
                origin=workloads.origin(each.origin),
                place=each.place if each.listed else hosts.of(each.place),
            )
            for each in found.affected
        ),
        elsewhere=_summed(found.elsewhere),
        coverage=without_namespaces(found.coverage),
    )


def without_namespaces(coverage: Coverage) -> Coverage:
    """What was read, without the namespaces that were in it."""
    return replace(coverage, namespaces=())


def _summed(elsewhere: Mapping[str, int]) -> Mapping[str, int]:
    """The flows of no target, whatever their namespaces."""
    return {"": sum(elsewhere.values())} if elsewhere else {}


class _Numbers:
    """Stands for names by their places in order, so that a run says the same again."""

    def __init__(self, kind: str, names: Iterable[str]) -> None:
        self._shown = {name: f"{kind}-{n}" for n, name in enumerate(sorted(set(names)), start=1)}

    def of(self, name: str) -> str:
        return self._shown[name]

    def origin(self, origin: Origin) -> Origin:
        return Origin(
            namespace=origin.namespace, workload=self.of(origin.shown), cluster=origin.cluster
        )


def _use(use: Use, workloads: _Numbers) -> Use:
    shown: Mapping[str, int] = {workloads.of(name): n for name, n in use.workloads.items()}
    return replace(use, workloads=shown)


def _wanted(each: Wanted, workloads: _Numbers, hosts: _Numbers) -> Wanted:
    place = each.place if each.listed else hosts.of(each.place)
    return replace(each, origin=workloads.origin(each.origin), place=place)
