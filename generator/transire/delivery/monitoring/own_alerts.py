"""Alerts that rest on values and on what transire itself counts, whatever engine a cluster has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from transire.engines.api.observation import Alert, AlertScope, Metric
from transire.model.ends import End
from transire.model.intent import Organisation, Rule

DIFFERENCES = "transire_verify_differences"
VERIFIED = "transire_verify_timestamp_seconds"
TARGET_CLUSTER = "target_cluster"
"""The label of both that holds the cluster: `cluster` may be Prometheus' own."""
VERIFY_METRICS = (
    Metric(name=DIFFERENCES, switch="transire verify --format prometheus"),
    Metric(name=VERIFIED, switch="transire verify --format prometheus"),
)
_DAY = 86_400
_STALE = 2 * _DAY


def drift_alerts(cluster: str) -> tuple[Alert, ...]:
    """A cluster holds something else than the values have, or nobody has looked for two days."""
    of_cluster = f'{TARGET_CLUSTER}="{cluster}"'
    return (
        Alert(
            id="drift",
            summary=f"{cluster} holds other policies than the values have",
            expr=f"sum by (kind) ({DIFFERENCES}{{{of_cluster}}}) > 0",
            hold="30m",
            severity="warning",
            scope=AlertScope.CLUSTER,
            metrics=(DIFFERENCES,),
        ),
        Alert(
            id="drift-unknown",
            summary=f"nobody has held {cluster} against the values for two days",
            expr=f"time() - max({VERIFIED}{{{of_cluster}}}) > {_STALE} "
            f"or absent({VERIFIED}{{{of_cluster}}})",
            hold="1h",
            severity="warning",
            scope=AlertScope.CLUSTER,
            metrics=(VERIFIED,),
        ),
    )


def near(end: End, days: int) -> str:
    """An expression with a value as soon as an end is fewer than so many days ahead."""
    return f"vector({seconds(end.last)}) - time() < {days * _DAY}"


def seconds(moment: datetime) -> int:
    """Seconds since the epoch."""
    return int(moment.timestamp())


def expiry_alerts(rules: Iterable[Rule], days: int) -> Iterator[Alert]:
    """Entries of values that end, from so many days before."""
    for rule in rules:
        if rule.expires is not None:
            yield _expiry("entry", rule.source, rule.expires, days)


def waiver_alerts(organisation: Organisation, days: int) -> Iterator[Alert]:
    """Exceptions from guardrails, which all end; one where several differ in what they are for."""
    found = (
        _expiry("exception", f"{each.rule} for {each.entry} of {each.team}", each.until, days)
        for each in organisation.waivers
    )
    yield from dict.fromkeys(found)


def _expiry(what: str, name: str, end: End, days: int) -> Alert:
    return Alert(
        id="entry-expires",
        summary=f"{what} {name} ends {end.when}",
        expr=near(end, days),
        hold="15m",
        severity="info",
        scope=AlertScope.CLUSTER,
        metrics=(),
        labels=((what, name), ("ends", str(end))),
    )
