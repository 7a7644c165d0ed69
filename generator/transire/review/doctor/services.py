"""Services and what is behind them, as a snapshot has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.k8s.json_pointer import inner, items, maps, number, text
from transire.queries.cluster_state import ClusterState, Pod
from transire.review.doctor.placed import Objects, Placed

NODE_PORTS = range(30000, 32768)
"""The ports that a cluster gives to services on its nodes, unless it is told otherwise."""
_SLICE_OF = "kubernetes.io/service-name"


@dataclass(frozen=True, kw_only=True)
class ServicePort:
    """One port of a service: what clients use, and what the pods behind it listen on."""

    service: Placed
    at: str
    port: int
    target: int
    protocol: str
    pods: tuple[Pod, ...]
    slices: tuple[Placed, ...]
    addresses: tuple[str, ...]
    node_port: int | None = None

    @property
    def shown(self) -> str:
        """The service for people."""
        return f"{self.service.manifest.ref.namespace}/{self.service.manifest.ref.name}"


def service_ports(objects: Objects, state: ClusterState) -> Iterator[ServicePort]:
    """Every port of every service."""
    for each in objects.of("Service"):
        spec = inner(each.manifest.body, "spec")
        pods = tuple(_pods(each, state))
        slices = tuple(_slices(each, objects))
        written = [spec.get("clusterIP"), *items(spec, "clusterIPs")]
        addresses = tuple(
            dict.fromkeys(ip for ip in written if isinstance(ip, str) and ip not in {"", "None"})
        )
        for at, port in maps(spec, "ports", "/spec"):
            for target in dict.fromkeys(_targets(port, pods, slices)):
                yield ServicePort(
                    service=each,
                    at=at,
                    port=number(port, "port") or target,
                    target=target,
                    protocol=text(port, "protocol") or "TCP",
                    pods=pods,
                    slices=slices,
                    addresses=addresses,
                    node_port=number(port, "nodePort"),
                )


def _pods(service: Placed, state: ClusterState) -> Iterator[Pod]:
    selector = inner(service.manifest.body, "spec", "selector")
    for pod in state.pods if selector else ():
        same = pod.namespace == service.manifest.ref.namespace
        if same and all(pod.labels.get(key) == value for key, value in selector.items()):
            yield pod


def _slices(service: Placed, objects: Objects) -> Iterator[Placed]:
    ref = service.manifest.ref
    for each in objects.of("EndpointSlice"):
        named = text(inner(each.manifest.body, "metadata", "labels"), _SLICE_OF)
        if (each.manifest.ref.namespace, named) == (ref.namespace, ref.name):
            yield each
    for each in objects.of("Endpoints"):
        if each.manifest.ref == ref:
            yield each


def _targets(port: object, pods: tuple[Pod, ...], slices: tuple[Placed, ...]) -> Iterator[int]:
    """The ports of the pods: from slices, from a number, or by the name that pods give it."""
    tree = port if isinstance(port, dict) else {}
    name = text(tree, "name")
    for each in slices:
        for _, held in maps(each.manifest.body, "ports", ""):
            found = number(held, "port")
            if found is not None and text(held, "name") == name:
                yield found
    target = tree.get("targetPort", tree.get("port"))
    if isinstance(target, int) and not isinstance(target, bool):
        yield target
    for pod in pods:
        named = pod.named_ports.get(target) if isinstance(target, str) else None
        if named is not None:
            yield named.port


def endpoint_addresses(slices: tuple[Placed, ...]) -> Iterator[str]:
    """The addresses in slices."""
    for each in slices:
        for _, endpoint in maps(each.manifest.body, "endpoints", ""):
            yield from (found for found in items(endpoint, "addresses") if isinstance(found, str))
