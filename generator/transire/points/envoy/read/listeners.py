"""The listeners of Envoy: where they listen, their filters, and which routes they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from transire.model.net import Network
from transire.points.envoy import facts
from transire.points.envoy.read.addresses import denied_ranges
from transire.points.envoy.read.clusters import Way, dns_cache, socket_of
from transire.points.envoy.read.resources import Opening, name_of, resource
from transire.points.envoy.read.tables import Table, table
from transire.points.envoy.read.tree import Branch

_LISTENER = ("name", "address", "filter_chains")
_LISTENER_NO_EFFECT = (
    "@type",
    "ignore_global_conn_limit",
    "per_connection_buffer_limit_bytes",
    "stat_prefix",
    "enable_reuse_port",
)
_MANAGER = (
    "rds",
    "http_filters",
    "strip_trailing_host_dot",
    "normalize_path",
    "merge_slashes",
    "path_with_escaped_slashes_action",
    "upgrade_configs",
)
_MANAGER_NO_EFFECT = (
    "stat_prefix",
    "access_log",
    "http_protocol_options",
    "http2_protocol_options",
    "common_http_protocol_options",
    "server_header_transformation",
    "generate_request_id",
    "stream_idle_timeout",
    "request_headers_timeout",
    "request_timeout",
    "drain_timeout",
    "codec_type",
)
_NEEDED: Mapping[str, tuple[object, str]] = {
    "strip_trailing_host_dot": (True, "names with a trailing dot are compared with it"),
    "normalize_path": (True, "paths are compared as they come, dot segments and all"),
    "merge_slashes": (True, "slashes in a row are compared as they come"),
    "path_with_escaped_slashes_action": (
        "REJECT_REQUEST",
        "paths with escaped slashes are not refused",
    ),
    "upgrade_configs": (
        [{"upgrade_type": "CONNECT"}, {"upgrade_type": "websocket"}],
        "other upgrades than CONNECT and websocket are not modelled",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One listener as it was read; `table` is None where its routes are not known."""

    name: str
    port: int
    table: Table | None
    denied: tuple[Network, ...]


def listener(tree: Branch, ways: Mapping[str, Way], opening: Opening) -> Found:
    """A listener; what is not modelled is noted for it."""
    fields = tree.fields(_LISTENER, _LISTENER_NO_EFFECT)
    port = socket_of(fields["address"])[1] if "address" in fields else 0
    found: Table | None = None
    denied: tuple[Network, ...] = ()
    manager = _manager(fields.get("filter_chains"), tree)
    if manager is not None:
        parts = manager.typed(facts.HCM, _MANAGER, _MANAGER_NO_EFFECT) or {}
        _check_manager(parts, manager)
        denied = _filters(parts.get("http_filters"), manager, opening)
        routes = _routes(parts, manager, opening)
        found = table(routes, ways) if routes is not None else None
    return Found(name=name_of(tree), port=port, table=found, denied=denied)


def _manager(chains: Branch | None, tree: Branch) -> Branch | None:
    """The configuration of the one filter of the one chain."""
    found = chains.items() if chains else []
    if len(found) == 1:
        filters = found[0].fields(("filters",)).get("filters")
        items = filters.items() if filters else []
        if len(items) == 1:
            return items[0].fields(("name", "typed_config")).get("typed_config")
    tree.note("other than one chain with one filter is not modelled")
    return None


def _check_manager(parts: Mapping[str, Branch], manager: Branch) -> None:
    for key, (wanted, why) in _NEEDED.items():
        if key not in parts or parts[key].value != wanted:
            (parts.get(key) or manager).note(why)


def _routes(parts: Mapping[str, Branch], manager: Branch, opening: Opening) -> Branch | None:
    if "rds" not in parts:
        manager.note("routes that are not in a file of their own are not modelled")
        return None
    fields = parts["rds"].fields(("route_config_name", "config_source"))
    file = opening(fields["config_source"]) if "config_source" in fields else None
    name = fields["route_config_name"].text() if "route_config_name" in fields else ""
    return resource(file, name, parts["rds"]) if file else None


def _filters(tree: Branch | None, manager: Branch, opening: Opening) -> tuple[Network, ...]:
    """The ranges that the filters deny: the forward proxy, perhaps the check, and the router."""
    kinds: Mapping[str, Callable[[Branch], bool]] = {
        facts.DNS_FILTER: _keeps_address,
        facts.ROUTER_FILTER: _router,
    }
    order, saved = list[str](), False
    denied: tuple[Network, ...] = ()
    for each in tree.items() if tree else ():
        fields = each.fields(("name", "typed_config", "config_discovery"))
        name = fields["name"].text() if "name" in fields else ""
        order.append(name)
        if name == facts.RBAC_FILTER:
            found = denied_ranges(fields, each, opening)
            denied = found if saved else ()
        elif name in kinds and "typed_config" in fields:
            saved = kinds[name](fields["typed_config"]) or saved
        else:
            each.note(f"the filter {name!r} is not modelled")
    needed = [facts.DNS_FILTER, facts.ROUTER_FILTER]
    if [name for name in order if name != facts.RBAC_FILTER] != needed or order[-1:] != needed[1:]:
        manager.note("other than a forward proxy and then a router is not modelled")
    return denied if order.count(facts.RBAC_FILTER) == 1 else ()


def _keeps_address(config: Branch) -> bool:
    """Whether the address of a name is kept for the filters that follow."""
    known = ("dns_cache_config", "save_upstream_address")
    fields = config.typed(facts.FORWARD_PROXY, known) or {}
    dns_cache(fields.get("dns_cache_config"), config)
    return "save_upstream_address" in fields and fields["save_upstream_address"].value is True


def _router(config: Branch) -> bool:
    config.typed(facts.ROUTER, (), ("suppress_envoy_headers",))
    return False
