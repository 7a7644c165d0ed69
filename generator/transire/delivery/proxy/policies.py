"""Both sides of the policy around the proxy's own pods, as values of its chart.

Names that lead to a denied range are stopped here whatever their further addresses are: Envoy
itself looks at the first one alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from transire.delivery.proxy.settings import ProxySettings
from transire.model.destinations import Pods
from transire.model.net import MAX_PORT, Network, PortRange, Protocol, merge_networks, merge_ports
from transire.model.pod_selector import PodSelector
from transire.points.api.target import Listener, PointTarget
from transire.points.api.written import PointRefusal
from transire.points.envoy.facts import METRICS_PORT
from transire.yamlio import YamlTree

_EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_EVERY_PORT = PortRange(protocol=Protocol.TCP, first=1, last=MAX_PORT)
_NAMESPACE = "kubernetes.io/metadata.name"

Tree = Mapping[str, YamlTree]


def policy_values(target: PointTarget, settings: ProxySettings) -> Tree:
    """What may reach the pods of the proxy, and what they may reach."""
    return {
        "ingress": [*_classes(target), *_metrics(settings)],
        "egress": [*_origins(target), *_dns(settings)],
    }


def policy_refusals(target: PointTarget) -> Iterator[PointRefusal]:
    """Classes of pods that no NetworkPolicy can tell from others."""
    for listener in target.listeners:
        for each in listener.pods.selectors:
            if each.service_account:
                yield PointRefusal(
                    rule=listener.pods.name,
                    id="proxy-service-account",
                    why=f"pods that run as {each.service_account} are told apart by no policy of "
                    "the proxy's own pods",
                    remedy="select them by labels",
                )


def ports(target: PointTarget) -> tuple[PortRange, ...]:
    """The ports of every origin that some listener lets through; in audit, all of them."""
    if any(each.audit for each in target.listeners):
        return (_EVERY_PORT,)
    rules = (rule for each in target.listeners for rule in each.rules)
    return merge_ports(port for rule in rules for port in rule.ports)


def _classes(target: PointTarget) -> Iterator[Tree]:
    for each in target.listeners:
        peers = [_peer(each, selector) for selector in each.pods.selectors]
        yield {"ports": [_one(each.pods.port, "TCP")], "peers": peers}


def _peer(listener: Listener, selector: PodSelector) -> Tree:
    found: dict[str, YamlTree] = {"namespace": {_NAMESPACE: listener.pods.namespace}}
    if selector.labels:
        found["labels"] = dict(selector.labels)
    if selector.expressions:
        found["conditions"] = [
            {
                "key": each.key,
                "operator": each.operator.value,
                **({"values": each.values} if each.values else {}),
            }
            for each in selector.expressions
        ]
    return found


def _metrics(settings: ProxySettings) -> Iterator[Tree]:
    if settings.scraped_by:
        peers = [_pods(each) for each in settings.scraped_by]
        yield {"ports": [_one(METRICS_PORT, "TCP")], "peers": peers}


def _pods(pods: Pods) -> Tree:
    labels = dict(pods.namespace_labels) or {_NAMESPACE: pods.namespace}
    return {"namespace": labels, **({"labels": dict(pods.labels)} if pods.labels else {})}


def _origins(target: PointTarget) -> Iterator[Tree]:
    if not ports(target):
        return
    peers = [_range(each, target.denied) for each in _EVERYWHERE]
    yield {"ports": [_tcp(each) for each in ports(target)], "peers": peers}


def _range(cidr: Network, denied: Iterable[Network]) -> Tree:
    without = merge_networks(each for each in denied if each.version == cidr.version)
    return {"cidr": str(cidr), **({"without": list(map(str, without))} if without else {})}


def _one(port: int, protocol: str) -> Tree:
    return {"first": port, "last": port, "protocol": protocol}


def _tcp(ports_: PortRange) -> Tree:
    return {"first": ports_.first, "last": ports_.last, "protocol": "TCP"}


def _dns(settings: ProxySettings) -> Iterator[Tree]:
    resolvers = settings.resolvers
    peers = [
        *map(_pods, resolvers.pods),
        *({"cidr": str(each)} for each in resolvers.addresses),
    ]
    if peers:
        both = [_one(resolvers.port, each) for each in ("TCP", "UDP")]
        yield {"ports": both, "peers": peers}
