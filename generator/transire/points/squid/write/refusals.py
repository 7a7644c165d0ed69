"""What Squid cannot have exactly, with what would work."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.http import Tls
from transire.model.names import HostKind
from transire.points.api.target import PointRule, PointTarget
from transire.points.api.written import PointRefusal
from transire.points.squid.facts import FILE, LONGEST_LINE, MOST_PORTS, RELEASES, TAKES_ITSELF

_LONGEST_VALUE = LONGEST_LINE - 200
_DNS_PORT = ":53"


def refusals(target: PointTarget) -> Iterator[PointRefusal]:
    """Everything about the target that Squid cannot have."""
    yield from _of_the_whole(target)
    for listener in target.listeners:
        if not listener.pods.port:
            yield PointRefusal(
                rule=listener.pods.name,
                id="squid-port",
                why="Squid tells pods apart by the port that they come to, and this class has none",
                remedy="give each class of pods a port of its own",
            )
        for rule in listener.rules:
            yield from _of_rule(rule)


def _of_the_whole(target: PointTarget) -> Iterator[PointRefusal]:
    fault = RELEASES.fault(target.release.version)
    if fault:
        yield PointRefusal(rule=FILE, id="squid-release", why=fault, remedy=RELEASES.remedy)
    if not target.listeners:
        yield PointRefusal(
            rule=FILE,
            id="squid-no-listener",
            why="Squid does not start without a port, and no pods use the proxy",
            remedy="leave the proxy out where no rule needs it",
        )
    if len(target.listeners) > MOST_PORTS:
        yield PointRefusal(
            rule=target.listeners[MOST_PORTS].pods.name,
            id="squid-ports",
            why=f"Squid serves at most {MOST_PORTS} ports, and there are "
            f"{len(target.listeners)} classes of pods",
            remedy="generate envoy, which has no such limit, or have fewer namespaces and "
            "selectors behind one proxy",
        )
    if target.server_names:
        yield PointRefusal(
            rule=FILE,
            id="squid-server-names",
            why="Squid compares TLS names only as the package squid-openssl, with a certificate "
            "of its own",
            remedy="generate envoy, or leave TLS names unchecked",
        )
    for resolver in target.resolvers:
        port = resolver.rpartition(":")[1:] if resolver.count(":") == 1 else ("", "53")
        if port[1] != "53":
            yield PointRefusal(
                rule=FILE,
                id="squid-resolver",
                why=f"Squid sends its questions to port 53 alone, and not to {resolver}",
                remedy="name a resolver at port 53, or generate envoy",
            )


def resolver_address(resolver: str) -> str:
    """The address without the port."""
    return resolver.removesuffix(_DNS_PORT) if resolver.count(":") == 1 else resolver


def _of_rule(rule: PointRule) -> Iterator[PointRefusal]:
    for host in rule.hosts:
        if host.kind is HostKind.BARE:
            yield PointRefusal(
                rule=rule.name,
                id="squid-host",
                why=f"{host} stands for every name of a kind, and Squid has no list of these",
                remedy="name the domains, as in **.example.com",
            )
    if rule.tls is Tls.ORIGINATE:
        yield PointRefusal(
            rule=rule.name,
            id="squid-originate",
            why="Squid does not go on by TLS with a request in clear",
            remedy="generate envoy, or have pods speak TLS in a rule without http",
        )
    if rule.http is None:
        return
    for method in rule.http.methods:
        if method in TAKES_ITSELF:
            yield PointRefusal(
                rule=rule.name,
                id="squid-method",
                why=f"Squid takes {method} for itself, and passes none on",
                remedy=f"leave {method} out, or generate envoy",
            )
    for path in rule.http.paths:
        if "%" in path.text:
            yield PointRefusal(
                rule=rule.name,
                id="squid-path",
                why=f"Squid compares {path} after it has decoded it, and cannot tell an escape "
                "from what it stands for",
                remedy="write * for that segment, or generate envoy",
            )
        elif len(path.text) > _LONGEST_VALUE // 2:
            yield PointRefusal(
                rule=rule.name,
                id="squid-line",
                why=f"a path of {len(path.text)} characters may not fit into a line of Squid",
                remedy="write /** behind its beginning, or generate envoy",
            )
