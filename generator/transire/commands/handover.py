"""`handover`: what has to be configured elsewhere for a target, because its policies cannot."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from transire.commands.arguments import StrPath, folder_at
from transire.commands.given_files import read_given
from transire.commands.named_targets import target_named
from transire.model.problems import UsageError
from transire.review.handover.handover import Handover, handover_of
from transire.review.handover.mesh import MESHES, MeshFound, MeshObjects, mesh_found, mesh_objects
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
        mesh: `istio-ambient`, `istio-gateway` or `istio-sidecar`, of Istio 1.30, or `linkerd`.
        root: the policy repository.

    Raises:
        UsageError: if there is no such target or no such mesh.
        Rejected: if the values are wrong, or the mesh cannot have a rule of the target exactly.
    """
    _known(mesh)
    return mesh_objects(target_named(load(folder_at(root)), target), mesh)


def mesh_differences(
    target: str, mesh: str, files: Iterable[StrPath], *, root: StrPath = "."
) -> MeshFound:
    """How objects of a mesh that are in a cluster differ from what the values of a target mean.

    Args:
        target: `NAMESPACE.CLUSTER`.
        mesh: as for `handover_mesh`.
        files: manifests, folders of them, and `-` for standard input.
        root: the policy repository.

    Raises:
        UsageError: if there is no such target or mesh, or a file cannot be read.
        Rejected: if the values are wrong, a document is no object, or the mesh cannot have a rule
            of the target exactly.
    """
    _known(mesh)
    found = target_named(load(folder_at(root)), target)
    given = read_given([Path(each) for each in files]).rendered()
    return mesh_found(found, mesh, given)


def mesh_exit_code(found: MeshFound) -> int:
    """1 where the objects differ from the values, 0 where they do not."""
    return 1 if found.differences else 0


def _known(mesh: str) -> None:
    if mesh not in MESHES:
        raise UsageError(f"{mesh!r} is no mesh; known are {', '.join(MESHES)}")
