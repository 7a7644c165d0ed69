"""One policy of Cilium: what the API server stores of it, and the rules an agent makes of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from transire.engines.cilium.facts import CLUSTERWIDE, POLICY
from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.cidr_groups import CidrGroup, CidrGroups
from transire.engines.cilium.objects.peer_reader import PeerReader
from transire.engines.cilium.objects.rule_reader import RuleReader
from transire.engines.cilium.objects.rules import CiliumRule, Origin
from transire.engines.cilium.objects.schema import V19, policy_shape
from transire.engines.cilium.objects.selectors import Scope
from transire.engines.cilium.objects.services import Services
from transire.engines.cilium.objects.validate import Validator
from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest
from transire.k8s.metadata_rules import metadata_fault, name_fault
from transire.k8s.schema_check import Fields, check
from transire.k8s.typed_decoding import METADATA, Struct, decode, pointer
from transire.k8s.unmodelled import Unmodelled
from transire.model.problems import value_wording
from transire.queries.query import Caveat
from transire.queries.ways import null_refused, twice_refused, unknown_refused

API_VERSION = "cilium.io/v2"
_METADATA = Struct({"metadata": METADATA})
_TOP = ("apiVersion", "kind", "metadata", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the API server makes of an object: without `fault`, `value` is what it stores.

    `pruned` holds JSON pointers of unknown fields that it drops, `nulls` those of nulls, and `meta`
    the metadata beside the value.
    """

    value: Mapping[str, Any]
    meta: Mapping[str, Any]
    pruned: tuple[str, ...]
    nulls: tuple[str, ...]
    fault: str


def stored(manifest: Manifest, shape: Fields, *, clusterwide: bool) -> Stored:
    """What the API server stores of an object beside its metadata, by the shape of its CRD."""
    body = manifest.body
    meta = decode({"metadata": body.get("metadata")}, _METADATA)
    checked = check({key: body[key] for key in shape.fields if key in body}, shape)
    unknown = [pointer(key) for key in body if key not in {*_TOP, *shape.fields}]
    fault = _metadata_fault(body, meta.misfits, meta.value, clusterwide=clusterwide)
    return Stored(
        value=checked.value,
        meta=meta.value.get("metadata", {}),
        pruned=(*unknown, *meta.pruned, *checked.pruned),
        nulls=checked.nulls,
        fault=fault or next(iter(checked.faults), ""),
    )


def refused_elsewhere(manifest: Manifest, of: Stored) -> tuple[Caveat, ...]:
    """What to know of an object that some ways of writing refuse, and others store like this."""
    return (
        *null_refused(manifest.ref, of.nulls),
        *unknown_refused(manifest.ref, of.pruned),
        *twice_refused(manifest.ref, manifest.repeated),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an agent takes of one policy: its rules, or in `refused` why there are none."""

    rules: tuple[CiliumRule, ...] = ()
    refused: Refused | None = None
    pruned: tuple[str, ...] = ()
    for_nodes: bool = False
    """Whether it has rules for nodes, which are not modelled and never select pods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReader:
    """Reads policies one by one as an agent of a cluster of that name, with these CIDR groups."""

    agent: Agent
    cluster: str
    groups: Mapping[str, CidrGroup] = field(default_factory=dict)
    services: Services = field(default_factory=Services)

    def taken(self, manifest: Manifest) -> Taken:
        """What comes of the policy alone; where nothing beside it counts, it is read once."""
        if self.groups or self.services.services:
            return self._taken(manifest)
        return manifest.once((Taken, self.agent, self.cluster), self._taken)

    def _taken(self, manifest: Manifest) -> Taken:
        if manifest.api_version != API_VERSION:
            return refused(manifest, "api-server", not_served(manifest, API_VERSION))
        clusterwide = manifest.ref.kind == CLUSTERWIDE
        of = stored(manifest, policy_shape(self.agent.minor), clusterwide=clusterwide)
        if of.fault:
            return refused(manifest, "api-server", of.fault, of.pruned)
        specs = [("/spec", of.value["spec"])] if "spec" in of.value else []
        specs += [(f"/specs/{at}", each) for at, each in enumerate(of.value.get("specs", ()))]
        sanitizer = Validator(agent=self.agent, clusterwide=clusterwide)
        faults = (sanitizer.fault(spec, at) for at, spec in specs)
        fault = "" if of.value else "the object has neither spec nor specs"
        fault = fault or next(filter(None, faults), "")
        if fault:
            return refused(manifest, "engine", fault, of.pruned)
        entry = self._unmodelled(manifest, specs, sanitizer)
        if entry:
            return Taken(
                rules=(unmodelled_rule(manifest, *entry, self.agent.minor),), pruned=of.pruned
            )
        caveats = refused_elsewhere(manifest, of)
        return Taken(
            rules=tuple(self._rules(manifest, specs, caveats)),
            pruned=of.pruned,
            for_nodes=any(map(_is_for_nodes, (spec for _, spec in specs))),
        )

    def _rules(
        self,
        manifest: Manifest,
        specs: list[tuple[str, Mapping[str, Any]]],
        caveats: tuple[Caveat, ...],
    ) -> list[CiliumRule]:
        reader = RuleReader(
            agent=self.agent,
            scope=self._scope(manifest),
            object=manifest.ref,
            manifest=manifest.index,
            peers=PeerReader(
                agent=self.agent,
                cluster=self.cluster,
                groups=CidrGroups(agent=self.agent, named=self.groups),
                services=self.services,
            ),
        )
        found = [rule for at, spec in specs for rule in reader.rules(spec, at)]
        return [replace(rule, caveats=caveats) for rule in found] if caveats else found

    def _scope(self, manifest: Manifest) -> Scope:
        clusterwide = manifest.ref.kind == CLUSTERWIDE
        return Scope(
            namespace="" if clusterwide else manifest.ref.namespace,
            cluster=self.cluster if self.agent.local_cluster else "",
            minor=self.agent.minor,
        )

    def _unmodelled(
        self,
        manifest: Manifest,
        specs: list[tuple[str, Mapping[str, Any]]],
        sanitizer: Validator,
    ) -> tuple[str, str] | None:
        """The place in the policy that keeps it from being judged, and why."""
        if nameless(manifest):
            why = "the object names no namespace, so it is not known which pods it selects"
            return "/metadata/namespace", why
        if self.agent.minor < 18:  # noqa: PLR2004 - 1.18
            for at, spec in specs:
                fault = sanitizer.deny_fault(spec, at)
                if fault:
                    key, _, why = fault.partition(" ")
                    return (
                        key,
                        f"{why}, and what an agent before 1.18 makes of that is not modelled",
                    )
        if self.agent.minor == V19:
            for path in _required_peers(manifest.body):
                why = "releases of 1.19 differ on this field: some drop it, some refuse the object"
                return path, why
        return None


def twice(manifest: Manifest, minor: int) -> CiliumRule:
    """What stands for a policy that is there already."""
    why = "the object is given twice, so it is not known which one the cluster holds"
    return unmodelled_rule(manifest, "/metadata/name", why, minor)


def unmodelled_rule(manifest: Manifest, key: str, why: str, minor: int) -> CiliumRule:
    """What stands for a policy that is not judged, for all pods that it could select."""
    clusterwide = manifest.ref.kind != POLICY
    scope = Scope(namespace="" if clusterwide else manifest.ref.namespace, minor=minor)
    entry = Unmodelled(object=manifest.ref, key=key, why=why)
    origin = Origin(object=manifest.ref, manifest=manifest.index, rule=key)
    return CiliumRule(origin=origin, subject=scope.subject({}), entry=entry)


def nameless(manifest: Manifest) -> bool:
    """Whether it is not known which namespace a policy is in."""
    return manifest.ref.kind == POLICY and not manifest.ref.namespace


def not_served(manifest: Manifest, version: str) -> str:
    """The message for an object in a version that no API server has."""
    return f"the API server knows {manifest.ref.kind} as {version}, not as {manifest.api_version!r}"


def items_at(tree: object, *keys: str) -> list[Mapping[str, Any]]:
    """The objects in a list at the end of some keys, whatever the rest looks like."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    if not isinstance(tree, list | tuple):
        return []
    return [each for each in tree if isinstance(each, Mapping)]


def refused(manifest: Manifest, by: str, why: str, pruned: tuple[str, ...] = ()) -> Taken:
    """What is taken of a policy that is left out whole."""
    found = Refused(manifest=manifest.index, object=manifest.ref, by=by, why=why)
    return Taken(refused=found, pruned=pruned)


def _is_for_nodes(spec: Mapping[str, Any]) -> bool:
    return "nodeSelector" in spec and bool(spec.get("egress") or spec.get("egressDeny"))


def _metadata_fault(
    body: Mapping[str, Any],
    misfits: tuple[str, ...],
    value: Mapping[str, Any],
    *,
    clusterwide: bool,
) -> str:
    if not isinstance(body.get("metadata"), Mapping):
        return f"/metadata is {value_wording(body.get('metadata'))} where an object belongs"
    meta = value.get("metadata", {})
    if misfits:
        return misfits[0]
    named = "name" in meta or "generateName" not in meta
    fault = name_fault(meta, namespaced=not clusterwide) if named else ""
    return fault or metadata_fault(meta)


def _required_peers(body: Mapping[str, Any]) -> Iterator[str]:
    """Where a policy demands labels of its peers with a field that 1.19 took away."""
    specs = [("/spec", body.get("spec"))]
    specs += [(f"/specs/{at}", each) for at, each in enumerate(items_at(body, "specs"))]
    for at, spec in specs:
        for section in ("ingress", "ingressDeny", "egress", "egressDeny"):
            for place, item in enumerate(items_at(spec, section)):
                for key in ("fromRequires", "toRequires"):
                    if item.get(key):
                        yield f"{at}/{section}/{place}/{key}"
