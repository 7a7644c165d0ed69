"""A pod is on the network of its node, where policies of pods do not select it."""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.json_pointer import inner, text
from transire.queries.cluster_state import Pod
from transire.review.doctor import policies
from transire.review.doctor.case import Case, title
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.placed import Placed
from transire.review.doctor.troubles import Trouble, lines_of

ID = "host-network"
WHETHER = "whether a pod is on the network of its node"
NEEDS = ("Pod",)


def find(case: Case) -> Iterator[Cause]:
    """Pods of the namespace, and destinations, on the network of a node."""
    yield from _sources(case)
    if not case.is_open:
        for trouble in case.troubles:
            yield from _destinations(case, trouble)


def _sources(case: Case) -> Iterator[Cause]:
    """Pods that nothing limits since policies do not select them."""
    if not case.is_open:
        return
    for pod in case.collector.source_pods:
        if not pod.host_network:
            continue
        workload = case.workload(pod)
        selecting = [
            title(each)
            for each in policies.selecting(case.context, workload)
            if each.in_force and each.confines
        ]
        if selecting or not case.collector.symptom.text:
            yield _source(case, pod, selecting)


def _source(case: Case, pod: Pod, selecting: list[str]) -> Cause:
    placed = case.object_of(pod)
    names = ", ".join(sorted(selecting))
    events = [
        event
        for each in case.troubles
        if any(one.name == pod.name for one in each.pods)
        for event in each.events
    ]
    return Cause(
        id=ID,
        text=(
            f"the pod {pod.namespace}/{pod.name} is on the network of its node (hostNetwork): it "
            f"has the node's address, and policies of pods do not apply to it, although "
            f"{names or 'none'} has its labels"
        ),
        evidence=(
            *([placed.shows("/spec/hostNetwork", "true")] if placed else []),
            *lines_of(events, "it is let through"),
        ),
        fix=(
            "run the pod without hostNetwork, or limit the node itself, by a policy of hosts or "
            "a firewall"
        ),
        weight=Weight.PROVEN + 12,
    )


def _destinations(case: Case, trouble: Trouble) -> Iterator[Cause]:
    """Rules that select pods by their labels, where these are on the network of a node."""
    for pod in _on_node(case, trouble):
        workload = case.workload(pod)
        for policy in case.governing(trouble):
            for rule in policy.rules:
                if policies.allows(rule) and policies.reaches_pod(rule, workload):
                    placed = case.object_of(pod)
                    yield Cause(
                        id=ID,
                        text=(
                            f"{trouble.shown} is the pod {pod.namespace}/{pod.name}, which is on "
                            f"the network of its node (hostNetwork): it has the node's address, "
                            f"and the labels that {title(policy)} selects do not count"
                        ),
                        evidence=(
                            *([placed.shows("/spec/hostNetwork", "true")] if placed else []),
                            case.placed(policy).shows(rule.at, "it is selected by its labels"),
                            *lines_of(trouble.events, f"{trouble.shown} is denied"),
                        ),
                        fix=f"allow the nodes on port {trouble.port} in place of the pod",
                        weight=Weight.PROVEN + 9 if trouble.events else Weight.SHOWN + 9,
                    )


def _on_node(case: Case, trouble: Trouble) -> Iterator[Pod]:
    """Pods on a node's network that have the destination's address, or that are meant."""
    behind = {id(pod) for each in case.collector.meant for pod in each.pods}
    known = bool(trouble.address)
    for pod in case.state.pods:
        if not pod.host_network:
            continue
        same = any(str(ip) == trouble.address for ip in pod.ips)
        placed = case.object_of(pod)
        same = same or (known and _host_address(placed) == trouble.address)
        if same or pod in trouble.peers or id(pod) in behind:
            yield pod


def _host_address(placed: Placed | None) -> str:
    return text(inner(placed.manifest.body, "status"), "hostIP") if placed else ""
