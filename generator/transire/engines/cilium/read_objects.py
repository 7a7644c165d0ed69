"""From manifests to what the agent holds: rules, and what was refused or dropped on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transire.engines.cilium.crd import V16, V18, V19, policy_shape
from transire.engines.cilium.crd_shape import Fields, Many, Text, check, said
from transire.engines.cilium.read_networkpolicy import networkpolicy_rules
from transire.engines.cilium.read_options import Agent
from transire.engines.cilium.read_peers import CidrGroup, PeerReader
from transire.engines.cilium.read_rules import RuleReader
from transire.engines.cilium.rules import Origin, Rule
from transire.engines.cilium.sanitize import Sanitizer
from transire.engines.cilium.selectors import Labelled, Scope
from transire.model.doubt import Doubt
from transire.model.go_cidr import parse_network
from transire.model.manifests import Manifest, ObjectRef
from transire.model.metadata_rules import metadata_fault, name_fault
from transire.model.net import MAX_PORT
from transire.model.networkpolicy import is_networkpolicy, parse_networkpolicies
from transire.model.object_shape import METADATA, Struct, decode, pointer
from transire.model.query import Pruned, Refused
from transire.model.served_kinds import group_of, is_foreign_policy, unserved

API_VERSION = "cilium.io/v2"
POLICY, CLUSTERWIDE = "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"
GROUP = "CiliumCIDRGroup"
GROUP_VERSIONS = (API_VERSION, "cilium.io/v2alpha1")
_NEEDED = frozenset({"externalCIDRs"})
_METADATA = Struct({"metadata": METADATA})
_RANGE = Text(form=lambda text: parse_network(text) is not None, says="an address range")
_GROUP = Fields(
    fields={"spec": Fields(fields={"externalCIDRs": Many(item=_RANGE)}, needs=_NEEDED)},
    needs=frozenset({"spec"}),
)
_SERVED = frozenset({"", "cilium.io", "networking.k8s.io"})
"""Groups whose kinds are known: a misspelt policy in one of them is in no cluster."""
_TOP = ("apiVersion", "kind", "metadata", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one agent holds of some manifests."""

    rules: tuple[Rule, ...]
    refused: tuple[Refused, ...]
    pruned: tuple[Pruned, ...]
    host_policies: tuple[ObjectRef, ...]
    """Objects with rules for nodes, which are not modelled and never select pods."""


def held_by(agent: Agent, cluster: str, manifests: Sequence[Manifest]) -> Held:
    """What an agent of a cluster of that name makes of manifests.

    Network policies of other engines are refused; objects that are no policy are passed over.
    """
    run = _Run(agent=agent, cluster=cluster)
    networkpolicies = []
    for manifest in manifests:
        if manifest.ref.kind == GROUP and group_of(manifest) == "cilium.io":
            run.group(manifest)
    for manifest in manifests:
        wrong = unserved(manifest)
        if wrong:
            run.refused.append(wrong)
        elif manifest.ref.kind in {POLICY, CLUSTERWIDE}:
            run.policy(manifest)
        elif is_networkpolicy(manifest):
            networkpolicies.append(manifest)
        elif is_foreign_policy(manifest):
            run.foreign(manifest)
        elif "networkpolic" in manifest.ref.kind.lower() and group_of(manifest) in _SERVED:
            why = f"no API server knows {manifest.ref.kind} of {manifest.api_version}"
            run.refuse(manifest, "api-server", why)
    run.networkpolicies(networkpolicies)
    return Held(
        rules=tuple(run.rules),
        refused=tuple(sorted(run.refused, key=lambda each: each.manifest)),
        pruned=tuple(sorted(run.pruned, key=lambda each: each.manifest)),
        host_policies=tuple(run.host_policies),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    agent: Agent
    cluster: str
    groups: dict[str, CidrGroup] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    pruned: list[Pruned] = field(default_factory=list)
    host_policies: list[ObjectRef] = field(default_factory=list)
    seen: set[ObjectRef] = field(default_factory=set)

    def refuse(self, manifest: Manifest, by: str, why: str) -> None:
        self.refused.append(Refused(manifest=manifest.index, object=manifest.ref, by=by, why=why))

    def foreign(self, manifest: Manifest) -> None:
        kind, group = manifest.ref.kind, group_of(manifest)
        if self.agent.minor == V19 and group == "policy.networking.k8s.io":
            why = f"what 1.{V19} does with a {kind} is not modelled"
            doubt = Doubt(object=manifest.ref, key="/kind", why=why)
            origin = Origin(object=manifest.ref, manifest=manifest.index, rule=doubt.key)
            self.rules.append(Rule(origin=origin, subject=Labelled(()), doubt=doubt))
            return
        self.refuse(manifest, "engine", f"cilium does not enforce {kind} of {group}")

    def group(self, manifest: Manifest) -> None:
        known = GROUP_VERSIONS if self.agent.minor >= V18 else GROUP_VERSIONS[1:]
        if manifest.api_version not in known:
            self.refuse(manifest, "api-server", _not_served(manifest, " and ".join(known)))
            return
        checked, meta = self._checked(manifest, _GROUP, clusterwide=True)
        if checked is None:
            return
        networks = [parse_network(text) for text in checked["spec"]["externalCIDRs"]]
        self.groups[manifest.ref.name] = CidrGroup(
            labels=meta.get("labels", {}),
            networks=tuple(each[1] for each in networks if each),
            twice=manifest.ref.name in self.groups,
        )

    def _checked(
        self, manifest: Manifest, shape: Fields, *, clusterwide: bool
    ) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
        """What the API server stores beside the metadata, or None, and the metadata."""
        body = manifest.body
        meta = decode({"metadata": body.get("metadata")}, _METADATA)
        checked = check({key: body[key] for key in shape.fields if key in body}, shape)
        dropped = [pointer(key) for key in body if key not in {*_TOP, *shape.fields}]
        dropped += [*meta.pruned, *checked.pruned]
        self.pruned.extend(Pruned(manifest=manifest.index, path=path) for path in dropped)
        fault = _metadata_fault(body, meta.misfits, meta.value, clusterwide=clusterwide)
        fault = fault or next(iter(checked.faults), "")
        if fault:
            self.refuse(manifest, "api-server", fault)
        return None if fault else checked.value, meta.value.get("metadata", {})

    def policy(self, manifest: Manifest) -> None:
        if manifest.api_version != API_VERSION:
            self.refuse(manifest, "api-server", _not_served(manifest, API_VERSION))
            return
        clusterwide = manifest.ref.kind == CLUSTERWIDE
        value, _ = self._checked(manifest, policy_shape(self.agent.minor), clusterwide=clusterwide)
        if value is None:
            return
        if not value:
            self.refuse(manifest, "engine", "the object has neither spec nor specs")
            return
        self._specs(manifest, value, clusterwide=clusterwide)

    def _specs(self, manifest: Manifest, value: Mapping[str, Any], *, clusterwide: bool) -> None:
        ref = manifest.ref
        specs = [("/spec", value["spec"])] if "spec" in value else []
        specs += [(f"/specs/{at}", each) for at, each in enumerate(value.get("specs", ()))]
        sanitizer = Sanitizer(agent=self.agent, clusterwide=clusterwide)
        for at, spec in specs:
            fault = sanitizer.fault(spec, at)
            if fault:
                self.refuse(manifest, "engine", fault)
                return
        namespace = "" if clusterwide else ref.namespace
        doubt = self._doubt(manifest, specs, sanitizer, clusterwide=clusterwide)
        self.seen.add(ref)
        scope = Scope(
            namespace=namespace,
            cluster=self.cluster if self.agent.local_cluster else "",
            minor=self.agent.minor,
        )
        if doubt:
            self._doubted(manifest, doubt, scope)
            return
        reader = RuleReader(
            agent=self.agent,
            scope=scope,
            object=ref,
            manifest=manifest.index,
            peers=PeerReader(agent=self.agent, cluster=self.cluster, groups=self.groups),
        )
        for at, spec in specs:
            self.rules.extend(reader.rules(spec, at))
            if "nodeSelector" in spec and (spec.get("egress") or spec.get("egressDeny")):
                self.host_policies.append(ref)

    def _doubt(
        self,
        manifest: Manifest,
        specs: list[tuple[str, Mapping[str, Any]]],
        sanitizer: Sanitizer,
        *,
        clusterwide: bool,
    ) -> Doubt | None:
        ref = manifest.ref
        if not clusterwide and not ref.namespace:
            why = "the object names no namespace, so it is not known which pods it selects"
            return Doubt(object=ref, key="/metadata/namespace", why=why)
        if ref in self.seen:
            why = "the object is given twice, so it is not known which one the cluster holds"
            return Doubt(object=ref, key="/metadata/name", why=why)
        if self.agent.minor < 18:  # noqa: PLR2004 - 1.18
            for at, spec in specs:
                fault = sanitizer.deny_fault(spec, at)
                if fault:
                    key, _, why = fault.partition(" ")
                    why = f"{why}, and what an agent before 1.18 makes of that is not modelled"
                    return Doubt(object=ref, key=key, why=why)
        if self.agent.minor == V19:
            for path in _required_peers(manifest.body):
                why = "releases of 1.19 differ on this field: some drop it, some refuse the object"
                return Doubt(object=ref, key=path, why=why)
        return None

    def _doubted(self, manifest: Manifest, doubt: Doubt, scope: Scope) -> None:
        origin = Origin(object=manifest.ref, manifest=manifest.index, rule=doubt.key)
        self.rules.append(Rule(origin=origin, subject=scope.subject({}), doubt=doubt))

    def networkpolicies(self, manifests: Sequence[Manifest]) -> None:
        parsed = parse_networkpolicies(manifests)
        self.refused.extend(parsed.refused)
        self.pruned.extend(parsed.pruned)
        for policy in parsed.policies:
            self.rules.extend(networkpolicy_rules(policy, self.agent, self.cluster))
        places = {manifest.ref: manifest.index for manifest in manifests}
        for doubt in [*parsed.doubts, *self._end_port_doubts(manifests)]:
            origin = Origin(object=doubt.object, manifest=places[doubt.object], rule=doubt.key)
            scope = Scope(namespace=doubt.object.namespace, minor=self.agent.minor)
            subject = scope.subject({}) if doubt.object.namespace else Labelled(())
            self.rules.append(Rule(origin=origin, subject=subject, doubt=doubt))

    def _end_port_doubts(self, manifests: Sequence[Manifest]) -> Iterator[Doubt]:
        """Agents before 1.16 read no `endPort`; the one range that means every port is in doubt."""
        if self.agent.minor >= V16:
            return
        for manifest in manifests:
            for place, rule in enumerate(_items(manifest.body, "spec", "egress")):
                for port in _items(rule, "ports"):
                    if (port.get("port"), port.get("endPort")) == (1, MAX_PORT):
                        why = "agents before 1.16 read no endPort, and this range is not modelled"
                        key = f"/spec/egress/{place}/ports"
                        yield Doubt(object=manifest.ref, key=key, why=why)


def _metadata_fault(
    body: Mapping[str, Any],
    misfits: tuple[str, ...],
    value: Mapping[str, Any],
    *,
    clusterwide: bool,
) -> str:
    if not isinstance(body.get("metadata"), Mapping):
        return f"/metadata is {said(body.get('metadata'))} where an object belongs"
    meta = value.get("metadata", {})
    if misfits:
        return misfits[0]
    named = "name" in meta or "generateName" not in meta
    fault = name_fault(meta, namespaced=not clusterwide) if named else ""
    return fault or metadata_fault(meta)


def _required_peers(body: Mapping[str, Any]) -> Iterator[str]:
    """Where a policy demands labels of its peers with a field that 1.19 took away."""
    specs = [("/spec", body.get("spec"))]
    specs += [(f"/specs/{at}", each) for at, each in enumerate(_items(body, "specs"))]
    for at, spec in specs:
        for section in ("ingress", "ingressDeny", "egress", "egressDeny"):
            for place, item in enumerate(_items(spec, section)):
                for key in ("fromRequires", "toRequires"):
                    if item.get(key):
                        yield f"{at}/{section}/{place}/{key}"


def _items(tree: object, *keys: str) -> list[Mapping[str, Any]]:
    """The objects in a list at the end of some keys, whatever the rest looks like."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    if not isinstance(tree, list | tuple):
        return []
    return [each for each in tree if isinstance(each, Mapping)]


def _not_served(manifest: Manifest, version: str) -> str:
    return f"the API server knows {manifest.ref.kind} as {version}, not as {manifest.api_version!r}"
