"""Istio as three points: what each mode of a mesh can hold, as data.

Measured on Istio 1.30.3 with a real Envoy. `DYNAMIC_DNS`, by which a name below a domain leads to
the name's own address, is first in 1.30.
"""

from __future__ import annotations

from enum import StrEnum

from transire.engines.api.capabilities import Never, Since
from transire.engines.api.releases import Releases
from transire.model.names import HostKind
from transire.points.api.point import PointCapabilities

LINES = ((1, 30),)
CLEAR_PORTS = (80,)
"""The port on which pods speak HTTP through a mesh; on others a rule has to name methods."""
SIDECAR_CAVEAT = (
    "pods that run as UID or GID 1337, use UDP, or have no sidecar are held by the CNI policy "
    "alone, which keeps naming the hosts; what the mesh checks holds for pods that do not evade it"
)
NAME_CAVEAT = (
    "the name of TLS is what the client sends; the mesh connects to the address of that name, so "
    "that it leads nowhere else"
)
MODE_CAVEATS = {
    "istio-ambient": (
        "ambient has no deny of its own: the CNI policy has to leave pods nothing outside but "
        "their own waypoint on port 15008, and has to let the waypoint reach the hosts"
    ),
    "istio-gateway": (
        "a pod without a sidecar passes by the mesh: the CNI policy has to leave pods nothing "
        "outside but the gateway on port 8443, and has to let the gateway reach the hosts"
    ),
    "istio-sidecar": SIDECAR_CAVEAT,
}
RIGHTS_CAVEAT = (
    "whoever may write objects of Istio in the namespace can undo this: teams need no rights to "
    "Sidecar, EnvoyFilter, ServiceEntry, VirtualService, DestinationRule, Gateway, WorkloadEntry "
    "and AuthorizationPolicy"
)
DOT_CAVEAT = "a host with a trailing dot is refused over TLS and allowed over HTTP"
PATH_CAVEAT = (
    "paths are compared after normalisation, and %2F stays as it is unless "
    "meshConfig.pathNormalization is DECODE_AND_MERGE_SLASHES"
)


class MeshMode(StrEnum):
    """How pods get into the mesh, each of which is a point of its own."""

    AMBIENT = "istio-ambient"
    GATEWAY = "istio-gateway"
    SIDECAR = "istio-sidecar"


def releases(mode: MeshMode) -> Releases:
    """The releases that are modelled."""
    because = "DYNAMIC_DNS is first in 1.30"
    return Releases(engine=mode.value, lines=LINES, because=because)


CAPABILITIES = {
    MeshMode.AMBIENT: PointCapabilities(
        hosts=frozenset({HostKind.EXACT, HostKind.ANY_DEPTH}),
        port_ranges=Never(),
        http=Since(),
        originate=Since(),
        server_names=Since(),
        audit=Since(),
        most_listeners=None,
    ),
    MeshMode.GATEWAY: PointCapabilities(
        hosts=frozenset({HostKind.EXACT}),
        port_ranges=Never(),
        http=Never(),
        originate=Never(),
        server_names=Since(),
        audit=Never(),
        most_listeners=None,
    ),
    MeshMode.SIDECAR: PointCapabilities(
        hosts=frozenset({HostKind.EXACT, HostKind.ANY_DEPTH}),
        port_ranges=Never(),
        http=Since(),
        originate=Since(),
        server_names=Since(),
        audit=Since(),
        most_listeners=None,
    ),
}
