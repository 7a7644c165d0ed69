"""`backtest`: what logs have seen, against a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from transire.commands.arguments import StrPath, files_at
from transire.commands.diff.diff import comparing
from transire.commands.named_targets import check_cluster
from transire.commands.read_logs import read_logs
from transire.helm import HelmChoice
from transire.model.destinations import Destination
from transire.pipeline.progress import Watch
from transire.review.usage.backtest import Backtest, Sides, backtested
from transire.review.usage.places import Places


def backtest(
    root: StrPath,
    logs: StrPath | Iterable[StrPath],
    *,
    base: StrPath | None = None,
    head: StrPath | None = None,
    cluster: str = "",
    format_: str = "",
    as_of: date | None = None,
    helm: HelmChoice | None = None,
    watch: Watch | None = None,
) -> Backtest:
    """Look every flow of the logs up on both sides of a change.

    Args:
        root: the policy repository.
        logs: files and folders of logs, packed or not; `-` is standard input.
        base: what to start from, as for `diff`.
        head: where it leads; without one, what the values of the working tree come to.
        cluster: the cluster of which all lines are.
        format_: how every line is read; without a name, each as what it looks like.
        as_of: the day, or the moment, that ends are held against.
        helm: which Helm renders; without a choice, what is there.
        watch: is called with the bytes of logs that are read, and those that there are.

    Raises:
        UsageError: if a side, a log, the cluster or the format does not exist.
        Rejected: if the values of a side are wrong, or an engine refuses those of the head.
        HelmFailed: if Helm refuses a chart.
        GitFailed: if Git fails.
        DiskFailed: if a log cannot be read.
    """
    change = comparing(root, base=base, head=head, as_of=as_of, helm=helm, whole=True)
    if cluster:
        check_cluster(cluster, {*change.then.clusters, *change.now.clusters})
    sightings, coverage = read_logs(files_at(logs), format_, watch)
    targets = {**change.then.targets, **change.now.targets}

    def sides(namespace: str, name: str) -> Sides:
        before, after, world = change.both((namespace, name))
        return Sides(
            before=before.rendered,
            after=after.rendered,
            later=after.enforced,
            world=world,
            why=before.unjudged or after.unjudged,
        )

    listed: dict[str, list[Destination]] = {}
    for each in (*change.then.targets.values(), *change.now.targets.values()):
        rules = (*each.rules, *each.everyone)
        listed.setdefault(each.name, []).extend(one for rule in rules for one in rule.destinations)
    places = Places(targets.values(), cluster)
    found = backtested(places, sides, sightings, coverage, listed)
    return replace(found, change=change.identity)


def backtest_exit_code(found: Backtest) -> int:
    """1 where something would newly be blocked, 3 where some could not be judged, else 0."""
    if found.blocked:
        return 1
    return 3 if found.is_open else 0
