"""The agent's flags that change what a policy means.

Source: `cilium-agent` command reference of each release. A flag that is not modelled is never
ignored, because the verdict may hang on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

from transire.engines.cilium.facts import RELEASES
from transire.model.engine import Release, Version
from transire.model.problems import Unjudgeable

_POD_RANGES = 20
"""The minor release from which ranges can mean pods."""
_Known = TypeVar("_Known")


class Enforcement(StrEnum):
    """Which pods are policed: those that a policy selects, all, or none (`enable-policy`)."""

    DEFAULT = "default"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One release of the agent with its flags."""

    minor: int
    patch: int = 0
    enforcement: Enforcement = Enforcement.DEFAULT
    l7_proxy: bool = True
    ipv4: bool = True
    ipv6: bool = True
    local_cluster: bool = True
    """Selectors mean the own cluster where they name none (`policy-default-local-cluster`)."""
    extended_protocols: bool = False
    host_firewall: bool = False
    node_labels: bool = False
    """Nodes can be selected by label (`enable-node-selector-labels`)."""
    non_default_deny: bool = True
    """`enableDefaultDeny` is obeyed (`enable-non-default-deny-policies`)."""
    cidr_matches_nodes: bool = False
    cidr_matches_pods: bool = False
    cluster_policies: bool = False
    """ClusterNetworkPolicies are read (`enable-k8s-cluster-network-policy`, from 1.20)."""
    icmp_rules: bool = True
    sctp: bool = False

    @property
    def split_world(self) -> bool:
        """Whether the world has an identity per family: with both families on, from 1.15."""
        return self.ipv4 and self.ipv6 and self.minor >= 15  # noqa: PLR2004 - 1.15


_FLAGS = {
    "enable-l7-proxy": "l7_proxy",
    "enable-ipv4": "ipv4",
    "enable-ipv6": "ipv6",
    "policy-default-local-cluster": "local_cluster",
    "enable-extended-ip-protocols": "extended_protocols",
    "enable-host-firewall": "host_firewall",
    "enable-node-selector-labels": "node_labels",
    "enable-non-default-deny-policies": "non_default_deny",
    "enable-icmp-rules": "icmp_rules",
    "enable-sctp": "sctp",
}
_BOOLEANS = {"true": True, "false": False}
_WITHOUT_EFFECT = frozenset(
    {
        "dnsproxy-enable-transparent-mode",
        "policy-deny-response",
        "tofqdns-dns-reject-response-code",
        "tofqdns-endpoint-max-ip-per-hostname",
        "tofqdns-idle-connection-grace-period",
        "tofqdns-max-deferred-connection-deletes",
        "tofqdns-min-ttl",
        "validate-network-policy",
        "tofqdns-preallocate-identities",
        "tofqdns-proxy-response-max-delay",
    }
)
"""Flags that change how a refusal looks or how long a name is kept, never whether it is let in."""
_MATCH_MODES = {"nodes": "cidr_matches_nodes", "pods": "cidr_matches_pods"}
_SINCE_20 = {"enable-k8s-cluster-network-policy": "cluster_policies"}
"""Flags that 1.20 brought, and so the mode `pods`."""


def agent_of(release: Release, options: Mapping[str, str]) -> Agent:
    """The agent of a release with these flags, spelled as the agent spells them.

    Raises:
        NotModelled: if the release is not modelled.
        Unjudgeable: if a flag or its value is not modelled.
    """
    RELEASES.check(release)
    version = cast("Version", release.version)
    fields: dict[str, bool] = {"local_cluster": version.minor >= 19}  # noqa: PLR2004 - 1.19
    enforcement = Enforcement.DEFAULT
    for flag, value in options.items():
        if flag in _FLAGS or (version.minor >= _POD_RANGES and flag in _SINCE_20):
            fields[{**_FLAGS, **_SINCE_20}[flag]] = _one_of(flag, value, _BOOLEANS)
        elif flag == "enable-policy":
            modes = {str(mode): mode for mode in Enforcement}
            enforcement = _one_of(flag, value, modes)
        elif flag == "policy-cidr-match-mode":
            fields |= dict.fromkeys(_match_modes(flag, value, version.minor), True)
        elif flag not in _WITHOUT_EFFECT:
            raise Unjudgeable("agent flags", flag, "what this flag changes is not modelled")
    if not (fields.get("ipv4", True) or fields.get("ipv6", True)):
        why = "an agent runs with one family at least"
        raise Unjudgeable("agent flags", "enable-ipv4, enable-ipv6", why)
    patch = version.patch or 0
    return Agent(minor=version.minor, patch=patch, enforcement=enforcement, **fields)


def _match_modes(flag: str, value: str, minor: int) -> Iterator[str]:
    """What ranges match besides the world."""
    for mode in value.split(",") if value else ():
        if mode not in _MATCH_MODES or (mode == "pods" and minor < _POD_RANGES):
            legal = "'', 'nodes', 'pods', 'nodes,pods'" if minor >= _POD_RANGES else "'', 'nodes'"
            raise Unjudgeable("agent flags", flag, f"{value!r} is none of {legal}")
        yield _MATCH_MODES[mode]


def _one_of(flag: str, value: str, known: Mapping[str, _Known]) -> _Known:
    found = known.get(value)
    if found is None:
        legal = ", ".join(repr(each) for each in known)
        raise Unjudgeable("agent flags", flag, f"{value!r} is none of {legal}")
    return found
