"""What a cluster with plain NetworkPolicy shows: that depends on what implements it.

Source for EKS: flags and metrics of its network policy agent, values of the chart of its VPC CNI.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.engines.api.observation import (
    Alert,
    AlertScope,
    Metric,
    Observation,
    Observed,
    Setting,
    Unseen,
)

EKS = "eks"
_DROPPED = "network_policy_drop_count_total"


def _settings(observed: Observed) -> tuple[Setting, ...]:
    if observed.agent != EKS:
        return ()
    return (
        Setting(
            file="vpc-cni-values.yaml",
            title="values of the VPC CNI: its chart's, or the configuration of the add-on",
            applied="helm upgrade aws-vpc-cni eks/aws-vpc-cni -n kube-system --reuse-values "
            "-f FILE",
            tree={
                "nodeAgent": {
                    "enablePolicyEventLogs": "true",
                    "networkPolicyAgentLogLevel": "debug",
                }
            },
            notes=(
                "Below the level debug denied flows alone are logged: nothing is ever unused.",
                "Collect /var/log/aws-routed-eni/network-policy-agent.log of every node.",
            ),
        ),
    )


def _metrics(observed: Observed) -> tuple[Metric, ...]:
    if observed.agent != EKS or not observed.metrics:
        return ()
    return (Metric(name=_DROPPED, switch="enablePolicyEventLogs"),)


def _alerts(observed: Observed) -> tuple[Alert, ...]:
    if observed.agent != EKS:
        return ()
    return (
        Alert(
            id="egress-denied",
            summary="nodes keep dropping what no rule allows",
            expr=f'sum by (instance) (increase({_DROPPED}{{direction="egress",CLUSTER}}[5m])) > 5',
            hold="10m",
            severity="warning",
            scope=AlertScope.CLUSTER,
            metrics=(_DROPPED,),
        ),
    )


def _unseen(observed: Observed) -> tuple[Unseen, ...]:
    if observed.agent != EKS:
        return (
            Unseen(
                what="flows and denials: what implements NetworkPolicy here is not known",
                instead="observe.agents in values/platform.yaml, where it is one of those listed "
                "there",
            ),
        )
    return (
        Unseen(
            what="names and pods: the agent's lines have addresses alone, and its metric nodes",
            instead="lookups that CoreDNS logs",
        ),
    )


def _panels(observed: Observed) -> Mapping[str, str]:
    if observed.agent != EKS:
        return MappingProxyType({})
    return MappingProxyType(
        {
            "dropped packets by node": "sum by (instance) (rate("
            f'{_DROPPED}{{direction="egress",CLUSTER}}[5m]))'
        }
    )


OBSERVATION = Observation(
    settings=_settings,
    metrics=_metrics,
    alerts=_alerts,
    unseen=_unseen,
    panels=_panels,
    agents=(EKS,),
)
