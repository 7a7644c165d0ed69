"""What an enforcement point has to let through: rules for classes of pods."""

from __future__ import annotations

from dataclasses import dataclass

from transire.model.engine import Release
from transire.model.http import Http, Tls
from transire.model.names import HostPattern
from transire.model.net import Network, PortRange, Protocol
from transire.model.pod_selector import EVERY_POD, PodSelector


@dataclass(frozen=True, slots=True, kw_only=True)
class PodClass:
    """Pods of one namespace that have the same rules, and the port that is theirs alone.

    They are those that any of `selectors` selects. `name` is a DNS label, unique in a point; `port`
    is where the point listens for them, and 0 where it tells pods apart in another way.
    """

    name: str
    namespace: str
    selectors: tuple[PodSelector, ...] = EVERY_POD
    port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRule:
    """One rule as a point has it: hosts on ports of TCP, the origin's, and what may be requested.

    `name` is `NAMESPACE/RULE`, as a log shows it. Without `http` the hosts get tunnels, and
    requests of any kind in clear; with it, the requests that it lets through, and no tunnel. `tls`
    is only beside `http`.

    Raises:
        ValueError: if it has no host or no port, a port is not of TCP, or `tls` is without `http`.
    """

    name: str
    hosts: tuple[HostPattern, ...]
    ports: tuple[PortRange, ...]
    http: Http | None = None
    tls: Tls | None = None

    def __post_init__(self) -> None:
        if not self.hosts or not self.ports:
            raise ValueError(f"rule {self.name} needs a host and a port")
        if any(each.protocol is not Protocol.TCP for each in self.ports):
            raise ValueError(f"rule {self.name} has a port that is not of TCP")
        if self.tls is not None and self.http is None:
            raise ValueError(f"rule {self.name} has tls without http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What one class of pods may have; in audit everything passes, and the rest is logged.

    `team` is whose pods they are, and `file` what people edit to change the rules; both are for
    people alone, and empty where nobody knows.
    """

    pods: PodClass
    rules: tuple[PointRule, ...]
    audit: bool = False
    team: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTarget:
    """One point of a cluster with all that it serves.

    `denied` are ranges whose addresses no name may lead to. `server_names`: the TLS name inside a
    tunnel has to be the name that the tunnel is for. `resolvers` are addresses of DNS servers,
    `ADDRESS` or `ADDRESS:PORT`; empty means those of the machine. `clear_ports` is for a point that
    tells by the port what a connection carries: requests in clear on these, and on all others what
    a tunnel carries; where it is None, every port may have both. `ipv6`: pods and origins may have
    addresses of IPv6, besides those of IPv4 or alone.

    Raises:
        ValueError: if two listeners have one name, or one port.
    """

    release: Release
    listeners: tuple[Listener, ...]
    denied: tuple[Network, ...] = ()
    server_names: bool = False
    resolvers: tuple[str, ...] = ()
    ipv6: bool = False
    clear_ports: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        names = [each.pods.name for each in self.listeners]
        ports = [each.pods.port for each in self.listeners if each.pods.port]
        if len(set(names)) < len(names) or len(set(ports)) < len(ports):
            raise ValueError("two listeners have one name or one port")

    def listener(self, name: str) -> Listener:
        """The listener of that name.

        Raises:
            KeyError: if there is none.
        """
        for each in self.listeners:
            if each.pods.name == name:
                return each
        raise KeyError(name)
