"""Questions about parts of a cluster that are no pods, such as its API server.

An entity may have several addresses, and often none of them is given. A question about one is asked
at every place that it may have, and there is a verdict where all of these have the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from transire.flows.peer_set import ReservedIdentity
from transire.model.intent import EntityKind
from transire.model.net import Network
from transire.queries.cluster_state import ClusterState, Node
from transire.queries.query import Caveat, Connection, Decision, Query, Verdict

_API_SERVER = str(ReservedIdentity.KUBE_APISERVER)
_ON_NODES = (str(ReservedIdentity.HOST), str(ReservedIdentity.REMOTE_NODE))
_IDENTITIES = {
    EntityKind.KUBE_APISERVER.value: (
        frozenset({_API_SERVER}),
        *(frozenset({_API_SERVER, node}) for node in _ON_NODES),
    ),
    EntityKind.NODES.value: tuple(frozenset({node}) for node in _ON_NODES),
}
"""The reserved names that an entity may have; others have the one that is their own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """What entities are on one cluster.

    `node_ranges` are the declared ranges of its nodes where its engine knows nodes by address.
    """

    cluster: ClusterState
    node_ranges: Sequence[Network] = ()

    def decide(self, query: Query, judge: Callable[[Query], Decision]) -> Decision:
        """The verdict for a connection to an entity; `judge` gives those for its places."""
        what = query.what
        if not isinstance(what, Connection) or not what.entity:
            return judge(query)
        places = tuple(self._places(what))
        found = [judge(replace(query, what=place)) for _, place in places]
        first = found[0]
        for (name, _), other in zip(places, found, strict=True):
            if other.verdict is Verdict.UNJUDGEABLE:
                return other
            if other.verdict is not first.verdict:
                return _unlike(what.entity, (places[0][0], first), (name, other))
        caveat = self._caveat(what.entity, [name for name, _ in places])
        return replace(first, caveats=(*first.caveats, caveat))

    def _known(self, entity: str) -> tuple[Node, ...]:
        """What the cluster has of the entity."""
        nodes = self.cluster.nodes
        if entity == EntityKind.NODES:
            return tuple(each for each in nodes if each.reserved & {*_ON_NODES})
        return tuple(each for each in nodes if entity in each.reserved)

    def _places(self, what: Connection) -> Sequence[tuple[str, Connection]]:
        """Every place that the entity may have, by a name for sentences."""
        entity, bare = what.entity, replace(what, entity="")
        known = self._known(entity)
        if known:
            return [(f"{each.name} ({each.ip})", replace(bare, node=each.name)) for each in known]
        if entity == EntityKind.NODES and self.node_ranges:
            reserved = frozenset(_ON_NODES[:1])
            ends = [each[place] for each in self.node_ranges for place in (0, -1)]
            return [(str(ip), replace(bare, ip=ip, peer_reserved=reserved)) for ip in ends]
        identities = _IDENTITIES.get(entity, (frozenset({entity}),))
        return [
            (" and ".join(sorted(each)), replace(bare, peer_reserved=each)) for each in identities
        ]

    def _caveat(self, entity: str, names: Sequence[str]) -> Caveat:
        if self._known(entity):
            text = f"{entity} is {', '.join(names)} in the cluster"
        elif entity == EntityKind.NODES and self.node_ranges:
            text = (
                f"the verdict is that at the ends of the declared node ranges: {', '.join(names)}"
            )
        else:
            text = f"no address of {entity} is given: the verdict is for one that no range names"
        return Caveat(id="entity-address", text=text)


def _unlike(entity: str, one: tuple[str, Decision], other: tuple[str, Decision]) -> Decision:
    return Decision(
        verdict=Verdict.UNJUDGEABLE,
        reason=f"where {entity} is {one[0]} the verdict is {one[1].verdict}, and where it is "
        f"{other[0]} it is {other[1].verdict}; give its address with --cluster FILE",
    )
