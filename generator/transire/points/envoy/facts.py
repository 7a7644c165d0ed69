"""What is known of Envoy as an egress proxy: names of its types, and the traits that rules meet.

All of it was tried against the real program, release 1.40.0, in a network of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from transire.engines.api.capabilities import Never, Since
from transire.engines.api.releases import Releases
from transire.flows.host_set import HostSet, Wild
from transire.model.names import HostKind
from transire.points.api.point import PointCapabilities

NAME: Final = "envoy"
TITLE: Final = "Envoy"
RELEASES: Final = Releases(engine=NAME, lines=((1, 40),))

REFUSED_LETTER: Final = "_"
"""No name with it is taken: Envoy ends such requests with 400 (`http1.invalid_url`)."""

MOST_LISTENERS: Final = 300
"""1,000 were started, with half a MiB and 40 ms each; but all of them are in one file, with three
kilobytes each, and a ConfigMap holds one mebibyte."""


def _names_with(letter: str) -> HostSet:
    """Every name that has a letter somewhere."""
    label: list[str | Wild] = [Wild.CHARS, letter, Wild.CHARS]
    before: tuple[list[str | Wild], ...] = ([], [Wild.LABELS, "."])
    after: tuple[list[str | Wild], ...] = ([], [".", Wild.LABELS])
    return HostSet.union(HostSet.pattern([*one, *label, *two]) for one in before for two in after)


CAPABILITIES: Final = PointCapabilities(
    hosts=frozenset(HostKind),
    port_ranges=Since(),
    http=Since(),
    originate=Since(),
    server_names=Never(),
    audit=Since(),
    most_listeners=MOST_LISTENERS,
    never=_names_with(REFUSED_LETTER),
)

USUAL_PORT: Final[Mapping[bool, int]] = MappingProxyType({False: 80, True: 443})
"""The port of a request that names none: 443 where the cluster goes on by TLS, 80 where it does not
(`ProxyFilter::decodeHeaders` of the dynamic forward proxy)."""

SERVER_NAMES_PORT: Final = 443
"""The port on which tunnels are opened to look at the TLS name."""

BOOTSTRAP: Final = "envoy.yaml"
LISTENERS: Final = "listeners.json"
ADDRESSES: Final = "addresses.json"
_LIST: Final = "list-"
FOLDER: Final = "/etc/envoy"
"""Where the files lie in the proxy's pods, all side by side, so that a mounted volume of several
ConfigMaps changes them together."""


def list_file(listener: str) -> str:
    """The file that holds what a listener lets through."""
    return f"{_LIST}{listener}.json"


ADMIN_PORT: Final = 9901
METRICS_PORT: Final = 9902
METRICS_LISTENER: Final = "metrics"
OWN_PORTS: Final = (ADMIN_PORT, METRICS_PORT)

OPEN, AUDITED, ORIGINATED, ADMIN = "egress", "would-deny", "egress-tls", "admin"
"""Clusters: where requests go on as they are, where in audit those that no rule has, where by TLS,
and the admin interface."""

DENIED: Final = "denied"
WOULD_DENY: Final = "would-deny"
"""Routes that no rule can be named like: names of rules have a slash."""

LOGGED: Final = "transire"
"""The name of what routes tell the access log."""

MOST_HOSTS: Final = 65_536
"""Names that the DNS cache holds at one time; the default of 1,024 ends further ones with 503."""

MOST_CONNECTIONS: Final = 65_536
"""Connections, requests and waiting ones of one cluster; the default is 1,024 each."""

CA_FILE: Final = "/etc/ssl/certs/ca-certificates.crt"
"""The authorities of the system in the published images of Envoy."""

_EXTENSIONS: Final = "type.googleapis.com/envoy.extensions."
HCM: Final = _EXTENSIONS + ("filters.network.http_connection_manager.v3.HttpConnectionManager")
FORWARD_PROXY: Final = _EXTENSIONS + "filters.http.dynamic_forward_proxy.v3.FilterConfig"
FORWARD_CLUSTER: Final = _EXTENSIONS + "clusters.dynamic_forward_proxy.v3.ClusterConfig"
RBAC: Final = _EXTENSIONS + "filters.http.rbac.v3.RBAC"
RBAC_PER_ROUTE: Final = _EXTENSIONS + "filters.http.rbac.v3.RBACPerRoute"
UPSTREAM_ADDRESS: Final = _EXTENSIONS + ("rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher")
ROUTER: Final = _EXTENSIONS + "filters.http.router.v3.Router"
RESOLVER: Final = _EXTENSIONS + "network.dns_resolver.cares.v3.CaresDnsResolverConfig"
UPSTREAM_TLS: Final = _EXTENSIONS + "transport_sockets.tls.v3.UpstreamTlsContext"
UPSTREAM_HTTP: Final = _EXTENSIONS + "upstreams.http.v3.HttpProtocolOptions"
STDOUT: Final = _EXTENSIONS + "access_loggers.stream.v3.StdoutAccessLog"
TLS_INSPECTOR: Final = _EXTENSIONS + "filters.listener.tls_inspector.v3.TlsInspector"
SNI_PROXY: Final = _EXTENSIONS + ("filters.network.sni_dynamic_forward_proxy.v3.FilterConfig")
TCP_PROXY: Final = _EXTENSIONS + "filters.network.tcp_proxy.v3.TcpProxy"
INTERNAL_LISTENER: Final = _EXTENSIONS + "bootstrap.internal_listener.v3.InternalListener"
INTERNAL_TRANSPORT: Final = _EXTENSIONS + (
    "transport_sockets.internal_upstream.v3.InternalUpstreamTransport"
)
RAW_BUFFER: Final = _EXTENSIONS + "transport_sockets.raw_buffer.v3.RawBuffer"
SERVER_NAME_INPUT: Final = _EXTENSIONS + ("matching.common_inputs.network.v3.ServerNameInput")
EXTENSION: Final = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
LISTENER: Final = "type.googleapis.com/envoy.config.listener.v3.Listener"
ROUTES: Final = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"

DNS_FILTER: Final = "envoy.filters.http.dynamic_forward_proxy"
RBAC_FILTER: Final = "envoy.filters.http.rbac"
ROUTER_FILTER: Final = "envoy.filters.http.router"
