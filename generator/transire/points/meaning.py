"""What the rules of an enforcement point mean, as exact sets of requests.

By the grammar of values alone: neither who writes configuration nor who reads it sees this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transire.flows.port_set import PortSet
from transire.flows.port_set import Protocol as IpProtocol
from transire.flows.request_set import RequestSet
from transire.meaning.host_sets import host_sets
from transire.meaning.http_sets import method_set, path_set
from transire.model.net import PortRange
from transire.points.api.target import Listener, PointRule, PointTarget


def requests_meant(target: PointTarget) -> Mapping[str, RequestSet]:
    """What each listener has to let through, by its name."""
    clear = target.clear_ports
    return {each.pods.name: listener_requests(each, clear) for each in target.listeners}


def listener_requests(listener: Listener, clear: Iterable[int] | None = None) -> RequestSet:
    """What one listener has to let through; in audit, what it would without.

    A request that one rule sends on by TLS never goes on in clear, whatever other rules have.
    """
    whole = RequestSet.union(rule_requests(each, clear) for each in listener.rules)
    by_tls = RequestSet.union(rule_requests(each) for each in listener.rules if each.tls)
    return whole - by_tls.in_clear()


def rule_requests(rule: PointRule, clear: Iterable[int] | None = None) -> RequestSet:
    """What one rule lets through by itself; `clear` are the `clear_ports` of a target."""
    hosts, ports = host_sets(rule.hosts), _ports(rule.ports)
    if rule.http is None:
        if clear is None:
            return RequestSet.tunnel(hosts, ports) | RequestSet.plain(hosts, ports)
        in_clear = PortSet.union(PortSet.of_port(IpProtocol.TCP, each) for each in clear)
        tunnels = RequestSet.tunnel(hosts, ports - in_clear)
        return tunnels | RequestSet.plain(hosts, ports & in_clear)
    return RequestSet.plain(
        hosts, ports, method_set(rule.http), path_set(rule.http), tls=rule.tls is not None
    )


def _ports(ranges: Iterable[PortRange]) -> PortSet:
    return PortSet.union(PortSet.of_port(IpProtocol.TCP, each.first, each.last) for each in ranges)
