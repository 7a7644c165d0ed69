"""Kinds of network policy by API group: which are policy, which are part of one, and whose.

One table holds the groups of engines that are modelled, another those of the rest, so that an
object for another product is refused under its name instead of passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from transire.k8s.api_kinds import group_of
from transire.k8s.cluster_policies import GROUP as CLUSTER_GROUP
from transire.k8s.manifests import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKinds:
    """Kinds of one API group.

    `policies` are network policy, and `parts` what policies refer to or are staged as. `whole`:
    whoever may write any kind of the group may widen egress. `ordered` names the lists of rules
    in which the first that matches decides. `namespaced` are those that live in a namespace.
    """

    group: str
    policies: frozenset[str]
    parts: frozenset[str] = frozenset()
    whole: bool = True
    ordered: frozenset[str] = frozenset()
    namespaced: frozenset[str] = frozenset()

    def has(self, manifest: Manifest) -> bool:
        """Whether the object is of one of the kinds."""
        return group_of(manifest) == self.group and manifest.ref.kind in self.policies | self.parts

    @property
    def is_listed(self) -> bool:
        """Whether readers of other engines know the policies for those of a product."""
        listed = {**POLICY_KINDS, NETWORKPOLICY.group: NETWORKPOLICY}.get(self.group)
        return listed is not None and self.policies <= listed.policies

    @property
    def widening(self) -> tuple[tuple[str, str], ...]:
        """Group and kind, or group and `*`, of what can widen egress."""
        kinds = ["*"] if self.whole else sorted(self.policies | self.parts)
        return tuple((self.group, each) for each in kinds)


def _by_group(kinds: Iterable[PolicyKinds]) -> Mapping[str, PolicyKinds]:
    return MappingProxyType({each.group: each for each in kinds})


_RULES = frozenset({"ingress", "egress"})
_CALICO = frozenset({"NetworkPolicy", "GlobalNetworkPolicy"})
_OF_CALICO = frozenset(
    {
        "StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy",
        "NetworkSet", "GlobalNetworkSet", "Tier",
    }
)  # fmt: skip
_IN_NAMESPACES = frozenset(
    {"NetworkPolicy", "StagedNetworkPolicy", "StagedKubernetesNetworkPolicy", "NetworkSet"}
)

NETWORKPOLICY = PolicyKinds(
    group="networking.k8s.io",
    policies=frozenset({"NetworkPolicy"}),
    whole=False,
    namespaced=frozenset({"NetworkPolicy"}),
)
"""What every engine reads."""

MODELLED = _by_group(
    (
        PolicyKinds(
            group="cilium.io",
            policies=frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"}),
            parts=frozenset({"CiliumCIDRGroup"}),
            namespaced=frozenset({"CiliumNetworkPolicy"}),
        ),
        *(
            PolicyKinds(
                group=group,
                policies=_CALICO,
                parts=_OF_CALICO,
                ordered=_RULES,
                namespaced=_IN_NAMESPACES,
            )
            for group in ("projectcalico.org", "crd.projectcalico.org")
        ),
        PolicyKinds(
            group=CLUSTER_GROUP,
            policies=frozenset(
                {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"}
            ),
        ),
    )
)
"""Kinds that some modelled engine reads and another does not."""

UNMODELLED = _by_group(
    (
        PolicyKinds(
            group="crd.antrea.io", policies=frozenset({"NetworkPolicy", "ClusterNetworkPolicy"})
        ),
        PolicyKinds(group="k8s.ovn.org", policies=frozenset({"EgressFirewall"})),
        PolicyKinds(group="kubeovn.io", policies=frozenset()),
        PolicyKinds(
            group="networking.gke.io", policies=frozenset({"FQDNNetworkPolicy"}), whole=False
        ),
        PolicyKinds(
            group="networking.k8s.aws",
            policies=frozenset({"ApplicationNetworkPolicy", "ClusterNetworkPolicy"}),
        ),
    )
)
"""Kinds of engines that are not modelled."""

CONVERTED = (("fqdn.konsole.is", "NetworkPolicy"),)
"""Kinds, with their groups, that an operator turns into NetworkPolicies: no engine reads them."""

POLICY_KINDS: Mapping[str, PolicyKinds] = MappingProxyType({**MODELLED, **UNMODELLED})
"""Both, by API group: kinds that only certain engines enforce."""


def is_foreign_policy(manifest: Manifest) -> bool:
    """Whether the object is a network policy that only certain engines enforce."""
    kinds = POLICY_KINDS.get(group_of(manifest))
    return kinds is not None and manifest.ref.kind in kinds.policies


def ordered_lists(manifest: Manifest) -> frozenset[str]:
    """The names of lists in the object whose order means something."""
    kinds = POLICY_KINDS.get(group_of(manifest))
    return kinds.ordered if kinds else frozenset()
