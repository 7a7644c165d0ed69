"""From manifests to what the agent holds: rules, and what was refused or dropped on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from transire.engines.api.policy_kinds import is_foreign_policy
from transire.engines.cilium.facts import CLUSTERWIDE, POLICY
from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.cidr_groups import CidrGroup
from transire.engines.cilium.objects.cluster_policy import (
    CLUSTER_POLICY,
    FLAG,
    ClusterPolicyReader,
    is_readable,
)
from transire.engines.cilium.objects.networkpolicy import networkpolicy_rules
from transire.engines.cilium.objects.policy import (
    API_VERSION,
    PolicyReader,
    Stored,
    items_at,
    nameless,
    not_served,
    stored,
    twice,
)
from transire.engines.cilium.objects.rules import CiliumRule, Origin
from transire.engines.cilium.objects.schema import V16, V18
from transire.engines.cilium.objects.selectors import Labelled, Scope
from transire.engines.cilium.objects.services import Services
from transire.k8s.admission import Pruned, Refused
from transire.k8s.api_kinds import group_of, unserved
from transire.k8s.go_cidr import parse_network
from transire.k8s.manifests import Manifest, ObjectRef
from transire.k8s.networkpolicy import is_networkpolicy, parse_networkpolicies
from transire.k8s.schema_check import Fields, Many, Text
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import MAX_PORT

GROUP = "CiliumCIDRGroup"
GROUP_VERSIONS = (API_VERSION, "cilium.io/v2alpha1")
_NEEDED = frozenset({"externalCIDRs"})
_RANGE = Text(form=lambda text: parse_network(text) is not None, noun="an address range")
_GROUP = Fields(
    fields={"spec": Fields(fields={"externalCIDRs": Many(item=_RANGE)}, needs=_NEEDED)},
    needs=frozenset({"spec"}),
)
_SERVED = frozenset({"", "cilium.io", "networking.k8s.io"})
"""Groups whose kinds are known: a misspelt policy in one of them is in no cluster."""


def stored_group(manifest: Manifest) -> Stored:
    """What the API server stores of a CiliumCIDRGroup."""
    return stored(manifest, _GROUP, clusterwide=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one agent holds of some manifests."""

    rules: tuple[CiliumRule, ...]
    refused: tuple[Refused, ...]
    pruned: tuple[Pruned, ...]
    host_policies: tuple[ObjectRef, ...]
    """Objects with rules for nodes, which are not modelled and never select pods."""
    services: Services


def held_by(agent: Agent, cluster: str, manifests: Sequence[Manifest]) -> Held:
    """What an agent of a cluster of that name makes of manifests.

    Network policies of other engines are refused; objects that are no policy are passed over.
    """
    run = _Run(agent=agent, cluster=cluster)
    networkpolicies = []
    for manifest in manifests:
        if manifest.ref.kind == GROUP and group_of(manifest) == "cilium.io":
            run.group(manifest)
    services = Services.of(manifests)
    reader = PolicyReader(agent=agent, cluster=cluster, groups=run.groups, services=services)
    for manifest in manifests:
        wrong = unserved(manifest)
        if wrong:
            run.refused.append(wrong)
        elif manifest.ref.kind in {POLICY, CLUSTERWIDE}:
            run.take(manifest, reader)
        elif is_networkpolicy(manifest):
            networkpolicies.append(manifest)
        elif is_foreign_policy(manifest):
            run.foreign(manifest)
        elif "networkpolic" in manifest.ref.kind.lower() and group_of(manifest) in _SERVED:
            why = f"no API server knows {manifest.ref.kind} of {manifest.api_version}"
            run.refuse(manifest, "api-server", why)
    run.networkpolicies(networkpolicies)
    return Held(
        rules=tuple(sorted(run.rules, key=_resource)),
        refused=tuple(sorted(run.refused, key=lambda each: each.manifest)),
        pruned=tuple(sorted(run.pruned, key=lambda each: each.manifest)),
        host_policies=tuple(run.host_policies),
        services=services,
    )


_RESOURCES = {
    CLUSTERWIDE: "ccnp",
    POLICY: "cnp",
    "NetworkPolicy": "netpol",
    CLUSTER_POLICY: "kcnp",
}
"""What the agent calls the kinds of objects that rules come from."""


def _resource(rule: CiliumRule) -> str:
    """What the agent sorts rules by, and so merges them, wherever an object stands.

    Source: `ruleSlice.sort` in `pkg/policy/rules.go`; rules of one object keep their order.
    """
    of = rule.origin.object
    return f"{_RESOURCES.get(of.kind, of.kind)}/{of.namespace}/{of.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    agent: Agent
    cluster: str
    groups: dict[str, CidrGroup] = field(default_factory=dict)
    rules: list[CiliumRule] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    pruned: list[Pruned] = field(default_factory=list)
    host_policies: list[ObjectRef] = field(default_factory=list)
    seen: set[ObjectRef] = field(default_factory=set)

    def refuse(self, manifest: Manifest, by: str, why: str) -> None:
        self.refused.append(Refused(manifest=manifest.index, object=manifest.ref, by=by, why=why))

    def foreign(self, manifest: Manifest) -> None:
        kind, group = manifest.ref.kind, group_of(manifest)
        readable = is_readable(manifest, self.agent.minor)
        if readable and self.agent.cluster_policies:
            self.take(manifest, ClusterPolicyReader(agent=self.agent, cluster=self.cluster))
            return
        only = f" without the agent flag {FLAG}" if readable else ""
        self.refuse(manifest, "engine", f"cilium does not enforce {kind} of {group}{only}")

    def group(self, manifest: Manifest) -> None:
        known = GROUP_VERSIONS if self.agent.minor >= V18 else GROUP_VERSIONS[1:]
        if manifest.api_version not in known:
            self.refuse(manifest, "api-server", not_served(manifest, " and ".join(known)))
            return
        of = stored_group(manifest)
        self._note(manifest, of.pruned)
        if of.fault:
            self.refuse(manifest, "api-server", of.fault)
            return
        networks = [parse_network(text) for text in of.value["spec"]["externalCIDRs"]]
        before = self.groups.get(manifest.ref.name)
        self.groups[manifest.ref.name] = CidrGroup(
            labels={**(before.labels if before else {}), **of.meta.get("labels", {})},
            networks=tuple(each[1] for each in networks if each),
            twice=before is not None,
        )

    def take(self, manifest: Manifest, reader: PolicyReader | ClusterPolicyReader) -> None:
        taken = reader.taken(manifest)
        self._note(manifest, taken.pruned)
        if taken.refused:
            self.refused.append(taken.refused)
        elif manifest.ref in self.seen and not nameless(manifest):
            self.rules.append(twice(manifest, self.agent.minor))
        else:
            self.seen.add(manifest.ref)
            self.rules.extend(taken.rules)
            if taken.for_nodes:
                self.host_policies.append(manifest.ref)

    def _note(self, manifest: Manifest, pruned: Iterable[str]) -> None:
        self.pruned.extend(Pruned(manifest=manifest.index, path=path) for path in pruned)

    def networkpolicies(self, manifests: Sequence[Manifest]) -> None:
        parsed = parse_networkpolicies(manifests)
        self.refused.extend(parsed.refused)
        self.pruned.extend(parsed.pruned)
        for policy in parsed.policies:
            self.rules.extend(networkpolicy_rules(policy, self.agent, self.cluster))
        places = {manifest.ref: manifest.index for manifest in manifests}
        for entry in [*parsed.unmodelled, *self._unmodelled_end_ports(manifests)]:
            origin = Origin(object=entry.object, manifest=places[entry.object], rule=entry.key)
            scope = Scope(namespace=entry.object.namespace, minor=self.agent.minor)
            subject = scope.subject({}) if entry.object.namespace else Labelled(())
            self.rules.append(CiliumRule(origin=origin, subject=subject, entry=entry))

    def _unmodelled_end_ports(self, manifests: Sequence[Manifest]) -> Iterator[Unmodelled]:
        """Agents before 1.16 read no `endPort`; the one range that means every port is in doubt."""
        if self.agent.minor >= V16:
            return
        for manifest in manifests:
            for place, rule in enumerate(items_at(manifest.body, "spec", "egress")):
                for port in items_at(rule, "ports"):
                    if (port.get("port"), port.get("endPort")) == (1, MAX_PORT):
                        why = "agents before 1.16 read no endPort, and this range is not modelled"
                        key = f"/spec/egress/{place}/ports"
                        yield Unmodelled(object=manifest.ref, key=key, why=why)
