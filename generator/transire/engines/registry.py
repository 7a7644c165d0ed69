"""Every engine by name: a new engine is one folder and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from transire.engines.calico.lower import lower as lower_calico
from transire.engines.calico.lower import lower_baseline as lower_calico_baseline
from transire.engines.calico_enterprise.lower import lower as lower_enterprise
from transire.engines.calico_enterprise.lower import lower_baseline as lower_enterprise_baseline
from transire.engines.cilium.lower import lower as lower_cilium
from transire.engines.cilium.lower import lower_baseline as lower_cilium_baseline
from transire.engines.kubernetes.lower import lower as lower_kubernetes
from transire.engines.kubernetes.lower import lower_baseline as lower_kubernetes_baseline
from transire.model.engine import EngineName
from transire.model.target import Baseline, Lowered, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What one engine can do; both functions raise `Rejected` with every problem at once."""

    name: EngineName
    lower: Callable[[Target], Lowered]
    """Values of `charts/egress-policy` for one target."""
    lower_baseline: Callable[[Baseline], Lowered]
    """Values of `charts/egress-baseline` for one cluster."""


ENGINES: Mapping[EngineName, Engine] = MappingProxyType(
    {
        each.name: each
        for each in (
            Engine(
                name=EngineName.CILIUM,
                lower=lower_cilium,
                lower_baseline=lower_cilium_baseline,
            ),
            Engine(
                name=EngineName.CALICO,
                lower=lower_calico,
                lower_baseline=lower_calico_baseline,
            ),
            Engine(
                name=EngineName.CALICO_ENTERPRISE,
                lower=lower_enterprise,
                lower_baseline=lower_enterprise_baseline,
            ),
            Engine(
                name=EngineName.KUBERNETES,
                lower=lower_kubernetes,
                lower_baseline=lower_kubernetes_baseline,
            ),
        )
    }
)
