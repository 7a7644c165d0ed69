"""Find wide ranges that let pods ask the cloud for the node's credentials.

What it does: reports allowed ranges that cover a cloud's metadata address without being that
address, on port 80, unless it is left out or denied.
Why is this bad? 169.254.169.254 answers any pod with the node's identity, which is how one
compromised container takes over an account.
Bad:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to: [{ipBlock: {cidr: 169.254.0.0/16}}]
        ports: [{port: 80}]
Good:
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
      - to:
        - ipBlock:
            cidr: 169.254.0.0/16
            except: [169.254.169.254/32, 169.254.170.2/32, 169.254.170.23/32]
        ports: [{port: 80}]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transire.engines.api.policy_view import Block, Family, Policy, Rule
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.json_pointer import corrected, find
from transire.model.net import METADATA, Network, contains
from transire.model.problems import Level
from transire.review.lint.context import EVERY, LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import listed

ID = "metadata-reachable"
LEVEL = Level.WARNING
ENGINES = EVERY
EXAMPLE = "kubernetes"

_HTTP = PortSet.of_port(Protocol.TCP, 80)


def check(review: LintContext) -> Iterator[RuleMatch]:
    """Every range that covers such an address by the way."""
    for policy in review.policies:
        for rule in policy.allows:
            if rule.ports >= _HTTP:
                for block in rule.blocks:
                    reached = [each for each in METADATA if _reached(review, policy, block, each)]
                    if reached:
                        yield _found(policy, rule, block, reached)


def _reached(review: LintContext, policy: Policy, block: Block, address: Network) -> bool:
    if not block.holds(address) or block.cidr == address:
        return False

    def denies(each: Policy) -> bool:
        return any(
            deny.ports >= _HTTP
            and (address.version in deny.families or any(one.holds(address) for one in deny.blocks))
            for deny in each.denies
        )

    return not any(review.covering(policy, denies))


def _found(policy: Policy, rule: Rule, block: Block, reached: list[Network]) -> RuleMatch:
    fix = corrected(
        policy.manifest, lambda body: _FIXES[policy.family](body, rule.at, block, reached)
    )
    return RuleMatch(
        manifest=policy.manifest,
        path=block.at,
        message=f"{block.cidr} covers {listed([str(each.network_address) for each in reached])}, "
        "where clouds hand out the node's credentials",
        help=f"leave {'it' if len(reached) == 1 else 'them'} out with {_WAYS[policy.family]}",
        fix=fix,
    )


def _cilium(body: dict[str, Any], at: str, block: Block, reached: list[Network]) -> None:
    rule = find(body, at)
    holes = [str(each) for each in reached]
    if "/toCIDRSet/" in block.at:
        entry = find(body, block.at.rpartition("/")[0])
        entry["except"] = [*entry.get("except", []), *holes]
        return
    written = find(body, block.at)
    rule["toCIDRSet"] = [
        {"cidr": each, "except": holes} if each == written else {"cidr": each}
        for each in rule.pop("toCIDR")
    ]


def _kubernetes(body: dict[str, Any], at: str, block: Block, reached: list[Network]) -> None:
    del at
    entry = find(body, block.at.rpartition("/")[0])
    entry["except"] = [*entry.get("except", []), *(str(each) for each in reached)]


def _calico(body: dict[str, Any], at: str, block: Block, reached: list[Network]) -> None:
    destination = find(body, at)["destination"]
    if any(contains(each, block.cidr) for each in reached):
        raise ValueError(block.at)
    holes = [str(each) for each in reached]
    destination["notNets"] = [*destination.get("notNets", []), *holes]


_FIXES = {Family.CILIUM: _cilium, Family.KUBERNETES: _kubernetes, Family.CALICO: _calico}
_WAYS = {
    Family.CILIUM: "except in toCIDRSet",
    Family.KUBERNETES: "except",
    Family.CALICO: "notNets",
}
