"""What makes an engine's work visible, as data: settings, metrics, and alerts on them.

Alerts hold PromQL with two words to fill in. `NAMESPACE` is the name of a namespace, and `CLUSTER`
stands in every selector, for a matcher that picks the series of one cluster, or for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from transire.model.ends import End
from transire.model.intent import Cluster, Tier
from transire.yamlio import YamlTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A namespace whose flows are to be logged, and until when; None stands for no end."""

    namespace: str
    end: End | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A cluster, and what is to be seen of it.

    `fields` are the paths that the reader of a log looks at, by the name of its format. `agent` is
    what implements the policies of a cluster where the engine itself leaves that open. `metrics`
    is true where alerts are wanted besides logs.
    """

    cluster: Cluster
    tier: Tier
    windows: tuple[Window, ...]
    fields: Mapping[str, tuple[str, ...]]
    agent: str = ""
    metrics: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One file to hand to whoever runs the engine.

    `file` is its name, `applied` the command that applies it, and `notes` are lines to read before.
    """

    file: str
    title: str
    applied: str
    tree: Mapping[str, YamlTree]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric by its name in Prometheus, and what turns it on.

    `switch` is a text that stands in one of the engine's settings wherever the metric is on.
    """

    name: str
    switch: str


class AlertScope(StrEnum):
    """What one alert is about."""

    NAMESPACE = "namespace"
    """A namespace in which policies are enforced."""
    AUDITED = "audited"
    """A namespace in audit, as the end of that comes near."""
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert: the page that explains it, its sentence, and when it fires.

    `hold` is how long the expression has to be true, as Prometheus writes a duration. `metrics`
    are the names that the expression reads, and `labels` tell alerts apart that share an id.
    """

    id: str
    summary: str
    expr: str
    hold: str
    severity: str
    scope: AlertScope
    metrics: tuple[str, ...]
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What no setting makes visible, and where to look instead."""

    what: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an engine has to show.

    `agents` are the implementations that are known where the engine is an API alone. `panels` are
    queries for dashboards, by title; they may group by what series have.
    """

    settings: Callable[[Observed], tuple[Setting, ...]]
    metrics: Callable[[Observed], tuple[Metric, ...]]
    alerts: Callable[[Observed], tuple[Alert, ...]]
    unseen: Callable[[Observed], tuple[Unseen, ...]]
    panels: Callable[[Observed], Mapping[str, str]]
    agents: tuple[str, ...] = field(default=())
