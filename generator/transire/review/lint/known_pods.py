"""Pods that somebody has shown: those of the cluster file, and those that the input makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from transire.flows.pod_set import Workload
from transire.k8s.json_pointer import inner, text
from transire.k8s.manifests import Manifest, Tree
from transire.queries.cluster_state import ClusterState

_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "DaemonSet": ("spec", "template"),
    "Deployment": ("spec", "template"),
    "Job": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Kinds that are or make pods, and the way to the pod in them."""


def known_namespaces(
    manifests: Sequence[Manifest], cluster: ClusterState | None
) -> dict[str, dict[str, str]]:
    """The labels of namespaces, as far as the cluster file and the input have them."""
    found = (
        {name: dict(labels) for name, labels in cluster.namespace_labels.items()} if cluster else {}
    )
    for each in manifests:
        if (each.api_version, each.ref.kind) == ("v1", "Namespace"):
            found[each.ref.name] = labels_of(each.body)
    return found


def known_pods(
    manifests: Sequence[Manifest], cluster: ClusterState | None, default: str
) -> Iterator[Workload]:
    """The pods; `default` is where an object goes that names no namespace."""
    namespaces = known_namespaces(manifests, cluster)
    for pod in cluster.pods if cluster else ():
        yield Workload(
            namespace=pod.namespace,
            labels=dict(pod.labels),
            namespace_labels=namespaces.get(pod.namespace, {}),
            account=pod.service_account,
        )
    for each in manifests:
        if each.ref.kind in _TEMPLATES:
            tree = inner(each.body, *_TEMPLATES[each.ref.kind])
            namespace = each.ref.namespace or default
            yield Workload(
                namespace=namespace,
                labels=labels_of(tree),
                namespace_labels=namespaces.get(namespace, {}),
                account=text(inner(tree, "spec"), "serviceAccountName") or "default",
            )


def labels_of(tree: Tree) -> dict[str, str]:
    """The labels in the metadata of an object or a template."""
    labels = inner(tree, "metadata", "labels")
    return {key: value for key, value in labels.items() if isinstance(value, str)}
