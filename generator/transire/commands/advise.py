"""`advise`: what to set in a cluster, and what its engine cannot see."""

from __future__ import annotations

from collections.abc import Iterable

from transire.commands.arguments import StrPath, files_at, folder_at
from transire.commands.given_files import read_given
from transire.commands.named_targets import check_cluster
from transire.model.problems import UsageError
from transire.review.advice.advice import ClusterAdvice, advice_for, settings_of
from transire.values.load import load


def advise(
    root: StrPath, *, cluster: str = "", files: StrPath | Iterable[StrPath] = ()
) -> tuple[ClusterAdvice, ...]:
    """What to set in each cluster of the platform's file, or in the one that is named.

    Args:
        root: the policy repository.
        cluster: the cluster, which has to be named where files are given.
        files: what `kubectl get` prints of its agents' settings; without any, `agent` counts.

    Raises:
        Rejected: if the values hold mistakes, or a document is no object.
        UsageError: if the cluster or a file does not exist, files are given without a cluster, or
            hold no setting of its engine.
    """
    paths = files_at(files)
    if paths and not cluster:
        raise UsageError("name the cluster of the settings: --cluster NAME")
    organisation = load(folder_at(root), None)
    clusters = organisation.platform.clusters
    if not cluster:
        return tuple(advice_for(organisation, each) for each in clusters)
    check_cluster(cluster, (each.name for each in clusters))
    chosen = organisation.platform.cluster(cluster)
    settings = settings_of(chosen, read_given(paths).rendered()) if paths else {}
    if paths and not settings:
        raise UsageError(
            f"there are no settings of {chosen.release.engine} in the input; `transire docs "
            "advise` has the command that prints them"
        )
    return (advice_for(organisation, chosen, settings),)
