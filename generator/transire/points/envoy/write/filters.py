"""What every listener does with a request before and after its route: the filters, and the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transire.model.net import Network
from transire.points.api.target import Listener, PointTarget
from transire.points.envoy import facts
from transire.points.envoy.write.resolvers import dns_cache
from transire.yamlio.writer import YamlTree

Tree = Mapping[str, YamlTree]

_IDLE = "3600s"
"""How long a tunnel may be silent; the default of five minutes cuts those of databases."""


def connection_manager(listener: Listener, target: PointTarget) -> Tree:
    """The filter that serves one class of pods, with its routes from a file of its own."""
    name = listener.pods.name
    return {
        "@type": facts.HCM,
        "stat_prefix": name,
        "rds": {
            "route_config_name": name,
            "config_source": watched(f"{facts.FOLDER}/{facts.list_file(name)}"),
        },
        "strip_trailing_host_dot": True,
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "http_protocol_options": {"accept_http_10": True, "allow_custom_methods": True},
        "http2_protocol_options": {"allow_connect": True},
        "upgrade_configs": [{"upgrade_type": "CONNECT"}, {"upgrade_type": "websocket"}],
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
        "stream_idle_timeout": _IDLE,
        "request_headers_timeout": "10s",
        "common_http_protocol_options": {"idle_timeout": _IDLE},
        "http_filters": _http_filters(target),
        "access_log": [_access_log(listener)],
    }


def watched(path: str) -> Tree:
    """A file that is read again when its folder changes, as a mounted ConfigMap does."""
    return {
        "path_config_source": {
            "path": path,
            "watched_directory": {"path": path.rpartition("/")[0]},
        },
        "resource_api_version": "V3",
    }


def _http_filters(target: PointTarget) -> Sequence[YamlTree]:
    forward: Tree = {
        "@type": facts.FORWARD_PROXY,
        "dns_cache_config": dns_cache(target),
        "save_upstream_address": True,
    }
    found: list[YamlTree] = [{"name": facts.DNS_FILTER, "typed_config": forward}]
    if target.denied:
        discovery: Tree = {
            "config_source": watched(f"{facts.FOLDER}/{facts.ADDRESSES}"),
            "type_urls": [facts.RBAC],
        }
        found.append({"name": facts.RBAC_FILTER, "config_discovery": discovery})
    router: Tree = {"@type": facts.ROUTER, "suppress_envoy_headers": True}
    return [*found, {"name": facts.ROUTER_FILTER, "typed_config": router}]


def address_check(denied: Sequence[Network]) -> tuple[Tree, ...]:
    """The filter that all listeners share, which is found anew whenever its file changes.

    It ends a request whose name leads to one of these ranges, by the first address alone.
    """
    blocked: list[YamlTree] = [{"matcher": _upstream(each)} for each in denied]
    policy: Tree = {
        "permissions": [{"or_rules": {"rules": blocked}}],
        "principals": [{"any": True}],
    }
    check: Tree = {
        "@type": facts.RBAC,
        "rules": {"action": "DENY", "policies": {"denied-address": policy}},
    }
    return ({"@type": facts.EXTENSION, "name": facts.RBAC_FILTER, "typed_config": check},)


def _upstream(network: Network) -> Tree:
    return {
        "name": "envoy.rbac.matchers.upstream_ip_port",
        "typed_config": {
            "@type": facts.UPSTREAM_ADDRESS,
            "upstream_ip": {
                "address_prefix": str(network.network_address),
                "prefix_len": network.prefixlen,
            },
        },
    }


def _access_log(listener: Listener) -> Tree:
    """A line of JSON for each request, with its rule and without its query."""
    return {
        "name": "envoy.access_loggers.stdout",
        "typed_config": {
            "@type": facts.STDOUT,
            "log_format": {
                "json_format": {
                    "time": "%START_TIME%",
                    "listener": listener.pods.name,
                    "namespace": listener.pods.namespace,
                    "team": listener.team,
                    "rule": "%ROUTE_NAME%",
                    "verdict": f"%METADATA(ROUTE:{facts.LOGGED}:verdict)%",
                    **_LOGGED,
                }
            },
        },
    }


_LOGGED: Mapping[str, str] = {
    "authority": "%REQ(:AUTHORITY)%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ)%",
    "response_code": "%RESPONSE_CODE%",
    "response_code_details": "%RESPONSE_CODE_DETAILS%",
    "response_flags": "%RESPONSE_FLAGS%",
    "upstream_host": "%UPSTREAM_HOST%",
    "upstream_cluster": "%UPSTREAM_CLUSTER%",
    "downstream_remote_address": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "duration": "%DURATION%",
}
