"""Kubernetes NetworkPolicy as the other rooms see it."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from transire.engines.api.engine import Engine, PolicyScope, always_applied, exactly
from transire.engines.api.health import Health, no_checks
from transire.engines.kubernetes import facts
from transire.engines.kubernetes.advice import advise
from transire.engines.kubernetes.allowances import allowances
from transire.engines.kubernetes.diagnosis import DIAGNOSIS
from transire.engines.kubernetes.lint_view import VIEW
from transire.engines.kubernetes.lower import lower, lower_baseline
from transire.engines.kubernetes.observation import OBSERVATION
from transire.engines.kubernetes.reading import read
from transire.k8s.manifests import Manifest
from transire.k8s.policy_scope import (
    denies,
    governs_ingress,
    is_networkpolicy,
    own_namespace,
    selects_all,
    without_egress,
    without_rule,
)
from transire.k8s.stored_form import kept


def _enforced(objects: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """The same objects, since none of them audits."""
    return tuple(objects)


def _narrowed(manifest: Manifest) -> Manifest:
    return manifest


def _elsewhere(manifest: Manifest, namespaces: Sequence[str]) -> tuple[Manifest, ...]:
    """Nothing, since no NetworkPolicy is cluster-wide."""
    del manifest, namespaces
    return ()


ENGINE = Engine(
    name=facts.NAME,
    title="NetworkPolicy",
    releases=facts.RELEASES,
    capabilities=facts.CAPABILITIES,
    traits=facts.traits,
    kinds=facts.kinds,
    lower=lower,
    lower_baseline=lower_baseline,
    as_read=exactly,
    read=read,
    allowances=allowances,
    view=VIEW,
    scope=PolicyScope(
        ingress=governs_ingress,
        namespaces=own_namespace,
        narrowed=_narrowed,
        is_policy=is_networkpolicy,
        denies=denies,
        selects_all=selects_all,
        without_rule=without_rule,
        without_egress=without_egress,
        elsewhere=_elsewhere,
    ),
    kept=kept,
    enforced=_enforced,
    health=Health(argocd=MappingProxyType({}), flux=no_checks),
    admission=facts.ADMISSION,
    applied_by_server=always_applied,
    package=__package__,
    sequences=frozenset(),
    reserved_tiers=frozenset(),
    family_flags=MappingProxyType({}),
    revocation=facts.REVOCATION,
    observation=OBSERVATION,
    advise=advise,
    diagnosis=DIAGNOSIS,
)
