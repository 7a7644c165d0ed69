from __future__ import annotations

from ipaddress import ip_address

import pytest

from transire.queries.query import Connection, DnsQuery, Source
from transire.queries.query_notation import destination_from, host_from, source_from


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("api.Example.com.:443", Connection(port=443, protocol="TCP", host="api.example.com")),
        ("api.example.com:123/udp", Connection(port=123, protocol="UDP", host="api.example.com")),
        ("pod:8080", Connection(port=8080, protocol="TCP", host="pod")),
        ("198.51.100.7:22", Connection(port=22, protocol="TCP", ip=ip_address("198.51.100.7"))),
        ("[2001:db8::1]:443/SCTP",
         Connection(port=443, protocol="SCTP", ip=ip_address("2001:db8::1"))),
        ("198.51.100.7:8/ICMP", Connection(port=8, protocol="ICMP", ip=ip_address("198.51.100.7"))),
        ("[::1]:128/icmpv6", Connection(port=128, protocol="ICMPv6", ip=ip_address("::1"))),
        ("pod:shop/app=web,tier=:8080",
         Connection(port=8080, protocol="TCP", peer_namespace="shop",
                 peer_labels={"app": "web", "tier": ""})),
        ("pod:shop/app.kubernetes.io/name=web:53/UDP",
         Connection(port=53, protocol="UDP", peer_namespace="shop",
                 peer_labels={"app.kubernetes.io/name": "web"})),
        ("pod:shop:80",
         Connection(port=80, protocol="TCP", peer_namespace="shop", peer_labels={})),
        ("dns:API.example.com.", DnsQuery(host="api.example.com")),
        ("dns:.", DnsQuery(host=".")),
        ("dns:a.example@10.0.0.10:5353/TCP",
         DnsQuery(host="a.example", dns_server="10.0.0.10", port=5353, protocol="TCP")),
        ("dns:a.example@[fd00::53]:53", DnsQuery(host="a.example", dns_server="fd00::53")),
    ],
)  # fmt: skip
def test_a_destination_is_read(text: str, expected: DnsQuery | Connection) -> None:
    assert expected == destination_from(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api.example.com",
         "'api.example.com' has no port; write it as api.example.com:443 or .../UDP"),
        (":443", "':443' has no port; write it as api.example.com:443 or .../UDP"),
        ("a.example:0", "0 in 'a.example:0' is no port; write 1 to 65535"),
        ("a.example:65536", "65536 in 'a.example:65536' is no port; write 1 to 65535"),
        ("a.example:256/ICMP", "256 in 'a.example:256/ICMP' is no port; write 0 to 255"),
        ("a.example:https", "'https' in 'a.example:https' is no port; write 1 to 65535"),
        ("a.example:٤٤٣", "'٤٤٣' in 'a.example:٤٤٣' is no port; write 1 to 65535"),
        ("a.example:443/QUIC",
         "'QUIC' in 'a.example:443/QUIC' is no protocol; write TCP, UDP, SCTP, ICMP, ICMPv6"),
        ("2001:db8::1:443",
         "'2001:db8::1:443' holds a bare IPv6 address; write it as [2001:db8::1]:443"),
        ("[a.example]:443", "'a.example' is not an address"),
        ("https://a.example:443", "'https://a.example' is not a host name"),
        ("a_b!.example:443", "'a_b!.example' is not a host name"),
        ("bücher.example:443", "'bücher.example' is not ASCII; write the name in punycode"),
        ("a..example:443", "'a..example' is not a host name"),
        (f"{'a.' * 130}example:443", f"'{'a.' * 130}example' is not a host name"),
        ("pod:Shop/app=web:80", "'Shop' in 'Shop/app=web' is not the name of a namespace"),
        ("pod:shop/app:80", "'app' in 'shop/app' is no label; write it as app=checkout"),
        ("pod:shop/a=1,a=2:80", "the label 'a' in 'shop/a=1,a=2' is written twice"),
        ("dns:*.example.com", "'*.example.com' is not a host name"),
        ("dns:a.example@coredns:53", "'coredns' is not an address"),
        ("dns:a.example@10.0.0.1:8/ICMP",
         "'dns:a.example@10.0.0.1:8/ICMP' asks a resolver over ICMP; write UDP or TCP"),
    ],
)  # fmt: skip
def test_a_wrong_destination_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        destination_from(text)

    assert said == str(caught.value)


def test_a_source_is_a_namespace_and_labels() -> None:
    assert Source(namespace="shop") == source_from("shop")
    assert Source(namespace="shop", labels={"app": "web", "tier": "x"}) == source_from(
        "shop/app=web,tier=x"
    )


@pytest.mark.parametrize(
    ("text", "labels"), [("shop@billing.v2", {}), ("shop/app=web@billing.v2", {"app": "web"})]
)
def test_a_source_may_name_its_service_account(text: str, labels: dict[str, str]) -> None:
    expected = Source(namespace="shop", labels=labels, account="billing.v2")

    assert expected == source_from(text)


@pytest.mark.parametrize("account", ["", "Billing", "team/billing", "a@b", "a..b", "a" * 254])
def test_what_no_service_account_is_called_is_refused(account: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a service account") as caught:
        source_from(f"shop@{account}")

    assert str(caught.value).startswith(f"{account!r} in ")


def test_a_destination_names_no_service_account() -> None:
    with pytest.raises(ValueError, match="'shop@billing' in 'shop@billing' is not the name of a"):
        destination_from("pod:shop@billing:80")


def test_the_root_is_a_name_that_can_be_asked() -> None:
    assert host_from(".") == "."
