"""What NetworkPolicy is, as data.

Source: the Kubernetes API documentation.
"""

from __future__ import annotations

from transire.engines.api.admission import KUBERNETES_API, OTHER_PRODUCTS, Admission, PolicyWriters
from transire.engines.api.capabilities import (
    Audit,
    Capabilities,
    Never,
    OpenConnections,
    Revocation,
)
from transire.engines.api.kinds import Kind, Kinds
from transire.engines.api.releases import Releases
from transire.model.engine import Release, Traits
from transire.model.intent import Cluster

NAME = "kubernetes"

RELEASES = Releases(
    engine=NAME,
    lines=((1, 25),),
    newer=True,
    because="port ranges became stable in 1.25",
)

REVOCATION = Revocation(
    become=OpenConnections.UNDEFINED,
    ended_by=("the end of the pod that opened them", "either end, by closing them"),
)
"""Source: Kubernetes' documentation of NetworkPolicy: whether a change takes effect for an existing
connection is defined by the implementation.
"""

CAPABILITIES = Capabilities(
    hosts=Never(),
    filled_sets=Never(),
    dns_names=Never(),
    server_names=Never(),
    http=Never(),
    service_accounts=Never(),
    agent_flags=Never(),
    nodes=Never(),
    api_server=Never(),
    ingress=Never(),
    icmp=Never(),
    mesh=Never(),
    tier=Never(),
    native_definitions=Never(),
    audit=Audit(
        support=Never(),
        through="a policy that does not enforce, and NetworkPolicy has none",
        instead="cilium 1.16, calico 3.30 or calico-enterprise",
    ),
)

_POLICIES = (Kind(group="networking.k8s.io", kind="NetworkPolicy", resource="networkpolicies"),)
_KINDS = Kinds(team=_POLICIES, baseline=_POLICIES)


def kinds(release: Release) -> Kinds:
    """The one kind, which belongs to a namespace in the baseline as well."""
    del release
    return _KINDS


def traits(cluster: Cluster) -> Traits:
    """Whether a range matches pods, nodes and services is the plugin's choice, so it is taken to.

    Source: the documentation of `ipBlock`: whether rewriting happens before or after policies act
    is not defined, and may be different for each plugin.
    """
    del cluster
    return Traits(by_identity=False, ranges_match_nodes=True, hosts=False, before_translation=True)


ADMISSION = Admission(
    reserved=KUBERNETES_API,
    beside=OTHER_PRODUCTS,
    writers=(PolicyWriters(users=("system:serviceaccount:kube-system:antrea-controller",)),),
    finalizers=(
        "eks:network-policy-controller",
        "system:serviceaccount:kube-system:amazon-network-policy-controller-k8s",
    ),
)
"""Any product may stand behind a NetworkPolicy. Antrea's controller makes its tiers and groups;
AWS's, in the control plane of EKS or installed by people, puts a finalizer on each policy.
"""
