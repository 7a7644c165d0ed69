"""An exception lets pass what it is for, and nothing that its entry gets later."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support.values.rules_of_teams import AS_OF, PLATFORM
from transire.model.problems import Problem
from transire.values.guardrails.registry import review
from transire.values.load import load_files


def found(
    to: str,
    *exceptions: str,
    ports: str = "[443]",
    reason: str = "r",
    namespaces: str = "[eu]",
    more: str = "",
) -> list[str]:
    """What is found in one rule of one team, with these exceptions, as people read it."""
    rule = f"{{name: x, reason: {reason}, ticket: S-1, ports: {ports}, to: {to}}}"
    return [str(each) for each in problems(rule, exceptions, namespaces, more)]


def problems(
    rule: str, exceptions: Sequence[str], namespaces: str, more: str
) -> tuple[Problem, ...]:
    listed = "".join(
        f"  - {{{each}, approvedBy: security, reason: moving, until: 2999-12-31}}\n"
        for each in exceptions
    )
    files = {
        "values/platform.yaml": PLATFORM + CLUSTERS + more,
        "values/teams/shop.yaml": (
            "apiVersion: transire/v1\nkind: TeamEgress\nteam: shop\ncontact: shop@example.com\n"
            f"namespaces: {{shop: {namespaces}}}\n"
            f"egress: [{rule}]\n"
        ),
        "values/exceptions.yaml": (
            f"apiVersion: transire/v1\nkind: Exceptions\nexceptions:\n{listed}"
        ),
    }
    return review(load_files({path: text.encode() for path, text in files.items()}), AS_OF)


CLUSTERS = """\
clusters:
  eu: {engine: cilium, version: "1.19", environment: prod, dns: {profile: coredns}, gitops: argocd}
  us: {engine: cilium, version: "1.19", environment: prod, dns: {profile: coredns}, gitops: argocd}
"""


def private(*items: str) -> str:
    return f"rule: private-cidr, team: shop, entry: x, for: [{', '.join(items)}]"


@pytest.mark.parametrize(
    ("to", "items"),
    [
        ("[{cidr: 10.80.4.0/24}]", ["{cidr: 10.80.4.0/24}"]),
        ("[{cidr: 10.80.4.7}]", ["{cidr: 10.80.4.0/24}"]),
        (
            "[{cidr: 10.80.4.0/24}, {cidr: 10.80.5.0/24}]",
            ["{cidr: 10.80.4.0/24}", "{cidr: 10.80.5.0/24}"],
        ),
        ("[10.1.2.3.nip.io]", ["{host: 10.1.2.3.nip.io}"]),
    ],
)
def test_what_was_agreed_passes(to: str, items: list[str]) -> None:
    assert [each for each in found(to, private(*items)) if "private-cidr" in each] == []


def test_two_exceptions_for_one_entry_count_together() -> None:
    to = "[{cidr: 10.80.4.0/24}, {cidr: 10.80.5.0/24}]"

    assert found(to, private("{cidr: 10.80.4.0/24}"), private("{cidr: 10.80.5.0/24}")) == []


def test_a_range_that_comes_later_stands() -> None:
    to = "[{cidr: 10.80.4.0/24}, {cidr: 172.16.0.0/12}]"

    (standing,) = found(to, private("{cidr: 10.80.4.0/24}"))
    assert standing.startswith(
        "values/teams/shop.yaml:6:85: error: 172.16.0.0/12 reaches into 172.16.0.0/12, which is "
        "not the internet (private-cidr)\n"
    )


def test_a_range_that_grows_beyond_what_was_agreed_stands() -> None:
    (standing,) = found("[{cidr: 10.80.4.0/23}]", private("{cidr: 10.80.4.0/24}"))

    assert "10.80.4.0/23 reaches into" in standing


def test_a_wildcard_that_comes_later_stands() -> None:
    agreed = 'rule: no-public-suffix-wildcard, team: shop, entry: x, for: [{host: "*.blob.core.windows.net"}]'

    assert found('["*.blob.core.windows.net"]', agreed) == []
    (standing,) = found('["*.blob.core.windows.net", "*.s3.amazonaws.com"]', agreed)
    assert "the wildcard *.s3.amazonaws.com lets in" in standing


def test_a_port_that_comes_later_stands() -> None:
    agreed = "rule: port-not-allowed, team: shop, entry: x, for: [{port: 8000-8010}]"

    assert found("[a.example.com]", agreed, ports="[443, 8003]") == []
    (standing,) = found("[a.example.com]", agreed, ports="[443, 8003, 8022]")
    assert "port 8022/TCP of 'x' is not allowed" in standing


def test_an_exception_that_does_not_hold_what_it_is_for_lets_nothing_pass() -> None:
    stands, vague = found("[{cidr: 10.80.4.0/24}]", "rule: private-cidr, team: shop, entry: x")[
        ::-1
    ]

    assert stands.startswith("values/teams/shop.yaml:6:63: error: 10.80.4.0/24 reaches into")
    assert vague == (
        "values/exceptions.yaml:4:5: error: the exception from private-cidr for shop/x does not "
        "hold what it is for, so that nothing passes by it (exception-without-for)\n"
        "  help: add for: with what was agreed, in the form for: [{cidr: ...}]"
    )


def test_one_about_the_entry_as_a_whole_needs_no_for() -> None:
    assert (
        found("[a.example.com]", "rule: missing-reason, team: shop, entry: x", reason='"?"') == []
    )


def test_one_about_the_entry_as_a_whole_does_not_pass_by_a_host() -> None:
    agreed = "rule: missing-reason, team: shop, entry: x, for: [{host: a.example.com}]"

    assert sorted(
        each.rpartition("(")[2].partition(")")[0]
        for each in found("[a.example.com]", agreed, reason='"?"')
    ) == [
        "missing-reason",
        "unneeded-exception",
    ]


@pytest.mark.parametrize(
    ("pods", "stands"),
    [
        ("{k8s-app: metrics-server}", False),
        ("{k8s-app: metrics-server, tier: web}", False),
        ("{k8s-app: kube-dns}", True),
    ],
)
def test_pods_that_were_agreed_pass_and_no_others(pods: str, *, stands: bool) -> None:
    agreed = (
        "rule: system-pods, team: shop, entry: x, "
        "for: [{namespace: kube-system, pods: {k8s-app: metrics-server}}]"
    )

    standing = found(f"[{{namespace: kube-system, pods: {pods}}}]", agreed)
    assert any("(system-pods)" in each for each in standing) == stands


def test_ports_that_open_all_of_a_system_are_agreed_to_by_themselves() -> None:
    agreed = "rule: system-pods, team: shop, entry: x, for: [{namespace: kube-system}]"
    to = "[{namespace: kube-system, pods: {k8s-app: metrics-server}}]"

    assert found(to, agreed, ports="[10250]") == []
    assert [each.partition(" (")[2][:11] for each in found(to, agreed, ports="[1-65535]")] == [
        "system-pods"
    ]


def test_more_hosts_than_were_agreed_are_found() -> None:
    agreed = "rule: too-many-hosts, team: shop, entry: shop, for: [{hosts: 2}]"
    limit = "guardrails: {maxHostsPerTeam: 1}\n"

    assert found("[a.example.com, b.example.com]", agreed, more=limit) == []
    (standing,) = found("[a.example.com, b.example.com, c.example.com]", agreed, more=limit)
    assert "team 'shop' names 3 hosts, the platform allows 1" in standing


def test_a_cluster_that_comes_later_stands() -> None:
    agreed = "rule: enrolled-in-audit, team: shop, entry: shop, for: [{cluster: eu}]"
    enrolled = "enrol: [shop]\n"
    one, both = (f"{{clusters: [{each}], mode: audit}}" for each in ("eu", "eu, us"))

    assert found("[a.example.com]", agreed, more=enrolled, namespaces=one) == []
    (standing,) = found("[a.example.com]", agreed, more=enrolled, namespaces=both)
    assert "would be in audit on us" in standing


def test_an_item_that_nothing_needs_is_named() -> None:
    assert found(
        "[{cidr: 10.80.4.0/24}]",
        private("{cidr: 10.80.4.0/24}", "{cidr: 10.81.0.0/16}", "{port: 22}"),
    ) == [
        (
            "values/exceptions.yaml:4:76: warning: nothing needs {cidr: 10.81.0.0/16} of the "
            "exception from private-cidr for shop/x any more (unneeded-exception)\n"
            "  help: remove it, so that it does not let the next mistake pass"
        ),
        (
            "values/exceptions.yaml:4:98: warning: nothing needs {port: 22/TCP} of the exception "
            "from private-cidr for shop/x any more (unneeded-exception)\n"
            "  help: remove it, so that it does not let the next mistake pass"
        ),
    ]


@pytest.mark.parametrize(
    ("whose", "missing"),
    [
        ("team: shop, entry: gone", "there is no entry 'gone'"),
        ("team: gone, entry: x", "there is no team 'gone'"),
        ("entry: gone", "there is no entry 'gone'"),
    ],
)
def test_an_exception_for_what_is_gone_is_a_warning(whose: str, missing: str) -> None:
    (problem,) = found("[a.example.com]", f"rule: private-cidr, {whose}")

    assert problem.endswith(
        f"is left over: {missing} (leftover-exception)\n"
        "  help: remove it, or have what is meant approved; an approval moves to no other entry"
    )
    assert problem.startswith(
        "values/exceptions.yaml:4:5: warning: the exception from private-cidr "
    )


def test_echo_requests_are_agreed_to_as_any_port_is() -> None:
    agreed = "rule: port-not-allowed, team: shop, entry: x, for: [{port: ICMP}]"

    assert found("[a.example.com]", agreed, ports="[443, ICMP]") == []
    (standing,) = found("[a.example.com]", agreed, ports="[443, ICMP, 8022]")
    assert "port 8022/TCP of 'x' is not allowed" in standing
    (echo,) = found("[a.example.com]", agreed.replace("ICMP", "8022"), ports="[ICMP, 8022]")
    assert "port ICMP of 'x' is not allowed" in echo
