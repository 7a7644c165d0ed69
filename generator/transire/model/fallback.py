"""What decides about the hosts that an engine cannot express."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transire.model.destinations import AddressRange, Host, Labels, Pods, shown_labels
from transire.model.net import PortRange, Protocol

_SIX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFallback:
    """An egress proxy that takes the connections to hosts which the engine cannot express.

    `to` is its pods, or its range or name where it is outside the cluster; `port` is a TCP port.
    """

    to: Pods | AddressRange | Host
    port: int

    @property
    def ports(self) -> tuple[PortRange, ...]:
        """The port as a rule has it."""
        return (PortRange(protocol=Protocol.TCP, first=self.port, last=self.port),)

    @property
    def destination(self) -> Pods | AddressRange | Host:
        """The proxy as a destination of a rule, with its port."""
        return replace(self.to, ports=self.ports)

    @property
    def shown(self) -> str:
        """Such as `egress-proxy/app=squid:3128`, `198.51.100.7/32:3128`."""
        match self.to:
            case Pods() as pods:
                where = f"{pods.where}/{shown_labels(pods.labels)}"
            case AddressRange(cidr=cidr):
                where = f"[{cidr}]" if cidr.version == _SIX else str(cidr)
            case Host(pattern=pattern):
                where = pattern.shown
        return f"{where}:{self.port}"

    @property
    def words(self) -> str:
        """As every output words it."""
        return f"proxy {self.shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFallback:
    """A set of addresses that something else keeps filled, found by its labels."""

    labels: Labels
