"""What Envoy cannot be made to do exactly, and what people have to know of the rest."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.names import HostKind
from transire.points.api.target import Listener, PointRule, PointTarget
from transire.points.api.written import PointRefusal
from transire.points.envoy.facts import (
    METRICS_LISTENER,
    METRICS_PORT,
    MOST_LISTENERS,
    OWN_PORTS,
    REFUSED_LETTER,
)


def refusals(target: PointTarget) -> Iterator[PointRefusal]:
    """Why the target cannot be written, listener by listener."""
    if target.server_names:
        yield PointRefusal(
            rule="server names",
            id="envoy-server-names",
            why="what is written for envoy does not compare the TLS name inside of a tunnel",
            remedy="leave server names of the proxy out; the name of a tunnel is compared anyhow",
        )
    if target.clear_ports is not None:
        yield PointRefusal(
            rule="clear ports",
            id="envoy-clear-ports",
            why="an egress proxy takes tunnels and requests in clear on every port of its rules",
            remedy="leave the ports in clear out: a request names what it is by itself",
        )
    if len(target.listeners) > MOST_LISTENERS:
        yield PointRefusal(
            rule=target.listeners[MOST_LISTENERS].pods.name,
            id="envoy-listeners",
            why=f"{len(target.listeners)} classes of pods are more than {MOST_LISTENERS}, whose "
            "listeners fit into one ConfigMap",
            remedy="write fewer rules for some pods of a namespace alone, or enrol fewer "
            "namespaces on the cluster",
        )
    for listener in target.listeners:
        yield from _of_listener(listener)


def _of_listener(listener: Listener) -> Iterator[PointRefusal]:
    pods = listener.pods
    if not pods.port or pods.port in OWN_PORTS:
        yield PointRefusal(
            rule=pods.name,
            id="envoy-port",
            why=f"{pods.port or 'no port'} cannot be the port of its listener",
            remedy=f"give it a port of its own other than {_listed(OWN_PORTS)}",
        )
    if pods.name == METRICS_LISTENER:
        yield PointRefusal(
            rule=pods.name,
            id="envoy-name",
            why=f"{METRICS_LISTENER} is the listener for probes and metrics, on {METRICS_PORT}",
            remedy="give the class of pods another name",
        )
    for rule in listener.rules:
        yield from _of_rule(rule)


def _of_rule(rule: PointRule) -> Iterator[PointRefusal]:
    for host in rule.hosts:
        if REFUSED_LETTER in host.text:
            yield PointRefusal(
                rule=rule.name,
                id="envoy-underscore",
                why=f"envoy ends every request for a name with an underscore, so nobody would "
                f"reach {host.shown}",
                remedy="name the host without an underscore where it has such a name, or open its "
                "addresses instead",
            )


def _listed(ports: tuple[int, ...]) -> str:
    *most, last = map(str, ports)
    return f"{', '.join(most)} and {last}"


def caveats(target: PointTarget) -> Iterator[str]:
    """What is true of the configuration and cannot be seen in it."""
    hosts = [host for each in target.listeners for rule in each.rules for host in rule.hosts]
    if any(each.kind is not HostKind.EXACT for each in hosts):
        yield (
            "envoy ends every request for a name with an underscore, also where a wildcard stands "
            "for it"
        )
    if target.denied:
        yield (
            "envoy compares the first address of a name with the denied ranges, and may connect to "
            "the next: the policy of the proxy's own pods has to leave the ranges out"
        )
    yield (
        "a tunnel that is open goes on when its host is removed from a list, until one of its ends "
        "closes it or the proxy restarts"
    )
