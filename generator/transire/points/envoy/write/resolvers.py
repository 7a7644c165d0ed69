"""How names are looked up: one DNS cache, with equal settings wherever its name stands."""

from __future__ import annotations

from collections.abc import Mapping

from transire.points.api.target import PointTarget
from transire.points.envoy.facts import MOST_CONNECTIONS, MOST_HOSTS, RESOLVER
from transire.yamlio.writer import YamlTree

_DNS_PORT = 53


def dns_cache(target: PointTarget) -> Mapping[str, YamlTree]:
    """The cache of the target, of which no name is looked up below the search domains of a pod.

    Of an origin with addresses of both families, both are tried where pods have IPv6, too.
    """
    resolvers = target.resolvers
    options: dict[str, YamlTree] = {"no_default_search_domain": True}
    config: dict[str, YamlTree] = {"@type": RESOLVER, "dns_resolver_options": options}
    if resolvers:
        config["resolvers"] = [_socket(*_split(each)) for each in resolvers]
    return {
        "name": "egress",
        "dns_lookup_family": "ALL" if target.ipv6 else "V4_PREFERRED",
        "max_hosts": MOST_HOSTS,
        "dns_cache_circuit_breaker": {"max_pending_requests": MOST_CONNECTIONS},
        "typed_dns_resolver_config": {
            "name": "envoy.network.dns_resolver.cares",
            "typed_config": config,
        },
    }


def _split(resolver: str) -> tuple[str, int]:
    if resolver.startswith("["):
        address, _, port = resolver[1:].partition("]")
        return address, int(port.removeprefix(":") or _DNS_PORT)
    if resolver.count(":") == 1:
        address, _, port = resolver.partition(":")
        return address, int(port)
    return resolver, _DNS_PORT


def _socket(address: str, port: int) -> YamlTree:
    return {"socket_address": {"address": address, "port_value": port}}
