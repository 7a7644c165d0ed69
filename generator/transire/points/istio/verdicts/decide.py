"""The verdict about one request, wherever its connection goes first."""

from __future__ import annotations

from transire.points.istio.verdicts.gateway import straight_to_gateway
from transire.points.istio.verdicts.mesh import Mesh
from transire.points.istio.verdicts.request import Answer, MeshRequest, Way
from transire.points.istio.verdicts.sidecar import through_sidecar
from transire.points.istio.verdicts.waypoint import through_waypoint


def decide(mesh: Mesh, request: MeshRequest) -> Answer:
    """What becomes of a request.

    Raises:
        Unjudgeable: if that depends on what is not modelled.
    """
    if request.way is Way.WAYPOINT:
        return through_waypoint(mesh, request)
    if request.way in {Way.GATEWAY, Way.MUTUAL_TLS}:
        return straight_to_gateway(mesh, request)
    return through_sidecar(mesh, request)
