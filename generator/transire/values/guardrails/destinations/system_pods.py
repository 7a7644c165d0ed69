"""Refuse a way to all pods of the system.

What it does: reports rules to kube-system and the other namespaces that no team may claim, and to
those of the platform's `system`, by name or by labels that such namespaces have. Pods that the rule
chooses by labels, on some ports, are a warning; a thousand ports of such a namespace, counted over
all rules of a team, are an error. Nothing tells which namespaces have a label of one's own: all
pods of those are a warning as well. The list of labels is of 2026-11-30.
Why is this bad? Whoever runs there has rights over the whole cluster: DNS, the network itself,
controllers with the cloud's credentials.
Bad:
    {name: system, reason: look around, to: [{namespace: kube-system}]}
    {name: metrics, reason: read loads, to: [{namespace: kube-system, pods: {app: metrics}}]}
    {name: labels, reason: look around, to: [{namespaceLabels: {control-plane: "true"}}]}
    {name: own, reason: hand traces over, to: [{namespaceLabels: {team: tracing}}]}
Good:
    {name: ledger, reason: book parcels, to: [{namespace: ledger, pods: {app: ledger}}]}
    {name: own, reason: trace, to: [{namespaceLabels: {team: tracing}, pods: {app: collector}}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from transire.meaning.system_namespaces import are_of_system, is_of_system
from transire.model.destinations import shown_labels
from transire.model.guardrail import Finding
from transire.model.intent import Pods
from transire.model.problems import Level
from transire.model.waiver import OnPort
from transire.values.guardrails.context import Entry, GuardrailContext, subject_of
from transire.values.guardrails.together import Way, as_one, in_places
from transire.values.guardrails.wide_ports import is_wide

ID = "system-pods"
LEVEL = Level.ERROR

_CHOOSE = (
    "choose the pods by labels, on the port that they serve, or ask for an entry in "
    "values/exceptions.yaml"
)
_LEAVE_OUT = "leave it out, or ask for an entry in values/exceptions.yaml"


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every destination in a namespace of the system."""
    system = review.organisation.platform.system
    for entry in review.entries():
        for pods in entry.rule.pods:
            if _is_system(pods, system):
                yield _of_system(entry, pods)
            elif pods.namespace_labels and not pods.labels:
                yield _perhaps(entry, pods)
    found = in_places(review, lambda entry: _chosen(entry, system))
    yield from dict.fromkeys(each for ways in found for each in _together(ways))


def _is_system(pods: Pods, system: tuple[str, ...]) -> bool:
    if pods.namespace_labels:
        return are_of_system(pods.namespace_labels)
    return is_of_system(pods.namespace, system)


def _where(pods: Pods) -> str:
    if not pods.namespace_labels:
        return pods.where
    return f"namespaces with {shown_labels(pods.namespace_labels)}"


def _of_system(entry: Entry, pods: Pods) -> Finding:
    ports = entry.ports_of(pods)
    wide = is_wide(ports)
    whole = not pods.labels or wide
    which = "pods" if pods.labels else "all pods"
    finding = entry.finding(
        pods.at,
        f"the rule leads to {which} of {_where(pods)}{' on all ports' if wide else ''}, which run "
        "the cluster",
        _CHOOSE if whole else _LEAVE_OUT,
        subject_of(pods),
        *(OnPort(subject_of(pods), each) for each in ports if wide),
    )
    return finding if whole else replace(finding, level=Level.WARNING)


def _perhaps(entry: Entry, pods: Pods) -> Finding:
    finding = entry.finding(
        pods.at,
        f"the rule leads to all pods of {_where(pods)}, and nothing tells whether kube-system is "
        "one of these",
        _CHOOSE,
        subject_of(pods),
    )
    return replace(finding, level=Level.WARNING)


def _chosen(entry: Entry, system: tuple[str, ...]) -> Iterator[Pods]:
    """The pods of the system that the rule chooses by labels, on not too many ports."""
    for pods in entry.rule.pods:
        if pods.labels and _is_system(pods, system) and not is_wide(entry.ports_of(pods)):
            yield pods


def _together(ways: Sequence[Way[Pods]]) -> Iterator[Finding]:
    """Namespaces of which all ways together open too many ports."""
    by_namespace: dict[str, list[Way[Pods]]] = {}
    for way in ways:
        by_namespace.setdefault(_where(way.to), []).append(way)
    for where, group in by_namespace.items():
        if is_wide(port for way in group for port in way.ports):
            message = f"{group[-1].entry.rule.name!r} opens more than a thousand ports of {where}"
            yield as_one(group, message, _CHOOSE)
