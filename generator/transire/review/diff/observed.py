"""What the objects of two revisions allow, as far as it can be judged."""

from __future__ import annotations

from collections.abc import Sequence

from transire.engines.registry import engine_of, read_objects
from transire.flows.flow_set import FlowSet
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.manifests import Manifest
from transire.model.intent import Cluster, Mode
from transire.model.problems import Unjudgeable
from transire.review.diff.changes import Side
from transire.review.diff.compare import Seen

API_SERVER = PortSet.union(PortSet.of_port(Protocol.TCP, each) for each in (443, 6443))
"""Where an API server listens, so that a right to reach it is seen however a rule names it."""


def see(
    side: Side | None,
    objects: Sequence[Manifest],
    cluster: Cluster,
    flows: FlowSet,
    api_server: PortSet,
) -> Seen:
    """What the objects of one side of a change allow of some flows, now and once audit ends.

    What cannot be judged is kept with the reason.
    """
    pods = flows.sources()
    try:
        rendered = read_objects(objects, cluster).flows(pods, api_server) & flows
        later = rendered
        if side is not None and side.mode is Mode.AUDIT:
            held = engine_of(cluster.release).enforced(objects)
            later = read_objects(held, cluster).flows(pods, api_server) & flows
    except Unjudgeable as error:
        return unknown(side, objects, str(error))
    return Seen(side=side, objects=objects, rendered=rendered, enforced=later)


def unknown(side: Side | None, objects: Sequence[Manifest], why: str) -> Seen:
    """A side of which it is unknown what it allows."""
    nothing = FlowSet.nothing()
    return Seen(side=side, objects=objects, rendered=nothing, enforced=nothing, unjudged=why)
