"""What to switch on for a cluster, so that logs hold what `audit`, `learn` and `backtest` read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transire.delivery.monitoring.proxies import proxies_of
from transire.delivery.monitoring.resolver_logs import resolver_settings, unseen_lookups
from transire.engines.api.observation import Observed, Setting, Unseen, Window
from transire.engines.registry import engine_of
from transire.flowlogs.registry import FORMATS
from transire.meaning.target import all_targets, targets_without_team
from transire.model.ends import End
from transire.model.intent import Cluster, Mode, Organisation
from transire.model.observation import Observe
from transire.workspace.file_plan import GENERATED, OBSERVE
from transire.yamlio import write

_FIELDS = {name: each.fields for name, each in FORMATS.items() if each.fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentMetric:
    """A metric that a Prometheus does not have, what turns it on, and the alerts that read it."""

    name: str
    switch: str
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observability:
    """What to switch on for a cluster, and what stays unseen whatever is switched on.

    `absent` is what a Prometheus lacks whose names were given.
    """

    cluster: Cluster
    windows: tuple[Window, ...]
    settings: tuple[Setting, ...]
    unseen: tuple[Unseen, ...]
    absent: tuple[AbsentMetric, ...] = ()

    def __repr__(self) -> str:
        return f"<Observability {self.cluster.name} settings={len(self.settings)}>"


def observability(
    organisation: Organisation,
    cluster: Cluster,
    namespaces: Iterable[str] | None = None,
    until: End | None = None,
) -> Observability:
    """What to switch on for a cluster, for namespaces in audit or for those that are named.

    `until` is when logs end that have no end of their own; without one it is that of
    `platform.yaml`.
    """
    seen = observed(organisation, cluster, namespaces, until)
    engine = engine_of(cluster.release).observation
    lookups = resolver_settings(cluster) if seen.windows else ()
    monitoring = organisation.platform.monitoring if seen.metrics else None
    proxies = proxies_of(seen, monitoring)
    return Observability(
        cluster=cluster,
        windows=seen.windows,
        settings=(*engine.settings(seen), *lookups, *(each.setting for each in proxies)),
        unseen=(*engine.unseen(seen), *unseen_lookups(cluster)),
    )


def observed(
    organisation: Organisation,
    cluster: Cluster,
    namespaces: Iterable[str] | None = None,
    until: End | None = None,
) -> Observed:
    """The cluster as an engine looks at it."""
    platform = organisation.platform
    asked = platform.observe or Observe()
    last = until or asked.until
    named = None if namespaces is None else frozenset(namespaces)
    windows = sorted(_windows(organisation, cluster, named, last), key=lambda one: one.namespace)
    monitored = platform.monitoring
    return Observed(
        cluster=cluster,
        tier=platform.tier,
        windows=tuple(windows),
        fields=_FIELDS,
        agent=asked.agent(cluster.name),
        metrics=monitored is not None and monitored.has(cluster.name),
    )


def _windows(
    organisation: Organisation,
    cluster: Cluster,
    named: frozenset[str] | None,
    last: End | None,
) -> Iterator[Window]:
    """Namespaces whose flows are logged: named ones, else those in audit, and others up to `last`.

    An audit is logged up to its own end.
    """
    ends = {
        each.namespace: each.until
        for team in organisation.teams
        for each in team.publications
        if each.cluster == cluster.name
    }
    modes = {
        target.namespace: target.mode
        for target in (
            *(each for each in all_targets(organisation) if each.cluster.name == cluster.name),
            *targets_without_team(organisation, cluster),
        )
    }
    for namespace, mode in modes.items():
        audited = mode is Mode.AUDIT
        wanted = audited or last is not None if named is None else namespace in named
        if wanted:
            own = ends.get(namespace, organisation.platform.until) if audited else None
            yield Window(namespace=namespace, end=own or last)


def observe_files(organisation: Organisation) -> dict[str, bytes]:
    """The settings of every cluster that is to be observed or has alerts, by path."""
    return {
        f"{OBSERVE}/{cluster.name}/{each.file}": setting_text(each).encode()
        for cluster in organisation.platform.clusters
        for each in _wanted(organisation, cluster)
    }


def _wanted(organisation: Organisation, cluster: Cluster) -> tuple[Setting, ...]:
    """Settings for logs where `observe` has the cluster, else those that its alerts need."""
    asked, monitoring = organisation.platform.observe, organisation.platform.monitoring
    if asked is not None and asked.has(cluster.name):
        return observability(organisation, cluster).settings
    if monitoring is not None and monitoring.has(cluster.name):
        return observability(organisation, cluster, namespaces=()).settings
    return ()


def setting_text(setting: Setting) -> str:
    """The file as it is written: what it is, what to know, how it is applied."""
    head = (GENERATED, f"This is {setting.title}; apply it by:", setting.applied, *setting.notes)
    return write(setting.tree, head=head)
