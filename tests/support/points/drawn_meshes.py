"""Targets of a mesh, drawn so that most can be written: few hosts that lie close to each other."""

from __future__ import annotations

from hypothesis import strategies as st

from transire.model.http import Http, PathPattern, Tls
from transire.model.names import HostPattern
from transire.model.net import PortRange
from transire.points.api.target import Listener, PodClass, PointRule, PointTarget
from transire.points.istio.facts import CLEAR_PORTS, MeshMode
from transire.points.istio.point import POINTS

EXACT = ("api.example.com", "a.wild.org", "b.a.wild.org", "wild.org")
WILD = ("**.wild.org", "**.a.wild.org")
PATHS = ("/v1/items", "/v1/*", "/v1/*/x", "/v1/**", "/*/b/**", "/**")
_REQUESTS = st.builds(
    Http,
    methods=st.sets(st.sampled_from(("GET", "HEAD", "DELETE")), max_size=2).map(
        lambda each: tuple(sorted(each))
    ),
    paths=st.sets(st.sampled_from(PATHS), max_size=2).map(
        lambda each: tuple(sorted(map(PathPattern.parse, each)))
    ),
)


def _rule(
    name: str, hosts: set[str], ports: set[int], http: Http | None, tls: Tls | None
) -> PointRule:
    return PointRule(
        name=f"team/{name}",
        hosts=tuple(sorted(map(HostPattern.parse, hosts))),
        ports=tuple(PortRange.parse(str(each)) for each in sorted(ports)),
        http=http,
        tls=tls,
    )


@st.composite
def rules(draw: st.DrawFn, mode: MeshMode) -> PointRule:
    """A rule that the mode can have by itself, most of the time."""
    if mode is MeshMode.GATEWAY:
        hosts = draw(st.sets(st.sampled_from(EXACT), min_size=1, max_size=2))
        return _rule("tls", hosts, {443}, None, None)
    form = draw(st.sampled_from(("tls", "clear", "http", "originate", "wild")))
    hosts = draw(st.sets(st.sampled_from(EXACT), min_size=1, max_size=2))
    http = draw(_REQUESTS)
    if form == "wild":
        port = {443} if mode is MeshMode.SIDECAR else {80}
        return _rule(form, {draw(st.sampled_from(WILD))}, port, None, None)
    if form == "originate":
        return _rule(form, hosts, {443}, http, Tls.ORIGINATE)
    if form == "http":
        return _rule(form, hosts, {draw(st.sampled_from((80, 8080)))}, http, None)
    ports = {443, 8443, *({5432} if mode is MeshMode.AMBIENT else ())}
    chosen = draw(st.sets(st.sampled_from(sorted(ports)), min_size=1))
    return _rule(form, hosts, {80} if form == "clear" else chosen, None, None)


def target_of(mode: MeshMode, *listeners: Listener) -> PointTarget:
    """A target as a mesh needs it."""
    return PointTarget(
        release=POINTS[mode].releases.newest,
        listeners=listeners,
        server_names=True,
        clear_ports=CLEAR_PORTS,
    )


def rule(
    hosts: str, ports: str = "443", http: Http | None = None, tls: Tls | None = None
) -> PointRule:
    """A rule for hosts and ports, written with spaces between them."""
    return PointRule(
        name="shop/api",
        hosts=tuple(map(HostPattern.parse, hosts.split())),
        ports=tuple(map(PortRange.parse, ports.split())),
        http=http,
        tls=tls,
    )


def listener_of(namespace: str, *held: PointRule, audit: bool = False) -> Listener:
    """A namespace with its rules."""
    return Listener(pods=PodClass(name=namespace, namespace=namespace), rules=held, audit=audit)


@st.composite
def targets(draw: st.DrawFn) -> tuple[MeshMode, PointTarget]:
    """A target of some mode with two namespaces."""
    mode = draw(st.sampled_from(MeshMode))
    audit = draw(st.booleans()) and mode is not MeshMode.GATEWAY
    held = st.lists(rules(mode), max_size=3).map(tuple)
    first = listener_of("team-a", *draw(held), audit=audit)
    return mode, target_of(mode, first, listener_of("team-b", *draw(held)))
