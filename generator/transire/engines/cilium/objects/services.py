"""Services and their endpoints, as far as `toServices` and lookups of the resolver need them.

Source: `pkg/policy/k8s/service.go`: a service with a selector stands for the pods that it selects,
one without for the addresses of its endpoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from transire.engines.cilium.objects.identity import K8S, NAMESPACE, Identity
from transire.engines.cilium.objects.rules import Ranges, Selector
from transire.engines.cilium.objects.selectors import Labelled, is_label, source_and_key
from transire.flows.port_set import Protocol
from transire.k8s.go_cidr import parse_address, parse_network
from transire.k8s.json_pointer import inner, items
from transire.k8s.label_selector import read_selector
from transire.k8s.manifests import Manifest, Tree
from transire.model.net import Address, Network

_OF_SERVICE = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One Service: which pods it selects, and the ports under which it reaches them."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    selector: Mapping[str, str]
    body: Tree

    def __str__(self) -> str:
        """The service as a sentence names it."""
        return f"the service {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services that are given; others may be in the cluster."""

    services: tuple[Service, ...] = ()
    addresses: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Of ready endpoints, by namespace and name of their service."""

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Services:
        """The services among these objects."""
        services = []
        addresses: dict[tuple[str, str], list[str]] = {}
        for manifest in manifests:
            kind, ref = (manifest.api_version, manifest.ref.kind), manifest.ref
            if kind == ("v1", "Service") and ref.namespace:
                services.append(_service(manifest))
            elif kind == ("v1", "Endpoints"):
                known = addresses.setdefault((ref.namespace, ref.name), [])
                known += _subsets(manifest.body)
            elif kind == ("discovery.k8s.io/v1", "EndpointSlice"):
                name = str(inner(manifest.body, "metadata", "labels").get(_OF_SERVICE, ""))
                known = addresses.setdefault((ref.namespace, name), [])
                known += _slices(manifest.body)
        return cls(
            services=tuple(services),
            addresses={key: tuple(dict.fromkeys(each)) for key, each in addresses.items()},
        )

    def unmodelled(self, tree: Tree) -> str:
        """Why it is not known what an item of `toServices` means, or the empty string."""
        if not (tree.get("k8sService") or "k8sServiceSelector" in tree):
            return "what an item without a service selects is not modelled"
        chosen = self._chosen(tree)
        if not chosen:
            return f"{_wanted(tree)} is not given"
        for service in chosen:
            if inner(service.body, "spec").get("type") == "ExternalName":
                return f"what {service} means, which is a name outside, is not modelled"
            if not service.selector and (service.namespace, service.name) not in self.addresses:
                return f"the endpoints of {service}, which has no selector, are not given"
        return ""

    def selectors(self, tree: Tree) -> Iterator[Selector]:
        """What an item of `toServices` means."""
        for service in self._chosen(tree):
            if service.selector:
                labels = {**service.selector, NAMESPACE: service.namespace}
                demands = (is_label(K8S, key, value) for key, value in labels.items())
                yield Labelled(tuple(sorted(demands)))
            else:
                for text in self.addresses[service.namespace, service.name]:
                    yield _host(text)
        if "k8sServiceSelector" in tree or not inner(tree, "k8sService").get("namespace"):
            missing = f"further services may be {_wanted(tree)}"
            yield Ranges(key=f"services {tree}", networks=(), missing=missing, anywhere=True)

    def at(self, address: Address) -> Service | None:
        """The service that has this cluster address."""
        for service in self.services:
            spec = inner(service.body, "spec")
            texts = (spec.get("clusterIP"), *items(spec, "clusterIPs"))
            if any(isinstance(each, str) and parse_address(each) == address for each in texts):
                return service
        return None

    def behind(self, resolver: Identity, protocol: int, port: int) -> tuple[Service, int] | None:
        """The port at which a pod gets what is sent to a service's port, if one selects it."""
        namespace = resolver.labels.get(NAMESPACE)
        for service in self.services:
            selected = service.selector.items() <= resolver.labels.items()
            if service.namespace == namespace and service.selector and selected:
                for each in items(inner(service.body, "spec"), "ports"):
                    target = _target(each, resolver, protocol, port)
                    if target:
                        return service, target
        return None

    def _chosen(self, tree: Tree) -> list[Service]:
        return [each for each in self.services if _matches(tree, each)]


def _matches(tree: Tree, service: Service) -> bool:
    """Whether an item means a service; sources of labels are passed over."""
    if "k8sServiceSelector" in tree:
        chosen = tree["k8sServiceSelector"]
        selector = chosen["selector"]
        labels = {
            source_and_key(key)[1]: value for key, value in selector.get("matchLabels", {}).items()
        }
        rest = [
            {**each, "key": source_and_key(each["key"])[1]}
            for each in selector.get("matchExpressions", ())
        ]
        plain = {"matchLabels": labels, "matchExpressions": rest}
        inside = chosen.get("namespace", "") in {"", service.namespace}
        return inside and read_selector(plain).matches(service.labels)
    chosen = tree.get("k8sService", {})
    inside = chosen.get("namespace", "") in {"", service.namespace}
    return inside and chosen.get("serviceName", "") == service.name


def _wanted(tree: Tree) -> str:
    if "k8sServiceSelector" in tree:
        return "a service with the labels that it demands"
    chosen = tree.get("k8sService", {})
    namespace, name = chosen.get("namespace", ""), chosen.get("serviceName", "")
    return f"the service {namespace}/{name}" if namespace else f"a service named {name}"


def _target(tree: object, resolver: Identity, protocol: int, port: int) -> int:
    if not isinstance(tree, Mapping) or tree.get("port") != port:
        return 0
    if tree.get("protocol", "TCP") != Protocol(protocol).name:
        return 0
    target = tree.get("targetPort", port)
    if isinstance(target, str):
        return (resolver.ports or {}).get((target.lower(), protocol), 0)
    return target if isinstance(target, int) else 0


def _service(manifest: Manifest) -> Service:
    return Service(
        namespace=manifest.ref.namespace,
        name=manifest.ref.name,
        labels=_texts(inner(manifest.body, "metadata", "labels")),
        selector=_texts(inner(manifest.body, "spec", "selector")),
        body=manifest.body,
    )


def _texts(tree: Tree) -> Mapping[str, str]:
    return {key: value for key, value in tree.items() if isinstance(value, str)}


def _subsets(body: Tree) -> Iterator[str]:
    for subset in items(body, "subsets"):
        for each in items(subset, "addresses") if isinstance(subset, Mapping) else ():
            if isinstance(each, Mapping) and isinstance(each.get("ip"), str):
                yield each["ip"]


def _slices(body: Tree) -> Iterator[str]:
    for each in items(body, "endpoints"):
        if isinstance(each, Mapping) and inner(each, "conditions").get("ready") is not False:
            yield from (text for text in items(each, "addresses") if isinstance(text, str))


def _host(text: str) -> Ranges:
    address = parse_address(text)
    networks: tuple[Network, ...] = ()
    if address is not None:
        parsed = parse_network(f"{address}/{address.max_prefixlen}")
        networks = (parsed[1],) if parsed else ()
    return Ranges(key=f"{text} as endpoint", networks=networks)
