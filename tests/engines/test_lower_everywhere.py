"""What every engine refuses alike, and the layers that every one lowers alike."""

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
    lowered,
    refusals,
    rules_of,
    target,
)
from support.engines.lowering_refusals import in_cluster, in_rule, refused
from transire.engines.registry import ENGINES

RELEASES = ["cilium@1.20", "calico@3.30", "calico-enterprise@3.22", "kubernetes@1.29"]
INSIDE: Text = {"name": "one", "to": [{"namespace": "ledger"}]}


def here(release: str, **text: Any) -> Any:  # noqa: ANN401 - as in a file
    engine, _, version = release.partition("@")
    return cluster(engine, version, **text)


def test_every_engine_is_registered_under_its_name() -> None:
    assert {each: each for each in ENGINES} == {key: each.name for key, each in ENGINES.items()}


@pytest.mark.parametrize(
    ("release", "why", "known"),
    [
        ("cilium@1.13", "version 1.13 of cilium is not modelled", "1.14 to 1.20"),
        (
            "cilium@1.21.1",
            "version 1.21.1 of cilium is not modelled: the newest that is modelled is 1.20",
            "1.14 to 1.20",
        ),
        ("cilium", "no version of cilium is not modelled", "1.14 to 1.20"),
        ("calico@3.28", "version 3.28 of calico is not modelled", "3.29 to 3.33"),
        (
            "calico@3.34",
            "version 3.34 of calico is not modelled: the newest that is modelled is 3.33",
            "3.29 to 3.33",
        ),
        (
            "calico-enterprise@3.20",
            "version 3.20 of calico-enterprise is not modelled",
            "3.21 to 3.24",
        ),
        (
            "kubernetes@1.24",
            "version 1.24 of kubernetes is not modelled: port ranges became stable in 1.25",
            "1.25 or newer, or no version",
        ),
    ],
)
def test_a_release_that_is_not_modelled_is_refused_before_anything_else(
    release: str, why: str, known: str
) -> None:
    broken = here(release, hardening=["sni"], dns={"profile": "eks-auto"})
    remedy = (
        f"modelled are {known}: name the release that runs, and upgrade the cluster where it is "
        "older, or transire where it is newer"
    )
    expected = [in_cluster(release, CLUSTER_AT, f"{why} (unsupported-version)", remedy)]

    assert expected == refusals(target(broken, [{"name": "one", "to": ["*"]}], mode="audit"))
    assert expected == refusals(baseline(broken, enforce=[]))


@pytest.mark.parametrize("release", RELEASES)
def test_a_system_namespace_is_never_selected(release: str) -> None:
    why = "kube-system is a system namespace, which no object of ours selects (system-namespace)"
    remedy = "publish from another namespace"
    of_target = target(here(release), namespace="kube-system", system=["kube-system"])
    of_baseline = baseline(here(release), enforce=["a", "kube-system"], system=["kube-system"])

    assert [in_cluster(release, TARGET_AT, why, remedy)] == refusals(of_target)
    assert [in_cluster(release, CLUSTER_AT, why, remedy)] == refusals(of_baseline)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "key",
    [
        "io.kubernetes.pod.namespace",
        "io.cilium.k8s.policy.cluster",
        "projectcalico.org/namespace",
        "pcns.env",
        "pcsa.role",
    ],
)
def test_labels_that_engines_set_themselves_select_nothing(release: str, key: str) -> None:
    why = f"the label {key} is one that network engines set themselves (label-not-selectable)"
    remedy = "select the pods by another label"
    engine, _, version = release.partition("@")
    to = [{"namespace": "a", "pods": {key: "x"}}]
    own = refused(engine, version, [{"namespace": "a"}], **{"from": {key: "x"}})

    assert [in_rule(release, 10, why, remedy)] == own
    assert [in_rule(release, 11, why, remedy)] == refused(engine, version, to)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    ("dns", "why", "remedy"),
    [
        (
            {"profile": "coredns", "addresses": ["10.96.0.10"]},
            "dns profile coredns has pods to ask and takes no addresses",
            "remove dns.addresses, or write dns.profile: nodelocal",
        ),
        (
            {"profile": "openshift", "addresses": ["10.96.0.10"]},
            "dns profile openshift has pods to ask and takes no addresses",
            "remove dns.addresses, or write dns.profile: nodelocal",
        ),
        (
            {"profile": "coredns", "resolver": {"namespace": "dns"}},
            "dns.resolver is for profile custom, not for coredns",
            "remove dns.resolver, or write dns.profile: custom",
        ),
        (
            {"profile": "eks-auto"},
            "dns profile eks-auto needs the addresses that pods ask",
            "write dns.addresses as in a pod's /etc/resolv.conf, for example [169.254.20.10]",
        ),
        (
            {"profile": "custom"},
            "dns profile custom needs a resolver",
            "write dns.resolver with a namespace and labels, with addresses, or with both",
        ),
        (
            {"profile": "custom", "resolver": {"pods": {"app": "unbound"}}},
            "dns profile custom needs a resolver",
            "write dns.resolver with a namespace and labels, with addresses, or with both",
        ),
        (
            {
                "profile": "custom",
                "resolver": {"pods": {"app": "unbound"}, "addresses": ["203.0.113.53"]},
            },
            "dns.resolver has pod labels and no namespace",
            "write dns.resolver.namespace beside the labels",
        ),
        (
            {
                "profile": "custom",
                "addresses": ["203.0.113.53"],
                "resolver": {"namespace": "dns"},
            },
            "dns profile custom takes its addresses from dns.resolver",
            "move dns.addresses to dns.resolver.addresses",
        ),
    ],
)
def test_dns_settings_that_lead_nowhere_are_refused(
    release: str, dns: Text, why: str, remedy: str
) -> None:
    expected = [in_cluster(release, DNS_AT, f"{why} (dns-resolver)", remedy)]

    assert expected == refusals(target(here(release, dns=dns), [INSIDE]))
    assert expected == refusals(baseline(here(release, dns=dns), [INSIDE]))


@pytest.mark.parametrize("release", RELEASES[1:])
def test_a_node_local_cache_is_asked_at_its_addresses(release: str) -> None:
    expected = [
        in_cluster(
            release,
            DNS_AT,
            "dns profile nodelocal needs the addresses that pods ask (dns-resolver)",
            "write dns.addresses as in a pod's /etc/resolv.conf, for example [169.254.20.10]",
        )
    ]
    dns = {"profile": "nodelocal"}

    assert expected == refusals(target(here(release, dns=dns)))
    assert refusals(target(here("cilium@1.19", dns=dns))) == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_service_address_is_no_resolver(release: str) -> None:
    engine = release.partition("@")[0]
    dns = {"profile": "custom", "resolver": {"addresses": ["10.96.0.10"]}}
    expected = [
        in_cluster(
            release,
            DNS_AT,
            "the resolver 10.96.0.10/32 lies inside the cluster's own 10.96.0.0/12, and "
            f"{engine} judges the pod or node behind it (dns-resolver)",
            "name the resolver's pods with dns.resolver.namespace and labels",
        )
    ]

    assert expected == refusals(target(here(release, dns=dns, network=NETWORK)))


@pytest.mark.parametrize("release", RELEASES)
def test_a_resolver_is_not_found_by_labels_that_engines_set(release: str) -> None:
    dns = {"profile": "custom", "resolver": {"namespace": "dns", "pods": {"pcns.env": "x"}}}
    expected = [
        in_cluster(
            release,
            DNS_AT,
            "the label pcns.env is one that network engines set themselves (label-not-selectable)",
            "select the pods by another label",
        )
    ]

    assert expected == refusals(target(here(release, dns=dns)))


@pytest.mark.parametrize("release", RELEASES[:3])
def test_a_rule_for_everyone_never_shares_the_object_of_another(release: str) -> None:
    everyone: list[Text] = [{**INSIDE, "name": "x"}, {**INSIDE, "name": "x-audit"}]
    prefix = "egress.baseline-" if "calico" in release else "egress-baseline-"
    expected = [
        (
            "values/platform.yaml:10:5: error: rule 'x' on cluster 'here' "
            f"({release}): its object would be called {prefix}allow-x-audit, as that of rule "
            "'x-audit' (shared-object-name)\n"
            "  help: rename one of the two rules"
        )
    ]
    halves = {"enforce": ["a"], "audit": ["b"]}

    assert expected == refusals(baseline(here(release), everyone, **halves))
    assert refusals(baseline(here(release), everyone, enforce=["a"])) == []


@pytest.mark.parametrize("release", RELEASES)
def test_names_that_must_be_shortened_stay_apart(release: str) -> None:
    egress = [{**INSIDE, "name": f"{'a' * 61}{end}"} for end in ("-1", "-2")]
    found = list(rules_of(target(here(release), egress)))

    assert len(set(found)) == 3
    assert [len(name) for name in found[1:]] == [63, 63]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    ("default", "stem"),
    [("declared", None), ("same-namespace", "in-cluster"), ("all", "in-cluster")],
)
def test_the_in_cluster_layer_is_there_where_the_platform_says_so(
    release: str, default: str, stem: str | None
) -> None:
    found = rules_of(target(here(release), inCluster=default))
    expected = ["dns"] if stem is None else ["dns", stem]

    assert expected == [each["layer"] for each in found.values()]


@pytest.mark.parametrize("release", RELEASES)
def test_a_baseline_has_no_in_cluster_layer(release: str) -> None:
    found = rules_of(baseline(here(release), [INSIDE], inCluster="all"), "enforce")

    assert [each["layer"] for each in found.values()] == ["dns", "allow"]


@pytest.mark.parametrize("release", RELEASES)
def test_a_baseline_without_rules_for_everyone_denies_only(release: str) -> None:
    values = lowered(baseline(here(release))).values

    assert values["enforce"] == {"namespaces": ["batch", "payments-prod"], "rules": [], "sets": []}


@pytest.mark.parametrize("release", RELEASES)
def test_half_a_baseline_without_namespaces_is_empty(release: str) -> None:
    values = lowered(baseline(here(release), [INSIDE])).values

    assert values["audit"] == {"namespaces": [], "rules": [], "sets": []}


def test_every_problem_of_every_layer_comes_in_one_run_sorted_by_place() -> None:
    egress: list[Text] = [
        {"name": "b", "to": ["*", "example.*"]},
        {"name": "a", "to": [{"cidr": "198.51.100.0/24"}]},
    ]
    broken = cluster("calico", "3.29", dns={"profile": "eks-auto"}, hardening=["sni"])

    assert [
        each.partition(": error")[0] for each in refusals(target(broken, egress, mode="audit"))
    ] == [
        "values/platform.yaml:3:5",
        "values/platform.yaml:4:10",
        "values/teams/payments.yaml:6:3",
        "values/teams/payments.yaml:11:5",
        "values/teams/payments.yaml:12:5",
        "values/teams/payments.yaml:21:5",
    ]
