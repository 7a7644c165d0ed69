"""What is said is what was meant, part by part: hosts, ports and ranges against small oracles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from support.draw.strategies_parts import host_patterns, ports
from support.engines.lowering_parts import NETWORK, cluster, items_of, lowered, target
from transire.meaning.hosts import matches
from transire.meaning.premises.metadata_services import METADATA
from transire.model.names import HostKind, HostPattern
from transire.model.net import ECHO, PortRange, Protocol, merge_ports, without_echo

CILIUM = ("1.14", "1.15", "1.16", "1.17", "1.18", "1.18.9", "1.19", "1.19.3", "1.20")
LABEL = "[-a-z0-9_]"
OWN = [ip_network(each) for ranges in NETWORK.values() for each in ranges]


def cilium_matches(pattern: str, version: str, name: str) -> bool:
    """As Cilium translates a pattern: `*` stays in its label, a leading `**.` is any depth at last."""
    head = ""
    if version.startswith(("1.19", "1.20")) and pattern.startswith("**."):
        head, pattern = rf"{LABEL}+(?:\.{LABEL}+)*\.", pattern[3:]
    rest = re.sub(r"\*+", "*", pattern).replace(".", r"\.").replace("*", f"{LABEL}*")
    return re.fullmatch(head + rest, name) is not None


def enterprise_matches(domain: str, name: str) -> bool:
    """As Calico Enterprise reads a domain: `*` is one or more labels."""
    if not domain.startswith("*."):
        return domain == name
    return name.endswith(domain[1:]) and len(name) > len(domain) - 1


@st.composite
def names_near(draw: st.DrawFn, pattern: HostPattern) -> str:
    """A name that the pattern matches, or nearly does."""
    name = pattern.example()
    more = draw(st.sampled_from(["", "x.", "x.y.", "a.b.c.", "a.b.c.d.e."]))
    return more + draw(st.sampled_from([name, name.partition(".")[2] or name, f"{name}x"]))


def fqdns(version: str, pattern: HostPattern) -> list[str]:
    rule = {"name": "one", "to": [pattern.text], "approximate": ["narrow"]}
    [item] = items_of(target(cluster("cilium", version), [rule]), "egress-allow-one")
    return [next(iter(each.values())) for each in item["fqdns"]]


@given(data=st.data(), pattern=host_patterns(), version=st.sampled_from(CILIUM))
def test_cilium_is_told_exactly_the_hosts_or_fewer_by_consent(
    data: st.DataObject, pattern: HostPattern, version: str
) -> None:
    written = fqdns(version, pattern)
    name = data.draw(names_near(pattern))
    said = any(cilium_matches(each, version, name) for each in written)
    deep = pattern.text.startswith("**.") and not version.startswith(("1.19", "1.20"))

    if deep:
        assert not said or matches(pattern, name)
    else:
        assert matches(pattern, name) == said
    assert deep == (written != [pattern.text])


@given(below=host_patterns(), version=st.sampled_from(CILIUM[:6]))
def test_a_narrowed_host_s_example_is_meant_and_missed(below: HostPattern, version: str) -> None:
    pattern = HostPattern.parse(f"**.{below.text.removeprefix('**.')}")
    rule = {"name": "one", "to": [pattern.text], "approximate": ["narrow"]}
    [found] = lowered(target(cluster("cilium", version), [rule])).approximated

    assert matches(pattern, found.example)
    assert not any(cilium_matches(each, version, found.example) for each in found.became)


@given(data=st.data(), pattern=host_patterns())
def test_calico_enterprise_is_told_exactly_the_hosts_or_more_by_consent(
    data: st.DataObject, pattern: HostPattern
) -> None:
    assume(pattern.kind is not HostKind.PARTIAL)
    rule = {"name": "one", "to": [pattern.text], "approximate": ["widen"]}
    result = lowered(target(cluster("calico-enterprise", "3.22"), [rule]))
    [domain] = result.values["sets"][0]["domains"]
    name = data.draw(names_near(pattern))
    said = enterprise_matches(domain, name)

    if pattern.kind is HostKind.ONE_LABEL:
        [found] = result.approximated
        assert said or not matches(pattern, name)
        assert enterprise_matches(domain, found.example)
        assert not matches(pattern, found.example)
    else:
        assert matches(pattern, name) == said
        assert result.approximated == ()


def of_item(each: dict[str, Any]) -> PortRange:
    last = each.get("endPort", each["port"])
    return PortRange(protocol=Protocol(each["protocol"]), first=each["port"], last=last)


def count(ports_said: Iterable[PortRange]) -> int:
    return sum(each.last - each.first + 1 for each in ports_said)


@given(written=ports(), checked=st.booleans(), engine=st.sampled_from(["cilium", "kubernetes"]))
def test_every_port_is_said_once_and_no_other(
    written: tuple[PortRange, ...], engine: str, *, checked: bool
) -> None:
    cilium = engine == "cilium"
    assume(cilium or ECHO not in written)
    version, hardening = ("1.19", ["sni"] if checked else []) if cilium else ("", [])
    to = ["a.example.com"] if cilium else [{"namespace": "a"}]
    rule = {"name": "one", "to": to, "ports": [str(each) for each in written]}
    here = target(cluster(engine, version, hardening=hardening), [rule])
    items = items_of(here, "egress-allow-one")
    echoes = [each for each in items if each["ports"] == "echo"]
    numbered = [each for each in items if each["ports"] != "echo"]
    groups = [group for each in numbered for group in (each["ports"] if cilium else [each])]
    said = [of_item(each) for group in groups for each in group["ports"]] + [ECHO] * len(echoes)
    named = [of_item(each) for group in groups if "serverNames" in group for each in group["ports"]]
    https = PortRange.parse("443")
    expected = [https] if hardening and any(each.covers(https) for each in written) else []

    assert written == merge_ports(said)
    assert count(written) == count(said)
    assert expected == named


@pytest.mark.slow("many drawn examples")
@given(written=ports())
def test_calico_is_told_every_port_once_and_no_other(written: tuple[PortRange, ...]) -> None:
    rule = {"name": "one", "to": [{"namespace": "a"}], "ports": [str(each) for each in written]}
    items = items_of(target(cluster("calico", "3.30"), [rule]), "egress.allow-one")
    echoes = [each["protocol"] for each in items if each["ports"] == "echo"]
    said = [
        PortRange(protocol=Protocol(item["protocol"]), first=int(first), last=int(last or first))
        for item in items
        for each in (item["ports"] if item["ports"] != "echo" else ())
        for first, _, last in [str(each).partition(":")]
    ]

    assert without_echo(written) == merge_ports(said)
    assert count(without_echo(written)) == count(said)
    assert echoes == (["ICMP", "ICMPv6"] if ECHO in written else [])


WIDER = tuple(map(ip_network, ("10.0.0.0/8", "192.168.0.0/16", "fd00::/16")))
EDGES = [
    str(address)
    for each in (*OWN, *METADATA, *WIDER)
    for address in (each[0] - 1, each[0], each[-1], each[-1] + 1)
]
CIDRS = (
    *("10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0", "::/0", "fd00::/8", "169.254.0.0/16"),
    *("100.64.0.0/10", "203.0.113.0/24", "169.254.169.254/32"),
)


@given(
    cidr=st.sampled_from(CIDRS),
    chosen=st.sampled_from([*EDGES, "203.0.113.9", "2001:db8::9", "::1"]),
    engine=st.sampled_from(["cilium", "calico", "calico-enterprise", "kubernetes"]),
)
def test_a_range_is_said_without_the_cluster_and_without_credentials(
    cidr: str, chosen: str, engine: str
) -> None:
    address = ip_address(chosen)
    version = {"cilium": "1.19", "calico": "3.30", "calico-enterprise": "3.22", "kubernetes": ""}
    here = cluster(engine, version[engine], network=NETWORK)
    written = target(here, [{"name": "one", "to": [{"cidr": cidr}]}])
    [item] = items_of(written, "egress.allow-one" if "calico" in engine else "egress-allow-one")
    said = [(each["cidr"], each.get("except", [])) for each in item.get("cidrs", [])] + [
        (each, item.get("notNets", [])) for each in item.get("nets", [])
    ]
    own = [] if engine == "cilium" else OWN
    holes = [each for each in (*own, *METADATA) if each != ip_network(cidr)]
    meant = address in ip_network(cidr) and not any(address in each for each in holes)

    assert meant == any(
        address in ip_network(each) and not any(address in ip_network(hole) for hole in without)
        for each, without in said
    )
