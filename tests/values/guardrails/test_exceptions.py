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


EU = "namespaces: {shop: [eu]}"
"""Where the rule holds in these tests, as an exception writes it."""


def agreed(rule: str, *items: str, where: str = EU) -> str:
    return f"rule: {rule}, team: shop, entry: x, for: [{', '.join(items)}], {where}"


def private(*items: str) -> str:
    return agreed("private-cidr", *items)


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
    blobs = agreed("no-public-suffix-wildcard", '{host: "*.blob.core.windows.net"}')

    assert found('["*.blob.core.windows.net"]', blobs) == []
    (standing,) = found('["*.blob.core.windows.net", "*.s3.amazonaws.com"]', blobs)
    assert "the wildcard *.s3.amazonaws.com lets in" in standing


PORTS = agreed("port-not-allowed", "{host: a.example.com, port: 8000-8010}")


def test_a_port_that_comes_later_stands() -> None:
    assert found("[a.example.com]", PORTS, ports="[443, 8003]") == []
    (standing,) = found("[a.example.com]", PORTS, ports="[443, 8003, 8022]")
    assert standing == (
        "values/teams/shop.yaml:6:63: error: port 8022/TCP of 'x' is not allowed outside the "
        "cluster (port-not-allowed)\n"
        "  help: the platform allows 443/TCP; for another port ask for an entry in "
        "values/exceptions.yaml with for: [{host: a.example.com, port: 8022/TCP}] and "
        "namespaces: {shop: [eu]}"
    )


def test_a_host_that_comes_later_is_not_on_the_port_that_was_agreed() -> None:
    (standing,) = found("[a.example.com, b.example.com]", PORTS, ports="[443, 8003]")

    assert "port 8003/TCP of 'x' is not allowed" in standing
    assert standing.endswith(
        "with for: [{host: a.example.com, port: 8003/TCP}, {host: b.example.com, port: 8003/TCP}] "
        "and namespaces: {shop: [eu]}"
    )


def test_a_host_and_a_port_of_two_items_are_not_agreed_together() -> None:
    two = agreed(
        "port-not-allowed",
        "{host: a.example.com, port: 8001}",
        "{host: b.example.com, port: 8002}",
    )
    apart = (
        "[{host: a.example.com, ports: [8001]}, {host: b.example.com, ports: [8002]}]",
        "[{host: a.example.com, ports: [8002]}, {host: b.example.com, ports: [8001]}]",
    )

    together, crossed = (
        problems(f"{{name: x, reason: r, to: {to}}}", [two], "[eu]", "") for to in apart
    )
    assert together == ()
    assert [each.id for each in crossed].count("port-not-allowed") == 2


def test_a_destination_without_the_port_is_not_enough_where_ports_are_found() -> None:
    whole = agreed("port-not-allowed", "{host: a.example.com}")

    assert [
        each.rpartition("(")[2].partition(")")[0]
        for each in found("[a.example.com]", whole, ports="[22]")
    ] == [
        "unneeded-exception",
        "port-not-allowed",
    ]


def test_a_range_that_was_agreed_on_one_port_stands_on_others() -> None:
    on_port = private("{cidr: 10.80.4.0/24, port: 443}")
    to = "[{cidr: 10.80.4.0/24}]"

    assert found(to, on_port) == []
    later = found(to, on_port, ports="[443, 8443]")
    assert ["(private-cidr)" in each for each in later].count(True) == 1


def test_a_namespace_and_a_cluster_that_come_later_stand() -> None:
    directory = private("{cidr: 10.80.4.0/24}")

    for later in ("[eu, us]", "[eu], jobs: [eu]"):
        (standing,) = found("[{cidr: 10.80.4.0/24}]", directory, namespaces=later)
        assert "10.80.4.0/24 reaches into 10.0.0.0/8" in standing
        assert standing.endswith(
            "with for: [{cidr: 10.80.4.0/24}] and namespaces: "
            f"{{{'jobs: [eu], ' * ('jobs' in later)}shop: {later.partition(']')[0]}]}}"
        )


def test_two_exceptions_for_two_namespaces_count_together() -> None:
    both = [
        agreed("private-cidr", "{cidr: 10.80.4.0/24}", where=f"namespaces: {{{each}: [eu]}}")
        for each in ("shop", "jobs")
    ]

    assert found("[{cidr: 10.80.4.0/24}]", *both, namespaces="[eu], jobs: [eu]") == []
    (standing,) = found("[{cidr: 10.80.4.0/24}]", *both, namespaces="[eu], jobs: [eu, us]")
    assert "(private-cidr)" in standing


def test_a_place_that_nothing_needs_is_named() -> None:
    wide = agreed("private-cidr", "{cidr: 10.80.4.0/24}", where="namespaces: {shop: [eu, us]}")

    assert found("[{cidr: 10.80.4.0/24}]", wide) == [
        (
            "values/exceptions.yaml:4:101: warning: nothing needs shop on us of the exception from "
            "private-cidr for shop/x any more (unneeded-exception)\n"
            "  help: remove it, so that it does not let the next mistake pass"
        )
    ]


def test_pods_that_come_later_stand() -> None:
    some = agreed("private-cidr", "{cidr: 10.80.4.0/24}", where=f"{EU}, from: {{app: sync}}")
    rule = "{name: x, reason: r, ticket: S-1, FROMto: [{cidr: 10.80.4.0/24}]}"

    assert problems(rule.replace("FROM", "from: {app: sync}, "), [some], "[eu]", "") == ()
    (every,) = problems(rule.replace("FROM", ""), [some], "[eu]", "")
    assert every.help.endswith("for: [{cidr: 10.80.4.0/24}] and namespaces: {shop: [eu]}")
    (others,) = problems(rule.replace("FROM", "from: {app: web}, "), [some], "[eu]", "")
    assert others.help.endswith(
        "with for: [{cidr: 10.80.4.0/24}], namespaces: {shop: [eu]} and from: {app: web}"
    )


def test_a_wildcard_that_is_widened_later_stands() -> None:
    blobs = agreed(
        "wildcard-needs-ticket", '{host: "*.example.com"}', where="namespaces: {shop: [en]}"
    )
    rule = '{name: x, reason: r, to: ["*.example.com"]MORE}'
    more = (
        '  en: {engine: calico-enterprise, version: "3.22", environment: lab, dns: {profile: '
        "coredns}, gitops: argocd}\nguardrails: {requireTicketFor: [wildcard]}\n"
    )

    assert problems(rule.replace("MORE", ""), [blobs], "[en]", more) == ()
    (standing,) = problems(rule.replace("MORE", ", approximate: widen"), [blobs], "[en]", more)
    assert standing.message == "the wildcard *.example.com has no ticket"


def test_a_rule_for_everyone_is_agreed_on_clusters() -> None:
    everyone = "everyone: [{name: x, reason: r, ticket: S-1, to: [{cidr: 10.80.4.0/24}]}]\n"
    whole = "rule: private-cidr, entry: x, for: [{cidr: 10.80.4.0/24}], clusters: [CLUSTERS]"

    assert found("[a.example.com]", whole.replace("CLUSTERS", "eu, us"), more=everyone) == []
    (standing,) = found("[a.example.com]", whole.replace("CLUSTERS", "eu"), more=everyone)
    assert standing.endswith("with for: [{cidr: 10.80.4.0/24}] and clusters: [eu, us]")


def test_an_exception_that_does_not_hold_what_it_is_for_lets_nothing_pass() -> None:
    stands, vague = found("[{cidr: 10.80.4.0/24}]", "rule: private-cidr, team: shop, entry: x")[
        ::-1
    ]

    assert stands.startswith("values/teams/shop.yaml:6:63: error: 10.80.4.0/24 reaches into")
    assert vague == (
        "values/exceptions.yaml:4:5: error: the exception from private-cidr for shop/x does not "
        "hold what and where it is for, so that nothing passes by it (exception-without-for)\n"
        "  help: write what was agreed; all that is found has for: [{cidr: 10.80.4.0/24}] and "
        "namespaces: {shop: [eu]}"
    )


def test_an_exception_that_does_not_hold_where_it_is_for_lets_nothing_pass() -> None:
    ranges = "[{cidr: 10.80.4.0/24}, {cidr: 10.81.0.0/16}]"
    vague, *standing = found(ranges, f"rule: private-cidr, team: shop, entry: x, for: {ranges}")

    assert len(standing) == 2
    assert vague == (
        "values/exceptions.yaml:4:5: error: the exception from private-cidr for shop/x does not "
        "hold where it is for, so that nothing passes by it (exception-without-for)\n"
        f"  help: write what was agreed; all that is found has for: {ranges} and "
        "namespaces: {shop: [eu]}"
    )


def test_one_about_the_entry_as_a_whole_holds_all_that_the_entry_reaches() -> None:
    no_reason = agreed("missing-reason", "{host: a.example.com}")

    assert found("[a.example.com]", no_reason, reason='"?"') == []
    (standing,) = found("[a.example.com, b.example.com]", no_reason, reason='"?"')
    assert "'x' has no reason (missing-reason)" in standing


@pytest.mark.parametrize(
    ("pods", "stands"),
    [
        ("{k8s-app: metrics-server}", False),
        ("{k8s-app: metrics-server, tier: web}", False),
        ("{k8s-app: kube-dns}", True),
    ],
)
def test_pods_that_were_agreed_pass_and_no_others(pods: str, *, stands: bool) -> None:
    metrics = agreed("system-pods", "{namespace: kube-system, pods: {k8s-app: metrics-server}}")

    standing = found(f"[{{namespace: kube-system, pods: {pods}}}]", metrics)
    assert any("(system-pods)" in each for each in standing) == stands


def test_ports_that_open_all_of_a_system_are_agreed_to_by_themselves() -> None:
    pods = agreed("system-pods", "{namespace: kube-system}")
    to = "[{namespace: kube-system, pods: {k8s-app: metrics-server}}]"

    assert found(to, pods, ports="[10250]") == []
    assert [each.partition(" (")[2][:11] for each in found(to, pods, ports="[1-65535]")] == [
        "system-pods"
    ]


def test_more_hosts_than_were_agreed_are_found() -> None:
    two = "rule: too-many-hosts, team: shop, entry: shop, for: [{hosts: 2}]"
    limit = "guardrails: {maxHostsPerTeam: 1}\n"

    assert found("[a.example.com, b.example.com]", two, more=limit) == []
    (standing,) = found("[a.example.com, b.example.com, c.example.com]", two, more=limit)
    assert "team 'shop' names 3 hosts, the platform allows 1" in standing


def test_a_cluster_that_comes_later_stands() -> None:
    trial = "rule: enrolled-in-audit, team: shop, entry: shop, for: [{cluster: eu}]"
    enrolled = "enrol: [shop]\n"
    one, both = (f"{{clusters: [{each}], mode: audit}}" for each in ("eu", "eu, us"))

    assert found("[a.example.com]", trial, more=enrolled, namespaces=one) == []
    (standing,) = found("[a.example.com]", trial, more=enrolled, namespaces=both)
    assert "would be in audit on us" in standing


def test_an_item_that_nothing_needs_is_named() -> None:
    assert found(
        "[{cidr: 10.80.4.0/24}]",
        private("{cidr: 10.80.4.0/24}", "{cidr: 10.81.0.0/16}", "{cidr: 10.82.0.0/24, port: 22}"),
    ) == [
        (
            "values/exceptions.yaml:4:76: warning: nothing needs {cidr: 10.81.0.0/16} of the "
            "exception from private-cidr for shop/x any more (unneeded-exception)\n"
            "  help: remove it, so that it does not let the next mistake pass"
        ),
        (
            "values/exceptions.yaml:4:98: warning: nothing needs {cidr: 10.82.0.0/24, port: 22/TCP} of the exception "
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
    echo = agreed("port-not-allowed", "{host: a.example.com, port: ICMP}")

    assert found("[a.example.com]", echo, ports="[443, ICMP]") == []
    (standing,) = found("[a.example.com]", echo, ports="[443, ICMP, 8022]")
    assert "port 8022/TCP of 'x' is not allowed" in standing
    (other,) = found("[a.example.com]", echo.replace("ICMP", "8022"), ports="[ICMP, 8022]")
    assert "port ICMP of 'x' is not allowed" in other
