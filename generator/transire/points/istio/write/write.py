"""The objects of a mesh for everything that a point serves, or why they cannot be written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from transire.model.pod_selector import EVERY_POD
from transire.points.api.target import Listener, PointTarget
from transire.points.api.written import PointRefusal, Written
from transire.points.istio.facts import (
    CLEAR_PORTS,
    DOT_CAVEAT,
    MODE_CAVEATS,
    NAME_CAVEAT,
    PATH_CAVEAT,
    RIGHTS_CAVEAT,
    MeshMode,
)
from transire.points.istio.write.ambient import ambient
from transire.points.istio.write.gateway import gateway, shared_gateway
from transire.points.istio.write.objects import GATEWAY_NAMESPACE, Tree
from transire.points.istio.write.sidecar import sidecar
from transire.points.istio.write.wanted import Wanted, wanted
from transire.yamlio.writer import write as yaml

_WAYS = {MeshMode.AMBIENT: ambient, MeshMode.GATEWAY: gateway, MeshMode.SIDECAR: sidecar}


def write_mesh(target: PointTarget) -> Written:
    """A file for each namespace, and in gateway mode one for the gateway, or refusals."""
    mode = MeshMode(target.release.engine)
    every = [wanted(each, mode) for each in target.listeners]
    refusals = [*_target_refusals(target), *(each for one in every for each in one.refusals)]
    if refusals or not every:
        return Written(refusals=tuple(refusals) or (_NOBODY,))
    files = {f"{each.namespace}.yaml": _text(_WAYS[mode](each)) for each in every}
    if mode is MeshMode.GATEWAY:
        files[f"{GATEWAY_NAMESPACE}.yaml"] = _text(shared_gateway(every))
    return Written(files=files, caveats=tuple(_caveats(mode, target, every)))


_NOBODY = PointRefusal(
    rule="mesh",
    id="istio-empty",
    why="no class of pods is in the mesh",
    remedy="leave the mesh out",
)


def _text(objects: Sequence[Tree]) -> str:
    return "---\n".join(yaml(each) for each in objects)


def _caveats(mode: MeshMode, target: PointTarget, every: Sequence[Wanted]) -> Iterator[str]:
    yield MODE_CAVEATS[mode.value]
    yield RIGHTS_CAVEAT
    if any(each.hosts for each in every):
        yield from (NAME_CAVEAT, DOT_CAVEAT)
    if any(rule.http and rule.http.paths for each in target.listeners for rule in each.rules):
        yield PATH_CAVEAT


def _target_refusals(target: PointTarget) -> Iterator[PointRefusal]:
    if not target.server_names:
        yield PointRefusal(
            rule="mesh",
            id="istio-server-names",
            why="a mesh knows hosts of TLS by their names alone",
            remedy="compare names of TLS",
        )
    if target.clear_ports != CLEAR_PORTS:
        yield PointRefusal(
            rule="mesh",
            id="istio-clear-ports",
            why="a mesh has requests in clear on port 80 alone, where no rule has http",
            remedy="write 80 as the one port in clear",
        )
    if target.denied:
        yield PointRefusal(
            rule="mesh",
            id="istio-denied",
            why="a mesh denies no range of addresses behind a name",
            remedy="leave ranges to the CNI policy of the gateway or the waypoint",
        )
    for each in target.listeners:
        yield from _pod_refusals(each)


def _pod_refusals(listener: Listener) -> Iterator[PointRefusal]:
    pods = listener.pods
    if pods.selectors != EVERY_POD or pods.name != pods.namespace:
        yield PointRefusal(
            rule=pods.name,
            id="istio-pods",
            why=f"the mesh tells namespaces apart, {pods.name} is some pods of {pods.namespace}",
            remedy="leave from out of the rule, or leave the rule to the CNI policy",
        )
    if pods.port:
        yield PointRefusal(
            rule=pods.name,
            id="istio-listener-port",
            why=f"a mesh takes connections on every port, and {pods.name} has port {pods.port}",
            remedy="leave the port out",
        )
    if pods.namespace == GATEWAY_NAMESPACE:
        yield PointRefusal(
            rule=pods.name,
            id="istio-root",
            why=f"objects in {GATEWAY_NAMESPACE}, the root namespace, hold for all of the mesh",
            remedy="take the namespace out of the mesh",
        )
