"""Where requests go on: what each cluster of the bootstrap is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from transire.points.envoy import facts
from transire.points.envoy.read.tree import Branch


class Way(Enum):
    """How a cluster goes on."""

    CLEAR = "as it comes"
    """To the host and port of the request."""
    TLS = "by TLS"
    """To the host and port of the request, by TLS that checks its name."""
    LOOPBACK = "to this machine"
    """To a port of the machine itself."""


_COMMON = ("name", "cluster_type", "transport_socket", "typed_extension_protocol_options")
_NO_EFFECT = ("connect_timeout", "lb_policy", "circuit_breakers", "alt_stat_name")
_STATIC = ("name", "type", "load_assignment")
_CACHE = ("name", "typed_dns_resolver_config")
_CACHE_NO_EFFECT = (
    "dns_lookup_family",
    "max_hosts",
    "dns_cache_circuit_breaker",
    "host_ttl",
    "dns_refresh_rate",
    "dns_failure_refresh_rate",
    "dns_min_refresh_rate",
    "dns_query_timeout",
)
LOOPBACK = frozenset({"127.0.0.1", "::1"})


def clusters(tree: Branch | None) -> Mapping[str, Way]:
    """The clusters of a list that are modelled, by name; the others are noted."""
    found = {}
    for each in tree.items() if tree else ():
        way = _way(each)
        if way is not None:
            found[_name(each)] = way
    return found


def _name(cluster: Branch) -> str:
    name = cluster.value.get("name") if isinstance(cluster.value, Mapping) else None
    return name if isinstance(name, str) else ""


def _way(cluster: Branch) -> Way | None:
    before = len(cluster.unmodelled)
    if isinstance(cluster.value, Mapping) and "cluster_type" in cluster.value:
        fields = cluster.fields(_COMMON, _NO_EFFECT)
        way = _forward(fields)
    else:
        way = _loopback(cluster)
    return way if len(cluster.unmodelled) == before else None


def _forward(fields: Mapping[str, Branch]) -> Way:
    kind = fields["cluster_type"].fields(("name", "typed_config"))
    if "typed_config" in kind:
        config = kind["typed_config"].typed(facts.FORWARD_CLUSTER, ("dns_cache_config",))
        dns_cache((config or {}).get("dns_cache_config"), kind["typed_config"])
    else:
        fields["cluster_type"].note("it has no configuration")
    if "transport_socket" not in fields:
        if "typed_extension_protocol_options" in fields:
            fields["typed_extension_protocol_options"].note("not modelled without TLS")
        return Way.CLEAR
    _check_tls(fields["transport_socket"])
    _check_name(fields.get("typed_extension_protocol_options"), fields["transport_socket"])
    return Way.TLS


def dns_cache(cache: Branch | None, where: Branch) -> None:
    """Note what of a DNS cache is not modelled."""
    if cache is None:
        where.note("it has no DNS cache")
        return
    fields = cache.fields(_CACHE, _CACHE_NO_EFFECT)
    if "typed_dns_resolver_config" in fields:
        resolver = fields["typed_dns_resolver_config"].fields(("name", "typed_config"))
        if "typed_config" in resolver:
            resolver["typed_config"].typed(
                facts.RESOLVER,
                ("resolvers", "dns_resolver_options"),
                ("use_resolvers_as_fallback", "filter_unroutable_families"),
            )


def _check_tls(socket: Branch) -> None:
    config = socket.fields(("name", "typed_config")).get("typed_config")
    fields = config.typed(facts.UPSTREAM_TLS, ("common_tls_context",)) if config else None
    if not fields or "common_tls_context" not in fields:
        socket.note("it goes on by TLS without a check of the certificate")
        return
    context = fields["common_tls_context"].fields(("validation_context",), ("tls_params",))
    if "validation_context" not in context:
        fields["common_tls_context"].note("no authority is trusted, so any certificate is")
        return
    validation = context["validation_context"].fields(("trusted_ca",))
    if "trusted_ca" not in validation:
        context["validation_context"].note("no authority is trusted, so any certificate is")


def _check_name(options: Branch | None, socket: Branch) -> None:
    if options is None:
        socket.note("the name in the certificate is not checked")
        return
    for each in options.fields((_HTTP_OPTIONS,)).values():
        fields = each.typed(
            facts.UPSTREAM_HTTP, ("upstream_http_protocol_options",), ("explicit_http_config",)
        )
        if fields is not None and "upstream_http_protocol_options" in fields:
            checks = fields["upstream_http_protocol_options"]
            flags = checks.fields(("auto_sni", "auto_san_validation"))
            if len(flags) == len(_CHECKS) and all(flag.value is True for flag in flags.values()):
                return
    options.note("the name in the certificate is not checked")


_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_CHECKS = ("auto_sni", "auto_san_validation")


def _loopback(cluster: Branch) -> Way:
    fields = cluster.fields(_STATIC, _NO_EFFECT)
    assignment = fields.get("load_assignment")
    if "type" not in fields or fields["type"].value != "STATIC" or assignment is None:
        cluster.note("a cluster of this kind is not modelled")
        return Way.LOOPBACK
    for group in _listed(assignment, ("endpoints",), ("cluster_name",)):
        for each in _listed(group, ("lb_endpoints",)):
            endpoint = each.fields(("endpoint",)).get("endpoint")
            address = endpoint.fields(("address",)).get("address") if endpoint else None
            if address is None or socket_of(address)[0] not in LOOPBACK:
                each.note("an address that is not of the machine itself is not modelled")
    return Way.LOOPBACK


def _listed(tree: Branch, known: tuple[str], ignored: tuple[str, ...] = ()) -> list[Branch]:
    found = tree.fields(known, ignored).get(known[0])
    return found.items() if found else []


def socket_of(address: Branch) -> tuple[str, int]:
    """The address and the port of a socket; empty and 0, noted, where it is something else."""
    socket = address.fields(("socket_address",)).get("socket_address")
    fields = socket.fields(("address", "port_value"), ("protocol", "ipv4_compat")) if socket else {}
    if len(fields) < 2:  # noqa: PLR2004 - an address and a port
        address.note("an address without a port is not modelled")
        return "", 0
    return fields["address"].text(), fields["port_value"].number()
