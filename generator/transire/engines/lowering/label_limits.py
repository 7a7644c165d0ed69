"""Labels that no selector of ours may use, whatever the engine."""

from __future__ import annotations

from collections.abc import Iterable

from transire.engines.api.refusal import Refusal
from transire.model.intent import Labels

_SET_BY_ENGINES = ("io.cilium.", "projectcalico.org/", "pcns.", "pcsa.")
_NAMESPACE_OF_A_POD = "io.kubernetes.pod.namespace"


def labels_limit(labels: Labels) -> Refusal | None:
    """Why pods are not selected by these labels, or None."""
    return keys_limit(key for key, _ in labels)


def keys_limit(keys: Iterable[str]) -> Refusal | None:
    """Why pods are not selected by labels with these keys, or None.

    Engines give pods labels of their own, among them the namespace; a selector that
    requires one of those would reach pods that nobody meant.
    """
    for key in keys:
        if key.startswith(_SET_BY_ENGINES) or key == _NAMESPACE_OF_A_POD:
            return Refusal(
                id="label-not-selectable",
                why=f"the label {key} is one that network engines set themselves",
                remedy="select the pods by another label",
            )
    return None
