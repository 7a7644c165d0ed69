"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy: from checked objects to rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.peer_reader import PeerReader
from transire.engines.cilium.objects.port_reader import port_groups, unmodelled_ports
from transire.engines.cilium.objects.rules import CiliumRule, Origin, Selector
from transire.engines.cilium.objects.schema import V16
from transire.engines.cilium.objects.selectors import Scope, unmodelled_in
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.typed_decoding import pointer
from transire.k8s.unmodelled import Unmodelled


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReader:
    """Turns the specs of one object into rules."""

    agent: Agent
    scope: Scope
    object: ObjectRef
    manifest: int
    peers: PeerReader

    def rules(self, spec: Tree, at: str) -> Iterator[CiliumRule]:
        """The egress rules of a spec that nobody refuses; those for nodes are left out."""
        if "nodeSelector" in spec:
            return
        subject = self.scope.subject(spec["endpointSelector"])
        doubt = unmodelled_in(spec["endpointSelector"])
        declared = spec.get("enableDefaultDeny", {}).get("egress")
        obeyed = declared is not None and self.agent.non_default_deny
        for section, deny in (("egress", False), ("egressDeny", True)):
            for place, item in enumerate(spec.get(section, ())):
                here = f"{at}/{section}/{place}"
                origin = Origin(object=self.object, manifest=self.manifest, rule=here)
                default_deny = declared if obeyed else True
                if doubt:
                    yield self._unknown_subject(origin, at, doubt)
                    continue
                entry = self._unmodelled(item, here, deny=deny) or self.peers.entry(
                    item, self.object, here
                )
                yield CiliumRule(
                    origin=origin,
                    subject=subject,
                    deny=deny,
                    default_deny=default_deny,
                    entry=entry,
                    peers=None if entry else self._peers(item, spec),
                    groups=None if entry else port_groups(item, self.agent),
                )

    def _unknown_subject(self, origin: Origin, at: str, doubt: str) -> CiliumRule:
        entry = Unmodelled(object=self.object, key=f"{at}/endpointSelector", why=doubt)
        return CiliumRule(origin=origin, subject=self.scope.subject({}), entry=entry)

    def _peers(self, item: Tree, spec: Tree) -> tuple[Selector, ...] | None:
        kinds = ("toEndpoints", "toNodes", "toEntities", "toCIDR", "toCIDRSet")
        if self.agent.minor >= V16 and any(item.get(kind) == [] for kind in kinds):
            return None
        return tuple(self.peers.selectors(item, self.scope, spec["endpointSelector"]))

    def _unmodelled(self, item: Tree, at: str, *, deny: bool) -> Unmodelled | None:
        if item.get("authentication", {"mode": "disabled"})["mode"] != "disabled":
            why = "what mutual authentication lets through is not modelled"
            return Unmodelled(object=self.object, key=f"{at}/authentication", why=why)
        doubt = self.peers.unmodelled_service(item, at, deny=deny)
        if doubt:
            return Unmodelled(object=self.object, key=doubt[0], why=doubt[1])
        for key in ("toGroups", "toNodes", "toRequires"):
            if item.get(key):
                why = "what this selects is not modelled"
                return Unmodelled(object=self.object, key=at + pointer(key), why=why)
        return unmodelled_ports(item, self.agent, self.object, at)
