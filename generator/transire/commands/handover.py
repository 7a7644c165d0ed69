"""`handover`: what has to be configured elsewhere for a target, because its policies cannot."""

from __future__ import annotations

from transire.commands.arguments import StrPath, folder_at
from transire.commands.named_targets import target_named
from transire.model.problems import UsageError
from transire.review.handover.handover import Handover, handover_of
from transire.review.handover.mesh import MESHES, MeshObjects, mesh_objects
from transire.values.load import load


def handover(target: str, *, root: StrPath = ".", everything: bool = False) -> Handover:
    """What the policies of a target leave to a proxy, an API gateway or another filter.

    Args:
        target: `NAMESPACE.CLUSTER`.
        root: the policy repository.
        everything: whether hosts are listed that the policies decide about, too.

    Raises:
        UsageError: if there is no such target.
        Rejected: if the values are wrong, or an engine cannot express a rule of the target.
    """
    organisation = load(folder_at(root))
    return handover_of(organisation, target_named(organisation, target), everything=everything)


def handover_mesh(target: str, mesh: str, *, root: StrPath = ".") -> MeshObjects:
    """Objects of a mesh that let the pods of a target have what its values mean, and prove it.

    Args:
        target: `NAMESPACE.CLUSTER`.
        mesh: `istio-ambient`, `istio-gateway` or `istio-sidecar`, of Istio 1.30.
        root: the policy repository.

    Raises:
        UsageError: if there is no such target or no such mesh.
        Rejected: if the values are wrong, or the mesh cannot have a rule of the target exactly.
    """
    if mesh not in MESHES:
        raise UsageError(f"{mesh!r} is no mesh; known are {', '.join(MESHES)}")
    return mesh_objects(target_named(load(folder_at(root)), target), mesh)
