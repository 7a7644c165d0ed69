"""What Cilium is, as data: its releases, what they can do, the kinds of objects we write.

Sources: Cilium's documentation and custom resource definitions of each release.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transire.engines.api.admission import Admission, PolicyWriters, Reserved
from transire.engines.api.capabilities import (
    Audit,
    Capabilities,
    Never,
    OpenConnections,
    Revocation,
    Since,
)
from transire.engines.api.kinds import Kind, Kinds
from transire.engines.api.releases import Releases
from transire.model.engine import Release, Traits
from transire.model.intent import Cluster
from transire.model.names import HostKind

NAME = "cilium"
CLUSTER_LABEL = "io.cilium.k8s.policy.cluster"
"""The label of every pod that holds the name of its cluster, as a mesh has it."""
CIDR_GROUP = "CiliumCIDRGroup"
GROUP = "cilium.io"
POLICY = "CiliumNetworkPolicy"
CLUSTERWIDE = "CiliumClusterwideNetworkPolicy"

FIRST_MINOR, LAST_MINOR = 14, 20
"""The minor releases of Cilium 1 that are modelled."""

RELEASES = Releases(
    engine=NAME, lines=tuple((1, minor) for minor in range(FIRST_MINOR, LAST_MINOR + 1))
)

FAMILY_FLAGS: Mapping[str, str] = MappingProxyType({"IPv4": "enable-ipv4", "IPv6": "enable-ipv6"})
"""The flag of the agent that turns an IP family on or off; both are on by default."""

REVOCATION = Revocation(
    become=OpenConnections.CUT,
    ended_by=("the next packet of the pod, once the agent has the policy",),
    not_by=(
        "the end of the time to live of a name that is still allowed",
        "a restart of the agent",
    ),
)
"""The table of connections tells replies apart; packets from the pod are judged one by one.

An address of a name that is allowed stays known as long as a connection to it is open.
Source: cilium/cilium#2700, `bpf/bpf_lxc.c`, where `CT_ESTABLISHED` passes `policy_can_egress4`, and
`pkg/fqdn`, which collects no address that is in use.
"""

CAPABILITIES = Capabilities(
    hosts=Since(),
    filled_sets=Never(),
    dns_names=Since(),
    server_names=Since(),
    http=Since(),
    service_accounts=Since(),
    agent_flags=Since(),
    nodes=Since(),
    api_server=Since(),
    ingress=Since(),
    icmp=Since(),
    mesh=Since(),
    tier=Never(),
    native_definitions=Never(),
    audit=Audit(support=Since(version="1.16"), through="enableDefaultDeny", instead="cilium 1.16"),
)

ANY_DEPTH_SINCE = "1.19"
SERVER_NAME_WILDCARDS_SINCE = "1.18"
SERVER_NAME_PARTS_SINCE = "1.20"


def server_name_kinds(release: Release) -> frozenset[HostKind]:
    """The kinds of hosts that a release takes as server names, with the same meaning."""
    since = {
        HostKind.ONE_LABEL: SERVER_NAME_WILDCARDS_SINCE,
        HostKind.ANY_DEPTH: ANY_DEPTH_SINCE,
        HostKind.PARTIAL: SERVER_NAME_PARTS_SINCE,
    }
    wild = (kind for kind, version in since.items() if release.at_least(version))
    return frozenset({HostKind.EXACT, *wild})


_KINDS = Kinds(
    team=(Kind(group=GROUP, kind=POLICY, resource="ciliumnetworkpolicies"),),
    baseline=(
        Kind(
            group=GROUP,
            kind=CLUSTERWIDE,
            resource="ciliumclusterwidenetworkpolicies",
            namespaced=False,
        ),
    ),
)


def kinds(release: Release) -> Kinds:
    """The same kinds in every release."""
    del release
    return _KINDS


def traits(cluster: Cluster) -> Traits:
    """Pods and nodes have identities, and an address range never means them.

    Except for nodes, where the agent's `policy-cidr-match-mode` includes them.
    """
    mode = dict(cluster.agent).get("policy-cidr-match-mode", "")
    return Traits(
        by_identity=True,
        ranges_match_nodes=mode == "nodes",
        hosts=True,
        before_translation=False,
        server_name_kinds=server_name_kinds(cluster.release),
        cluster_label=CLUSTER_LABEL if cluster.mesh else "",
    )


ADMISSION = Admission(
    reserved=(
        Reserved(
            group=GROUP,
            resources=(
                "ciliumcidrgroups",
                "ciliumclusterwideenvoyconfigs",
                "ciliumclusterwidenetworkpolicies",
                "ciliumegressgatewaypolicies",
                "ciliumenvoyconfigs",
                "ciliumlocalredirectpolicies",
                "ciliumnetworkpolicies",
                "ciliumnodeconfigs",
            ),
        ),
    ),
    beside=(),
    writers=(PolicyWriters(users=("system:serviceaccount:kube-system:cilium-operator",)),),
    finalizers=(),
)
"""The operator fills groups of addresses and writes policies of its own. Settings of agents can
turn policies off on some nodes.
"""


def addresses_kept(release: Release) -> int:
    """How many addresses of one name an agent keeps where nobody sets it."""
    return 1000 if release.at_least("1.17") else 50
