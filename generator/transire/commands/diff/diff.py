"""What a change means: from two snapshots to what each target gains and loses."""

from __future__ import annotations

from dataclasses import replace

from transire.charts.layout import BASELINE, TIER
from transire.commands.arguments import StrPath, folder_at, revision_named
from transire.commands.diff.revision import TargetKey, ValuesSnapshot
from transire.commands.helm_choice import helm_named
from transire.flows.flow_set import FlowSet
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.git.snapshots import Snapshot, snapshots
from transire.helm import HelmChoice
from transire.meaning.meaning import api_server_ports
from transire.pipeline.renderer import Renderer
from transire.review.diff.changes import Diff, TargetChange
from transire.review.diff.compare import Seen, compare
from transire.review.diff.observed import API_SERVER, see
from transire.review.diff.settings import settings
from transire.review.diff.sort_order import biggest_first
from transire.workspace.value_paths import PLATFORM


def diff(
    root: StrPath,
    *,
    base: StrPath | None = None,
    head: StrPath | None = None,
    helm: HelmChoice | None = None,
) -> Diff:
    """What becomes reachable and what stops being so, from what the charts of both sides render.

    Only what differs is read, rendered and judged.

    Args:
        root: the policy repository.
        base: what to start from, a revision of Git or a folder; without one, where the head left
            the target branch.
        head: where it leads; without one, the working tree.
        helm: which Helm renders; without a choice, what is there.

    Raises:
        UsageError: if a side does not exist, or there is nothing to compare with.
        Rejected: if the values of a side are wrong.
        HelmFailed: if Helm refuses a chart.
        GitFailed: if Git fails.
    """
    before, after = snapshots(folder_at(root), revision_named(base), revision_named(head))
    teams = _touched(before, after)
    renderer = Renderer.using(helm_named(helm))
    then, now = (ValuesSnapshot.of(each, teams, renderer) for each in (before, after))
    changes = [
        _change(then, now, key) for key in sorted(_keys(then, now, all_of_them=teams is None))
    ]
    return Diff(
        base=before.name,
        head=after.name,
        looked_at=len(_looked_at(then, now, teams)),
        targets=biggest_first(each for each in changes if each is not None),
        settings=settings(then.organisation.platform, now.organisation.platform),
    )


def _touched(before: Snapshot, after: Snapshot) -> frozenset[str] | None:
    """The teams whose values or charts differ; None where something that all share does."""
    teams: set[str] = set()
    for path, _ in before.ids.items() ^ after.ids.items():
        match path.split("/"):
            case ["values", "teams", file]:
                teams.add(file.removesuffix(".yaml"))
            case ["charts", "teams", team, *_]:
                teams.add(team)
            case ["charts", place, *_] if place in {BASELINE, TIER}:
                return None
            case _ if path == PLATFORM:
                return None
            case _:
                continue
    return frozenset(teams)


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


def _change(then: ValuesSnapshot, now: ValuesSnapshot, key: TargetKey) -> TargetChange | None:
    """What changed for one namespace on one cluster; None where nothing did."""
    namespace, name = key
    if _untouched(then, now, key):
        return None
    worlds = (each.shared(name).world for each in (then, now) if name in each.clusters)
    flows = FlowSet.union(worlds).restrict(source=PodSet.in_namespace(namespace))
    ports = API_SERVER | PortSet.union(
        api_server_ports(each.targets[key]) for each in (then, now) if key in each.targets
    )
    before = _seen(then, key, flows, ports)
    if before.side is not None and _stays(then, now, key):
        after = _left(then, now, key, flows, ports)
    else:
        after = _seen(now, key, flows, ports)
    return compare(namespace, name, before, after, flows)


def _untouched(then: ValuesSnapshot, now: ValuesSnapshot, key: TargetKey) -> bool:
    """Whether nothing differs that could matter to the namespace."""
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


def _stays(then: ValuesSnapshot, now: ValuesSnapshot, key: TargetKey) -> bool:
    """Whether what was published to the namespace stays, since no release takes it away."""
    return key[1] not in now.clusters or (key in then.targets and key not in now.targets)


def _left(
    then: ValuesSnapshot, now: ValuesSnapshot, key: TargetKey, flows: FlowSet, ports: PortSet
) -> Seen:
    """The namespace with its objects as they were last, beside what the cluster has by now."""
    namespace, name = key
    cluster = now if name in now.clusters else then
    objects = cluster.shared(name).with_own(namespace, then.own(key))
    seen = see(then.side(key), objects, cluster.clusters[name], flows, ports)
    return replace(seen, left=True)


def _seen(edition: ValuesSnapshot, key: TargetKey, flows: FlowSet, ports: PortSet) -> Seen:
    """The namespace as that side has it."""
    namespace, name = key
    side, cluster = edition.side(key), edition.clusters.get(name)
    if cluster is None:
        return Seen(side=None, objects=(), rendered=flows, enforced=flows)
    objects = edition.shared(name).with_own(namespace, edition.own(key))
    return see(side, objects, cluster, flows, ports)
