"""Who may write policies: the accounts that publish, with their roles and bindings.

Two accounts in the namespace `egress-system` of every cluster. `egress-applier` writes the
policies of teams, in exactly the namespaces that they publish to; `egress-platform` writes the
kinds of the baseline. Neither has a token: Flux, and Argo CD where it impersonates, act as them.

Rights do not follow the settings that they serve: what takes an admission policy, or the policies
of a namespace that is enrolled no longer, away again is the same release that brought them, and in
the commit that does so it still needs the rights. So the platform's account always may write the
admission policy of the baseline, by name, and the baseline's kinds in every namespace.

Policies in a tier need more than the kind: `get` on the tier, and rights on `tier.networkpolicies`
and its like under the names `TIER.*` (Calico, "Configure RBAC for tiered policies"). `egress-tier`
grants the same to the accounts, but only once it is there. Kubernetes lets an account grant only
rights that it has, so the platform's account holds all that `egress-tier` grants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from transire.delivery.gitops.manifests_file import Object, named
from transire.delivery.gitops.publication import ClusterPublication, TeamPublication
from transire.engines.api.kinds import Kind
from transire.engines.platform_kinds import (
    ADMISSION_KINDS,
    ADMISSION_NAME,
    CLUSTER_ROLES,
    tier_role,
)
from transire.model.accounts import APPLIER, NAMESPACE, PLATFORM
from transire.model.intent import GitOps
from transire.yamlio import YamlTree

_STORAGE = "egress-storage"
_TIER_ACCESS = "egress-applier-tier"
_RBAC = "rbac.authorization.k8s.io"
_MANAGE = ("create", "delete", "get", "list", "patch", "update", "watch")
_GRANTED = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


def platform_access(view: ClusterPublication) -> tuple[Object, ...]:
    """The namespace, both accounts, their roles, and every binding that is no team's."""
    objects = [
        _namespace(),
        *(_account(name) for name in (APPLIER, PLATFORM)),
        _cluster_role(APPLIER, _applier_rules(view)),
        _cluster_role(PLATFORM, _platform_rules(view)),
        _cluster_binding(PLATFORM, role=PLATFORM, account=PLATFORM),
    ]
    tier = view.kinds.tier
    if tier is not None:
        names = [view.platform.tier.name]
        objects += [
            _cluster_role(
                _TIER_ACCESS, [_rule(tier.group, [tier.resource], ("get",), names=names)]
            ),
            _cluster_binding(_TIER_ACCESS, role=_TIER_ACCESS, account=APPLIER),
        ]
    if view.cluster.gitops is GitOps.FLUX:
        objects += _storage()
    return tuple(objects)


def team_access(held: TeamPublication) -> tuple[Object, ...]:
    """The bindings that let policies be written in the team's namespaces."""
    return tuple(_binding(each) for each in held.namespaces)


def _applier_rules(view: ClusterPublication) -> list[YamlTree]:
    kinds, tier = view.kinds.team, view.kinds.tier
    rules = _kind_rules(kinds)
    if tier is not None:
        resources = [f"tier.{each.resource}" for each in kinds if each.tiered]
        rules.append(_rule(tier.group, resources, _MANAGE, names=[_in_tier(view)]))
    return rules


def _platform_rules(view: ClusterPublication) -> list[YamlTree]:
    tier, name = view.kinds.tier, view.platform.tier.name
    rules = [
        *_named_rules(ADMISSION_KINDS, ADMISSION_NAME),
        *_kind_rules(view.kinds.baseline),
    ]
    if tier is None:
        return rules
    return [
        *rules,
        _rule(tier.group, view.kinds.tier_roles, _GRANTED, names=[_in_tier(view)]),
        *_named_rules([tier], name),
        *_named_rules(CLUSTER_ROLES, tier_role(name)),
    ]


def _in_tier(view: ClusterPublication) -> str:
    return f"{view.platform.tier.name}.*"


def _kind_rules(kinds: Iterable[Kind]) -> list[YamlTree]:
    """What an account needs to manage every object of the kinds, one rule for each API group."""
    kinds = list(kinds)
    return [
        _rule(group, sorted(each.resource for each in kinds if each.group == group), _MANAGE)
        for group in sorted({each.group for each in kinds})
    ]


def _named_rules(kinds: Sequence[Kind], name: str) -> list[YamlTree]:
    """What an account needs to manage one object of each kind; creating cannot be limited so."""
    group, resources = kinds[0].group, [each.resource for each in kinds]
    return [
        _rule(group, resources, ("create", "list", "watch")),
        _rule(group, resources, ("delete", "get", "patch", "update"), names=[name]),
    ]


def _rule(
    group: str, resources: Sequence[str], verbs: Sequence[str], *, names: Sequence[str] = ()
) -> YamlTree:
    rule: Object = {"apiGroups": [group], "resources": list(resources)}
    if names:
        rule["resourceNames"] = list(names)
    rule["verbs"] = list(verbs)
    return rule


def _namespace() -> Object:
    return named(
        api="v1",
        kind="Namespace",
        name=NAMESPACE,
        labels={"pod-security.kubernetes.io/enforce": "restricted"},
        annotations={"kustomize.toolkit.fluxcd.io/prune": "disabled"},
    )


def _account(name: str) -> Object:
    account = named(api="v1", kind="ServiceAccount", name=name, namespace=NAMESPACE)
    return {**account, "automountServiceAccountToken": False}


def _storage() -> list[Object]:
    """Helm keeps its releases in Secrets; in a namespace of ours no tenant can drop one."""
    role = named(api=f"{_RBAC}/v1", kind="Role", name=_STORAGE, namespace=NAMESPACE)
    binding = named(api=f"{_RBAC}/v1", kind="RoleBinding", name=_STORAGE, namespace=NAMESPACE)
    return [
        {**role, "rules": [_rule("", ["secrets"], _MANAGE)]},
        {**binding, **_refers("Role", _STORAGE, APPLIER, PLATFORM)},
    ]


def _cluster_role(name: str, rules: Sequence[YamlTree]) -> Object:
    return {**named(api=f"{_RBAC}/v1", kind="ClusterRole", name=name), "rules": list(rules)}


def _cluster_binding(name: str, *, role: str, account: str) -> Object:
    binding = named(api=f"{_RBAC}/v1", kind="ClusterRoleBinding", name=name)
    return {**binding, **_refers("ClusterRole", role, account)}


def _binding(namespace: str) -> Object:
    """The rights of the applier's role in one namespace."""
    binding = named(api=f"{_RBAC}/v1", kind="RoleBinding", name=APPLIER, namespace=namespace)
    return {**binding, **_refers("ClusterRole", APPLIER, APPLIER)}


def _refers(kind: str, role: str, *accounts: str) -> Object:
    return {
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role},
        "subjects": [
            {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
            for account in accounts
        ],
    }
