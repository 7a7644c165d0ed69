"""What every rule looks at: the objects as the cluster would hold them, and the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from transire.engines.api.policy_view import Family, HostName, Policy, Rule
from transire.engines.calico.lint_view import SETS, dialect_of, is_calico, read_calico
from transire.engines.calico.objects.releases import DEFAULT_ORDER
from transire.engines.cilium.lint_view import CLUSTERWIDE, POLICY, read_cilium
from transire.engines.kubernetes.lint_view import read_kubernetes
from transire.engines.registry import ENGINES
from transire.flows.pod_set import PodSet
from transire.k8s.json_pointer import inner, texts, without
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.networkpolicy import is_networkpolicy
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.model.problems import Unjudgeable
from transire.review.lint.finding import Facts, lacks_tier
from transire.review.lint.policy_index import PolicyIndex

CILIUM = frozenset({"cilium"})
CALICO = frozenset({"calico", "calico-enterprise"})
ENTERPRISE = frozenset({"calico-enterprise"})
EVERY = frozenset(ENGINES)
"""The engines that a rule may be for."""

_READ = {
    "cilium": frozenset({Family.CILIUM, Family.KUBERNETES}),
    "calico": frozenset({Family.CALICO, Family.KUBERNETES}),
    "calico-enterprise": frozenset({Family.CALICO, Family.KUBERNETES}),
    "kubernetes": frozenset({Family.KUBERNETES}),
}

NAMESPACE = "default"
"""Where an object goes that names no namespace, unless whoever applies it names another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintContext:
    """Some objects that are applied together, and what is known of them.

    `trees` are the objects without what the API server prunes, and `pruned` what that is, both by
    index; `tiers` the order of each tier of Calico that is known.
    """

    release: Release
    facts: Facts
    manifests: tuple[Manifest, ...]
    trees: Mapping[int, Tree]
    pruned: Mapping[int, tuple[str, ...]]
    tiers: Mapping[str, float]
    policies: tuple[Policy, ...]
    unread: tuple[Unmodelled, ...]
    index: PolicyIndex

    @classmethod
    def of(cls, manifests: Sequence[Manifest], release: Release, facts: Facts) -> LintContext:
        """The objects as one release would hold them."""
        refused = {each.manifest for each in facts.refused if not lacks_tier(each)}
        pruned: defaultdict[int, list[str]] = defaultdict(list)
        for each in facts.pruned:
            pruned[each.manifest].append(each.path)
        trees = {each.index: without(each.body, pruned[each.index]) for each in manifests}
        policies: list[Policy] = []
        unread: list[Unmodelled] = []
        for manifest in manifests:
            in_force = manifest.index not in refused
            try:
                policies += _policies(manifest, trees[manifest.index], release, in_force=in_force)
            except Unjudgeable as error:
                unread.append(Unmodelled(object=manifest.ref, key=error.key, why=error.why))
        return cls(
            release=release,
            facts=facts,
            manifests=tuple(manifests),
            trees=trees,
            pruned={index: tuple(paths) for index, paths in pruned.items()},
            tiers=_tiers(manifests, trees, release),
            policies=tuple(policies),
            unread=tuple(unread),
            index=PolicyIndex.of(policies),
        )

    def around(self, policy: Policy) -> tuple[Policy, ...]:
        """The policies in force that may select the same pods, and itself whether it is or not.

        Raises:
            Unjudgeable: if there are too many to compare each with each.
        """
        return self.index.around(policy)

    def of_manifest(self, manifest: Manifest) -> tuple[Policy, ...]:
        """The policies that one object holds."""
        return self.index.by_manifest.get(manifest.index, ())

    def beside(
        self, policy: Policy, having: Callable[[Policy], object]
    ) -> Iterator[tuple[Policy, PodSet]]:
        """Those of `around` that have something and select pods that it selects, and which."""
        for each in self.around(policy):
            if having(each):
                shared = policy.subject if each is policy else policy.subject & each.subject
                if shared:
                    yield each, shared

    def covering(self, policy: Policy, having: Callable[[Policy], object]) -> Iterator[Policy]:
        """Those of `around` that have something and select all pods that it selects."""
        for each in self.around(policy):
            if having(each) and (each is policy or policy.subject <= each.subject):
                yield each

    def is_whole(self, policy: Policy, rule: Rule) -> bool:
        """Whether the rule stands as it was written, with nothing dropped from it."""
        dropped = self.pruned.get(policy.manifest.index, ())
        return not any(path.startswith(f"{rule.at}/") for path in dropped)

    def of_family(self, family: Family) -> Iterator[tuple[Manifest, Tree]]:
        """The objects of one API, whether they are policies or not, without what is pruned."""
        for manifest in self.manifests:
            if _family(manifest) is family and family in _READ[self.release.engine]:
                yield manifest, self.trees[manifest.index]

    def hosts(self) -> Iterator[tuple[Manifest, HostName]]:
        """Every host to which something is opened, in policies and sets."""
        for policy in self.policies:
            for rule in policy.allows:
                for host in rule.hosts:
                    yield policy.manifest, host
        for manifest, tree in self.of_family(Family.CALICO):
            if manifest.ref.kind in SETS:
                spec = inner(tree, "spec")
                for at, written in texts(spec, "allowedEgressDomains", "/spec"):
                    yield manifest, HostName(at=at, text=written.lower().removesuffix("."))


def _tiers(
    manifests: Sequence[Manifest], trees: Mapping[int, Tree], release: Release
) -> dict[str, float]:
    if release.engine not in CALICO:
        return {}
    found = {each.name: each.order for each in dialect_of(release).tiers}
    for manifest in manifests:
        if manifest.ref.kind == "Tier" and is_calico(manifest):
            order = inner(trees[manifest.index], "spec").get("order", DEFAULT_ORDER)
            if isinstance(order, int | float):
                found[manifest.ref.name] = float(order)
    return found


def namespace_of(manifest: Manifest) -> str:
    """The namespace of a namespaced object; `default` where it names none."""
    return manifest.ref.namespace or NAMESPACE


def _family(manifest: Manifest) -> Family | None:
    if manifest.ref.kind in {POLICY, CLUSTERWIDE}:
        return Family.CILIUM
    if is_calico(manifest):
        return Family.CALICO
    return Family.KUBERNETES if is_networkpolicy(manifest) else None


def _policies(
    manifest: Manifest, tree: Tree, release: Release, *, in_force: bool
) -> Iterator[Policy]:
    namespace, family = namespace_of(manifest), _family(manifest)
    if family not in _READ[release.engine]:
        return
    match family:
        case Family.CILIUM:
            yield from read_cilium(manifest, tree, namespace, release, in_force=in_force)
        case Family.CALICO:
            yield from read_calico(manifest, tree, namespace, release, in_force=in_force)
        case Family.KUBERNETES:
            yield from read_kubernetes(manifest, tree, namespace, in_force=in_force)


def decides_no_later(review: LintContext, one: Policy, other: Policy) -> bool:
    """Whether what one policy allows counts whatever the other says.

    In Calico that is so in one tier or an earlier one; elsewhere policies always add up. A tier
    that is not given counts as later, so that nothing is claimed about it.
    """
    if review.release.engine not in CALICO or one.tier == other.tier:
        return True
    return review.tiers.get(one.tier, inf) < review.tiers.get(other.tier, inf)
