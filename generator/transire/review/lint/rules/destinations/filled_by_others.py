"""Find destinations that somebody else fills.

What it does: reports rules that open what another object holds, where that object is not among the
given ones: a CIDR group or a service by its name, and, as a note, all groups or global sets whose
labels fit, and pods of other clusters of a mesh.
Why is this bad? A name that is misspelt opens nothing. One that is right opens whatever is written
there, now or later, by whoever may write it.
Bad:
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: partners, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDRSet: [{cidrGroupRef: partners}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
Good:
    apiVersion: cilium.io/v2
    kind: CiliumCIDRGroup
    metadata: {name: partners}
    spec: {externalCIDRs: [203.0.113.0/24]}
    ---
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: partners, namespace: shop}
    spec:
      endpointSelector: {}
      egress:
      - toCIDRSet: [{cidrGroupRef: partners}]
        toPorts: [{ports: [{port: "443", protocol: TCP}]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from transire.engines.api.policy_shape import Action, Policy
from transire.engines.api.policy_view import Borrowed
from transire.k8s.api_kinds import group_of
from transire.k8s.manifests import Manifest
from transire.model.problems import Level
from transire.review.lint.applicability import every_engine
from transire.review.lint.context import LintContext, namespace_of
from transire.review.lint.finding import RuleMatch
from transire.review.lint.known_pods import labels_of

ID = "filled-by-others"
LEVEL = Level.WARNING
APPLIES = every_engine
EXAMPLE = "cilium@1.19"


def check(context: LintContext) -> Iterator[RuleMatch]:
    """Every such destination of a policy that denies the rest, or of a rule that denies."""
    for policy in context.policies:
        for rule in policy.rules:
            allows = rule.action is not Action.DENY
            for each in context.api_of(policy).borrowed(rule):
                given = [one.ref.name for one in _given(context, each)]
                if each.name and each.name not in given:
                    if policy.enforces or not allows:
                        yield _missing(policy, each, given, allows=allows)
                elif not each.name and allows and policy.enforces:
                    yield from _chosen(context, policy, each)


def _given(context: LintContext, wanted: Borrowed) -> list[Manifest]:
    """The given objects of the kind, where it is meant."""
    return [
        each
        for each in context.manifests
        if each.ref.kind == wanted.kind
        and group_of(each) == wanted.group
        and (not wanted.namespace or namespace_of(each) == wanted.namespace)
    ]


def _missing(policy: Policy, wanted: Borrowed, given: list[str], *, allows: bool) -> RuleMatch:
    then = (
        "matches nothing, and then whatever that one writes there"
        if allows
        else "denies nothing, and then only what that one writes there"
    )
    close = get_close_matches(wanted.name, given, n=1)
    return RuleMatch(
        manifest=policy.manifest,
        path=wanted.at,
        message=f"{wanted.what} is not among the given objects: until somebody creates it the rule "
        f"{then}",
        help=f"write {close[0]}, if that is meant"
        if close
        else "give it together with the policy, and guard who may write it",
        level=Level.NOTE if wanted.kind == "Service" and not close else None,
    )


def _chosen(context: LintContext, policy: Policy, wanted: Borrowed) -> Iterator[RuleMatch]:
    """What a selector chooses: nothing that is given, or whatever somebody makes."""
    given = _given(context, wanted)
    if not given:
        yield _open(policy, wanted)
    elif not any(wanted.fits(labels_of(each.body)) for each in given):
        yield RuleMatch(
            manifest=policy.manifest,
            path=wanted.at,
            message=f"none of the given {wanted.kind} has labels that fit: until somebody creates "
            "one the rule matches nothing, and then whatever that one writes there",
            help=f"write labels that {given[0].ref.name} has, if that is meant",
        )


def _open(policy: Policy, wanted: Borrowed) -> RuleMatch:
    if not wanted.kind:
        return RuleMatch(
            manifest=policy.manifest,
            path=wanted.at,
            message=f"{wanted.what} counts: whoever may write pods there decides what is open",
            help="guard who may, or name what those pods have and others cannot get",
            level=Level.NOTE,
        )
    return RuleMatch(
        manifest=policy.manifest,
        path=wanted.at,
        message=f"{wanted.what} counts, and none is among the given objects: whoever may write one "
        "decides what is open",
        help="give them together with the policy, and guard who may write such objects",
        level=Level.NOTE,
    )
