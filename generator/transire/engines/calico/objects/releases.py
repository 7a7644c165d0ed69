"""How releases of Calico differ where a verdict depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class TieBreak(Enum):
    """What orders two policies of equal `order`, compared byte by byte.

    Source: `felix/calc/policy_sorter.go`; the second since 3.32.
    """

    KEY = "<namespace>/<tier>.<name>"
    NAME = "<name>/<namespace>/<kind>"


@dataclass(frozen=True, slots=True)
class BuiltinTier:
    """A tier that exists without being created."""

    name: str
    order: float
    passes: bool


DEFAULT_ORDER = 1_000_000.0
"""Order of the default tier, and of every tier that is given none."""

DEFAULT = BuiltinTier("default", DEFAULT_ORDER, passes=False)

_ADMIN = BuiltinTier("adminnetworkpolicy", 1_000, passes=True)
_BASELINE = BuiltinTier("baselineadminnetworkpolicy", 10_000_000, passes=True)
_KUBE_ADMIN = BuiltinTier("kube-admin", 1_000, passes=True)
_KUBE_BASELINE = BuiltinTier("kube-baseline", 10_000_000, passes=True)

_ADMIN_POLICIES = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy")

OPERATOR_TIERS = ("allow-tigera", "calico-system")
"""Tiers that exist only where the operator installed Calico."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way to read Calico's objects.

    `prefixed_names`: a policy outside the default tier must be named `<tier>.<name>`.
    `bare_named_ports`: a rule whose ports are all names needs no protocol.
    `domains`: Calico Enterprise's fields exist.
    `cluster_policies`: kinds of `policy.networking.k8s.io` that it enforces.
    """

    tie_break: TieBreak
    prefixed_names: bool
    bare_named_ports: bool
    staged: bool
    domains: bool
    tier_status: bool
    cluster_policies: tuple[str, ...]
    tiers: tuple[BuiltinTier, ...]


def _until_31(*tiers: BuiltinTier, staged: bool, domains: bool) -> Dialect:
    return Dialect(
        tie_break=TieBreak.KEY,
        prefixed_names=True,
        bare_named_ports=False,
        staged=staged,
        domains=domains,
        tier_status=domains,
        cluster_policies=_ADMIN_POLICIES if staged else _ADMIN_POLICIES[:1],
        tiers=(DEFAULT, *tiers),
    )


def _since_32(*, domains: bool) -> Dialect:
    return Dialect(
        tie_break=TieBreak.NAME,
        prefixed_names=False,
        bare_named_ports=True,
        staged=True,
        domains=domains,
        tier_status=True,
        cluster_policies=("ClusterNetworkPolicy",),
        tiers=(DEFAULT, _KUBE_ADMIN, _KUBE_BASELINE),
    )


V3_29 = _until_31(_ADMIN, staged=False, domains=False)
V3_30 = _until_31(_ADMIN, _BASELINE, staged=True, domains=False)
V3_32 = _since_32(domains=False)

DIALECTS: Mapping[tuple[int, int], Dialect] = {
    (3, 29): V3_29,
    (3, 30): V3_30,
    (3, 31): V3_30,
    (3, 32): V3_32,
}
"""How each modelled release reads objects."""

ENTERPRISE = (
    _until_31(_ADMIN, _BASELINE, staged=True, domains=True),
    _since_32(domains=True),
)
"""What an enterprise release may be: its public documents do not say which it is."""

ENTERPRISE_LINES = ((3, 21), (3, 22), (3, 23))
"""The modelled releases of Calico Enterprise.

Their documents describe the same fields; which open-source release each follows is not told, so a
verdict that depends on it is not given.
"""
