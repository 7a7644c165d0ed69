"""What a cluster's agent flags mean for policies, and which of them are refused.

Sources: Cilium's `pkg/policy/repository.go`, `pkg/policy/api/rule_validation.go`, the agent's
command reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from transire.engines.api.refusal import Refusal
from transire.model.intent import Cluster

_BOOLEAN = ("false", "true")
_VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "enable-policy": ("always", "default", "never"),
        "enable-l7-proxy": _BOOLEAN,
        "enable-non-default-deny-policies": _BOOLEAN,
        "policy-cidr-match-mode": ("", "nodes"),
        "policy-default-local-cluster": _BOOLEAN,
        "enable-icmp-rules": _BOOLEAN,
        "enable-ipv4": _BOOLEAN,
        "enable-ipv6": _BOOLEAN,
        "enable-extended-ip-protocols": _BOOLEAN,
        "enable-sctp": _BOOLEAN,
        "enable-host-firewall": _BOOLEAN,
        "enable-node-selector-labels": _BOOLEAN,
        "validate-network-policy": _BOOLEAN,
        "dnsproxy-enable-transparent-mode": _BOOLEAN,
        "policy-deny-response": ("icmp", "none"),
        "tofqdns-dns-reject-response-code": ("nameError", "refused"),
    }
)
"""Flags whose effect is known, with the values they take."""

_SINCE: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {"enable-k8s-cluster-network-policy": ("1.20", _BOOLEAN)}
)
"""The same of flags that a later release brought, with the release."""

_ANY_VALUE = frozenset(
    {
        "tofqdns-endpoint-max-ip-per-hostname",
        "tofqdns-idle-connection-grace-period",
        "tofqdns-max-deferred-connection-deletes",
        "tofqdns-min-ttl",
        "tofqdns-proxy-response-max-delay",
    }
)
"""Flags that only bound how long and how many responses are kept."""


def flag(cluster: Cluster, name: str, default: str) -> str:
    """The value of an agent flag."""
    return dict(cluster.agent).get(name, default)


def sees_dns(cluster: Cluster) -> bool:
    """Whether the agent can intercept queries, without which it learns no host's address."""
    return flag(cluster, "enable-l7-proxy", "true") == "true"


def flag_faults(cluster: Cluster) -> Iterator[Refusal]:
    """Flags with unknown effect, with unknown values, or that leave nothing enforced."""
    for name, value in cluster.agent:
        if name in _ANY_VALUE:
            continue
        since, values = _SINCE.get(name, ("", _VALUES.get(name)))
        if values is None or (since and not cluster.release.at_least(since)):
            yield Refusal(
                id="agent-flag",
                why=f"the effect of agent flag {name} on policies is not modelled",
                remedy=f"remove {name} from agent if it changes no verdict",
            )
        elif value not in values:
            known = ", ".join(map(repr, values))
            yield Refusal(
                id="agent-flag",
                why=f"agent flag {name} is {value!r}, and its values are {known}",
                remedy=f"write the value of {name} as the agent has it",
            )
    if flag(cluster, "enable-policy", "default") == "never":
        yield Refusal(
            id="agent-flag",
            why="agent flag enable-policy is 'never', so no policy is enforced",
            remedy="run the agent with enable-policy 'default' or 'always'",
        )


def audit_faults(cluster: Cluster) -> Iterator[Refusal]:
    """Flags that would make an audit block."""
    if flag(cluster, "enable-policy", "default") == "always":
        yield _audit_fault("enable-policy is 'always', so pods without a default-deny policy drop")
    if flag(cluster, "enable-non-default-deny-policies", "true") == "false":
        yield _audit_fault("enable-non-default-deny-policies is 'false', so every policy drops")


def _audit_fault(why: str) -> Refusal:
    return Refusal(
        id="audit-not-possible",
        why=f"mode audit blocks nothing, and agent flag {why} what it does not allow",
        remedy="publish with mode: enforce, or change the flag",
    )
