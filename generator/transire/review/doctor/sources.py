"""Which pods records are about: by name, by a name's beginning, by address or by labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from transire.flowlogs.located import Located
from transire.flowlogs.record import Flow, Lookup, Peer
from transire.flowlogs.tally import Coverage
from transire.queries.cluster_state import ClusterState, Pod
from transire.review.doctor.troubles import Seen

MOST = 200_000
"""Records of the namespace that are kept."""
_STAR = "-*"


class Pods:
    """The pods of a cluster, found by what a log tells of them."""

    def __init__(self, state: ClusterState) -> None:
        self._all = state.pods
        self._kept: dict[tuple[str, str, str], tuple[Pod, ...]] = {}

    @cached_property
    def _by_address(self) -> Mapping[str, Pod]:
        return {str(ip): each for each in self._all if not each.host_network for ip in each.ips}

    def of(self, peer: Peer) -> tuple[Pod, ...]:
        """The pods that an end of a flow is; none where it is something else, or unknown."""
        key = peer.namespace, peer.pod, peer.address
        if key not in self._kept:
            self._kept[key] = tuple(self._find(peer))
        return self._kept[key]

    def _find(self, peer: Peer) -> Iterator[Pod]:
        if peer.pod and peer.namespace:
            prefix = peer.pod.removesuffix("*") if peer.pod.endswith(_STAR) else ""
            for each in self._all:
                if each.namespace == peer.namespace and (
                    each.name == peer.pod or (prefix and each.name.startswith(prefix))
                ):
                    yield each
        elif peer.address in self._by_address:
            yield self._by_address[peer.address]

    def namespace(self, peer: Peer) -> str:
        """The namespace of an end, empty where it is not known."""
        if peer.namespace:
            return peer.namespace
        found = self._by_address.get(peer.address)
        return found.namespace if found else ""


def seen_of(
    events: Iterable[Located],
    pods: Pods,
    namespace: str,
    counted: Callable[[], Coverage],
    files: Iterable[str],
) -> Seen:
    """The records of one namespace among all."""
    kept: dict[str, list[Located]] = {"flows": [], "lookups": [], "others": []}
    complete, total = True, 0
    for each in events:
        total += 1
        name = _kind(each, pods, namespace)
        if not name:
            continue
        if len(kept[name]) >= MOST:
            complete = False
            continue
        kept[name].append(each)
    coverage = counted()
    return Seen(
        flows=tuple(kept["flows"]),
        lookups=tuple(kept["lookups"]),
        others=tuple(kept["others"]),
        first=coverage.first,
        last=coverage.last,
        complete=complete,
        files=tuple(files),
        clusters=coverage.clusters,
        formats=tuple(coverage.records),
        total=total,
        lost=sum(coverage.lost.values()),
    )


def _kind(event: Located, pods: Pods, namespace: str) -> str:
    """Where a record goes, empty where it is none of the namespace."""
    record = event.record
    if isinstance(record, Flow):
        source = pods.namespace(record.source)
        if source == namespace and record.egress is not False:
            return "flows"
        if event.detail.reset and pods.namespace(record.destination) == namespace:
            return "flows"
        back = record.egress is False and source == namespace
        return "others" if back or record.named else ""
    if isinstance(record, Lookup):
        return "lookups" if pods.namespace(record.client) == namespace else "others"
    return ""
