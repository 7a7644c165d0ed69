"""`transire who`: which teams may reach something, by which rule, why and until when."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import transire
from support.paths import ROOT
from support.policy_repository import copy_example, edit, run
from transire.flows.pod_set import Workload
from transire.meaning.target import all_targets
from transire.review.who.ways import Manner
from transire.values.load import load

PLACES = "on edge, prod-eu, prod-onprem, prod-us, staging"
AUDITED = """
in audit, so that pods reach everything:
  payments-staging.staging: no end is set
"""
RATES = f"""\
rates.example.org:443: 1 rule, 3 targets {PLACES}

ledger: exchange-rates, values/teams/ledger.yaml:15
  reason: read the rates of the day
  ticket: none; ends: never
  ledger.prod-eu (cilium@1.19, enforce): every pod on 443/TCP, by rates.example.org
  ledger.prod-onprem (calico-enterprise@3.22, enforce): every pod on 443/TCP, by rates.example.org
  ledger.staging (calico@3.30, enforce): every pod on 443/TCP, by rates.example.org \
(delegated to proxy egress-proxy/app=squid:3128)

by address, where rates.example.org has one in such a range (give its addresses with --at):
  identity: directory, values/teams/identity.yaml:13: 10.80.4.0/24 on 443/TCP \
(identity.edge, identity.prod-eu)
"""


def test_every_rule_that_leads_to_a_host_is_named_with_reason_and_end() -> None:
    ran = run(ROOT, "who", "rates.example.org:443")

    assert ran.code == 0
    assert ran.out == RATES + AUDITED


def test_a_rule_of_the_platform_leads_the_pods_of_every_enrolled_namespace_there() -> None:
    ran = run(ROOT, "who", "time.example.com:123/UDP", "--cluster", "prod-us")

    assert ran.out == (
        "time.example.com:123/UDP: 1 rule, 4 targets on prod-us\n\n"
        "the platform, for everyone: time, values/platform.yaml:72\n"
        "  reason: set the clock\n"
        "  ticket: none; ends: never\n"
        "  analytics.prod-us (cilium@1.17, enforce): every pod on 123/UDP, by time.example.com\n"
        "  messaging.prod-us (cilium@1.17, enforce): every pod on 123/UDP, by time.example.com\n"
        "  storefront.prod-us (cilium@1.17, enforce): every pod on 123/UDP, by time.example.com\n"
        "  batch.prod-us (cilium@1.17, enforce): every pod on 123/UDP, by time.example.com\n"
    )


def test_nobody_is_an_answer() -> None:
    ran = run(ROOT, "who", "nobody.example:443", "--cluster", "prod-us")

    assert ran.code == 0
    assert ran.out == "no rule leads to nobody.example:443 on prod-us\n"


def test_an_end_that_has_passed_is_named(tmp_path: Path) -> None:
    root = copy_example(tmp_path)
    edit(root, "values/teams/payments.yaml", "expires: 2036-03-31", "expires: 2026-11-01")
    ran = run(root, "who", "a.storage.example.net", "--cluster", "prod-eu", "--as-of", "2026-11-23")

    assert (
        "  ticket: SEC-1412; ends: 2026-11-01, which has passed; the charts still have it\n"
        in ran.out
    )


@pytest.mark.parametrize(
    ("host", "cluster", "line"),
    [
        (
            "a.b.warehouse.example.io",
            "prod-onprem",
            "*.warehouse.example.io (widened to it)",
        ),
        (
            "a.b.c.d.e.collect.example.io",
            "prod-us",
            "**.collect.example.io (narrowed: not allowed here)",
        ),
    ],
)
def test_what_an_approximation_makes_of_a_host_is_told_apart(
    host: str, cluster: str, line: str
) -> None:
    ran = run(ROOT, "who", host, "--cluster", cluster)

    assert f": every pod on 443/TCP, by {line}\n" in ran.out


def test_addresses_of_a_name_decide_about_ranges() -> None:
    inside = run(ROOT, "who", "sftp.example:22", "--at", "198.51.100.17", "--cluster", "prod-eu")
    outside = run(ROOT, "who", "sftp.example:22", "--at", "198.51.100.7", "--cluster", "prod-eu")

    assert (
        "  payments-prod.prod-eu (cilium@1.19, enforce): app=settlement on 22/TCP, by "
        "198.51.100.16/28\n"
    ) in inside.out
    assert outside.out == "no rule leads to sftp.example:22 on prod-eu\n"


@pytest.mark.parametrize(
    ("destination", "rules"),
    [
        ("198.51.100.17:22", ["settlement"]),
        ("198.51.100.17:443", []),
        ("198.51.100.0/24", ["settlement"]),
        ("198.51.100.0/24:8005", ["settlement"]),
        ("192.168.10.7", ["node-agents"]),
        ("10.0.3.4", []),
        ("2001:db8::7", []),
        ("[2001:db8::7]:443", []),
        ("pod:ledger/app=ledger:8080", ["defaults.inCluster", "ledger"]),
        ("pod:kube-system/k8s-app=kube-dns:53/UDP", ["dns"]),
        ("entity:kube-apiserver", ["leader-election"]),
        ("entity:nodes:8443", ["node-agents"]),
        ("*.stripe.com", ["card-processing"]),
        ("API.Stripe.com.:443", ["card-processing"]),
        ("api.stripe.com:443/udp", []),
    ],
)
def test_every_kind_of_destination_has_an_answer(destination: str, rules: list[str]) -> None:
    found = transire.who(destination, root=ROOT, cluster="prod-eu")

    certain = [each for each in found.ways if each.manner is not Manner.BY_RANGE]
    assert sorted({each.rule.name if each.rule else each.setting for each in certain}) == rules


def test_hosts_of_an_engine_without_names_lead_to_the_proxy() -> None:
    found = transire.who("pod:egress-proxy/app=squid:3128", root=ROOT, cluster="staging")

    assert "exchange-rates" in {each.rule.name for each in found.ways if each.rule}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("https://x.example/",), "'https://x.example/' is a URL, not a host; write "),
        (("api.example.com:https",), "'https' in 'a.b:https' is no port; write 1 to 65535"),
        (("entity:internet",), "'internet' in 'entity:internet:1' is no entity; write "),
        (("10.0.0.7", "--at", "10.0.0.8"), "addresses are given of a host, and '10.0.0.7' is none"),
        (("a.example", "--at", "b.example"), "'b.example' is no address and no range"),
        (
            ("a.example", "--cluster", "./cluster.json"),
            "who reads the values, and './cluster.json' is a cluster file; name a cluster of ",
        ),
        (("a.example", "--cluster", "prod"), "there is no cluster 'prod'; the clusters are edge, "),
    ],
)
def test_what_nobody_can_be_asked_about_is_a_usage_error(
    words: tuple[str, ...], message: str
) -> None:
    ran = run(ROOT, "who", *words)

    assert ran.code == 2
    assert ran.err.startswith(message)


def test_json_has_every_way_with_its_rule() -> None:
    words = ("who", "rates.example.org:443", "--cluster", "staging", "--as-of", "2026-11-23")
    document = json.loads(run(ROOT, *words, "--format", "json").out)

    assert document["ways"] == [
        {
            "team": "ledger",
            "namespace": "ledger",
            "cluster": "staging",
            "environment": "staging",
            "engine": "calico@3.30",
            "mode": "enforce",
            "manner": "delegated",
            "pods": "any pod",
            "ports": "443/TCP",
            "by": "rates.example.org",
            "delegatedTo": "proxy egress-proxy/app=squid:3128",
            "setting": None,
            "rule": {
                "team": "ledger",
                "name": "exchange-rates",
                "path": "values/teams/ledger.yaml",
                "line": 15,
                "reason": "read the rates of the day",
                "ticket": None,
                "expires": None,
                "ended": False,
            },
        }
    ]
    assert [each["namespace"] for each in document["audited"]] == ["payments-staging"]


HOSTS = (
    "api.stripe.com:443",
    "a.storage.example.net:443",
    "rates.example.org:443",
    "img-eu.cdn.example.com:443",
    "a.b.warehouse.example.io:5432",
    "x.collect.example.io:443",
    "time.example.com:123/UDP",
    "github.com:443",
    "github.com:22",
    "unlisted.example:443",
)
ADDRESSES = ("198.51.100.17:22", "203.0.113.4:8005", "10.80.4.9:443", "203.0.113.70:20001/UDP")
PODS = ("pod:ledger/app=ledger:8080", "pod:payments-prod/app=checkout:8080")


def sources(root: Path) -> dict[str, list[dict[str, str]]]:
    """Pods that rules tell apart, by target: those with the labels of a rule, and one without."""
    return {
        target.name: [
            {},
            *(dict(one.labels) for rule in target.rules for one in rule.sources if one),
        ]
        for target in all_targets(load(root))
        if target.mode == "enforce"
    }


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_example(tmp_path_factory.mktemp("who") / "policies")
    transire.generate(root, as_of=date(2026, 11, 23))
    return root


@pytest.mark.slow("long runs in a repository")
@pytest.mark.parametrize("cluster", ["edge", "prod-eu", "prod-onprem", "prod-us", "staging"])
def test_who_and_explain_agree_about_every_pod(generated: Path, cluster: str) -> None:
    pods = {name: each for name, each in sources(generated).items() if name.endswith(f".{cluster}")}
    asked = [
        (name.partition(".")[0], labels, to)
        for name, each in pods.items()
        for labels in each
        for to in (*HOSTS, *ADDRESSES, *PODS)
    ]
    questions = [
        (f"{namespace}/{','.join(f'{k}={v}' for k, v in labels.items())}".removesuffix("/"), to)
        for namespace, labels, to in asked
    ]
    answers = {
        to: transire.who(to, root=generated, cluster=cluster) for to in (*HOSTS, *ADDRESSES, *PODS)
    }
    explained = transire.explain(questions, root=generated, cluster=cluster)

    for (namespace, labels, to), verdict in zip(asked, explained, strict=True):
        pod = Workload(namespace=namespace, labels=labels)
        leads = any(
            each.manner in {Manner.ALLOWED, Manner.WIDENED}
            and each.target.namespace == namespace
            and pod in each.pods
            for each in answers[to].ways
        )
        assert verdict.verdict == (transire.Verdict.ALLOW if leads else transire.Verdict.DENY), (
            namespace,
            labels,
            to,
            verdict.decision.reason,
        )
