"""Linkerd as a point, as data.

Read in the source of linkerd2 (a snapshot of August 2026) and its documentation; nothing was run.
"""

from __future__ import annotations

from transire.engines.api.capabilities import Never, Since
from transire.engines.api.releases import Releases
from transire.model.names import HostKind
from transire.points.api.point import PointCapabilities

NAME = "linkerd"
GROUP = "policy.linkerd.io"
NETWORK = "EgressNetwork"
CLEAR_PORTS = (80,)
_NAMES = (
    "Linkerd compares the name that the client sends and forwards to the address that it dialled: "
    "this counts only beside the CNI policy, which keeps naming the hosts"
)
CAVEATS = (
    "by source and documentation of Linkerd only: nothing of this was tried in a running mesh",
    _NAMES,
    "a pod without a proxy, and a namespace without an EgressNetwork, are open",
)
RELEASES = Releases(engine=NAME, lines=((2, 18),), newer=True)
CAPABILITIES = PointCapabilities(
    hosts=frozenset({HostKind.EXACT, HostKind.ANY_DEPTH}),
    port_ranges=Never(),
    http=Since(),
    originate=Never(),
    server_names=Since(),
    audit=Since(),
    most_listeners=None,
)
