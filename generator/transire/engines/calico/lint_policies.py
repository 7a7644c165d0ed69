"""Calico's policies in the common shape, from the objects that Calico takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network
from math import inf

from transire.engines.api.policy_shape import (
    Action,
    Block,
    HostName,
    NamedPort,
    PodPeer,
    Policy,
    Rule,
    WrittenPort,
)
from transire.engines.calico import facts
from transire.engines.calico.lint_selectors import is_possible, parts_of, pins_of, values_of
from transire.engines.calico.objects.fields import ICMP, ICMPV6, Ports
from transire.engines.calico.objects.object_validation import object_fault, policy_tier, tie_break
from transire.engines.calico.objects.releases import ENTERPRISE, OPEN_SOURCE, Dialect
from transire.engines.calico.objects.rule_compiler import compile_rule, policy_selector
from transire.engines.calico.objects.rules import CalicoAction, CalicoRule, Entity
from transire.engines.calico.objects.schema import shapes
from transire.engines.calico.objects.selector_grammar import IntricateSelectorError
from transire.engines.calico.sets.pod_sets import pod_set
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.k8s.json_pointer import inner, items, maps, text, texts
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.typed_decoding import decode, pointer
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.model.net import Network

ENFORCED, SETS = facts.ENFORCED, facts.SETS
STAGED = ("StagedNetworkPolicy", "StagedGlobalNetworkPolicy")
_ACTIONS = {
    CalicoAction.ALLOW: Action.ALLOW,
    CalicoAction.DENY: Action.DENY,
    CalicoAction.PASS: Action.PASS,
}
_WHOLE = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


def dialect_of(release: Release) -> Dialect:
    """How the release reads objects; the newest where no version is named."""
    lines = ENTERPRISE if release.engine == facts.ENTERPRISE else OPEN_SOURCE
    line = max(lines) if release.version is None else release.version.line
    return lines.get(line, lines[max(lines)])[-1]


def is_calico(manifest: Manifest) -> bool:
    """Whether the object is of Calico's API, or of its storage, which holds the same objects."""
    return manifest.api_version.partition("/")[0] in {facts.GROUP, facts.STORAGE}


def read_calico(
    manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
) -> Iterator[Policy]:
    """The policy of one object; nothing where Calico would refuse it.

    Raises:
        Unjudgeable: if a selector is too intricate to be followed.
    """
    kind, dialect = manifest.ref.kind, dialect_of(release)
    if kind not in (*ENFORCED, *STAGED) or kind not in shapes(dialect):
        return
    decoded = decode(tree, shapes(dialect)[kind])
    if decoded.misfits or _fault(kind, decoded.value, dialect):
        return
    spec, own = decoded.value.get("spec", {}), "" if "Global" in kind else namespace
    try:
        subject = policy_selector(spec, own)
        rules = tuple(_rules(manifest, spec, own, items(inner(tree, "spec"), "egress")))
        parts = parts_of(subject)
    except IntricateSelectorError as error:
        why = f"a selector cannot be followed: {error}"
        raise Unmodelled(object=manifest.ref, key="/spec", why=why).error() from error
    enforces = _governs_egress(spec)
    yield Policy(
        manifest=manifest,
        at="/spec",
        tree=inner(tree, "spec"),
        namespace=own,
        subject=pod_set(subject) if is_possible(subject) else PodSet.nothing(),
        subject_at="/spec/selector",
        pins=pins_of(subject),
        enforces=enforces,
        in_force=in_force and enforces and kind in ENFORCED,
        parts=parts,
        rules=rules,
        tier=policy_tier(spec),
        order=_order(manifest, spec, own, dialect),
    )


def written_ports(manifest: Manifest, tree: Tree) -> Iterator[WrittenPort]:
    """Every port of both sides of every rule."""
    del manifest
    for section in ("egress", "ingress"):
        for at, rule in maps(inner(tree, "spec"), section, "/spec"):
            for side in ("source", "destination"):
                for key in ("ports", "notPorts"):
                    for place, value in enumerate(items(inner(rule, side), key)):
                        yield WrittenPort(
                            at=f"{at}/{side}{pointer(key, place)}",
                            value=value,
                            number=value if isinstance(value, int) else None,
                        )


def _governs_egress(spec: Tree) -> bool:
    """Whether `types` after defaulting name egress; without types or egress rules they do not."""
    types = spec.get("types", [])
    return "Egress" in types if types else bool(spec.get("egress"))


def _order(manifest: Manifest, spec: Tree, namespace: str, dialect: Dialect) -> tuple[float, str]:
    """The order inside the tier, and what breaks a tie."""
    tie = tie_break(manifest.ref, namespace, policy_tier(spec), dialect)
    return float(spec.get("order", inf)), tie


def _fault(kind: str, body: Tree, dialect: Dialect) -> str:
    """The fault of the object but for its name, which does not change what it means."""
    meta = {**inner(body, "metadata"), "name": "x"}
    spec = {key: value for key, value in inner(body, "spec").items() if key != "tier"}
    return object_fault(kind, {**body, "metadata": meta, "spec": spec}, dialect)


def _rules(
    manifest: Manifest, spec: Tree, namespace: str, written: Sequence[Tree]
) -> Iterator[Rule]:
    """The rules; each keeps its item as it is written, nulls included."""
    for place, tree in enumerate(spec.get("egress", ())):
        at = f"/spec/egress/{place}"
        compiled = compile_rule(tree, at, namespace=namespace, of=manifest.ref)
        if compiled is not None and compiled.action in _ACTIONS:
            yield replace(_rule(compiled, tree), tree=written[place])


def _rule(rule: CalicoRule, tree: Tree) -> Rule:
    entity, at = rule.destination, f"{rule.pointer}/destination"
    service = inner(tree, "destination", "services")
    others = [f"service {text(service, 'namespace')}/{text(service, 'name')}"] if service else []
    if entity.excluded is not None:
        others.append("what a selector leaves out")
    blocks = tuple(_blocks(rule, at))
    pods = tuple(_pods(entity, tree, at))
    hosts = tuple(
        HostName(at=f"{at}/domains/{place}", text=each.text.removesuffix("."))
        for place, each in enumerate(entity.domains)
    )
    source = inner(tree, "source")
    return Rule(
        at=rule.pointer,
        tree=tree,
        action=_ACTIONS[rule.action],
        ports=_ports(rule),
        named=_named(tree, entity, at),
        anywhere=not (blocks or pods or hosts or others),
        narrowed=any(source.values()) or "http" in tree or bool(blocks and (pods or others)),
        blocks=blocks,
        pods=pods,
        hosts=hosts,
        others=tuple(others),
        content="HTTP requests that fit the rule" if "http" in tree else "",
    )


def _blocks(rule: CalicoRule, at: str) -> Iterator[Block]:
    entity = rule.destination
    if entity.nets:
        for place, network in enumerate(entity.nets.networks):
            yield Block(at=f"{at}/nets/{place}", cidr=network, excepts=_holes(network, entity))
        return
    families = {4, 6} if rule.family is None else {rule.family}
    if entity.not_nets or (rule.family is not None and entity.members is None):
        for family in sorted(families):
            whole = _WHOLE[family]
            yield Block(
                at=f"{at}/notNets" if entity.not_nets else rule.pointer,
                cidr=whole,
                excepts=_holes(whole, entity),
            )


def _holes(network: Network, entity: Entity) -> tuple[Network, ...]:
    return tuple(each for each in entity.not_nets.networks if each.version == network.version)


def _pods(entity: Entity, tree: Tree, at: str) -> Iterator[PodPeer]:
    if entity.members is not None:
        parts_of(entity.members)
        yield PodPeer(
            at=f"{at}/selector",
            pods=pod_set(entity.members),
            values=values_of(entity.members),
            implied=not text(inner(tree, "destination"), "namespaceSelector"),
            possible=is_possible(entity.members),
        )


def _ports(rule: CalicoRule) -> PortSet:
    entity, found = rule.destination, PortSet.everything()
    if rule.protocol is not None:
        found = PortSet.of_protocol(rule.protocol)
    if rule.not_protocol is not None:
        found -= PortSet.of_protocol(rule.not_protocol)
    if entity.ports is not None:
        found &= _ranges(rule, entity.ports)
    if entity.not_ports is not None:
        found -= _ranges(rule, entity.not_ports)
    if rule.icmp is not None or rule.not_icmp is not None:
        found &= PortSet.of_protocol(ICMP) | PortSet.of_protocol(ICMPV6)
    return found


def _ranges(rule: CalicoRule, ports: Ports) -> PortSet:
    protocols = [6, 17, 132] if rule.protocol is None else [rule.protocol]
    return PortSet.union(
        PortSet.of_port(protocol, *each) for protocol in protocols for each in ports.ranges
    )


def _named(tree: Tree, entity: Entity, at: str) -> tuple[NamedPort, ...]:
    names = entity.ports.names if entity.ports else frozenset[str]()
    written = texts(inner(tree, "destination"), "ports", at)
    return tuple(NamedPort(at=here, name=each) for here, each in written if each in names)
