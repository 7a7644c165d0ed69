"""Pods that no policy of the values holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest

_OVER = ("Failed", "Succeeded")
_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UnheldPod:
    """A pod that no policy of ours holds, and why."""

    namespace: str
    name: str
    why: str


def pods_of(given: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The pods among some objects."""
    return tuple(each for each in given if each.ref.kind == "Pod" and group_of(each) == "")


def unheld_pods(
    pods: Iterable[Manifest], enrolled: frozenset[str], system: frozenset[str]
) -> tuple[UnheldPod, ...]:
    """The pods that are on the host's network, or in no enrolled namespace; not those that ended.

    `system` are the namespaces that the values leave to themselves.
    """
    found = []
    for each in pods:
        namespace = each.ref.namespace or "default"
        if text(inner(each.body, "status"), "phase") in _OVER:
            continue
        why = "not enrolled"
        if inner(each.body, "spec").get("hostNetwork") is True:
            why = "on the host's network"
        elif namespace in system:
            why = "of a system namespace"
        elif namespace in enrolled:
            continue
        found.append(UnheldPod(namespace=namespace, name=each.ref.name, why=why))
    return tuple(sorted(found, key=lambda pod: (pod.why, pod.namespace, pod.name)))


def lines(pods: Iterable[UnheldPod]) -> Iterator[str]:
    """A line for each namespace and reason, with the first of the pods."""
    for (why, namespace), found in groupby(pods, key=lambda pod: (pod.why, pod.namespace)):
        names = [each.name for each in found]
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        count = f"{len(names)} {'pod' if len(names) == 1 else 'pods'}"
        yield f"not held: {count} of {namespace}, {why}: {', '.join(names[:_MOST])}{more}"
