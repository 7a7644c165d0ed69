"""Cilium as the other rooms see it."""

from __future__ import annotations

from transire.engines.api.engine import Engine, always_applied
from transire.engines.cilium import facts
from transire.engines.cilium.advice import advise
from transire.engines.cilium.allowances import allowances
from transire.engines.cilium.diagnosis import DIAGNOSIS
from transire.engines.cilium.health import HEALTH
from transire.engines.cilium.lint_view import VIEW
from transire.engines.cilium.lower.hosts import as_read
from transire.engines.cilium.lower.lower import lower, lower_baseline
from transire.engines.cilium.observation import OBSERVATION
from transire.engines.cilium.policy_scope import SCOPE, enforced
from transire.engines.cilium.reading import read
from transire.k8s.stored_form import kept

ENGINE = Engine(
    name=facts.NAME,
    title="Cilium",
    releases=facts.RELEASES,
    capabilities=facts.CAPABILITIES,
    traits=facts.traits,
    kinds=facts.kinds,
    lower=lower,
    lower_baseline=lower_baseline,
    as_read=as_read,
    read=read,
    allowances=allowances,
    view=VIEW,
    scope=SCOPE,
    kept=kept,
    enforced=enforced,
    health=HEALTH,
    admission=facts.ADMISSION,
    applied_by_server=always_applied,
    package=__package__,
    sequences=frozenset(),
    reserved_tiers=frozenset(),
    family_flags=facts.FAMILY_FLAGS,
    revocation=facts.REVOCATION,
    observation=OBSERVATION,
    advise=advise,
    diagnosis=DIAGNOSIS,
)
