"""CiliumCIDRGroups: which addresses a rule means that chooses groups by name or by label.

A group gives its labels to every address in its ranges, and a selector looks at the labels of an
address. Sources: `mergeParentLabels` in `pkg/ipcache/metadata.go`, `newCIDRRuleSelector` in
`pkg/policy/types/selector.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from types import MappingProxyType

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.identity import RESERVED, WORLD
from transire.engines.cilium.objects.rules import EVERYONE, Selector, ranges_of
from transire.engines.cilium.objects.selectors import Demand, Labelled, spelled_twice
from transire.k8s.label_selector import LabelSelector, Operator, Requirement, read_selector
from transire.k8s.manifests import Tree
from transire.model.net import Network

_CIDR_GROUP = "cidrgroup"
_INSIDE = Labelled(tuple(Demand(RESERVED, name, Operator.DOES_NOT_EXIST) for name in WORLD))
"""Every identity but those of the world."""
_EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_MERGED_SINCE = (19, 5)
"""The first release known to count the labels of every group that covers an address.

The development branch of 1.19 kept, key by key, those of the longest range.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CidrGroup:
    """A CiliumCIDRGroup: ranges under a name, and labels to select it by."""

    labels: Mapping[str, str]
    networks: tuple[Network, ...]
    twice: bool = False
    """Whether there are two of the name, so that it is not known which one the cluster holds.

    `labels` then has the keys of both.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class CidrGroups:
    """The groups that are given, as one agent uses them; others may be in the cluster."""

    agent: Agent
    named: Mapping[str, CidrGroup] = field(default_factory=lambda: MappingProxyType({}))

    def selectors(self, tree: Tree, key: str, excepts: tuple[Network, ...]) -> Iterator[Selector]:
        """What an item of `toCIDRSet` without a range of its own means; `key` names the item."""
        if tree.get("cidrGroupRef"):
            group = self.named.get(tree["cidrGroupRef"])
            missing = "" if group else f"the CIDR group {tree['cidrGroupRef']} is not given"
            networks = group.networks if group else ()
            yield ranges_of(self.agent, key, networks, excepts, missing=missing)
            return
        wanted = read_selector(_plain(tree["cidrGroupSelector"]))
        if not wanted.requirements and (not excepts or self.agent.minor < 20):  # noqa: PLR2004
            yield EVERYONE
            return
        missing = "CIDR groups that are not given may have the labels that it demands"
        layers = self._layers(wanted)
        for depth, (inside, outside) in enumerate(layers):
            holes = (*outside, *excepts)
            yield ranges_of(self.agent, f"{key} {depth}", inside, holes, missing=missing)
        if not layers:
            yield ranges_of(self.agent, key, (), excepts, missing=missing)
        if self.agent.minor < 20 and wanted.matches({}):  # noqa: PLR2004 - 1.20
            yield _INSIDE

    def unmodelled(self, tree: Tree) -> str:
        """Why it is not known which addresses an item means, or the empty string."""
        if tree.get("cidrGroupRef"):
            group = self.named.get(tree["cidrGroupRef"])
            if self.agent.minor < 16 and group is None:  # noqa: PLR2004 - 1.16
                return "what a missing CIDR group means before 1.16 is not modelled"
            return _twice([group] if group else [])
        selector = tree["cidrGroupSelector"]
        labels = selector.get("matchLabels", {})
        keys = [*labels, *(each["key"] for each in selector.get("matchExpressions", ()))]
        for key in keys:
            if ":" in key and not key.startswith(f"{_CIDR_GROUP}:"):
                return f"selecting CIDR groups by {key!r} is not modelled"
        label_names = {_key(key)[1] for key in keys}
        labelled = [each for each in self.named.values() if label_names & each.labels.keys()]
        return spelled_twice(labels, _key) or _twice(labelled) or self._same_range()

    def _same_range(self) -> str:
        """Why the labels of one range are not known, where two groups have it."""
        if self._merged:
            return ""
        seen: dict[Network, dict[str, str]] = {}
        for group in self.named.values():
            for network in group.networks:
                labels = seen.setdefault(network, {})
                for key, value in group.labels.items():
                    if labels.setdefault(key, value) != value:
                        return (
                            f"groups give {network} different values of {key}, of which one counts"
                        )
        return ""

    @property
    def _merged(self) -> bool:
        return (self.agent.minor, self.agent.patch) >= _MERGED_SINCE

    def _layers(
        self, wanted: LabelSelector
    ) -> list[tuple[tuple[Network, ...], tuple[Network, ...]]]:
        """Ranges that are meant, and the nearest ones inside them that are not.

        A range that is meant again inside one that is not belongs to the next layer.
        """
        layers: list[tuple[list[Network], list[Network]]] = []
        known: dict[Network, tuple[bool, int]] = {}
        for network, labels in self._labelled():
            meant = all(_holds(each, labels) for each in wanted.requirements)
            above, depth = _parent(network, known)
            if meant and not above:
                depth += 1
            known[network] = meant, depth
            while len(layers) <= depth:
                layers.append(([], []))
            if meant is not above:
                layers[depth][0 if meant else 1].append(network)
        return [(tuple(inside), tuple(outside)) for inside, outside in layers]

    def _labelled(self) -> Iterator[tuple[Network, Mapping[str, frozenset[str]]]]:
        """The ranges of all groups and families, the wider ones first, with their labels."""
        own: dict[Network, dict[str, set[str]]] = {each: {} for each in _EVERYWHERE}
        for group in self.named.values():
            for network in group.networks:
                labels = own.setdefault(network, {})
                for key, value in group.labels.items():
                    labels.setdefault(key, set()).add(value)
        done: dict[Network, Mapping[str, frozenset[str]]] = {}
        for network in sorted(own, key=lambda each: each.prefixlen):
            above = next(filter(None, map(done.get, _wider(network))), {})
            mine = {key: frozenset(values) for key, values in own[network].items()}
            if self._merged:
                both = {
                    key: mine.get(key, frozenset()) | above.get(key, frozenset())
                    for key in (*mine, *above)
                }
            else:
                both = {**above, **mine}
            done[network] = both
            yield network, both


def _parent(network: Network, known: Mapping[Network, tuple[bool, int]]) -> tuple[bool, int]:
    return next(filter(None, map(known.get, _wider(network))), (False, -1))


def _wider(network: Network) -> Iterator[Network]:
    """The ranges around a range, from the narrowest on."""
    for length in range(network.prefixlen - 1, -1, -1):
        yield network.supernet(new_prefix=length)


def _holds(wanted: Requirement, labels: Mapping[str, frozenset[str]]) -> bool:
    seen = labels.get(wanted.key, frozenset())
    match wanted.operator:
        case Operator.IN:
            return bool(seen & wanted.values)
        case Operator.NOT_IN:
            return not seen & wanted.values
        case Operator.EXISTS:
            return bool(seen)
        case Operator.DOES_NOT_EXIST:
            return not seen


def _key(text: str) -> tuple[str, str]:
    return _CIDR_GROUP, text.removeprefix(f"{_CIDR_GROUP}:")


def _plain(selector: Tree) -> Tree:
    """The selector with keys that name no source."""
    labels = {_key(key)[1]: value for key, value in selector.get("matchLabels", {}).items()}
    rest = [{**each, "key": _key(each["key"])[1]} for each in selector.get("matchExpressions", ())]
    return {"matchLabels": labels, "matchExpressions": rest}


def _twice(groups: Iterable[CidrGroup]) -> str:
    twice = any(group.twice for group in groups)
    return "a CIDR group is given twice, so it is not known which one counts" if twice else ""
