"""Find a destination and its ports written as two items.

What it does: reports an item that names destinations and no ports next to one that names ports and
no destination.
Why is this bad? Items of a list mean either, not both: the first opens every port of the
destinations, the second opens the ports to everywhere.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.0/24]
      - toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: payments, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDR: [198.51.100.0/24]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from transire.engines.api.policy_shape import DNS_TCP, DNS_UDP, Policy, Rule
from transire.flows.pod_set import PodSet
from transire.k8s.correction import corrected
from transire.k8s.json_pointer import find, steps
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.resolvers import HOMES, RESOLVERS
from transire.review.lint.wording import peers, ports

ID = "peer-and-ports-apart"
LEVEL = Level.ERROR
APPLIES = every_engine
EXAMPLE = "cilium@1.19"

_HOMES = PodSet.union(map(PodSet.in_namespace, HOMES))


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every pair of neighbours that reads as one rule."""
    for policy in context.policies:
        for pair in pairwise(policy.allows):
            for peer, port in (pair, pair[::-1]):
                apart = _is_peer(peer) and _is_port(port) and _belong(peer, port)
                if apart and all(context.is_whole(policy, each) for each in (port, peer)):
                    yield _found(policy, peer, port)


def _is_peer(rule: Rule) -> bool:
    return not rule.anywhere and rule.every_port


def _is_port(rule: Rule) -> bool:
    emptied = any(each is None or each == [] for each in rule.tree.values())
    limited = not rule.narrowed and not rule.every_port
    return rule.anywhere and limited and not emptied


def _belong(peer: Rule, port: Rule) -> bool:
    """Whether the two may be halves of one rule: ports of DNS only belong to a resolver."""
    if not port.ports <= DNS_UDP | DNS_TCP:
        return True
    return bool(peer.pods) and all(
        each.values & RESOLVERS or (each.pods and each.pods <= _HOMES) for each in peer.pods
    )


def _found(policy: Policy, peer: Rule, port: Rule) -> RuleMatch:
    outside = bool(peer.hosts or peer.blocks)
    return RuleMatch(
        manifest=policy.manifest,
        path=port.at,
        message=f"this item opens {ports(port)} to every destination, and {peer.at} opens any port "
        f"to {peers(peer)}, since items of a list mean either",
        help="write the destinations and the ports in one item",
        level=None if outside else Level.WARNING,
        fix=corrected(policy.manifest, lambda body: _join(body, peer.at, port.at)),
    )


def _join(body: dict[str, Any], peer: str, port: str) -> None:
    """Move the fields of the item with ports into the one with destinations."""
    target, *_, place = find(body, peer), *steps(port)
    source = find(body, port)
    for key, value in source.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            target[key] |= value
        else:
            target[key] = value
    find(body, port.rpartition("/")[0]).pop(int(place))
