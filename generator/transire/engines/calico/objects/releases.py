"""How releases of Calico differ where a verdict depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType


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

ADMIN = BuiltinTier("adminnetworkpolicy", 1_000, passes=True)
BASELINE = BuiltinTier("baselineadminnetworkpolicy", 10_000_000, passes=True)
KUBE_ADMIN = BuiltinTier("kube-admin", 1_000, passes=True)
KUBE_BASELINE = BuiltinTier("kube-baseline", 10_000_000, passes=True)

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
    `stored_schema`: what is stored obeys the schema of `projectcalico.org/v3`, sets included.
    `limits`: that schema also bounds lists and texts, and checks what only the validator did.
    `native`: the cluster has native definitions of `projectcalico.org/v3`, and no API server of
    Calico's that checks more than they do.
    """

    tie_break: TieBreak
    prefixed_names: bool
    bare_named_ports: bool
    staged: bool
    domains: bool
    tier_status: bool
    cluster_policies: tuple[str, ...]
    tiers: tuple[BuiltinTier, ...]
    stored_schema: bool = False
    limits: bool = False
    native: bool = False

    @property
    def has_native(self) -> bool:
        """Whether the release has native definitions at all."""
        return self.stored_schema

    def natively(self) -> Dialect:
        """The same release in a cluster with native definitions."""
        return replace(self, native=True)


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
        tiers=(DEFAULT, KUBE_ADMIN, KUBE_BASELINE),
        stored_schema=True,
    )


V3_29 = _until_31(ADMIN, staged=False, domains=False)
V3_30 = _until_31(ADMIN, BASELINE, staged=True, domains=False)
V3_32 = _since_32(domains=False)
V3_33 = replace(V3_32, limits=True)

OPEN_SOURCE: Mapping[tuple[int, int], tuple[Dialect, ...]] = MappingProxyType(
    {
        (3, 29): (V3_29,),
        (3, 30): (V3_30,),
        (3, 31): (V3_30,),
        (3, 32): (V3_32,),
        (3, 33): (V3_33,),
    }
)
"""How each modelled release of open-source Calico reads objects."""

_ENTERPRISE_30 = _until_31(ADMIN, BASELINE, staged=True, domains=True)
_ENTERPRISE_32 = _since_32(domains=True)

ENTERPRISE: Mapping[tuple[int, int], tuple[Dialect, ...]] = MappingProxyType(
    {
        (3, 21): (_ENTERPRISE_30,),
        (3, 22): (_ENTERPRISE_30,),
        (3, 23): (_ENTERPRISE_32,),
        (3, 24): (_ENTERPRISE_32, replace(_ENTERPRISE_32, limits=True)),
    }
)
"""How each modelled release of Calico Enterprise reads objects.

Its `releases.json` names the open-source line that each release follows: 3.30, 3.31, 3.32, and for
the early releases of 3.24 again 3.32. The operator's definitions have the limits of 3.33, so for
3.24 a verdict has to hold with and without them.
"""
