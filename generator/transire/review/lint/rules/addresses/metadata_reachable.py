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

from transire.engines.api.policy_shape import Block, Policy, Rule
from transire.flows.port_set import PortSet, Protocol
from transire.k8s.correction import corrected
from transire.meaning.premises.metadata_services import WIDESPREAD
from transire.model.net import Network
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext
from transire.review.lint.finding import RuleMatch
from transire.review.lint.wording import listed

ID = "metadata-reachable"
LEVEL = Level.WARNING
APPLIES = every_engine
EXAMPLE = "kubernetes"

_HTTP = PortSet.of_port(Protocol.TCP, 80)


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every range that covers such an address by the way."""
    for policy in context.policies:
        for rule in policy.allows:
            if rule.ports >= _HTTP:
                for block in rule.blocks:
                    reached = [
                        each for each in WIDESPREAD if _reached(context, policy, block, each)
                    ]
                    if reached:
                        yield _found(context, policy, rule, block, reached)


def _reached(context: LintContext, policy: Policy, block: Block, address: Network) -> bool:
    if not block.holds(address) or block.cidr == address:
        return False

    def denies(each: Policy) -> bool:
        return any(
            deny.ports >= _HTTP
            and (address.version in deny.families or any(one.holds(address) for one in deny.blocks))
            for deny in each.denies
        )

    return not any(context.covering(policy, denies))


def _found(
    context: LintContext, policy: Policy, rule: Rule, block: Block, reached: list[Network]
) -> RuleMatch:
    corrections = context.api_of(policy).corrections
    fix = corrected(
        policy.manifest, lambda body: corrections.leave_out(body, rule.at, block, reached)
    )
    return RuleMatch(
        manifest=policy.manifest,
        path=block.at,
        message=f"{block.cidr} covers {listed([str(each.network_address) for each in reached])}, "
        "where clouds hand out the node's credentials",
        help=f"leave {'it' if len(reached) == 1 else 'them'} out with {corrections.leave_out_with}",
        fix=fix,
    )
