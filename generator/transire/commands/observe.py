"""`observe`: what to switch on, so that logs hold what other commands read."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from transire.commands.arguments import StrPath, file_at, folder_at
from transire.commands.named_targets import check_cluster
from transire.delivery.monitoring.observe import Observability, observability
from transire.delivery.monitoring.rules import Watched, absent_metrics
from transire.meaning.target import all_targets
from transire.model.ends import End, instant
from transire.model.problems import UsageError
from transire.values.load import load

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def observe(
    root: StrPath,
    *,
    cluster: str = "",
    target: str = "",
    until: date | None = None,
    names: StrPath | None = None,
) -> Observability:
    """What to switch on for a cluster, or for one target.

    Args:
        root: the policy repository.
        cluster: the cluster, whose namespaces in audit are logged.
        target: `NAMESPACE.CLUSTER`, to log that namespace alone, in audit or not.
        until: a day, or a time with its offset from UTC, when logs end that have no own end.
        names: a file with the names of metrics that a Prometheus has, as its API lists them
            (`/api/v1/label/__name__/values`), or one a line.

    Raises:
        Rejected: if the values hold mistakes.
        UsageError: if the cluster or the target does not exist, or neither is named, or both; or
            if names are given that are none, or for a cluster without alerts.
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
    chosen = organisation.platform.cluster(cluster)
    shown = observability(organisation, chosen, namespaces, _end(until))
    given = file_at(names)
    if given is None:
        return shown
    monitoring = organisation.platform.monitoring
    if monitoring is None or not monitoring.has(cluster):
        raise UsageError(
            f"no alerts are generated for {cluster}; write monitoring in platform.yaml"
        )
    watched = Watched(organisation=organisation, monitoring=monitoring, cluster=chosen)
    return replace(shown, absent=absent_metrics(watched, _names_in(given)))


def _names_in(path: Path) -> frozenset[str]:
    """The names of metrics in a file.

    Raises:
        UsageError: if there are none, or the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}") from error
    listed: object = text.split()
    if text.lstrip().startswith("{"):
        try:
            listed = json.loads(text).get("data")
        except ValueError:
            listed = None
    found = frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()
    if not any(_NAME.fullmatch(each) for each in found):
        raise UsageError(
            f"{path.name} holds no names of metrics; write there what Prometheus gives for "
            "/api/v1/label/__name__/values"
        )
    return found


def _end(until: date | None) -> End | None:
    if until is None:
        return None
    return End(last=instant(until), whole_day=not isinstance(until, datetime))
