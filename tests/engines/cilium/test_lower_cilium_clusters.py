"""What Cilium cannot do for a cluster, in full words."""

from __future__ import annotations

from typing import Any

import pytest

from support.engines.lowering_parts import (
    CLUSTER_AT,
    DNS_AT,
    NETWORK,
    TARGET_AT,
    Text,
    baseline,
    cluster,
    refusals,
    target,
)
from support.engines.lowering_refusals import in_cluster, in_rule, refused

CARDS: Text = {"name": "cards", "to": ["api.stripe.com"]}


@pytest.mark.parametrize("version", ["1.14", "1.15"])
def test_audit_needs_1_16(version: str) -> None:
    expected = [
        in_cluster(
            f"cilium@{version}",
            TARGET_AT,
            "mode audit of payments-prod needs enableDefaultDeny, which cilium has since 1.16 "
            "(audit-not-possible)",
            "publish with mode: enforce, or use cilium 1.16",
        )
    ]

    assert expected == refused("cilium", version, ["a.example.com"], mode="audit")
    assert refused("cilium", "1.16", ["a.example.com"], mode="audit") == []


def test_a_baseline_reports_its_audit_namespaces_once() -> None:
    expected = [
        in_cluster(
            "cilium@1.15",
            CLUSTER_AT,
            "mode audit of payments-staging, storefront needs enableDefaultDeny, which cilium "
            "has since 1.16 (audit-not-possible)",
            "publish with mode: enforce, or use cilium 1.16",
        )
    ]
    here = cluster("cilium", "1.15")

    assert expected == refusals(baseline(here, [CARDS], audit=["storefront", "payments-staging"]))


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (
            {"enable-policy": "always"},
            "enable-policy is 'always', so pods without a default-deny policy drop",
        ),
        (
            {"enable-non-default-deny-policies": "false"},
            "enable-non-default-deny-policies is 'false', so every policy drops",
        ),
    ],
)
def test_flags_that_make_an_audit_block_are_refused(flags: dict[str, str], why: str) -> None:
    expected = [
        in_cluster(
            "cilium@1.19",
            TARGET_AT,
            f"mode audit blocks nothing, and agent flag {why} what it does not allow "
            "(audit-not-possible)",
            "publish with mode: enforce, or change the flag",
        )
    ]

    assert expected == refused("cilium", "1.19", ["a.example.com"], agent=flags, mode="audit")
    assert refused("cilium", "1.19", ["a.example.com"], agent=flags) == []


@pytest.mark.parametrize(
    ("flags", "why", "remedy"),
    [
        (
            {"enable-policy": "never"},
            "agent flag enable-policy is 'never', so no policy is enforced",
            "run the agent with enable-policy 'default' or 'always'",
        ),
        (
            {"bpf-lb-mode": "dsr"},
            "the effect of agent flag bpf-lb-mode on policies is not modelled",
            "remove bpf-lb-mode from agent if it changes no verdict",
        ),
        (
            {"enable-ipv6": "False"},
            "agent flag enable-ipv6 is 'False', and its values are 'false', 'true'",
            "write the value of enable-ipv6 as the agent has it",
        ),
    ],
)
def test_flags_that_cannot_be_judged_are_refused(
    flags: dict[str, str], why: str, remedy: str
) -> None:
    expected = [in_cluster("cilium@1.19", CLUSTER_AT, f"{why} (agent-flag)", f"{remedy}")]

    assert expected == refused("cilium", "1.19", ["a.example.com"], agent=flags)


def test_flags_that_change_nothing_are_taken() -> None:
    flags = {
        "enable-ipv4": "true",
        "enable-ipv6": "false",
        "enable-extended-ip-protocols": "true",
        "enable-host-firewall": "true",
        "policy-default-local-cluster": "false",
        "policy-deny-response": "icmp",
        "tofqdns-min-ttl": "3600",
    }

    assert refused("cilium", "1.19", ["a.example.com"], agent=flags) == []


def test_hosts_need_the_agent_s_proxy() -> None:
    expected = [
        in_rule(
            "cilium@1.19",
            11,
            "host rules need answers, and agent flag enable-l7-proxy is 'false', so no answer "
            "is seen (agent-flag)",
            "run the agent with enable-l7-proxy 'true', or remove the hosts",
        )
    ]

    assert expected == refused(
        "cilium", "1.19", ["a.example.com"], agent={"enable-l7-proxy": "false"}
    )


def test_restricting_names_needs_the_agent_s_proxy() -> None:
    expected = [
        in_cluster(
            "cilium@1.19",
            DNS_AT,
            "dns.restrict limits the names that pods may ask, and agent flag enable-l7-proxy is "
            "'false', so no answer is seen (agent-flag)",
            "run the agent with enable-l7-proxy 'true', or have the platform decide on it",
        )
    ]
    dns = {"profile": "coredns", "restrict": True}

    assert expected == refused(
        "cilium", "1.19", [{"namespace": "ledger"}], agent={"enable-l7-proxy": "false"}, dns=dns
    )


@pytest.mark.parametrize("version", ["1.14", "1.15", "1.16", "1.17", "1.18"])
@pytest.mark.parametrize("mode", ["enforce", "audit"])
def test_restricting_names_needs_1_19_whatever_is_accepted(version: str, mode: str) -> None:
    expected = in_cluster(
        f"cilium@{version}",
        DNS_AT,
        "dns.restrict lets every name below cluster.local be asked, and before 1.19 cilium takes "
        "** for one label (dns-restrict)",
        "use cilium 1.19; whether pods may ask any name is the platform's to decide",
    )
    dns = {"profile": "coredns", "restrict": True}
    consent = cluster("cilium", version, dns=dns, approximate=["narrow"])

    assert expected in refused("cilium", version, ["a.example.com"], dns=dns, mode=mode)
    assert expected in refusals(target(consent, [CARDS], mode=mode))
    assert [expected] == refusals(baseline(consent))


def test_restricting_names_is_said_exactly_from_1_19_on() -> None:
    dns = {"profile": "coredns", "restrict": True}

    assert refused("cilium", "1.19", ["a.example.com"], dns=dns) == []
    assert refusals(baseline(cluster("cilium", "1.19", dns=dns))) == []


@pytest.mark.parametrize(
    ("dns", "to"),
    [
        ({"profile": "coredns"}, {"namespace": "kube-system"}),
        ({"profile": "coredns"}, {"namespace": "kube-system", "pods": {"tier": "dns"}}),
        ({"profile": "gke-cloud-dns"}, {"cidr": "169.254.0.0/16"}),
        ({"profile": "gke-cloud-dns"}, {"entity": "nodes"}),
        ({"profile": "coredns"}, {"entity": "kube-apiserver"}),
    ],
)
def test_a_rule_that_opens_the_resolver_would_lift_the_restriction(dns: Text, to: Any) -> None:  # noqa: ANN401
    expected = [
        in_rule(
            "cilium@1.19",
            10,
            "port 53 may reach the cluster's resolver, where dns.restrict limits the names that "
            "are asked (resolver-opened)",
            "take port 53 out of the ports",
        )
    ]
    restricted = {**dns, "restrict": True}

    assert expected == refused("cilium", "1.19", [to], dns=restricted, ports=["53/UDP"])
    assert expected == refused("cilium", "1.19", [to], dns=restricted, ports=["50-60"])
    assert refused("cilium", "1.19", [to], dns=restricted, ports=["53/SCTP", "54"]) == []
    assert refused("cilium", "1.19", [to], dns=dns, ports=["53/UDP"]) == []


def test_a_host_may_resolve_to_a_resolver_that_is_known_by_address() -> None:
    dns = {"profile": "custom", "resolver": {"addresses": ["203.0.113.53", "2001:db8::53"]}}
    by_name = in_rule(
        "cilium@1.19",
        10,
        "its hosts on port 53 may resolve to the cluster's resolver at 203.0.113.53/32, "
        "2001:db8::53/128, and then no name is judged (resolver-by-name)",
        "take port 53 out of the ports, or write the hosts' addresses as {cidr: ...}",
    )
    opened = in_rule(
        "cilium@1.19",
        10,
        "port 53 may reach the cluster's resolver, where dns.restrict limits the names that are "
        "asked (resolver-opened)",
        "take port 53 out of the ports",
    )
    to = ["dns.example.com"]
    restricted = {**dns, "restrict": True}

    assert [by_name] == refused("cilium", "1.19", to, dns=dns, ports=["53/UDP"])
    assert [by_name] == refused("cilium", "1.19", to, dns=restricted, ports=["53/UDP"])
    assert [opened] == refused("cilium", "1.19", to, dns=restricted, ports=["50-60"])
    assert refused("cilium", "1.19", to, dns=dns, ports=["50-60", "53/SCTP"]) == []
    assert [by_name.replace("1.19", "1.15")] == refused(
        "cilium", "1.15", to, dns=dns, ports=["50-60"]
    )


@pytest.mark.parametrize(
    "to",
    [
        {"namespace": "kube-system", "pods": {"k8s-app": "metrics-server"}},
        {"namespace": "ledger", "pods": {"k8s-app": "kube-dns"}},
        {"cidr": "203.0.113.0/24"},
        {"entity": "nodes"},
        "dns.example.com",
    ],
)
def test_port_53_elsewhere_leaves_the_restriction_alone(to: Any) -> None:  # noqa: ANN401
    dns = {"profile": "coredns", "restrict": True}

    assert refused("cilium", "1.19", [to], dns=dns, ports=["53/UDP"]) == []


@pytest.mark.parametrize(
    ("inside", "own"),
    [
        ("10.0.0.53", "10.0.0.0/16"),
        ("10.96.0.10", "10.96.0.0/12"),
        ("192.168.10.1", "192.168.10.0/24"),
    ],
)
def test_a_resolver_inside_the_cluster_is_named_by_its_pods(inside: str, own: str) -> None:
    expected = [
        in_cluster(
            "cilium@1.19",
            DNS_AT,
            f"the resolver {inside}/32 lies inside the cluster's own {own}, and cilium judges "
            "the pod or node behind it (dns-resolver)",
            "name the resolver's pods with dns.resolver.namespace and labels",
        )
    ]
    dns = {"profile": "custom", "resolver": {"addresses": [inside]}}

    assert expected == refused("cilium", "1.19", ["a.example.com"], dns=dns, network=NETWORK)
