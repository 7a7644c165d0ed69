"""Pods in a Cluster Mesh: a selector names its cluster, else it may mean pods of every cluster.

Before 1.19, and later where `policy-default-local-cluster` is off, a selector without the label of
the cluster selects pods of all clusters of the mesh; with the flag the agent adds its own cluster.
Written always, the label means the same in every release.
Nodes and what takes requests from outside have reserved names, and those are of every cluster.

Sources: Cilium's `pkg/k8s/apis/cilium.io/utils`, `pkg/node/manager`, its upgrade notes for 1.19.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.api.refusal import Refusal
from transire.engines.lowering.chart_values import Item, pods_item
from transire.model.intent import Cluster, Entity, EntityKind, Pods, Rule

_EVERYWHERE = frozenset({EntityKind.NODES, EntityKind.INGRESS})


def pods_in(pods: Pods, cluster: Cluster) -> Item:
    """Pods as an item holds them, with their cluster where there is a mesh."""
    return with_cluster(pods_item(pods), cluster, pods.cluster)


def with_cluster(item: Item, cluster: Cluster, other: str = "") -> Item:
    """An item of pods with the name of their cluster, the own one if no other is named."""
    return item if cluster.mesh is None else {**item, "cluster": other or cluster.mesh.name}


def mesh_faults(rule: Rule, cluster: Cluster) -> Iterator[tuple[Entity, Refusal]]:
    """Entities of the rule that would be those of every cluster of the mesh."""
    for entity in rule.entities if cluster.mesh else ():
        if entity.kind in _EVERYWHERE:
            yield (
                entity,
                Refusal(
                    id="entity-of-mesh",
                    why=f"the cluster is in a mesh, and cilium knows {entity.kind} of every "
                    "cluster there by one name",
                    remedy="name the pods that are meant ({namespace: NAME, pods: {LABEL: "
                    f"VALUE}}}}), or keep the rule from cluster {cluster.name!r}",
                ),
            )
