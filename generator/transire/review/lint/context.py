"""What every rule looks at: the objects as the cluster would hold them, and the facts.

Whatever depends on the engine is its `PolicyView`, or the `PolicyApi` of an object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from transire.engines.api.policy_shape import HostName, Policy, Rule, TierFacts, WrittenPort
from transire.engines.api.policy_view import PolicyApi, PolicyView
from transire.engines.registry import engine_of
from transire.flows.pod_set import PodSet, Workload
from transire.flows.text_set import TextSet
from transire.k8s.json_pointer import without
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.unmodelled import Unmodelled
from transire.model.engine import Release
from transire.model.problems import Unjudgeable
from transire.review.lint.finding import Facts
from transire.review.lint.known_pods import known_namespaces, known_pods
from transire.review.lint.last_applied import lost
from transire.review.lint.policy_index import PolicyIndex

NAMESPACE = "default"
"""Where an object goes that names no namespace, unless whoever applies it names another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintContext:
    """Some objects that are applied together, and what is known of them.

    `trees` are the objects without what the API server prunes, `pruned` what that is, and `apis`
    what reads them, where the engine does, all by index. `lost` is what was applied to those and
    is gone. `tiers` holds each tier that is known,
    where policies live in such, `pods` are those that somebody has shown, and `namespaces` the
    labels of namespaces of which they are known.
    """

    release: Release
    view: PolicyView
    facts: Facts
    manifests: tuple[Manifest, ...]
    trees: Mapping[int, Tree]
    pruned: Mapping[int, tuple[str, ...]]
    apis: Mapping[int, PolicyApi]
    lost: Mapping[int, tuple[str, ...]]
    tiers: Mapping[str, TierFacts]
    policies: tuple[Policy, ...]
    unread: tuple[Unmodelled, ...]
    index: PolicyIndex
    pods: tuple[Workload, ...]
    namespaces: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, manifests: Sequence[Manifest], release: Release, facts: Facts) -> LintContext:
        """The objects as one release would hold them."""
        view = engine_of(release).view
        refused = {each.manifest for each in facts.refused if not view.waits(each)}
        pruned: defaultdict[int, list[str]] = defaultdict(list)
        for each in facts.pruned:
            pruned[each.manifest].append(each.path)
        trees = {each.index: without(each.body, pruned[each.index]) for each in manifests}
        apis = {each.index: api for each in manifests if (api := view.api_of(each))}
        policies: list[Policy] = []
        unread: list[Unmodelled] = []
        for manifest in manifests:
            index, namespace = manifest.index, namespace_of(manifest)
            try:
                if index in apis:
                    policies += apis[index].policies(
                        manifest, trees[index], namespace, release, in_force=index not in refused
                    )
            except Unjudgeable as error:
                unread.append(Unmodelled(object=manifest.ref, key=error.key, why=error.why))
        return cls(
            release=release,
            view=view,
            facts=facts,
            manifests=tuple(manifests),
            trees=trees,
            pruned={index: tuple(paths) for index, paths in pruned.items()},
            apis=apis,
            lost={each.index: tuple(lost(each)) for each in manifests if each.index in apis},
            tiers=view.tiers(((each, trees[each.index]) for each in manifests), release),
            policies=tuple(policies),
            unread=tuple(unread),
            index=PolicyIndex.of(policies),
            pods=tuple(known_pods(manifests, facts.cluster, NAMESPACE)),
            namespaces=known_namespaces(manifests, facts.cluster),
        )

    def around(self, policy: Policy) -> tuple[Policy, ...]:
        """The policies in force that may select the same pods, and itself whether it is or not.

        Raises:
            Unjudgeable: if there are too many to compare each with each.
        """
        return self.index.around(policy)

    def subject(self, policy: Policy) -> PodSet:
        """The pods that it selects, by the labels that its namespace is known to have."""
        found = policy.subject
        for key, value in self.namespaces.get(policy.namespace, {}).items():
            found &= PodSet.namespace_label(key, TextSet.of([value]))
        return found

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

    def is_shown(self, one: Policy, other: Policy) -> bool:
        """Whether pods that both select are known: as all of one, or by a pod of the cluster."""
        if one is other or one.subject <= other.subject or other.subject <= one.subject:
            return True
        return any(pod in one.subject and pod in other.subject for pod in self.pods)

    def is_whole(self, policy: Policy, rule: Rule) -> bool:
        """Whether the rule stands as it was written, with nothing dropped from it."""
        index = policy.manifest.index
        dropped = (*self.pruned.get(index, ()), *self.lost[index])
        return not any(path.startswith(f"{rule.at}/") for path in dropped)

    def api_of(self, policy: Policy) -> PolicyApi:
        """What read a policy."""
        return self.apis[policy.manifest.index]

    def objects(self) -> Iterator[tuple[PolicyApi, Manifest, Tree]]:
        """The objects that the engine reads, policies or not, without what is pruned."""
        for manifest in self.manifests:
            if manifest.index in self.apis:
                yield self.apis[manifest.index], manifest, self.trees[manifest.index]

    def objects_where(self, chosen: Callable[[Manifest], bool]) -> Iterator[tuple[Manifest, Tree]]:
        """Those of `objects` that are meant."""
        for _, manifest, tree in self.objects():
            if chosen(manifest):
                yield manifest, tree

    def hosts(self) -> Iterator[tuple[Manifest, HostName]]:
        """Every host to which something is opened, in policies and sets."""
        for policy in self.policies:
            for rule in policy.allows:
                for host in rule.hosts:
                    yield policy.manifest, host
        for api, manifest, tree in self.objects():
            for host in api.hosts(manifest, tree):
                yield manifest, host

    def ports(self) -> Iterator[tuple[PolicyApi, Manifest, WrittenPort]]:
        """Every port of every object as it is written, in both directions."""
        for api, manifest, tree in self.objects():
            for port in api.ports(manifest, tree):
                yield api, manifest, port


def namespace_of(manifest: Manifest) -> str:
    """The namespace of a namespaced object; `default` where it names none."""
    return manifest.ref.namespace or NAMESPACE


def decides_no_later(context: LintContext, one: Policy, other: Policy) -> bool:
    """Whether what one policy allows counts whatever the other has.

    That is so in one tier or an earlier one; without tiers policies always add up. A tier that is
    not given counts as later, so that nothing is claimed about it.
    """
    if one.tier == other.tier:
        return True
    first, second = context.tiers.get(one.tier), context.tiers.get(other.tier)
    return (first.order if first else inf) < (second.order if second else inf)
