"""Calico and Calico Enterprise as the other rooms see them: one family, two engines."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from transire.engines.api.engine import Engine, always_applied, exactly
from transire.engines.api.health import Health, no_checks
from transire.engines.calico import enterprise, facts, open_source
from transire.engines.calico.advice import advise, advise_enterprise
from transire.engines.calico.allowances import allowances_with
from transire.engines.calico.diagnosis import DIAGNOSIS
from transire.engines.calico.lint_view import ENTERPRISE_VIEW, VIEW
from transire.engines.calico.lower import enterprise as enterprise_lower
from transire.engines.calico.lower import open_source as open_source_lower
from transire.engines.calico.lower.domains import as_read
from transire.engines.calico.objects.kept_form import kept
from transire.engines.calico.observation import ENTERPRISE_OBSERVATION, OBSERVATION
from transire.engines.calico.policy_scope import SCOPE, enforced

_CHECKED = (
    "GlobalNetworkPolicy",
    "GlobalNetworkSet",
    "NetworkPolicy",
    "NetworkSet",
    "StagedGlobalNetworkPolicy",
    "StagedNetworkPolicy",
    "Tier",
)
_LUA = """\
return {status = "Healthy", message = "Calico gives no verdict on its objects"}
"""
"""Health of a Calico object: it is there, and that is all that the cluster shows."""


_HEALTH = Health(
    argocd=MappingProxyType({f"{facts.GROUP}_{kind}": _LUA for kind in _CHECKED}),
    flux=no_checks,
)


CALICO = Engine(
    name=facts.CALICO,
    title="Calico",
    releases=facts.RELEASES,
    capabilities=facts.CAPABILITIES,
    traits=facts.traits,
    kinds=facts.kinds,
    lower=open_source_lower.lower,
    lower_baseline=open_source_lower.lower_baseline,
    as_read=exactly,
    read=open_source.read,
    allowances=partial(allowances_with, open_source.read),
    view=VIEW,
    scope=SCOPE,
    kept=kept,
    enforced=enforced,
    health=_HEALTH,
    admission=facts.ADMISSION,
    applied_by_server=facts.applied_by_server,
    package=__package__,
    sequences=frozenset({facts.GROUP, facts.STORAGE}),
    reserved_tiers=facts.RESERVED_TIERS,
    family_flags=MappingProxyType({}),
    revocation=facts.REVOCATION,
    observation=OBSERVATION,
    advise=advise,
    diagnosis=DIAGNOSIS,
)

ENTERPRISE = Engine(
    name=facts.ENTERPRISE,
    title="Calico Enterprise",
    releases=facts.ENTERPRISE_RELEASES,
    capabilities=facts.ENTERPRISE_CAPABILITIES,
    traits=facts.enterprise_traits,
    kinds=facts.enterprise_kinds,
    lower=enterprise_lower.lower,
    lower_baseline=enterprise_lower.lower_baseline,
    as_read=as_read,
    read=enterprise.read,
    allowances=partial(allowances_with, enterprise.read),
    view=ENTERPRISE_VIEW,
    scope=SCOPE,
    kept=kept,
    enforced=enforced,
    health=_HEALTH,
    admission=facts.ADMISSION,
    applied_by_server=always_applied,
    package=__package__,
    sequences=frozenset({facts.GROUP, facts.STORAGE}),
    reserved_tiers=facts.RESERVED_TIERS,
    family_flags=MappingProxyType({}),
    revocation=facts.REVOCATION,
    observation=ENTERPRISE_OBSERVATION,
    advise=advise_enterprise,
    diagnosis=DIAGNOSIS,
)
