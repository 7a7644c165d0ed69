"""What a diagnosis could not look at, with the command that would show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

from transire.k8s.json_pointer import inner, maps, text
from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Unseen, Weight
from transire.review.doctor.proxy_settings import why_direct
from transire.review.doctor.services import NODE_PORTS
from transire.review.doctor.troubles import How

_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "Pod": "kubectl get pods -A -o json",
        "Service": "kubectl get services -A -o json",
        "EndpointSlice": "kubectl get endpointslices -A -o json",
        "Node": "kubectl get nodes -o json",
        "ConfigMap": "kubectl get configmaps -n kube-system -o json",
        "DaemonSet": "kubectl get daemonsets -A -o json",
        "Application": "kubectl get applications.argoproj.io -A -o json",
        "HelmRelease": "kubectl get helmreleases,ocirepositories,kustomizations -A -o json",
    }
)
_EITHER = frozenset({"Application", "HelmRelease"})
"""Kinds of which a cluster has one or the other."""
_LOGS = "collect the engine's flow log, and that of the proxy or resolver, while it happens"
_SLACK = 300.0
"""Seconds by which clocks may differ."""


class Needing(Protocol):
    """A cause, as far as what it needs."""

    WHETHER: str
    NEEDS: tuple[str, ...]


def unseen_of(
    case: Case, modules: Mapping[str, Needing], causes: Iterable[Cause]
) -> Iterator[Unseen]:
    """What is not there, is of another cluster or time, or does not reach far enough."""
    yield from _kinds(case, modules)
    yield from _logs(case)
    yield from _elsewhere(case)
    yield from _times(case)
    yield from _proxies(case)
    yield from _contradictions(case)
    yield from _services(case)
    yield from _unexplained(case, tuple(causes))


def _kinds(case: Case, modules: Mapping[str, Needing]) -> Iterator[Unseen]:
    if not case.has_snapshot:
        what = (
            "there is no snapshot, so nothing shows pods, services, settings of agents and what "
            "was published"
        )
        yield Unseen(what=what, command="transire docs doctor")
        return
    missing: dict[str, list[str]] = {}
    for module in modules.values():
        for kind in module.NEEDS:
            if not _has(case, kind):
                missing.setdefault(kind, []).append(module.WHETHER)
    either = [kind for kind in missing if kind in _EITHER]
    for kind, questions in missing.items():
        if kind in either[1:]:
            continue
        kinds = " or ".join(f"{each}s" for each in either) if kind in either else f"{kind}s"
        what = f"there are no {kinds}, so it is not known {'; '.join(questions)}"
        yield Unseen(
            what=what,
            command="; ".join(_COMMANDS[each] for each in (either if kind in either else [kind])),
        )


def _has(case: Case, kind: str) -> bool:
    if kind in _EITHER:
        return any(case.objects.has(each) for each in _EITHER)
    return case.objects.has(kind)


def _logs(case: Case) -> Iterator[Unseen]:
    if not case.has_logs:
        what = "there are no logs, so nothing shows what became of connections and lookups"
        yield Unseen(what=what, command=_LOGS)
    elif case.seen.is_empty:
        what = f"the logs hold no flow and no lookup of pods of namespace {case.namespace}"
        yield Unseen(what=what, command=_LOGS)
    if not case.seen.complete:
        what = "the logs hold more records of the namespace than are kept; only the first count"
        yield Unseen(what=what, command="give the logs around the symptom alone")
    if case.seen.lost:
        what = f"{case.seen.lost} events were lost before they were logged"
        yield Unseen(what=what, command=_LOGS)


def _elsewhere(case: Case) -> Iterator[Unseen]:
    """Logs and snapshots of other clusters."""
    names = {each.manifest.ref.name for each in case.objects.of("Namespace")}
    if names and case.namespace not in names:
        what = f"the snapshot has no namespace {case.namespace}: is it of another cluster"
        yield Unseen(what=what, command="kubectl config current-context; then collect again")
    setting = case.setting(case.facts.cluster_name) if case.facts.cluster_name else ""
    for name in case.seen.clusters:
        if setting and name not in {setting, "default"}:
            what = f"the logs are of cluster {name}, and the snapshot is of {setting}"
            yield Unseen(what=what, command="collect both from the same cluster")
    for name in {setting} - {"", "default"}:
        if case.cluster and name != case.cluster:
            what = f"the snapshot is of cluster {name}, and the target is on {case.cluster}"
            yield Unseen(what=what, command="kubectl config current-context; then collect again")
    line = case.release.version.line if case.release.version else None
    for placed, version in case.agents[:1]:
        if line and version.line != line:
            what = (
                f"{placed.manifest.ref} runs {version}, and the policies are read as {case.release}"
            )
            yield Unseen(what=what, command=f"give --engine {case.release.engine}@{version}")


def _times(case: Case) -> Iterator[Unseen]:
    """Logs that end before what is in force was changed, or that lie far from the snapshot."""
    changed, last = _last_change(case), case.seen.last
    if changed is None or last is None or last >= changed[1] - _SLACK:
        return
    what = (
        f"the logs end at {_shown(last)}, before {changed[0]} was changed at {_shown(changed[1])}: "
        "they show an older state"
    )
    yield Unseen(what=what, command=_LOGS)


def _last_change(case: Case) -> tuple[str, float] | None:
    """The policy of the namespace that was written last, and when."""
    found = [
        (str(each.ref), when)
        for policy in case.context.policies
        if policy.namespace in {"", case.namespace}
        for each in (policy.manifest,)
        for when in _written(each.body)
    ]
    return max(found, key=lambda each: each[1], default=None)


def _written(body: Mapping[str, object]) -> Iterator[float]:
    metadata = inner(body, "metadata")
    times = [text(metadata, "creationTimestamp")]
    times += [
        text(each, "time")
        for _, each in maps(metadata, "managedFields", "")
        if text(each, "subresource") != "status"
    ]
    for each in times:
        try:
            yield datetime.fromisoformat(each).timestamp()
        except ValueError:
            continue


def _shown(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _proxies(case: Case) -> Iterator[Unseen]:
    """Proxies that pods name, and of which no log is there."""
    for trouble in case.troubles:
        why = why_direct(case, trouble) if trouble.named and not trouble.peers else None
        if why is not None and why.set and not case.proxied:
            what = (
                f"{trouble.source} names a proxy in its environment, and no log shows what the "
                f"proxy makes of {trouble.shown}"
            )
            yield Unseen(what=what, command="kubectl -n NAMESPACE-OF-THE-PROXY logs POD")
            return


def _contradictions(case: Case) -> Iterator[Unseen]:
    """Flows that passed although the given policies deny them, while nothing was audited."""
    passed = (each for each in case.all_troubles[:_LOOKED_AT] if each.how is How.PASSED)
    found = [each for each in passed if case.denies(each)]
    if found and not case.is_open:
        what = (
            f"the logs show {found[0].shown} let through, and the policies that were given deny "
            "it: a policy is missing from them, or they are of another time"
        )
        yield Unseen(what=what, command=policies_command(case))


_LOOKED_AT = 200
"""Destinations that are held against the policies."""


def _services(case: Case) -> Iterator[Unseen]:
    """Services that the symptom names and the snapshot has not."""
    known = {
        f"{each.service.manifest.ref.name}.{each.service.manifest.ref.namespace}"
        for each in case.services
    }
    port = case.symptom.port
    if port in NODE_PORTS and not any(each.node_port == port for each in case.services):
        what = f"the snapshot has no service with the NodePort {port}"
        yield Unseen(what=what, command=_COMMANDS["Service"])
    for host in case.symptom.hosts:
        name, _, rest = host.partition(".")
        namespace = rest.partition(".")[0]
        if case.collector.is_service(host) and f"{name}.{namespace}" not in known:
            what = f"the snapshot has no service {namespace}/{name}"
            command = f"kubectl -n {namespace} get service,endpointslice -o json"
            yield Unseen(what=what, command=command)


def policies_command(case: Case) -> str:
    """How all policies of a cluster are collected."""
    kinds = case.engine.kinds(case.release)
    own = [f"{each.resource}.{each.group}" for each in (*kinds.team, *kinds.baseline)]
    names = dict.fromkeys([*own, "networkpolicies.networking.k8s.io"])
    return f"kubectl get {','.join(names)} -A -o yaml --show-managed-fields"


def _unexplained(case: Case, causes: tuple[Cause, ...]) -> Iterator[Unseen]:
    """Troubles that no cause explains, or only by what is missing."""
    if not case.symptom.text:
        return
    if causes:
        denied = any(case.denies(each) for each in case.troubles)
        if causes[0].weight < Weight.SHOWN and denied:
            what = (
                f"whether a policy that would decide about {case.troubles[0].shown} is missing "
                "from the objects that were given, was removed, or is not published yet"
            )
            yield Unseen(what=what, command=policies_command(case))
        return
    for trouble in case.troubles[:5]:
        way = "let it through" if case.lets(trouble) else "deny it" if case.denies(trouble) else ""
        policies = f"the policies {way}" if way else "what the policies come to is not known"
        what = (
            f"{trouble.source or case.namespace} to {trouble.shown} ({trouble.how}): {policies}, "
            "and nothing that is here shows why"
        )
        yield Unseen(what=what, command=_LOGS)
