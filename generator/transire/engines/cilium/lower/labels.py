"""Pod labels that Cilium cannot select by.

Source: Cilium's `pkg/labelsfilter`, the list of labels that are not kept in a pod's identity
unless an operator configures otherwise.
"""

from __future__ import annotations

import re

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.label_limits import keys_limit
from transire.model.intent import Labels
from transire.model.names import MAX_LABEL
from transire.model.pod_selector import PodSelector

_NOT_KEPT = re.compile(
    r"io\.kubernetes|kubernetes\.io|k8s\.io|annotation|etcd_node"
    r"|pod-template-generation|pod-template-hash|controller-revision-hash"
    r"|statefulset\.kubernetes\.io/pod-name|apps\.kubernetes\.io/pod-index"
    r"|batch\.kubernetes\.io/job-completion-index"
)
"""Matched at the beginning of a key, as Cilium does."""

_OF_NAMESPACES = "any.io.cilium.k8s.namespace.labels."
_NOT_KEPT_INSIDE = "beta.kubernetes.io"


def labels_fault(labels: Labels) -> Refusal | None:
    """Why Cilium cannot select pods by these labels, or None; not what no engine can."""
    return selector_fault(PodSelector(labels=labels))


def namespaces_fault(labels: Labels) -> Refusal | None:
    """Why Cilium cannot select pods by these labels of their namespaces, or None.

    It keeps them in a pod's identity below a prefix, with which a key must be one still.
    """
    for key, _ in labels:
        if _NOT_KEPT_INSIDE in key:
            why = f"cilium does not keep the label {key} of a namespace in a pod's identity"
        elif "/" not in key and len(_OF_NAMESPACES + key) > MAX_LABEL:
            why = (
                f"the label {key} of a namespace has {len(key)} characters, and cilium puts "
                f"{len(_OF_NAMESPACES)} before a name of {MAX_LABEL} at most"
            )
        else:
            continue
        return Refusal(
            id="label-not-selectable",
            why=why,
            remedy="select the namespaces by another label, or name each",
        )
    return None


def selector_fault(selector: PodSelector) -> Refusal | None:
    """Why Cilium cannot select pods in this way, or None; not what no engine can."""
    conditions = list(selector.conditions())
    if keys_limit(each.key for each in conditions):
        return None
    for each in conditions:
        if _NOT_KEPT.match(each.key) or _NOT_KEPT_INSIDE in each.key:
            effect = "leaves no pod out" if each.operator.takes_absence else "selects no pod"
            return Refusal(
                id="label-not-selectable",
                why=f"cilium does not keep the label {each.key} in a pod's identity, so it "
                f"{effect}",
                remedy="select the pods by another label",
            )
    return None
