"""The files that stay as they are while lists change: the bootstrap, and the listeners.

A listener that changes is drained with all its tunnels, so nothing of a list stands in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from transire.points.api.target import Listener, PointTarget
from transire.points.envoy import facts
from transire.points.envoy.write.filters import connection_manager, watched
from transire.points.envoy.write.resolvers import dns_cache
from transire.yamlio.writer import YamlTree

Tree = Mapping[str, YamlTree]

_LOOPBACK = "127.0.0.1"
_CONNECT_TIMEOUT = "10s"


def bootstrap(target: PointTarget, clusters: Iterable[YamlTree] = ()) -> Tree:
    """What Envoy starts with; `clusters` are those that single listeners need."""
    return {
        "node": {"id": "egress-proxy", "cluster": "egress-proxy"},
        "admin": {"address": _address(_LOOPBACK, facts.ADMIN_PORT)},
        "dynamic_resources": {"lds_config": watched(f"{facts.FOLDER}/{facts.LISTENERS}")},
        "static_resources": {
            "listeners": [_metrics(target)],
            "clusters": [*_forward_clusters(target), _admin_cluster(), *clusters],
        },
    }


def listeners(target: PointTarget) -> tuple[Tree, ...]:
    """The listeners of all classes of pods."""
    return tuple(_listener(each, target) for each in target.listeners)


def _listener(listener: Listener, target: PointTarget) -> Tree:
    return {
        "@type": facts.LISTENER,
        "name": listener.pods.name,
        "address": _everywhere(listener.pods.port, target),
        "filter_chains": [_chain(connection_manager(listener, target))],
    }


def _chain(manager: Tree) -> Tree:
    name = "envoy.filters.network.http_connection_manager"
    return {"filters": [{"name": name, "typed_config": manager}]}


def _address(address: str, port: int) -> Tree:
    return {"socket_address": {"address": address, "port_value": port}}


def _everywhere(port: int, target: PointTarget) -> Tree:
    """A port of every address that the proxy's pods have."""
    if not target.ipv6:
        return _address("0.0.0.0", port)  # noqa: S104 - pods reach the proxy by its own address
    return {"socket_address": {"address": "::", "port_value": port, "ipv4_compat": True}}


def _forward_clusters(target: PointTarget) -> Iterator[Tree]:
    cache = dns_cache(target)
    yield _forward(facts.OPEN, cache)
    yield _forward(facts.AUDITED, cache)
    yield {**_forward(facts.ORIGINATED, cache), **_BY_TLS}


def _forward(name: str, cache: Tree) -> Tree:
    most: dict[str, YamlTree] = {"max_retries": 3}
    for each in ("max_connections", "max_pending_requests", "max_requests"):
        most[each] = facts.MOST_CONNECTIONS
    return {
        "name": name,
        "connect_timeout": _CONNECT_TIMEOUT,
        "lb_policy": "CLUSTER_PROVIDED",
        "circuit_breakers": {"thresholds": [most]},
        "cluster_type": {
            "name": "envoy.clusters.dynamic_forward_proxy",
            "typed_config": {"@type": facts.FORWARD_CLUSTER, "dns_cache_config": cache},
        },
    }


_BY_TLS: Tree = {
    "transport_socket": {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": facts.UPSTREAM_TLS,
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "validation_context": {"trusted_ca": {"filename": facts.CA_FILE}},
            },
        },
    },
    "typed_extension_protocol_options": {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": facts.UPSTREAM_HTTP,
            "upstream_http_protocol_options": {"auto_sni": True, "auto_san_validation": True},
            "explicit_http_config": {"http_protocol_options": {}},
        }
    },
}


def _admin_cluster() -> Tree:
    endpoint = {"endpoint": {"address": _address(_LOOPBACK, facts.ADMIN_PORT)}}
    return {
        "name": facts.ADMIN,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": facts.ADMIN,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _metrics(target: PointTarget) -> Tree:
    """What the kubelet and Prometheus may have of the admin interface, and nothing else of it."""
    paths = ("/ready", "/stats/prometheus")
    routes: Sequence[YamlTree] = [
        {"match": {"path": each}, "route": {"cluster": facts.ADMIN}} for each in paths
    ]
    hosts: Tree = {"name": facts.METRICS_LISTENER, "domains": ["*"], "routes": routes}
    manager: Tree = {
        "@type": facts.HCM,
        "stat_prefix": facts.METRICS_LISTENER,
        "normalize_path": True,
        "route_config": {"name": facts.METRICS_LISTENER, "virtual_hosts": [hosts]},
        "http_filters": [{"name": facts.ROUTER_FILTER, "typed_config": {"@type": facts.ROUTER}}],
    }
    return {
        "name": facts.METRICS_LISTENER,
        "address": _everywhere(facts.METRICS_PORT, target),
        "ignore_global_conn_limit": True,
        "filter_chains": [_chain(manager)],
    }
