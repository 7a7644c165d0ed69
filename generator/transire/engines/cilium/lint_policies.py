"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy in the common shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

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
from transire.engines.cilium.facts import CLUSTERWIDE, LAST_MINOR, POLICY
from transire.engines.cilium.lint_selectors import (
    cilium_demands,
    cilium_peer,
    cilium_subject,
    pins_of,
)
from transire.engines.cilium.objects.identity import NAMESPACE
from transire.engines.cilium.objects.ports import is_service_name, parse_number
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.go_cidr import parse_address, parse_network
from transire.k8s.json_pointer import (
    PlacedTree,
    find,
    inner,
    is_empty_list,
    items,
    maps,
    number,
    text,
    texts,
)
from transire.k8s.label_selector import read_selector, well_formed
from transire.k8s.manifests import Manifest, Tree
from transire.model.engine import Release
from transire.model.net import MAX_PORT, Network

EMPTY_SELECTS_NOTHING = 16
"""The minor release from which an empty list of peers selects nothing."""
ZERO_IS_ALL = 20
"""The minor release from which port 0 is every port, whatever the end of its range."""

_PEERS = ("toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toNodes")
_OTHERS = ("toServices", "toGroups", "toNodes")
_SHOWN = 3
"""Server names that a message lists."""
_CONTENT = {
    "dns": "DNS queries for the names in rules.dns",
    "http": "HTTP requests that fit rules.http",
    "kafka": "Kafka requests that fit rules.kafka",
}
_PORTED = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)


def minor_of(release: Release) -> int:
    """The minor release of Cilium, the newest where none is named."""
    return LAST_MINOR if release.version is None else release.version.minor


def is_policy(manifest: Manifest) -> bool:
    """Whether the object is a policy of Cilium."""
    return manifest.ref.kind in {POLICY, CLUSTERWIDE}


def specs_of(manifest: Manifest, tree: Tree) -> Iterator[tuple[str, Tree]]:
    """`spec` and the items of `specs`, with their pointers."""
    if is_policy(manifest):
        if "spec" in tree:
            yield "/spec", inner(tree, "spec")
        yield from maps(tree, "specs", "")


def read_cilium(
    manifest: Manifest, tree: Tree, namespace: str, release: Release, *, in_force: bool
) -> Iterator[Policy]:
    """The policies of one object, one for each spec; those about nodes are passed over."""
    minor = minor_of(release)
    own = "" if manifest.ref.kind == CLUSTERWIDE else namespace
    for at, spec in specs_of(manifest, tree):
        if "nodeSelector" in spec:
            continue
        chosen = cilium_subject(inner(spec, "endpointSelector"), own, minor)
        has_rules = bool(items(spec, "egress") or items(spec, "egressDeny"))
        reader = _Reader(namespace=own, minor=minor)
        yield Policy(
            manifest=manifest,
            at=at,
            tree=spec,
            namespace=own,
            subject=chosen.pods,
            subject_at=f"{at}/endpointSelector",
            pins=pins_of(cilium_demands(inner(spec, "endpointSelector"))),
            enforces=has_rules and inner(spec, "enableDefaultDeny").get("egress") is not False,
            in_force=in_force and not chosen.others,
            rules=tuple(reader.rules(spec, at)),
            others=chosen.others,
        )


def dns_names(rule: Rule) -> list[str]:
    """The names and patterns that a rule's content rules let pods query; none where it has none.

    Only such a rule shows Cilium the responses from which it learns addresses.
    """
    found = []
    for _, group in maps(rule.tree, "toPorts", ""):
        if items(group, "ports"):
            entries = maps(inner(group, "rules"), "dns", "")
            found += [text(each, "matchName") or text(each, "matchPattern") for _, each in entries]
    return found


_SOURCES = ("k8s", "any", "reserved", "cidr", "fqdn")
_OF_THE_AGENT = ("io.kubernetes.pod.", "io.cilium.")
_OF_NAMESPACES = "kubernetes.io/metadata.name"


def right_label(key: str) -> str:
    """What was meant by a label key that no pod has, or the empty string.

    A source stands before a colon and not a dot, and a namespace's labels are not its pods'.
    """
    for source in _SOURCES:
        rest = key.removeprefix(f"{source}.")
        if rest != key and rest.startswith(_OF_THE_AGENT):
            return f"{source}:{rest}"
    return f"k8s:{NAMESPACE}" if key.rpartition(":")[2] == _OF_NAMESPACES else ""


def mistaken_labels(tree: Tree, at: str) -> dict[str, str]:
    """Label keys of the selector at a pointer into a rule that no pod has, and what was meant."""
    found = find(tree, f"/{'/'.join(at.split('/')[-2:])}")
    selector = found if isinstance(found, Mapping) else {}
    keys = [*inner(selector, "matchLabels")]
    keys += [text(each, "key") for _, each in maps(selector, "matchExpressions", "")]
    return {key: wanted for key in keys if (wanted := right_label(key))}


def port_groups(manifest: Manifest, tree: Tree) -> Iterator[PlacedTree]:
    """The items of `toPorts` of a policy, in both directions, deny rules included."""
    for at, spec in specs_of(manifest, tree):
        for section in ("egress", "egressDeny", "ingress", "ingressDeny"):
            for rule_at, rule in maps(spec, section, at):
                yield from maps(rule, "toPorts", rule_at)


def written_ports(manifest: Manifest, tree: Tree) -> Iterator[WrittenPort]:
    """Every port of a policy, with the number that it means to the agent."""
    for at, group in port_groups(manifest, tree):
        for here, each in maps(group, "ports", at):
            if "port" in each:
                value = each["port"]
                number_of = port_number(value) if isinstance(value, str) else number(each, "port")
                yield WrittenPort(
                    at=f"{here}/port",
                    value=value,
                    number=number_of,
                    end=number(each, "endPort"),
                    end_at=f"{here}/endPort",
                )


def port_number(written: str) -> int | None:
    """The number that a port means to the agent, or None where it is a name or nothing."""
    return None if is_service_name(written) else parse_number(written)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    namespace: str
    minor: int

    def rules(self, spec: Tree, at: str) -> Iterator[Rule]:
        for section, action in (("egress", Action.ALLOW), ("egressDeny", Action.DENY)):
            for here, each in maps(spec, section, at):
                yield self.rule(each, here, action)

    def rule(self, tree: Tree, at: str, action: Action) -> Rule:
        emptied = [key for key in _PEERS if is_empty_list(tree, key)]
        lists_peers = any(items(tree, key) for key in (*_PEERS, "toFQDNs", *_OTHERS))
        limited = bool(items(tree, "toPorts") or items(tree, "icmps"))
        closed = bool(emptied) and self.minor >= EMPTY_SELECTS_NOTHING
        named: list[NamedPort] = []
        entities = tuple(each for _, each in texts(tree, "toEntities", at))
        return Rule(
            at=at,
            tree=tree,
            action=action,
            ports=PortSet.union(_ports(tree, at, named, self.minor))
            if limited
            else PortSet.everything(),
            named=tuple(named),
            anywhere=not lists_peers and limited and not closed,
            nothing=closed or (not lists_peers and not limited),
            narrowed=_narrowed(tree),
            blocks=tuple(_blocks(tree, at)),
            pods=tuple(self.pods(tree, at)),
            hosts=tuple(_hosts(tree, at)),
            entities=entities,
            everything="all" in entities,
            world="world" in entities,
            api_server=entities == ("kube-apiserver",),
            groups=tuple(_groups(tree, at)),
            others=tuple(f"the {key[2:].lower()} of {at}" for key in _OTHERS if items(tree, key)),
            content="; ".join(dict.fromkeys(_content(tree))),
        )

    def pods(self, tree: Tree, at: str) -> Iterator[PodPeer]:
        for here, each in maps(tree, "toEndpoints", at):
            chosen = cilium_peer(each, self.namespace, self.minor)
            yield PodPeer(
                at=here,
                pods=chosen.pods,
                values=read_selector(well_formed(each)).listed_values(),
                implied=chosen.implied,
                possible=bool(chosen.pods) or chosen.others,
            )


def _groups(tree: Tree, at: str) -> Iterator[str]:
    """Ranges that an object of their own holds, by its name or the place of a selector."""
    for here, each in maps(tree, "toCIDRSet", at):
        if name := text(each, "cidrGroupRef"):
            yield f"the CIDR group {name}"
        elif "cidrGroupSelector" in each:
            yield f"the CIDR groups of {here}"


def _content(tree: Tree) -> Iterator[str]:
    """What goes through a rule that looks at more than addresses and ports."""
    for _, group in maps(tree, "toPorts", ""):
        names = [name for _, name in texts(group, "serverNames", "")]
        if names:
            yield f"TLS with the server name {', '.join(names[:_SHOWN])}" + (
                f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            )
        for kind, what in _CONTENT.items():
            if items(inner(group, "rules"), kind):
                yield what
    if inner(tree, "authentication"):
        yield "peers that authenticate"


def _narrowed(tree: Tree) -> bool:
    groups = [each for _, each in maps(tree, "toPorts", "")]
    content = any(inner(each, "rules") or items(each, "serverNames") for each in groups)
    return content or bool(items(tree, "toRequires") or inner(tree, "authentication"))


def _ports(tree: Tree, at: str, named: list[NamedPort], minor: int) -> Iterator[PortSet]:
    for here, group in maps(tree, "toPorts", at):
        for place, each in maps(group, "ports", here):
            yield _port(each, place, named, minor)
    for _, icmp in maps(tree, "icmps", at):
        if items(icmp, "fields"):
            yield PortSet.of_protocol(Protocol.ICMP) | PortSet.of_protocol(Protocol.ICMPv6)


def _port(tree: Tree, at: str, named: list[NamedPort], minor: int) -> PortSet:
    written = text(tree, "port")
    protocol = text(tree, "protocol")
    chosen = [each for each in _PORTED if protocol in {"", "ANY", each.name}]
    first = port_number(written)
    if first is None:
        if any(each.isalpha() for each in written):
            named.append(NamedPort(at=f"{at}/port", name=written))
        return PortSet.nothing()
    last = min(number(tree, "endPort") or 0, MAX_PORT)
    if first == 0 and minor >= ZERO_IS_ALL:
        last = 0
    return _port_set(tuple(chosen), first, max(first, last))


@lru_cache(maxsize=1024)
def _port_set(protocols: tuple[Protocol, ...], first: int, last: int) -> PortSet:
    """These ports of the protocols; port 0 stands for all of them, unless a range begins there."""
    if first == 0 and last in {0, MAX_PORT}:
        return PortSet.union(PortSet.of_protocol(each) for each in protocols)
    return PortSet.union(PortSet.of_port(each, max(first, 1), last) for each in protocols)


def network_of(written: str) -> Network | None:
    """The range that a text writes, a bare address included, or None."""
    found = parse_network(written)
    if found is None and (address := parse_address(written)):
        found = parse_network(f"{address}/{address.max_prefixlen}")
    return found[1] if found else None


def _blocks(tree: Tree, at: str) -> Iterator[Block]:
    for here, written in texts(tree, "toCIDR", at):
        if network := network_of(written):
            yield Block(at=here, cidr=network)
    for here, each in maps(tree, "toCIDRSet", at):
        if network := network_of(text(each, "cidr")):
            holes = (network_of(hole) for _, hole in texts(each, "except", here))
            yield Block(
                at=f"{here}/cidr", cidr=network, excepts=tuple(hole for hole in holes if hole)
            )


def _hosts(tree: Tree, at: str) -> Iterator[HostName]:
    for here, each in maps(tree, "toFQDNs", at):
        for key in ("matchName", "matchPattern"):
            written = text(each, key)
            if written:
                yield HostName(at=f"{here}/{key}", text=written.lower().removesuffix("."))
