"""NetworkPolicy as lint sees it on an engine that enforces nothing else."""

from __future__ import annotations

from transire.engines.api.networkpolicy_api import NetworkPolicyApi
from transire.engines.api.policy_view import PolicyView, never_waits, no_flag, no_tiers
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP

VIEW = PolicyView(
    apis=(NetworkPolicyApi(),),
    shared_groups=frozenset({CLUSTER_GROUP}),
    denies=False,
    ranges_cover_pods=True,
    tiers=no_tiers,
    waits=never_waits,
    needed_flag=no_flag,
)
