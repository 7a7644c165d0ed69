"""An audit for strangers: workloads, and hosts that no rule lists, by numbers in place of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from transire.review.usage.audit import Audit, Use, Wanted
from transire.review.usage.sightings import Origin


def redacted(audit: Audit) -> Audit:
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
        elsewhere={"": sum(audit.elsewhere.values())} if audit.elsewhere else {},
        coverage=replace(audit.coverage, namespaces=()),
    )


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
