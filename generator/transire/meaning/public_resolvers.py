"""Public resolvers of the internet: who runs them, by which names and at which addresses.

Written down on `AS_OF` from what their operators publish. Names are hosts as values write them, so
that customers' own names below a provider's domain are among them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network

from transire.model.names import HostPattern
from transire.model.net import Address, Network

AS_OF = date(2026, 11, 30)

_IPV4 = 4

PORTS = (53, 443, 784, 853, 5353, 5443, 8443, 8853, 9953)
"""Where public resolvers answer, over TCP or UDP.

Plain queries on 53, 5353 and 9953, TLS and QUIC on 784, 853 and 8853, HTTPS and DNSCrypt on 443,
5443 and 8443.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicResolver:
    """One operator's resolvers."""

    operator: str
    names: tuple[HostPattern, ...]
    addresses: tuple[Network, ...]


def _of(operator: str, names: str, addresses: str = "") -> PublicResolver:
    return PublicResolver(
        operator=operator,
        names=tuple(map(HostPattern, names.split())),
        addresses=tuple(map(ip_network, addresses.split())),
    )


RESOLVERS = (
    _of(
        "Google",
        "dns.google dns.google.com dns64.dns.google google-public-dns-a.google.com "
        "google-public-dns-b.google.com",
        "8.8.4.4 8.8.8.8 2001:4860:4860::64 2001:4860:4860::6464 2001:4860:4860::8844 "
        "2001:4860:4860::8888",
    ),
    _of(
        "Cloudflare",
        "one.one.one.one 1dot1dot1dot1.cloudflare-dns.com cloudflare-dns.com **.cloudflare-dns.com "
        "dns.cloudflare.com dns64.cloudflare-dns.com **.cloudflare-gateway.com",
        "1.0.0.1 1.0.0.2 1.0.0.3 1.1.1.1 1.1.1.2 1.1.1.3 162.159.36.1 162.159.46.1 172.64.36.1 "
        "172.64.36.2 2606:4700:4700::64 2606:4700:4700::6400 2606:4700:4700::1001 "
        "2606:4700:4700::1002 2606:4700:4700::1003 2606:4700:4700::1111 2606:4700:4700::1112 "
        "2606:4700:4700::1113",
    ),
    _of(
        "Quad9",
        "dns.quad9.net dns9.quad9.net dns10.quad9.net dns11.quad9.net dns12.quad9.net "
        "dns-nosec.quad9.net",
        "9.9.9.9 9.9.9.10 9.9.9.11 9.9.9.12 149.112.112.9 149.112.112.10 149.112.112.11 "
        "149.112.112.12 149.112.112.112 2620:fe::9 2620:fe::10 2620:fe::11 2620:fe::12 2620:fe::fe "
        "2620:fe::fe:9 2620:fe::fe:10 2620:fe::fe:11 2620:fe::fe:12",
    ),
    _of(
        "OpenDNS",
        "dns.opendns.com doh.opendns.com familyshield.opendns.com doh.familyshield.opendns.com "
        "sandbox.opendns.com doh.sandbox.opendns.com dns.umbrella.com doh.umbrella.com "
        "resolver1.opendns.com resolver2.opendns.com resolver3.opendns.com resolver4.opendns.com",
        "208.67.220.2 208.67.220.123 208.67.220.220 208.67.220.222 208.67.222.2 208.67.222.123 "
        "208.67.222.220 208.67.222.222 2620:0:ccc::2 2620:0:ccd::2 2620:119:35::35 "
        "2620:119:35::123 2620:119:53::53 2620:119:53::123",
    ),
    _of(
        "AdGuard",
        "dns.adguard-dns.com family.adguard-dns.com unfiltered.adguard-dns.com dns.adguard.com "
        "dns-family.adguard.com dns-unfiltered.adguard.com d.adguard-dns.com **.d.adguard-dns.com",
        "94.140.14.14 94.140.14.15 94.140.14.140 94.140.14.141 94.140.15.15 94.140.15.16 "
        "94.140.14.49 94.140.14.59 2a10:50c0::1:ff 2a10:50c0::2:ff 2a10:50c0::ad1:ff "
        "2a10:50c0::ad2:ff 2a10:50c0::bad1:ff 2a10:50c0::bad2:ff",
    ),
    _of(
        "CleanBrowsing",
        "doh.cleanbrowsing.org adult-filter-dns.cleanbrowsing.org "
        "family-filter-dns.cleanbrowsing.org security-filter-dns.cleanbrowsing.org",
        "185.228.168.9 185.228.168.10 185.228.168.168 185.228.169.9 185.228.169.11 "
        "185.228.169.168 2a0d:2a00:1:: 2a0d:2a00:1::1 2a0d:2a00:1::2 2a0d:2a00:2:: "
        "2a0d:2a00:2::1 2a0d:2a00:2::2",
    ),
    _of(
        "NextDNS",
        "dns.nextdns.io **.dns.nextdns.io dns1.nextdns.io dns2.nextdns.io",
        "45.90.28.0/24 45.90.30.0/24 2a07:a8c0::/32 2a07:a8c1::/32",
    ),
    _of(
        "Control D",
        "freedns.controld.com *.freedns.controld.com dns.controld.com **.dns.controld.com",
        "76.76.2.0/24 76.76.10.0/24 2606:1a40::/48 2606:1a40:1::/48",
    ),
    _of(
        "Mullvad",
        "dns.mullvad.net *.dns.mullvad.net doh.mullvad.net adblock.doh.mullvad.net",
        "194.242.2.2 194.242.2.3 194.242.2.4 194.242.2.5 194.242.2.6 194.242.2.9 2a07:e340::2 "
        "2a07:e340::3 2a07:e340::4 2a07:e340::5 2a07:e340::6 2a07:e340::9",
    ),
    _of(
        "DNS.SB",
        "dns.sb doh.dns.sb doh.sb dot.sb",
        "45.11.45.11 185.222.222.222 2a09:: 2a11::",
    ),
    _of(
        "AliDNS",
        "dns.alidns.com **.alidns.com",
        "223.5.5.5 223.6.6.6 2400:3200::1 2400:3200:baba::1",
    ),
    _of(
        "DNSPod",
        "dns.pub doh.pub dot.pub sm2.doh.pub",
        "119.28.28.28 119.29.29.29 182.254.116.116 182.254.118.118 1.12.12.12 120.53.53.53 "
        "2402:4e00::",
    ),
    _of(
        "360 Secure DNS",
        "doh.360.cn dot.360.cn",
        "101.226.4.6 123.125.81.6 140.207.198.6 218.30.118.6",
    ),
    _of("114DNS", "", "114.114.114.110 114.114.114.114 114.114.114.119 114.114.115.110 "
        "114.114.115.115 114.114.115.119"),
    _of("Baidu", "", "180.76.76.76 2400:da00::6666"),
    _of("ByteDance", "", "180.184.1.1 180.184.2.2"),
    _of("CNNIC", "", "1.2.4.8 210.2.4.8"),
    _of(
        "OneDNS",
        "doh.onedns.net dot.onedns.net doh-pure.onedns.net dot-pure.onedns.net",
        "52.80.52.52 52.80.60.30 52.80.66.66 117.50.10.10 117.50.22.22 117.50.60.30",
    ),
    _of(
        "Yandex",
        "common.dot.dns.yandex.net family.dot.dns.yandex.net safe.dot.dns.yandex.net "
        "dns.yandex.ru",
        "77.88.8.1 77.88.8.2 77.88.8.3 77.88.8.7 77.88.8.8 77.88.8.88 2a02:6b8::feed:0ff "
        "2a02:6b8::feed:a11 2a02:6b8::feed:bad 2a02:6b8:0:1::feed:0ff 2a02:6b8:0:1::feed:a11 "
        "2a02:6b8:0:1::feed:bad",
    ),
    _of(
        "Vercara UltraDNS and Verisign",
        "",
        "64.6.64.6 64.6.65.6 156.154.70.1 156.154.70.2 156.154.70.3 156.154.70.4 156.154.70.5 "
        "156.154.70.22 156.154.71.1 156.154.71.2 156.154.71.3 156.154.71.4 156.154.71.5 "
        "156.154.71.22 2610:a1:1018::1 2610:a1:1018::2 2610:a1:1018::3 2610:a1:1018::4 "
        "2610:a1:1018::5 2610:a1:1019::1 2610:a1:1019::2 2610:a1:1019::3 2610:a1:1019::4 "
        "2610:a1:1019::5 2620:74:1b::1:1 2620:74:1c::2:2",
    ),
    _of("Level 3", "", "4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4 4.2.2.5 4.2.2.6 209.244.0.3 209.244.0.4"),
    _of("Comodo", "", "8.20.247.2 8.20.247.20 8.26.56.26"),
    _of("Dyn", "", "216.146.35.35 216.146.36.36"),
    _of("Hurricane Electric", "ordns.he.net", "74.82.42.42 2001:470:20::2"),
    _of(
        "CIRA",
        "family.canadianshield.cira.ca private.canadianshield.cira.ca "
        "protected.canadianshield.cira.ca",
        "149.112.121.10 149.112.121.20 149.112.121.30 149.112.122.10 149.112.122.20 149.112.122.30 "
        "2620:10a:80bb::10 2620:10a:80bb::20 2620:10a:80bb::30 2620:10a:80bc::10 "
        "2620:10a:80bc::20 2620:10a:80bc::30",
    ),
    _of(
        "DNS4EU",
        "*.joindns4.eu",
        "86.54.11.1 86.54.11.11 86.54.11.12 86.54.11.13 86.54.11.100 86.54.11.200 86.54.11.201 "
        "86.54.11.211 86.54.11.212 86.54.11.213 2a13:1001::86:54:11:1 2a13:1001::86:54:11:11 "
        "2a13:1001::86:54:11:12 2a13:1001::86:54:11:13 2a13:1001::86:54:11:100 "
        "2a13:1001::86:54:11:200 2a13:1001::86:54:11:201 2a13:1001::86:54:11:211 "
        "2a13:1001::86:54:11:212 2a13:1001::86:54:11:213",
    ),
    _of(
        "dns0.eu",
        "dns0.eu zero.dns0.eu kids.dns0.eu open.dns0.eu",
        "193.110.81.0 193.110.81.9 185.253.5.0 185.253.5.9 2a0f:fc80:: 2a0f:fc80::9 2a0f:fc81:: "
        "2a0f:fc81::9",
    ),
    _of("CZ.NIC", "odvr.nic.cz", "185.43.135.1 193.17.47.1 2001:148f:fffe::1 2001:148f:ffff::1"),
    _of(
        "Digitale Gesellschaft",
        "dns.digitale-gesellschaft.ch",
        "185.95.218.42 185.95.218.43 2a05:fc84::42 2a05:fc84::43",
    ),
    _of("SWITCH", "dns.switch.ch", "130.59.31.248 2001:620:0:ff::2"),
    _of("Wikimedia", "wikimedia-dns.org", "185.71.138.138 2001:67c:930::1"),
    _of("Quad101", "dns.twnic.tw", "101.101.101.101 101.102.103.104 2001:de4::101 2001:de4::102"),
    _of("IIJ", "public.dns.iij.jp", "103.2.57.5 103.2.58.5"),
    _of("Surfshark", "dns.surfsharkdns.com", "194.169.169.169 2a09:a707:169::"),
    _of(
        "RethinkDNS",
        "basic.rethinkdns.com max.rethinkdns.com sky.rethinkdns.com *.max.rethinkdns.com",
    ),
    _of(
        "Applied Privacy",
        "doh.applied-privacy.net dot1.applied-privacy.net",
        "146.255.56.98 2a02:1b8:10:234::2",
    ),
    _of(
        "UncensoredDNS",
        "anycast.censurfridns.dk unicast.censurfridns.dk anycast.uncensoreddns.org "
        "unicast.uncensoreddns.org",
        "89.233.43.71 91.239.100.100 2001:67c:28a4:: 2a01:3a0:53:53::",
    ),
    _of(
        "LibreDNS",
        "doh.libredns.gr dot.libredns.gr",
        "88.198.92.222 116.202.176.26",
    ),
    _of("FFMUC", "doh.ffmuc.net dot.ffmuc.net doq.ffmuc.net", "5.1.66.255 185.150.99.255 "
        "2001:678:e68:f000:: 2001:678:ed0:f000::"),
    _of("DNS Forge", "dnsforge.de", "176.9.1.117 176.9.93.198 2a01:4f8:141:316d::117 "
        "2a01:4f8:151:34aa::198"),
    _of("SafeDNS", "", "195.46.39.39 195.46.39.40"),
    _of("Freenom World", "", "80.80.80.80 80.80.81.81"),
    _of("DNS.WATCH", "resolver1.dns.watch resolver2.dns.watch", "84.200.69.80 84.200.70.40 "
        "2001:1608:10:25::1c04:b12f 2001:1608:10:25::9249:d69b"),
    _of("Alternate DNS", "", "76.76.19.19 76.223.122.150"),
    _of("OpenBLD", "ada.openbld.net ric.openbld.net"),
    _of("Comss", "dns.comss.one router.comss.one"),
    _of("TiarApp", "doh.tiar.app dot.tiar.app jp.tiar.app doh.tiarap.org jp.tiarap.org"),
)  # fmt: skip
"""Those that anybody may use, the largest first."""


def names() -> Iterator[HostPattern]:
    """Every name of a resolver, in the order of the table."""
    for each in RESOLVERS:
        yield from each.names


def first_within(network: Network) -> Address | None:
    """The first address of a resolver that the network has, or None."""
    known = _sorted(network.version)
    place = bisect_right(known, int(network.network_address), key=lambda each: each[0])
    for first, last in known[max(0, place - 1) : place + 1]:
        start = max(first, int(network.network_address))
        if start <= min(last, int(network.broadcast_address)):
            return ip_address(start) if network.version == _IPV4 else IPv6Address(start)
    return None


@cache
def _sorted(version: int) -> Sequence[tuple[int, int]]:
    """The first and the last address of each range of a resolver; no two ranges overlap."""
    return sorted(
        (int(each.network_address), int(each.broadcast_address))
        for each in addresses()
        if each.version == version
    )


def addresses() -> Iterator[Network]:
    """Every address or range of a resolver, in the order of the table."""
    for each in RESOLVERS:
        yield from each.addresses
