"""`doctor`: from a symptom to its cause, by policies, a snapshot of the cluster and flow logs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from transire.commands.arguments import StrPath, file_at, files_at, folder_at
from transire.commands.explain_subject import release_of, subject_of_target
from transire.commands.given_files import read_given
from transire.commands.snapshot_files import Snapshot, placed_in, read_snapshot, reindexed
from transire.engines.registry import policy_kinds
from transire.flowlogs.lines import sources
from transire.flowlogs.located import located
from transire.flowlogs.tally import Coverage, Tally
from transire.k8s.api_kinds import group_of
from transire.model.names import is_dns_label
from transire.model.problems import UsageError
from transire.review.doctor.build import Asked, case_of
from transire.review.doctor.findings import Diagnosed, Unseen
from transire.review.doctor.placed import Objects, Placed
from transire.review.doctor.registry import diagnose
from transire.review.doctor.sources import Pods, seen_of
from transire.review.doctor.symptom import Symptom
from transire.review.doctor.troubles import Seen


def doctor(
    *,
    target: str | None = None,
    files: StrPath | Iterable[StrPath] = (),
    engine: str | None = None,
    namespace: str = "",
    snapshot: StrPath | None = None,
    logs: StrPath | Iterable[StrPath] = (),
    symptom: str = "",
    root: StrPath = ".",
) -> Diagnosed:
    """The causes of a symptom, the best first, and what could not be seen.

    Args:
        target: one of our targets, `NAMESPACE.CLUSTER`.
        files: in place of a target, the policies of the cluster, as `kubectl get` prints them.
        engine: `NAME` or `NAME@VERSION`, who enforces the files.
        namespace: where the symptom is, with files.
        snapshot: a folder with what `kubectl get` prints, or one file.
        logs: flow logs, and those of proxies and resolvers.
        symptom: what a person sees, in words.
        root: the policy repository of the target.

    Raises:
        UsageError: if neither a target nor files with engine and namespace are named, or a file
            cannot be read.
        Rejected: if the values are wrong, or a document of the policies is no object.
        NotModelled: if the engine's release is not modelled.
        DiskFailed: if a log cannot be read.
    """
    paths = files_at(files)
    if (target is None) == (not paths):
        raise UsageError("name a target, or the policies of a cluster with -f")
    asked, given = (
        _of_target(root, target, symptom)
        if target is not None
        else _of_files(paths, engine, namespace, symptom)
    )
    where = file_at(snapshot)
    found = Snapshot(placed=()) if where is None else read_snapshot(where, len(given))
    live = target is not None and any(_is_policy(each) for each in found.placed)
    objects = Objects(
        placed=found.placed if live else _once(given, found.placed),
        kinds=found.kinds,
        given=where is not None,
    )
    log_files = files_at(logs)
    counted = _Logs(log_files, asked.namespace)
    case = case_of(asked, objects, counted.read, has_logs=bool(log_files))
    return diagnose(case, (*found.unseen, *counted.unseen()))


class _Logs:
    """Logs, which are read once it is known which pods there are."""

    def __init__(self, paths: Sequence[Path], namespace: str) -> None:
        self._paths, self._namespace = paths, namespace
        self._coverage = Coverage()

    def read(self, pods: Pods) -> Seen:
        """The records of the namespace."""
        tally = Tally()
        found = sources(list(self._paths)) if self._paths else []
        events = located(found, tally, stdin=sys.stdin.buffer)
        shown = [each.shown for each in found]
        seen = seen_of(events, pods, self._namespace, tally.coverage, shown)
        self._coverage = tally.coverage()
        return seen

    def unseen(self) -> tuple[Unseen, ...]:
        """Lines that could not be read."""
        return tuple(
            Unseen(
                what=f"{each.source}: {each.count} lines from line {each.first} on: {each.why}",
                command="give the log as the engine or the proxy writes it",
            )
            for each in self._coverage.unread
        )


def _of_files(
    paths: Sequence[Path], engine: str | None, namespace: str, symptom: str
) -> tuple[Asked, tuple[Placed, ...]]:
    if engine is None:
        raise UsageError("name with --engine who enforces the policies, as NAME or NAME@VERSION")
    if not is_dns_label(namespace):
        raise UsageError("name with --namespace where the symptom is")
    release, _ = release_of(engine)
    placed = tuple(placed_in(read_given(paths).rendered()))
    return Asked(symptom=Symptom(symptom), namespace=namespace, release=release), placed


def _of_target(root: StrPath, target: str, symptom: str) -> tuple[Asked, tuple[Placed, ...]]:
    """A target; its rendered objects are those of the cluster where no snapshot has policies."""
    subject = subject_of_target(folder_at(root), target)
    namespace, _, cluster = target.partition(".")
    asked = Asked(
        symptom=Symptom(symptom),
        namespace=namespace,
        cluster=cluster,
        release=subject.release,
        options=subject.options,
        wanted=subject.manifests,
    )
    return asked, reindexed([Placed(manifest=e, file=e.source) for e in subject.manifests], 0)


def _is_policy(placed: Placed) -> bool:
    known = policy_kinds().get(group_of(placed.manifest))
    return known is not None and placed.manifest.ref.kind in known.policies


def _once(given: tuple[Placed, ...], found: tuple[Placed, ...]) -> tuple[Placed, ...]:
    """Every object once; one that is given as a policy counts before that of the snapshot."""
    held = {(group_of(each.manifest), each.manifest.ref) for each in given}
    return (
        *given,
        *(each for each in found if (group_of(each.manifest), each.manifest.ref) not in held),
    )


def doctor_exit_code(found: Diagnosed) -> int:
    """3 where nothing could be judged, else 0."""
    return 0 if found.judged else 3
