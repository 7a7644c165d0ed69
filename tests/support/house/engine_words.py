"""Words that belong to one engine, and where they stand in a program's names and strings.

A word in a docstring or a comment explains; a word in a name or a string decides something.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

BRANDS = (
    "antrea", "aws", "calico", "cilium", "felix", "gke", "hubble", "konsole", "kubeovn", "ovn",
    "tigera",
)  # fmt: skip
"""Names of engines and of those who make them, modelled or not."""

NAMES = ("cilium", "calico", "calico-enterprise", "kubernetes")
"""Names of modelled engines, as a values file has them.

The last is the platform's name as well, so it counts only where a string is nothing else.
"""

GROUPS = (
    "cilium.io", "crd.antrea.io", "crd.projectcalico.org", "fqdn.konsole.is", "k8s.ovn.org",
    "kubeovn.io", "networking.gke.io", "networking.k8s.aws", "networking.k8s.io",
    "policy.networking.k8s.io", "projectcalico.org",
)  # fmt: skip
"""API groups of network policy."""

KINDS = (
    "AdminNetworkPolicy", "ApplicationNetworkPolicy", "BaselineAdminNetworkPolicy",
    "CiliumCIDRGroup", "CiliumClusterwideNetworkPolicy", "CiliumNetworkPolicy",
    "ClusterNetworkPolicy", "EgressFirewall", "EgressIP", "FQDNNetworkPolicy",
    "GlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "NetworkPolicy", "NetworkSet",
    "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy", "StagedNetworkPolicy",
)  # fmt: skip
"""Kinds of network policy and of what it refers to; `Tier` is a word of the values language."""

FIELDS = (
    # Kubernetes
    "endPort", "ipBlock", "matchExpressions", "matchLabels", "namespaceSelector", "podSelector",
    "policyTypes",
    # policy.networking.k8s.io
    "destinationNamedPort", "destinationPort", "domainNames", "namedPort", "portNumber",
    "portRange",
    # Cilium
    "cidrGroupRef", "cidrGroupSelector", "egressDeny", "enableDefaultDeny", "endpointSelector",
    "envoyConfig", "fromCIDR", "fromCIDRSet", "fromEndpoints", "fromEntities", "fromGroups", "fromNodes",
    "fromRequires", "icmps", "ingressDeny", "k8sService", "k8sServiceSelector", "matchName",
    "matchPattern", "nodeSelector", "originatingTLS", "serverNames", "terminatingTLS", "toCIDR",
    "toCIDRSet", "toEndpoints", "toEntities", "toFQDNs", "toGroups", "toNodes", "toPorts",
    "toRequires", "toServices",
    # Calico
    "allowedEgressDomains", "applyOnForward", "defaultAction", "doNotTrack", "expectedIPs",
    "interfaceName", "ipVersion", "notICMP", "notNets", "notPorts", "notProtocol", "notSelector",
    "performanceHints", "preDNAT", "serviceAccountSelector", "stagedAction",
    # Antrea, OVN-Kubernetes
    "appliedTo", "cidrSelector", "dnsName", "toNetworks",
)  # fmt: skip
"""Names of fields that no other object of Kubernetes, and no language here, has."""

VALUES = ("kube-admin", "kube-baseline", "remote-node")
"""Names of tiers and of reserved identities, which count only where a string is nothing else."""

_QUOTES = re.compile(r"^[A-Za-z]{0,2}[\"']+|[\"']+$")
_BRAND = re.compile("|".join(BRANDS), re.IGNORECASE)
_SHORT = frozenset({"aws", "gke", "ovn"})
"""Brands that are parts of other words, and count only as words."""
_WORD = re.compile(r"[A-Za-z0-9]+")
_FIELDS = frozenset(FIELDS)
_GROUP = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, GROUPS))})(?![\w.-])")
_KIND_NAMES = frozenset(each.lower() for each in KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineWord:
    """One word, kinds in lower case, the token that holds it, and the line where that begins."""

    word: str
    token: str
    line: int


def engine_words(source: str) -> Iterator[EngineWord]:
    """The engine words in the names and strings of a program, docstrings left out."""
    left_out = set(_docstrings(source))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        found: set[str] = set()
        if token.type == tokenize.NAME:
            found = _in_name(token.string)
        elif token.type in _STRINGS and token.start not in left_out:
            found = _in_text(token.string)
        for word in sorted(found):
            yield EngineWord(word=word, token=token.string, line=token.start[0])


_STRINGS = frozenset({tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)})
"""Strings, and from Python 3.12 on what stands between the braces of one."""


def _docstrings(source: str) -> Iterator[tuple[int, int]]:
    """Where strings begin that are statements of their own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.lineno, node.col_offset


def _brands(words: list[str], text: str) -> set[str]:
    found = {each.lower() for each in _BRAND.findall(text)}
    return {each for each in found if each not in _SHORT or each in words}


def _in_name(name: str) -> set[str]:
    words = [each.lower() for each in name.split("_")]
    joined = name.replace("_", "").lower()
    kinds = {each for each in _KIND_NAMES if each in joined}
    return {*_brands(words, name), *kinds, *({name} & _FIELDS)}


def _in_text(written: str) -> set[str]:
    words = _WORD.findall(written)
    lowered = [each.lower() for each in words]
    found = {*_brands(lowered, written), *(_FIELDS & set(words)), *(_KIND_NAMES & set(lowered))}
    found |= set(_GROUP.findall(written))
    return found | ({_QUOTES.sub("", written)} & {"kubernetes", *VALUES})
