"""What a change means: from two snapshots to what each target gains and loses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.commands.arguments import StrPath, folder_at, revision_named, when
from transire.commands.diff.history import history_of
from transire.commands.diff.revision import TOOLS, TargetKey, ValuesSnapshot
from transire.commands.helm_choice import helm_named
from transire.delivery.gitops import renamed_release
from transire.delivery.gitops.release_names import baseline_release, tier_release
from transire.delivery.gitops.releases import releases_of
from transire.engines.registry import tiered
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.git.snapshots import Committed, Snapshot, snapshots
from transire.helm import HelmChoice
from transire.meaning.meaning import api_server_ports
from transire.model.ends import instant
from transire.model.problems import HelmFailed, Level, Problem, Rejected
from transire.pipeline.compiled_snapshot import CompiledSnapshot, compiled_snapshot, touched_teams
from transire.pipeline.origin import origin_of
from transire.pipeline.progress import counted
from transire.pipeline.renderer import Renderer
from transire.review.diff.changes import Diff, SharedChange, TargetChange
from transire.review.diff.compare import Seen, compare, refused, with_files
from transire.review.diff.objects import object_changes
from transire.review.diff.observed import API_SERVER, see, unknown
from transire.review.diff.settings import settings
from transire.review.diff.sort_order import biggest_first
from transire.workspace.value_paths import PLATFORM, is_taken_for_values, is_values_file

_CHART = f"/{NAME}"


def diff(
    root: StrPath,
    *,
    base: StrPath | None = None,
    head: StrPath | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
    backtest: StrPath | None = None,
) -> Diff:
    """What becomes reachable and what stops being so: from the base's charts to the head's values.

    The head's values are compiled, as `generate` would, whatever its charts hold; files that are
    not what they come to are named. Only what differs is read, rendered and judged.

    Args:
        root: the policy repository.
        base: what to start from, a revision of Git or a folder; without one, where the head left
            the target branch.
        head: where it leads; without one, the working tree.
        as_of: the day, or the moment, that ends are held against; without one, the day of the
            head's commit, or now where it is none.
        helm: which Helm renders; without a choice, what is there.
        backtest: a file with what `backtest --format json` gave for the same change.

    Raises:
        UsageError: if a side does not exist, there is nothing to compare with, or the file holds
            no backtest of this change.
        Rejected: if the values of a side are wrong, or an engine refuses those of the head.
        HelmFailed: if Helm refuses a chart.
        GitFailed: if Git fails.
    """
    found = comparing(root, base=base, head=head, as_of=as_of, helm=helm)
    history = () if backtest is None else (history_of(Path(backtest), found.identity),)
    keys = found.keys
    changes = [found.change(key) for key in counted(keys, len(keys), "namespaces")]
    before, after = found.then.snapshot, found.files.snapshot
    return Diff(
        base=before.name,
        head=after.name,
        origin=origin_of(
            folder_at(root), found.now.organisation.platform, None if head is None else after.commit
        ),
        looked_at=len(_looked_at(found.then, found.files, found.teams)),
        targets=biggest_first(each for each in changes if each is not None),
        settings=settings(found.then.organisation.platform, found.now.organisation.platform),
        shared=tuple(found.shared()),
        notes=(*history, *found.clusters_gone(), *found.handed_over(), *_unread(after)),
        edited=tuple(_edited(before, after)),
        out_of_step=tuple(sorted({*found.meant.out_of_step, *_behind(before, after)})),
        refused=found.problems,
    )


def comparing(
    root: StrPath,
    *,
    base: StrPath | None = None,
    head: StrPath | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
    whole: bool = False,
) -> Comparing:
    """The two sides of a change, to be held against each other; the arguments are those of `diff`.

    With `whole` all teams are read, also those in whose files nothing differs.

    Raises:
        UsageError, Rejected, HelmFailed, GitFailed: as `diff` does.
    """
    before, after = snapshots(folder_at(root), revision_named(base), revision_named(head))
    renderer = Renderer.using(helm_named(helm))
    then, now, teams = _both(before, after, renderer, whole=whole)
    moment = instant(when(as_of) or _day(after))
    meant = compiled_snapshot(after, now.organisation, teams, moment)
    return Comparing(
        then=then, now=replace(now, snapshot=meant), files=now, meant=meant, teams=teams
    )


def _both(
    before: Snapshot, after: Snapshot, renderer: Renderer, *, whole: bool
) -> tuple[ValuesSnapshot, ValuesSnapshot, frozenset[str] | None]:
    """Both sides, and the teams that matter; None where something that all share may differ."""

    def sides(teams: frozenset[str] | None) -> tuple[ValuesSnapshot, ValuesSnapshot]:
        return (
            ValuesSnapshot.of(before, teams, renderer),
            ValuesSnapshot.of(after, teams, renderer, excepted=teams != frozenset()),
        )

    differing = (path for path, _ in before.ids.items() ^ after.ids.items())
    teams = None if whole else touched_teams(differing)
    then, now = sides(teams)
    if teams is not None and then.published != now.published:
        # What the baseline enrols follows from the publications of all teams.
        return *sides(None), None
    return then, now, teams


def _day(head: Snapshot) -> date | None:
    """The day of the head's commit; None where it is none."""
    if isinstance(head, Committed):
        return date.fromisoformat(head.repository.day(head.commit))
    return None


def _behind(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Each `Chart.yaml` whose version is no greater than the base's, although the chart differs.

    So it is after a `git revert`, which brings an earlier version back.
    """
    paths = {path for path, _ in before.ids.items() ^ after.ids.items() if path.endswith(_CHART)}
    then, now = before.read(paths), after.read(paths)
    for path in then.keys() & now.keys():
        try:
            old, new = (read_chart_file(each[path], path) for each in (then, now))
        except Rejected:
            # What is no chart is not what the values come to, and is named as such.
            continue
        if new.content != old.content and new.version <= old.version:
            yield path


def _unread(head: Snapshot) -> Iterator[str]:
    """The files of the head that look like values, and are not read."""
    for path in sorted(filter(is_taken_for_values, head.ids)):
        yield f"{path} is not a values file, and is not read"


def _edited(before: Snapshot, after: Snapshot) -> Iterator[str]:
    paths = {path for path, _ in before.ids.items() ^ after.ids.items()}
    yield from sorted(each for each in paths if is_values_file(each))


def _looked_at(then: ValuesSnapshot, now: ValuesSnapshot, teams: frozenset[str] | None) -> set[str]:
    """The names of all targets and enrolled namespaces of both sides.

    Those of teams in which nothing differs are known by the files of their charts alone.
    """
    names = {f"{namespace}.{cluster}" for namespace, cluster in _keys(then, now, all_of_them=True)}
    untouched = () if teams is None else (then.snapshot, now.snapshot)
    for each in untouched:
        names |= _targets_of_others(each, teams or frozenset())
    return names


def _targets_of_others(snapshot: Snapshot, teams: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for path in snapshot.ids:
        match path.split("/"):
            case ["charts", "teams", team, "targets", file] if team not in teams:
                found.add(file.removesuffix(".yaml"))
    return found


def _keys(then: ValuesSnapshot, now: ValuesSnapshot, *, all_of_them: bool) -> set[TargetKey]:
    alone = {*then.alone(), *now.alone()} if all_of_them else set[TargetKey]()
    return {*then.targets, *now.targets, *alone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing:
    """Compares target by target: the base's charts with what the head's values come to."""

    then: ValuesSnapshot
    now: ValuesSnapshot
    files: ValuesSnapshot
    """The head with the files that it holds."""
    meant: CompiledSnapshot
    teams: frozenset[str] | None
    """The teams that were read; None stands for all."""

    @property
    def identity(self) -> str:
        """A digest of the files on both sides, so that what was found of a change is not stale."""
        sides = [sorted(each.snapshot.ids.items()) for each in (self.then, self.files)]
        return hashlib.sha256(json.dumps(sides).encode()).hexdigest()

    @property
    def keys(self) -> list[TargetKey]:
        """Every namespace and cluster of either side that may differ, sorted."""
        return sorted(_keys(self.then, self.now, all_of_them=self.teams is None))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the head's values may not be published."""
        found = self.meant.compiled.warnings
        return tuple(each for each in found if each.level is Level.ERROR)

    def change(self, key: TargetKey) -> TargetChange | None:
        """What changed for one namespace on one cluster; None where nothing did."""
        by_hand = self._by_hand(key)
        if self._untouched(key) and not by_hand:
            return None
        namespace, name = key
        flows, ports = self._questions(key)
        before, after = self._both(key, flows, ports)
        found = compare(namespace, name, before, after, flows)
        if by_hand and self.now.declared(key) is not None:
            found = with_files(found, after, self._as_they_are(key, flows, ports), key, flows)
        return found if found is None or not self._is_refused(key) else refused(found)

    def both(self, key: TargetKey) -> tuple[Seen, Seen, FlowSet]:
        """A namespace before and after, and every flow that its pods could have."""
        flows, ports = self._questions(key)
        return *self._both(key, flows, ports), flows

    def _both(self, key: TargetKey, flows: FlowSet, ports: PortSet) -> tuple[Seen, Seen]:
        before = self._seen(self.then, key, flows, ports)
        if before.side is not None and self._stays(key):
            return before, self._left(key, flows, ports)
        return before, self._seen(self.now, key, flows, ports)

    def shared(self) -> Iterator[SharedChange]:
        """How the objects differ that all namespaces of a cluster have in common."""
        for name in sorted({*self.then.clusters, *self.now.clusters}):
            if name not in self.now.clusters:
                continue
            if self.then.shared_identity(name) == self.now.shared_identity(name):
                continue
            known = [each for each in (self.then, self.now) if name in each.clusters]
            then, now = (
                each.shared(name).all if each in known else () for each in (self.then, self.now)
            )
            objects = object_changes(then, now)
            if objects:
                yield SharedChange(cluster=name, objects=objects)

    def clusters_gone(self) -> Iterator[str]:
        """What becomes of clusters that the values name no longer, or under another name."""
        gone = {*self.then.clusters} - {*self.now.clusters}
        old = releases_of(self.then.organisation) if gone else ()
        before = renamed_release.Before(
            releases=tuple(each for each in old if each.cluster in gone),
            clusters=frozenset(self.then.clusters),
        )
        for each in renamed_release.check(self.now.organisation, before):
            yield each.message

    def handed_over(self) -> Iterator[str]:
        """What becomes of the platform's own releases where another tool publishes to a cluster."""
        for name, cluster in sorted(self.now.clusters.items()):
            before = self.then.clusters.get(name)
            if before is None or before.gitops is cluster.gitops:
                continue
            own = [baseline_release(name)]
            own += [tier_release(name)] if tiered(cluster.release) else []
            yield (
                f"{TOOLS[cluster.gitops]} publishes {' and '.join(own)} on {name}, and no longer "
                f"{TOOLS[before.gitops]}: nothing takes the old away, and until somebody hands it "
                "over by hand it stays as it was last"
            )

    def _is_refused(self, key: TargetKey) -> bool:
        """Whether something keeps the values of the target from being published."""
        target = self.now.targets.get(key)
        paths = {each.at.path for each in self.problems}
        return bool(paths & {PLATFORM, target.team_path if target else PLATFORM})

    def _questions(self, key: TargetKey) -> tuple[FlowSet, PortSet]:
        """Every flow of the namespace on either side, and the ports of API servers."""
        namespace, name = key
        sides = (self.then, self.now)
        worlds = (each.shared(name).world for each in sides if name in each.clusters)
        flows = FlowSet.union(worlds).restrict(source=PodSet.in_namespace(namespace))
        ports = API_SERVER | PortSet.union(
            api_server_ports(each.targets[key]) for each in sides if key in each.targets
        )
        return flows, ports

    def _untouched(self, key: TargetKey) -> bool:
        """Whether nothing differs that could matter to the namespace."""
        then, now = self.then, self.now
        namespace, name = key
        cluster = now.clusters.get(name)
        if cluster is None or cluster != then.clusters.get(name):
            return False
        if then.identity(key) != now.identity(key) or then.declared(key) != now.declared(key):
            return False
        if then.shared_identity(name) == now.shared_identity(name):
            return True
        old, new = (each.shared(name).about(namespace) for each in (then, now))
        return [each.body for each in old] == [each.body for each in new]

    def _stays(self, key: TargetKey) -> bool:
        """Whether what was published to the namespace stays, since no release takes it away."""
        then, now = self.then, self.now
        return key[1] not in now.clusters or (key in then.targets and key not in now.targets)

    def _left(self, key: TargetKey, flows: FlowSet, ports: PortSet) -> Seen:
        """The namespace with its objects as they were last, beside what the cluster has by now."""
        namespace, name = key
        own = self.then.own(key)
        cluster = self.now if name in self.now.clusters else self.then
        objects = cluster.shared(name).with_own(namespace, own)
        seen = see(self.then.side(key), objects, cluster.clusters[name], flows, ports)
        return replace(seen, objects=own, left=True, bases=self.then.bases(key))

    def _by_hand(self, key: TargetKey) -> bool:
        """Whether the files are neither what the values come to nor those of the base."""
        sides = (self.then, self.now, self.files)
        own = [each.identity(key) for each in sides]
        shared = [each.shared_identity(key[1]) for each in sides]
        return any(files not in {then, now} for then, now, files in (own, shared))

    def _as_they_are(self, key: TargetKey, flows: FlowSet, ports: PortSet) -> Seen:
        """The namespace as the head's files have it, whatever its values are."""
        try:
            return self._seen(self.files, key, flows, ports)
        except (HelmFailed, Rejected) as error:
            return unknown(self.now.side(key), (), str(error))

    def _seen(
        self, snapshot: ValuesSnapshot, key: TargetKey, flows: FlowSet, ports: PortSet
    ) -> Seen:
        """The namespace as that side has it."""
        namespace, name = key
        side, cluster = snapshot.side(key), snapshot.clusters.get(name)
        if cluster is None:
            return Seen(side=None, objects=(), rendered=flows, enforced=flows)
        own = snapshot.own(key)
        objects = snapshot.shared(name).with_own(namespace, own)
        seen = see(side, objects, cluster, flows, ports)
        return replace(seen, objects=own, bases=snapshot.bases(key))
