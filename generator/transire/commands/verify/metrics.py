"""What a cluster holds, as metrics: for node_exporter's textfiles, or for a Pushgateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from transire.commands.verify.live_objects import Whose
from transire.commands.verify.verify import Verified
from transire.delivery.monitoring.own_alerts import DIFFERENCES, TARGET_CLUSTER, VERIFIED


def as_metrics(found: Verified) -> str:
    """Text in Prometheus' exposition format; every kind of difference is there, if with 0."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Verified) -> Iterator[str]:
    cluster = f'{TARGET_CLUSTER}="{found.cluster}"'
    yield f"# HELP {DIFFERENCES} Objects that the cluster has otherwise than the values."
    yield f"# TYPE {DIFFERENCES} gauge"
    for kind, number in _counts(found).items():
        yield f'{DIFFERENCES}{{{cluster},kind="{kind}"}} {number}'
    yield f"# HELP {VERIFIED} When the cluster was held against the values."
    yield f"# TYPE {VERIFIED} gauge"
    yield f"{VERIFIED}{{{cluster}}} {int(datetime.now(UTC).timestamp())}"


def _counts(found: Verified) -> dict[str, int]:
    strangers = Counter(each.whose for each in found.strangers)
    return {
        "missing": len(found.missing),
        "changed": len(found.changed),
        "rejected": len(found.rejected),
        "going": len(found.going),
        "pinned otherwise": len(found.pinned_otherwise),
        **{each.value: strangers[each] for each in Whose},
        "unjudged": sum(bool(each.unjudged) for each in found.diff.targets),
    }
