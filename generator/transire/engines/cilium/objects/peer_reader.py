"""The L3 part of an egress item: whom it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from transire.engines.cilium.objects.agent import Agent
from transire.engines.cilium.objects.cidr_groups import CidrGroups
from transire.engines.cilium.objects.fqdn import NamePattern
from transire.engines.cilium.objects.identity import CLUSTER, K8S, RESERVED, WORLD
from transire.engines.cilium.objects.rules import EVERYONE, Named, Selector, ranges_of
from transire.engines.cilium.objects.schema import V17
from transire.engines.cilium.objects.selectors import (
    Demand,
    Labelled,
    Scope,
    is_label,
    unmodelled_in,
)
from transire.engines.cilium.objects.services import Services
from transire.k8s.go_cidr import is_mapped, parse_network
from transire.k8s.label_selector import Operator
from transire.k8s.manifests import ObjectRef, Tree
from transire.k8s.unmodelled import Unmodelled
from transire.model.net import Network

_CLUSTER = (
    "host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver",
)  # fmt: skip
_PLAIN_ZERO = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerReader:
    """Reads peers with what the cluster and the agent add to their meaning."""

    agent: Agent
    cluster: str
    groups: CidrGroups
    services: Services = field(default_factory=Services)

    def selectors(self, item: Tree, scope: Scope, subject: Tree) -> Iterator[Selector]:
        """What an item selects; nothing where it names no peer."""
        for tree in item.get("toEndpoints", ()):
            yield scope.peer(tree, subject)
        for name in item.get("toEntities", ()):
            yield from self.entity(name)
        for text in item.get("toCIDR", ()):
            yield from self.ranges(text, text, ())
        for tree in item.get("toCIDRSet", ()):
            yield from self._cidr_rule(tree)
        for tree in item.get("toServices", ()):
            yield from self.services.selectors(tree)
        for tree in item.get("toFQDNs", ()):
            text = tree.get("matchName") or tree.get("matchPattern") or "."
            yield Named(pattern=NamePattern.of(text, minor=self.agent.minor))

    def entity(self, name: str) -> Iterator[Selector]:
        """What an entity stands for; `none` is a name that nothing has."""
        if name == "all":
            yield EVERYONE
        elif name == "world":
            yield from (_reserved(each) for each in WORLD)
        elif name == "cluster":
            yield from (_reserved(each) for each in _CLUSTER)
            yield Labelled((is_label(K8S, CLUSTER, self.cluster),))
        elif name == "cluster-mesh":
            yield from (_reserved(each) for each in _CLUSTER)
            yield Labelled((Demand(K8S, CLUSTER, Operator.EXISTS),))
        else:
            yield _reserved(name)

    def ranges(self, key: str, text: str, excepts: Iterable[str]) -> Iterator[Selector]:
        """A range; in 1.14 the whole of one family means the world of both."""
        networks = _networks([text])
        without = _networks(excepts)
        yield ranges_of(self.agent, key, networks, without)
        if self.agent.minor == 14 and networks[0].prefixlen == 0 and not without:  # noqa: PLR2004
            yield _reserved("world")

    def _cidr_rule(self, tree: Tree) -> Iterator[Selector]:
        excepts = tree.get("except", ())
        key = f"{sorted(tree.items(), key=lambda each: each[0])}"
        if tree.get("cidr"):
            yield from self.ranges(key if excepts else tree["cidr"], tree["cidr"], excepts)
            return
        yield from self.groups.selectors(tree, key, _networks(excepts))

    def entry(self, item: Tree, ref: ObjectRef, at: str) -> Unmodelled | None:
        """The first peer of an item that is not modelled."""
        for key, why in self._unmodelled(item):
            return Unmodelled(object=ref, key=at + key, why=why)
        return None

    def _unmodelled(self, item: Tree) -> Iterator[tuple[str, str]]:
        for place, tree in enumerate(item.get("toEndpoints", ())):
            doubt = unmodelled_in(tree)
            if doubt:
                yield f"/toEndpoints/{place}", doubt
        for place, text in enumerate(item.get("toCIDR", ())):
            yield from self._unmodelled_ranges(text, f"/toCIDR/{place}")
        for place, tree in enumerate(item.get("toCIDRSet", ())):
            at = f"/toCIDRSet/{place}"
            if tree.get("cidr"):
                for text in (tree["cidr"], *tree.get("except", ())):
                    yield from self._unmodelled_ranges(text, at)
            else:
                yield from ((at, why) for why in [self.groups.unmodelled(tree)] if why)

    def unmodelled_service(self, item: Tree, at: str, *, deny: bool) -> tuple[str, str] | None:
        """The first service that is not known, with its place; only allowing rules resolve any."""
        trees = item.get("toServices", ())
        if trees and (deny or self.agent.minor < V17):
            return f"{at}/toServices", "what this selects is not modelled"
        for place, tree in enumerate(trees):
            why = self.services.unmodelled(tree)
            if why:
                return f"{at}/toServices/{place}", why
        return None

    def _unmodelled_ranges(self, text: str, at: str) -> Iterator[tuple[str, str]]:
        parsed = parse_network(text)
        if parsed is None:
            yield at, f"what the address {text!r} without a length means is not modelled"
        elif is_mapped(parsed[1]):
            yield at, f"programs differ on what the address range {text!r} means"
        elif parsed[1].prefixlen == 0 and text not in _PLAIN_ZERO and self.agent.minor < 19:  # noqa: PLR2004
            yield at, f"what {text!r} means, not written as 0.0.0.0/0 or ::/0, is not modelled"


def _reserved(name: str) -> Labelled:
    return Labelled((is_label(RESERVED, name),))


def _networks(texts: Iterable[str]) -> tuple[Network, ...]:
    return tuple(parsed[1] for text in texts if (parsed := parse_network(text)))
