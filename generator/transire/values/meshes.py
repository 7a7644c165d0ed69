"""Whether the clusters of one mesh agree about it, as far as the platform's file has them.

A cluster without `mesh` is taken to be alone, and then its rules mean its own pods. So a cluster
that another one has in its mesh needs a mesh, too, and both need to name each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from transire.model.intent import Cluster, Mesh
from transire.values.problem_collector import ProblemCollector, one_of

_Named = Mapping[str, Sequence[tuple[Cluster, Mesh]]]
"""The clusters by their names in a mesh, which may be those of several meshes."""


def check_meshes(clusters: Iterable[Cluster], collector: ProblemCollector) -> None:
    """Note where one cluster has another in its mesh, and that one has it not."""
    declared = {each.name: each for each in clusters}
    named: defaultdict[str, list[tuple[Cluster, Mesh]]] = defaultdict(list)
    for cluster in declared.values():
        if cluster.mesh is not None:
            named[cluster.mesh.name].append((cluster, cluster.mesh))
    for cluster in declared.values():
        for other in cluster.mesh.clusters if cluster.mesh else ():
            if other in named:
                _check_mutual(cluster, other, named, collector)
            elif other in declared:
                _note_alone(cluster, other, collector)
    for own, same in named.items():
        for other in _taken_twice(own, named):
            whose = one_of([repr(each.name) for each, _ in same], "and")
            collector.note(
                same[-1][1].at,
                "mesh-one-sided",
                f"{whose} are named {own!r} in a mesh with {other!r}, where each name is of one "
                "cluster",
                "write the name that each agent has as cluster-name",
            )


def _check_mutual(cluster: Cluster, other: str, named: _Named, collector: ProblemCollector) -> None:
    own = cluster.mesh
    if own is None or any(own.name in mesh.clusters for _, mesh in named[other]):
        return
    there = named[other][0][0].name
    collector.note(
        own.at,
        "mesh-one-sided",
        f"the mesh of {cluster.name!r} has {other!r}, and the mesh of {there!r}, which is called "
        f"so, has no {own.name!r}",
        f"take {other} out here; where both are in one mesh, clusters.{there}.mesh.clusters lists "
        f"{own.name} as well",
    )


def _note_alone(cluster: Cluster, other: str, collector: ProblemCollector) -> None:
    own = cluster.mesh
    if own is not None:
        collector.note(
            own.at,
            "mesh-one-sided",
            f"the mesh of {cluster.name!r} has {other!r}, and the cluster of that name has no "
            "mesh, so that it is taken to be alone",
            f"take {other} out here; where both are in one mesh, clusters.{other} has a mesh as "
            f"well, whose clusters list {own.name}",
        )


def _taken_twice(own: str, named: _Named) -> Iterator[str]:
    """The names of clusters in whose mesh several of this name would be."""
    listed = [other for _, mesh in named[own] for other in mesh.clusters]
    for other in sorted(set(listed)):
        mutual = [mesh for _, mesh in named.get(other, ()) if own in mesh.clusters]
        if mutual and listed.count(other) > len(mutual):
            yield other
