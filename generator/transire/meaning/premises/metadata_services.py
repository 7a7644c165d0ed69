"""Where clouds hand out the credentials of a machine: addresses, and the names that lead there.

Written down on `AS_OF` from what the clouds publish. No range of ours opens such an address, in
whatever form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network, ip_network

from transire.model.names import HostPattern
from transire.model.net import Network, contains, network_key
from transire.model.translated import carried, translations

AS_OF = date(2026, 11, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataService:
    """The service of one cloud."""

    cloud: str
    addresses: tuple[Network, ...] = ()
    names: tuple[HostPattern, ...] = ()


def _of(cloud: str, addresses: str, names: str = "") -> MetadataService:
    return MetadataService(
        cloud=cloud,
        addresses=tuple(map(ip_network, addresses.split())),
        names=tuple(map(HostPattern, names.split())),
    )


SERVICES = (
    _of(
        "AWS, roles of tasks and of pods included",
        "169.254.169.254 169.254.170.2 169.254.170.23 fd00:ec2::23 fd00:ec2::254",
        "instance-data.ec2.internal instance-data.*.compute.internal",
    ),
    _of(
        "Google Cloud",
        "169.254.169.252 169.254.169.254 fd20:ce::254",
        "metadata.goog metadata.google.internal",
    ),
    _of("Azure", "168.63.129.16 169.254.169.254"),
    _of("Alibaba Cloud", "100.100.100.200"),
    _of("Tencent Cloud", "169.254.0.23", "metadata.tencentyun.com"),
    _of("Oracle Cloud", "169.254.169.254 192.0.0.192 fd00:c1::a9fe:a9fe"),
    _of("IBM Cloud", "169.254.169.254", "api.metadata.cloud.ibm.com"),
    _of("OpenStack and its hosters", "169.254.169.254 fe80::a9fe:a9fe"),
    _of("Exoscale", "169.254.169.254", "metadata.exoscale.com"),
    _of("DigitalOcean, Hetzner, Huawei, Vultr, Yandex, Outscale", "169.254.169.254"),
    _of("Linode", "169.254.169.254 fd00:a9fe:a9fe::1"),
    _of("Scaleway", "169.254.42.42 fd00:42::42"),
    _of("Equinix Metal", "", "metadata.packet.net metadata.platformequinix.com"),
    _of("UCloud", "100.80.80.80"),
    _of("Volcengine", "100.96.0.96"),
    _of(
        "names that people use although no cloud documents them",
        "",
        "metadata.azure.com metadata.azure.internal metadata.oraclecloud.com",
    ),
)
"""By cloud; several have the address that Amazon's had first."""

WIDESPREAD: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "100.100.100.200",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "fd00:ec2::23",
            "fd00:ec2::254",
            "fd20:ce::254",
        ),
    )
)
"""Those of the clouds on which most clusters run: what lint expects a range to leave out."""


def _own() -> Iterator[Network]:
    for service in SERVICES:
        yield from service.addresses


def _all() -> Iterator[Network]:
    for each in _own():
        yield each
        if isinstance(each, IPv4Network):
            yield from translations(each)


METADATA: tuple[Network, ...] = tuple(sorted(set(_all()), key=network_key))
"""Every address of a service, and the IPv6 forms of those that are IPv4."""


def is_metadata(network: Network) -> bool:
    """Whether every address of the network, or every IPv4 address that it carries, is one."""
    inside = (network, *(each for each, _ in carried(network)))
    return any(contains(address, each) for each in inside for address in METADATA)


NAMES: tuple[HostPattern, ...] = tuple(name for service in SERVICES for name in service.names)
"""Every name of a service, as values write hosts."""
