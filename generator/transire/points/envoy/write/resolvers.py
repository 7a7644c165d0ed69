"""How names are looked up: one DNS cache, with equal settings wherever its name stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transire.points.envoy.facts import MOST_CONNECTIONS, MOST_HOSTS, RESOLVER
from transire.yamlio.writer import YamlTree

_DNS_PORT = 53


def dns_cache(resolvers: Sequence[str]) -> Mapping[str, YamlTree]:
    """The cache; `resolvers` are `ADDRESS` or `ADDRESS:PORT`, and those of the machine if empty.

    No name is looked up below the search domains of a pod.
    """
    options: dict[str, YamlTree] = {"no_default_search_domain": True}
    config: dict[str, YamlTree] = {"@type": RESOLVER, "dns_resolver_options": options}
    if resolvers:
        config["resolvers"] = [_socket(*_split(each)) for each in resolvers]
    return {
        "name": "egress",
        "dns_lookup_family": "V4_PREFERRED",
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
