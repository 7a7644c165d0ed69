"""The revision whose charts a cluster is to have: the one that releases in the cluster pin.

Argo CD's Applications and Flux's HelmReleases name versions and digests. The files that generate
them are in the repository, so the newest commit that has the same pins is the one that counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transire.commands.verify.live_objects import is_ours
from transire.delivery.gitops.releases import Pins, pin_of, pins_in
from transire.git.repository import Repository, open_repository
from transire.git.snapshots import Snapshot, snapshot_at
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest
from transire.model.intent import GitOps

_MOST_COMMITS = 2000
"""Commits that are looked at, which is years of changes to the pins of one cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The revision that counts, whether the working tree is ahead, and what pins another."""

    snapshot: Snapshot
    ahead: bool
    notes: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


def chosen_revision(root: Path, at: str | None, cluster: str, given: Iterable[Manifest]) -> Chosen:
    """The revision that is named, else the one that releases among the objects pin, else HEAD.

    Raises:
        UsageError: if the revision does not exist.
        GitFailed: if Git fails.
    """
    live = live_pins(given, cluster)
    repository = open_repository(root)
    head = repository.commit("HEAD") if isinstance(repository, Repository) else None
    if not isinstance(repository, Repository) or head is None or at is not None or not live:
        snapshot, ahead = snapshot_at(root, at)
        return Chosen(snapshot=snapshot, ahead=ahead)
    commit, pins = _nearest(_History(repository=repository, cluster=cluster), head, live)
    snapshot, ahead = snapshot_at(root, "HEAD" if commit == head else commit)
    notes = () if commit == head else (
        f"HEAD ({head[:12]}) is ahead of what releases pin, and does not count",
    )  # fmt: skip
    return Chosen(
        snapshot=snapshot,
        ahead=ahead and commit == head,
        notes=notes,
        otherwise=tuple(_otherwise(live, pins)),
    )


def _otherwise(live: Pins, pins: Pins) -> Iterable[str]:
    for (kind, name), pin in sorted(live.items()):
        wanted = pins.get((kind, name))
        if wanted is None:
            yield f"{kind} {name} pins {pin}, and the revision has no such release"
        elif wanted != pin:
            yield f"{kind} {name} pins {pin}, and the revision {wanted}"


def live_pins(given: Iterable[Manifest], cluster: str) -> Pins:
    """The pins of releases of ours among some objects, without those for another cluster."""
    found = {}
    for each in given:
        pin = pin_of(each.body)
        labels = inner(each.body, "metadata", "labels")
        if pin and is_ours(each) and labels.get("transire/cluster", cluster) == cluster:
            found[each.ref.kind, each.ref.name] = pin
    return found


def _nearest(history: _History, head: str, live: Pins) -> tuple[str, Pins]:
    """The newest commit that agrees with most of the pins, and what it pins itself."""
    best, most, its = head, -1, dict[tuple[str, str], str]()
    for commit in (head, *history.commits(head)):
        pins = history.pins(commit)
        agreeing = sum(pins.get(key) == pin for key, pin in live.items())
        if agreeing > most:
            best, most, its = commit, agreeing, dict(pins)
        if agreeing == len(live):
            break
    return best, its


class _History:
    """The generated releases of one cluster in the commits of a repository, each read once."""

    def __init__(self, *, repository: Repository, cluster: str) -> None:
        self._repository = repository
        self._folders = [f"{tool.value}/{cluster}" for tool in GitOps]
        self._read: dict[str, Pins] = {}

    def commits(self, head: str) -> tuple[str, ...]:
        """Those that changed the cluster's releases, the latest first."""
        return self._repository.commits(head, self._folders, _MOST_COMMITS)

    def pins(self, commit: str) -> Pins:
        """What a commit pins for the cluster."""
        oids = {
            oid
            for folder in self._folders
            for path, oid in self._repository.oids(commit, folder).items()
            if path.endswith(".yaml")
        }
        for oid, content in self._repository.blobs(oids - self._read.keys()).items():
            self._read[oid] = pins_in(content)
        return {key: pin for oid in oids for key, pin in self._read[oid].items()}
