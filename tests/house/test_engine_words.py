"""What one engine is called, and what it calls its things, stands in that engine's folder alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from support.house.engine_words import (
    BRANDS,
    FIELDS,
    GROUPS,
    KINDS,
    NAMES,
    EngineWord,
    engine_words,
)
from support.paths import ROOT
from transire.engines.api.policy_kinds import CONVERTED
from transire.engines.api.policy_view import PolicyApi
from transire.engines.registry import ENGINES, policy_kinds
from transire.k8s.cluster_policies import EDITIONS
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP
from transire.k8s.typed_decoding import field_names
from transire.model.engine import Release

PACKAGE = ROOT / "generator" / "transire"
UNSEARCHED = ("engines/", "flowlogs/", "points/istio/")
"""Engines themselves, the readers of their logs, and a mesh, which shares words with them."""
OWN_RULES = ("review/lint/rules/calico/", "review/lint/rules/cilium/")
"""Rules of lint that belong to one engine."""
KUBERNETES = frozenset(
    {
        "networking.k8s.io", "policy.networking.k8s.io", "networkpolicy", "adminnetworkpolicy",
        "baselineadminnetworkpolicy", "clusternetworkpolicy", "endPort", "ipBlock",
        "matchExpressions", "matchLabels", "namespaceSelector", "podSelector", "policyTypes",
        "destinationNamedPort", "destinationPort", "domainNames", "namedPort", "portNumber",
        "portRange",
    }
)  # fmt: skip
"""Words of the two APIs of Kubernetes itself, whose machinery is the room `k8s`."""

_PROFILE = "a DNS profile of the values language, which names who runs the resolver"
_KEY = "a key of the values language: hosts may be left to a set that somebody else keeps"
_CHECKED = "a key of the values language: whether TLS server names are checked"
_CONDITIONS = "a key of the values language: conditions on labels, in the word of Kubernetes"
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("flows/peer_set.py", '"remote-node"'): "a name that files about a cluster use",
    ("meaning/premises/dns_resolvers.py", "GKE_CLOUD_DNS"): _PROFILE,
    (
        "meaning/premises/metadata_services.py",
        '"AWS, roles of tasks and of pods included"',
    ): "a cloud",
    ("meaning/suffix_facts.py", '"aws"'): "a top-level domain",
    ("model/choices.py", "GKE_CLOUD_DNS"): _PROFILE,
    ("model/choices.py", '"gke-cloud-dns"'): _PROFILE,
    ("review/lint/rules/addresses/cluster_ip.py", '"GKE"'): "who installs a cluster, no engine",
    ("review/lint/resolvers.py", '"gke-managed-system"'): "a namespace",
    ("review/diff/settings.py", '"networkSet"'): _KEY,
    ("review/report/json_document.py", '"networkSet"'): _KEY,
    ("model/pod_selector.py", '"matchExpressions"'): _CONDITIONS,
    ("review/report/json_document.py", '"serverNames"'): _CHECKED,
    ("values/cluster.py", '"networkSet"'): _KEY,
    ("values/egress_rules.py", '"serverNames"'): _CHECKED,
    ("values/pod_sources.py", '"matchExpressions"'): _CONDITIONS,
    (
        "values/rule_text.py",
        """f"matchExpressions: [{', '.join(map(_condition, each.expressions))}]\"""",
    ): _CONDITIONS,
}
"""File and token, and why that is no engine's word there."""

GENERIC = frozenset(
    {
        "privateKey", "securityGroupsIds", "securityGroupsNames", "serviceAccounts", "serviceName",
        "trustedCA",
    }
)  # fmt: skip
"""Fields in an engine's schema whose names are common elsewhere."""


@cache
def own_rules() -> frozenset[str]:
    """The names of the folders and modules of rules that belong to one engine."""
    folders = [PACKAGE / each for each in OWN_RULES]
    modules = (module.stem for each in folders for module in each.glob("*.py"))
    return frozenset({*(each.name for each in folders), *modules})


def is_allowed(path: str, line: str, word: EngineWord) -> bool:
    """Whether the word stands where it belongs.

    AWS is also one of the vendors whose addresses go into bundles. The list of rules names the modules of every rule, and a rule's `EXAMPLE` the release whose
    YAML stands on its page.
    """
    if path.startswith("k8s/"):
        return word.word in KUBERNETES
    if path == "review/lint/registry.py":
        return word.token in own_rules()
    if path.startswith("values/vendors/") and word.word == "aws":
        return True
    is_page = path.startswith("review/lint/rules/") and line.startswith("EXAMPLE = ")
    return is_page or (path, word.token) in EXCEPTIONS


@cache
def searched() -> Mapping[str, str]:
    """The source of every module that should know no engine."""
    paths = {each.relative_to(PACKAGE).as_posix(): each for each in PACKAGE.rglob("*.py")}
    return {
        path: each.read_text("utf-8")
        for path, each in sorted(paths.items())
        if not path.startswith((*UNSEARCHED, *OWN_RULES))
    }


@cache
def found() -> tuple[tuple[str, str, EngineWord], ...]:
    """Every word with its file and the line it begins on."""
    return tuple(
        (path, source.splitlines()[word.line - 1], word)
        for path, source in searched().items()
        for word in engine_words(source)
    )


def test_no_engine_word_stands_outside_the_engines() -> None:
    astray = [
        f"{path}:{word.line}: {word.word} in {word.token}"
        for path, line, word in found()
        if not is_allowed(path, line, word)
    ]

    assert len(searched()) > 250
    assert astray == []


def test_every_exception_is_needed() -> None:
    tokens = {(path, word.token) for path, _, word in found()}

    assert set(EXCEPTIONS) - tokens == set()
    assert {word.word for path, _, word in found() if path.startswith("k8s/")} == KUBERNETES


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('if engine == "cilium":\n    pass\n', ["cilium"]),
        ('if engine == "kubernetes":\n    pass\n', ["kubernetes"]),
        ("is_calico = True\n", ["calico"]),
        ("_CALICO_KINDS = ()\n", ["calico"]),
        ("def f(networkpolicies): ...\n", []),
        ("def f(x): return is_networkpolicy(x)\n", ["networkpolicy"]),
        ("class NetworkSets: ...\n", ["networkset"]),
        ('rule["toFQDNs"]\n', ["toFQDNs"]),
        ('at = f"{here}/endpointSelector/x"\n', ["endpointSelector"]),
        ('kind = "CiliumNetworkPolicy"\n', ["cilium", "ciliumnetworkpolicy"]),
        ('group = "crd.antrea.io"\n', ["antrea", "crd.antrea.io"]),
        ('apply("policy.networking.k8s.io/v1alpha1")\n', ["policy.networking.k8s.io"]),
        ('name = "k8s.ovn.org"\n', ["k8s.ovn.org", "ovn"]),
        ('where = "aws"\n', ["aws"]),
        ('tier = "kube-admin"\n', ["kube-admin"]),
        ('flags = ("remote-node", "the remote-node")\n', ["remote-node"]),
        ('"""Cilium alone reads toFQDNs."""\n\nX = 1\n"""As Calico has it."""\n', []),
        ("x = 1  # Calico's order\n", []),
        ('text = "laws of woven cloth, in the Kubernetes documentation"\n', []),
        ('labels = {"app.kubernetes.io/name": "x"}\n', []),
    ],
)
def test_a_planted_word_is_found_and_an_explanation_is_not(source: str, words: list[str]) -> None:
    assert [each.word for each in engine_words(source)] == words


def test_a_word_planted_in_a_room_is_not_allowed_there() -> None:
    (word,) = engine_words('x = "toFQDNs"\n')
    (policy,) = engine_words('x = "NetworkPolicy"\n')

    assert not is_allowed("k8s/networkpolicy.py", 'x = "toFQDNs"', word)
    assert is_allowed("k8s/networkpolicy.py", 'x = "NetworkPolicy"', policy)
    assert not is_allowed("values/team.py", 'x = "NetworkPolicy"', policy)
    assert not is_allowed("review/lint/registry.py", 'x = "toFQDNs"', word)


def test_the_words_hold_the_names_of_every_engine() -> None:
    assert set(NAMES) == set(ENGINES)
    for name in set(ENGINES) - {"kubernetes"}:
        assert any(brand in name for brand in BRANDS), name


def test_the_words_hold_the_kinds_and_groups_of_every_engine() -> None:
    tables = policy_kinds().values()
    written = {
        (each.group, each.kind)
        for engine in ENGINES.values()
        for kinds in [engine.kinds(engine.releases.newest)]
        for each in (*kinds.team, *kinds.baseline, *([kinds.tier] if kinds.tier else []))
    }
    kinds = {kind for each in tables for kind in each.policies | each.parts}
    kinds |= {kind for _, kind in written} | set(EDITIONS) | {kind for _, kind in CONVERTED}

    assert kinds - {"Tier"} - set(KINDS) == set()
    assert {each.group for each in tables} | {group for group, _ in (*written, *CONVERTED)} == set(
        GROUPS
    )


def fields(api: PolicyApi, release: Release) -> Iterator[str]:
    """The names of the fields of an API near the top of its objects."""
    for kind in sorted(kind for each in api.kinds for kind in each.policies | each.parts):
        ways: list[tuple[str, ...]] = [("spec",)]
        while ways:
            way = ways.pop()
            names = api.fields(kind, way, release)
            yield from names
            ways += [(*way, each) for each in names if len(way) < 4]


def test_the_words_hold_the_fields_of_every_engine() -> None:
    known = {
        name
        for engine in ENGINES.values()
        for api in engine.view.apis
        for name in fields(api, engine.releases.newest)
        if not name.islower()
    }
    of_cluster_policies = {
        name
        for each in EDITIONS.values()
        for way in (("spec",), ("spec", "egress"), ("spec", "egress", "ports"))
        for name in field_names(each.shape, way)
        if not name.islower()
    }

    assert len(known) > 50
    assert (known | of_cluster_policies) - set(FIELDS) == GENERIC


def test_policies_of_the_cluster_are_words_of_kubernetes() -> None:
    assert CLUSTER_GROUP in KUBERNETES
    assert {each.lower() for each in EDITIONS} <= KUBERNETES
