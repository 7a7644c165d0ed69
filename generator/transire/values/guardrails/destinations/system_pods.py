"""Refuse a way to all pods of the system.

What it does: reports rules to the namespace kube-system, or to another where Kubernetes keeps its
own. Pods that the rule chooses by labels, on some ports, are a warning.
Why is this bad? Whoever runs there has rights over the whole cluster: DNS, the network itself,
controllers with the cloud's credentials.
Bad:
    {name: system, reason: look around, to: [{namespace: kube-system}]}
    {name: metrics, reason: read loads, to: [{namespace: kube-system, pods: {app: metrics}}]}
Good:
    {name: ledger, reason: book parcels, to: [{namespace: ledger, pods: {app: ledger}}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transire.model.guardrail import Finding
from transire.model.problems import Level
from transire.model.waiver import OnPort
from transire.values.guardrails.context import GuardrailContext, subject_of
from transire.values.guardrails.wide_ports import is_wide

ID = "system-pods"
LEVEL = Level.ERROR

NAMESPACES = frozenset({"kube-node-lease", "kube-public", "kube-system"})
"""The namespaces that every cluster has for itself."""


def check(review: GuardrailContext) -> Iterator[Finding]:
    """Every destination in a namespace of the system."""
    for entry in review.entries():
        for pods in entry.rule.pods:
            if pods.namespace not in NAMESPACES:
                continue
            ports = entry.ports_of(pods)
            whole = not pods.labels or is_wide(ports)
            which = "all pods" if not pods.labels else "pods"
            on = " on all ports" if is_wide(ports) else ""
            finding = entry.finding(
                pods.at,
                f"the rule leads to {which} of {pods.where}{on}, which run the cluster",
                "choose the pods by labels, on the port that they serve"
                if whole
                else "leave it out, or ask for an entry in values/exceptions.yaml",
                subject_of(pods),
                *(OnPort(subject_of(pods), each) for each in ports if is_wide(ports)),
            )
            yield finding if whole else replace(finding, level=Level.WARNING)
