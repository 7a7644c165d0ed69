"""One import: from the objects to values, what these come to, and the way over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transire.commands.edited_values import judged, new_problems
from transire.commands.explain_subject import same_engine
from transire.commands.given_files import Given
from transire.commands.importing.base import Base
from transire.commands.importing.given import GivenPolicies, spaces_of
from transire.commands.importing.old_objects import OldFlows, OldObjects, old_flows
from transire.commands.importing.ownership import Owners
from transire.commands.importing.platform_file import ProposedPlatform
from transire.commands.importing.proof import (
    NewObjects,
    Rendered,
    change_of,
    new_objects,
    rendered,
)
from transire.commands.importing.proposed_platform import decided, ranges_of
from transire.commands.importing.results import ImportedPolicies, NamespaceResult
from transire.commands.importing.taking_over import TakingOver
from transire.commands.importing.values_tree import Written, compiled_values
from transire.commands.importing.way_over import WayOver
from transire.commands.lint import lint_given
from transire.flows.flow_set import FlowSet
from transire.k8s.manifests import ObjectRef
from transire.model.claims import reserved
from transire.model.engine import Release
from transire.model.intent import Organisation
from transire.model.names import is_dns_label
from transire.model.problems import Problem, Unjudgeable, UsageError
from transire.pipeline.progress import counted
from transire.pipeline.renderer import Renderer
from transire.queries.declared_cluster import declared_resolver
from transire.queries.given_objects import with_objects
from transire.review.lint.finding import LintFinding
from transire.review.migration.candidates import LeftOut
from transire.review.migration.places import Space, namespaces_named
from transire.values.load import load_files, read_files
from transire.values.platform import ALWAYS_SYSTEM
from transire.workspace.value_paths import PLATFORM, is_values_file

DEFAULT_CLUSTER = "my-cluster"
"""What a cluster is called that nobody named, as in a new repository."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One import, for one cluster."""

    base: Base
    given: GivenPolicies
    release: Release
    engine: str
    renderer: Renderer

    def result(self, cluster: str, owners: Owners) -> ImportedPolicies:
        """Everything, for one cluster."""
        name, proposed = self._cluster(cluster)
        organisation = self._organisation(proposed)
        old = OldObjects(objects=self.given.objects, cluster=organisation.platform.cluster(name))
        system = ALWAYS_SYSTEM | set(organisation.platform.system)
        names = self._namespaces(old)
        spaces = spaces_of((e for e in names if not _is_system(e, system)), self.given.labels)
        flows = old_flows(old, spaces)
        free = [each.name for each in spaces if flows.flows.get(each.name) == old.world]
        spaces = [each for each in spaces if each.name not in free]
        if proposed is not None:
            proposed = decided(proposed, organisation, old, spaces, flows.flows)
            organisation = self._organisation(proposed)
            old = replace(old, cluster=organisation.platform.cluster(name))
        judged_spaces = [each for each in spaces if each.name in flows.flows]
        taken = TakingOver(
            given=self.given, old=old, organisation=organisation, flows=flows.flows
        ).all(judged_spaces)
        written = compiled_values(
            self.base, proposed, name, owners.of(judged_spaces, organisation, name), taken
        )
        found = rendered(self.base, written.compiled, name, self.renderer)
        after = dict(_compared(found, judged_spaces, old))
        results = [
            *self._results(judged_spaces, old, flows, found, written, after),
            *(
                NamespaceResult(name=name, team="", unjudged=why)
                for name, why in flows.unjudged.items()
            ),
        ]
        places = [
            (each, flows.flows[each.name], new)
            for each in judged_spaces
            if isinstance(new := after[each.name], NewObjects)
        ]
        ours = frozenset(e.index for e in self.given.objects if self.given.is_ours(e.index))
        way = WayOver(old=old, ours=ours, lower=flows.objects).steps(places) if places else ()
        partly = [each for some in flows.partly.values() for each in some]
        lost = [*self._lost(old, system), *partly, *taken.left_out, *written.left_out]
        return ImportedPolicies(
            cluster=name,
            engine=str(old.cluster.release),
            namespaces=tuple(sorted(results, key=lambda each: each.name)),
            limits_nothing=tuple(free),
            left_out=_with_the_rest(tuple(_counting(lost, results, after)), results),
            unread=self.given.unread,
            edits=written.edits(self.base),
            begun={path: e for path, e in self.base.begun.items() if not is_values_file(path)},
            problems=(*self.given.notes, *self._guardrails(written)),
            traps=self._traps(old),
            notes=tuple(self._notes(proposed)),
            objects=len(self.given.policies),
            way=tuple(way),
        )

    def _cluster(self, cluster: str) -> tuple[str, ProposedPlatform | None]:
        """The cluster's name, and the platform's file where that is new or gets the cluster."""
        if self.base.fresh:
            return self._proposed(cluster or DEFAULT_CLUSTER, "")
        known = {each.name: each for each in load_files(self.base.files).platform.clusters}
        engine = self.release.engine
        if not cluster:
            fitting = sorted(name for name, each in known.items() if each.release.engine == engine)
            if len(fitting) != 1:
                listed = ", ".join(fitting) or f"none of engine {engine}"
                raise UsageError(f"name the cluster with --cluster; there is {listed}")
            cluster = fitting[0]
        if cluster not in known:
            return self._proposed(cluster, self.base.files[PLATFORM].decode())
        same_engine(self.engine, known[cluster])
        return cluster, None

    def _proposed(self, cluster: str, onto: str) -> tuple[str, ProposedPlatform]:
        """A cluster that the platform's file does not have yet."""
        if not is_dns_label(cluster):
            raise UsageError(f"{cluster!r} is no name of a cluster")
        return cluster, ProposedPlatform(
            cluster=cluster,
            release=self.release,
            ranges=ranges_of(self.given.others),
            system=("kube-system",),
            onto=onto,
        )

    def _organisation(self, proposed: ProposedPlatform | None) -> Organisation:
        files = dict(self.base.files)
        if proposed is not None:
            text = "".join(f"{each.text}\n" for each in proposed.lines())
            files[PLATFORM] = text.encode()
        return load_files(files)

    def _namespaces(self, old: OldObjects) -> frozenset[str]:
        """The namespaces of policies, and those that cluster-wide ones may be for."""
        own = {each.ref.namespace for each in self.given.policies if each.ref.namespace}
        wide = any(not each.ref.namespace for each in self.given.policies)
        named = {each for each in namespaces_named(old.allowances) if is_dns_label(each)}
        return frozenset(own | named | (set(self.given.labels) if wide else set()))

    def _results(  # noqa: PLR0917 - all that is known of the namespaces
        self,
        spaces: Iterable[Space],
        old: OldObjects,
        flows: OldFlows,
        found: Rendered,
        written: Written,
        after: Mapping[str, NewObjects | str],
    ) -> Iterator[NamespaceResult]:
        for space in spaces:
            team = found.targets[space.name][0].team
            rules, before = written.rules_in(space.name), flows.flows[space.name]
            new = after[space.name]
            if isinstance(new, str):
                yield NamespaceResult(name=space.name, team=team, rules=rules, unjudged=new)
                continue
            yield NamespaceResult(
                name=space.name,
                team=team,
                rules=rules,
                change=change_of(old, space, before, new),
                unlimited=_unlimited(before, old.world),
                partly=flows.partly.get(space.name, ()),
            )

    def _lost(self, old: OldObjects, system: frozenset[str] | set[str]) -> Iterator[LeftOut]:
        """What is left out before any namespace is looked at."""
        yield from self.given.left_out
        for refused in old.refused:
            why = f"the {refused.by} refuses it, so that nothing of it is in force: {refused.why}"
            yield LeftOut(object=refused.object, pointer="", why=why)
        for each in self.given.policies:
            space = each.ref.namespace
            if space and _is_system(space, system) and not self.given.is_ours(each.index):
                why = f"namespace {space} is one of the system, which nothing of values selects"
                yield LeftOut(object=each.ref, pointer="", why=why, namespace=space)
        for allowance in old.allowances:
            for part in allowance.unwritten if not allowance.subjects else ():
                yield LeftOut(object=allowance.object, pointer=part.pointer, why=part.why)

    def _guardrails(self, written: Written) -> Iterator[Problem]:
        """What guardrails find in the values, and did not find before."""
        now = read_files(written.files, ())
        then = read_files(self.base.files, ()) if not self.base.fresh else None
        yield from new_problems(judged(now), judged(then) if then else ())

    def _traps(self, old: OldObjects) -> tuple[LintFinding, ...]:
        """What lint finds in the objects, those of ours left out."""
        own = [each for each in self.given.objects if not self.given.is_ours(each.index)]
        found = Given(manifests=tuple(own), sources=self.given.sources)
        state = with_objects(declared_resolver(old.cluster)[1], self.given.others)
        return lint_given(found, old.cluster.release, state)

    def _notes(self, proposed: ProposedPlatform | None) -> Iterator[str]:
        for kind, count in self.given.passed_over.items():
            yield f"passed over: {count} of kind {kind}, which is no network policy"
        if self.given.strangers:
            listed = ", ".join(self.given.strangers[:5])
            more = len(self.given.strangers) - 5
            yield f"passed over: no Kubernetes objects in {listed}" + (
                f" and {more} more files" if more > 0 else ""
            )
        if proposed is not None and proposed.onto:
            yield f"cluster {proposed.cluster} is new, and added to values/platform.yaml"
        if proposed is not None and proposed.ranges.assumed:
            yield (
                "the ranges of pods, services and nodes in values/platform.yaml are those of a "
                "template: write your own, and import again"
            )


def _unlimited(flows: FlowSet, scope: FlowSet) -> str:
    """The pods that may reach everything, in words."""
    free = scope.sources() - (scope - flows).sources()
    return str(free) if free else ""


def _is_system(namespace: str, system: frozenset[str] | set[str]) -> bool:
    return namespace in system or bool(reserved(namespace))


def _compared(
    found: Rendered, spaces: Iterable[Space], old: OldObjects
) -> Iterator[tuple[str, NewObjects | str]]:
    """What the values allow in each namespace, or why nobody can tell."""
    known = list(spaces)
    for each in counted(known, len(known), "namespaces"):
        try:
            yield each.name, new_objects(found, each, old)
        except Unjudgeable as error:
            yield each.name, str(error)


def _with_the_rest(
    lost: tuple[LeftOut, ...], results: Iterable[NamespaceResult]
) -> tuple[LeftOut, ...]:
    """The list with an entry for each namespace where something closes that nothing in it is."""
    listed = {each.namespace for each in lost}
    why = "what closes there follows from no rule that could be written, as the difference shows"
    rest = (
        LeftOut(
            object=ObjectRef(kind="Namespace", name=each.name),
            pointer="",
            why=why,
            namespace=each.name,
        )
        for each in results
        if each.change is not None
        and each.change.losses
        and not each.unlimited
        and each.name not in listed
    )
    return (*lost, *rest)


def _counting(
    lost: Iterable[LeftOut],
    results: Sequence[NamespaceResult],
    after: Mapping[str, NewObjects | str],
) -> Iterator[LeftOut]:
    """What is left out and matters: not where values allow the very same all the same."""
    equal = {each.name for each in results if each.is_equal}
    unique = {one.key: one for one in sorted(lost, key=lambda one: one.key)}
    said = {(e.object, e.pointer, e.namespace) for some in results for e in some.partly}
    for each in unique.values():
        again = (each.object, each.pointer, each.namespace) in said
        if each.namespace in equal or (again and not any(each in e.partly for e in results)):
            continue
        new = after.get(each.namespace)
        if each.flows is None or not isinstance(new, NewObjects) or not each.flows <= new.flows:
            yield each
