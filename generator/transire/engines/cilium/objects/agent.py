"""The agent's flags that change what a policy means.

Source: `cilium-agent` command reference of each release. A flag that is not modelled is never
ignored, because the verdict may hang on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from transire.engines.cilium.facts import RELEASES
from transire.model.engine import Release
from transire.model.problems import NotModelled, Unjudgeable

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
_MATCH_MODES = {"": False, "nodes": True}


def agent_of(release: Release, options: Mapping[str, str]) -> Agent:
    """The agent of a release with these flags, spelled as the agent spells them.

    Raises:
        NotModelled: if the release is not modelled.
        Unjudgeable: if a flag or its value is not modelled.
    """
    version = release.version
    if version is None or not RELEASES.has(version):
        raise NotModelled(f"{RELEASES.fault(version)}; {RELEASES.remedy}")
    fields: dict[str, bool] = {"local_cluster": version.minor >= 19}  # noqa: PLR2004 - 1.19
    enforcement = Enforcement.DEFAULT
    for flag, value in options.items():
        if flag in _FLAGS:
            fields[_FLAGS[flag]] = _one_of(flag, value, _BOOLEANS)
        elif flag == "enable-policy":
            modes = {str(mode): mode for mode in Enforcement}
            enforcement = _one_of(flag, value, modes)
        elif flag == "policy-cidr-match-mode":
            fields["cidr_matches_nodes"] = _one_of(flag, value, _MATCH_MODES)
        elif flag not in _WITHOUT_EFFECT:
            raise Unjudgeable("agent flags", flag, "what this flag changes is not modelled")
    return Agent(minor=version.minor, enforcement=enforcement, **fields)


def _one_of(flag: str, value: str, known: Mapping[str, _Known]) -> _Known:
    found = known.get(value)
    if found is None:
        legal = ", ".join(repr(each) for each in known)
        raise Unjudgeable("agent flags", flag, f"{value!r} is none of {legal}")
    return found
