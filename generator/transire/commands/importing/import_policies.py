"""Policies that people wrote, as values, with the proof that both allow the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transire.commands.arguments import StrPath, files_at, folder_at
from transire.commands.edited_values import judged, new_problems
from transire.commands.explain_subject import release_of, same_engine
from transire.commands.given_files import Given
from transire.commands.helm_choice import helm_named
from transire.commands.importing.base import Base
from transire.commands.importing.given import GivenPolicies, given_policies, spaces_of
from transire.commands.importing.old_objects import OldFlows, OldObjects, old_flows
from transire.commands.importing.ownership import Owners
from transire.commands.importing.platform_file import ProposedPlatform
from transire.commands.importing.proof import Rendered, change_of, new_objects, rendered
from transire.commands.importing.proposed_platform import decided, ranges_of
from transire.commands.importing.taking_over import TakingOver
from transire.commands.importing.values_tree import Written, compiled_values
from transire.commands.lint import lint_given
from transire.flows.flow_set import FlowSet
from transire.helm import HelmChoice
from transire.model.claims import reserved
from transire.model.engine import Release
from transire.model.intent import Organisation
from transire.model.names import is_dns_label
from transire.model.problems import Problem, Unjudgeable, UsageError
from transire.pipeline.renderer import Renderer
from transire.queries.declared_cluster import declared_resolver
from transire.queries.given_objects import with_objects
from transire.review.diff.changes import Diff, TargetChange
from transire.review.diff.sort_order import biggest_first
from transire.review.lint.finding import LintFinding
from transire.review.migration.candidates import LeftOut
from transire.review.migration.places import Space, namespaces_named
from transire.review.migration.rules import Imported
from transire.values.load import load_files, read_files
from transire.values.platform import ALWAYS_SYSTEM
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.scaffold import difference
from transire.workspace.value_paths import PLATFORM, is_values_file
from transire.workspace.writer import apply

DEFAULT_CLUSTER = "my-cluster"
"""What a cluster is called that nobody named, as in a new repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceResult:
    """One namespace: its team, and whether its values allow what its objects do.

    `change` leads from the objects to the values, None where both allow the same. `unjudged` is
    why nobody can tell, and empty otherwise. `unlimited` are the pods that may reach everything
    today, since no object is for them, in words; empty where there is none. With `partly`, rules
    that only add something could not be judged: the rest is compared without them.
    """

    name: str
    team: str
    rules: tuple[Imported, ...] = ()
    change: TargetChange | None = None
    unjudged: str = ""
    unlimited: str = ""
    partly: tuple[LeftOut, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether both allow the very same."""
        return self.change is None and not self.unjudged and not self.partly


@dataclass(frozen=True, kw_only=True)
class ImportedPolicies:
    """What became of some policies.

    `edits` are values files before and after, by path; `begun` the files of a new repository beside
    them. `left_out` is what no values hold, and `unread` what may hold policies and was not read.
    `problems` are what guardrails find in the values. `limits_nothing` are namespaces of which the
    objects limit no egress.
    """

    cluster: str
    engine: str
    namespaces: tuple[NamespaceResult, ...]
    limits_nothing: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    unread: tuple[Problem, ...]
    edits: tuple[Edit, ...]
    begun: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    traps: tuple[LintFinding, ...]
    notes: tuple[str, ...]
    objects: int

    @property
    def patch(self) -> str:
        """The edits as a patch that `git apply` takes."""
        return difference(self.edits)

    @property
    def diff(self) -> Diff:
        """From the objects to the values, for every namespace that was compared."""
        changes = [each.change for each in self.namespaces if each.change is not None]
        return Diff(
            base="what the objects allow",
            head="what the values allow",
            looked_at=sum(not each.unjudged for each in self.namespaces),
            targets=biggest_first(changes),
        )


def import_exit_code(found: ImportedPolicies) -> int:
    """3 where something could not be judged, 1 where anything differs or is left out, else 0."""
    if any(each.unjudged or each.partly for each in found.namespaces):
        return 3
    differs = any(each.change is not None for each in found.namespaces)
    return int(differs or bool(found.left_out) or bool(found.unread))


def import_policies(
    root: StrPath,
    files: StrPath | Iterable[StrPath],
    *,
    engine: str,
    cluster: str = "",
    team: str = "",
    team_label: str = "",
    namespace: str = "",
    write: bool = False,
    helm: HelmChoice | None = None,
) -> ImportedPolicies:
    """Write values that allow what some policies do, and prove it.

    Args:
        root: the policy repository, or a folder in which one begins.
        files: the policies, and what they refer to: files, folders, and `-` for standard input.
        engine: what enforces them, `NAME` or `NAME@VERSION`.
        cluster: the cluster that has them; without a name, the only one of the engine.
        team: the team that gets all of their namespaces that no team has.
        team_label: the label of namespaces, or of policies, that names the team; without either,
            every namespace is a team.
        namespace: where objects go that name no namespace.
        write: whether the files are written.
        helm: which Helm renders; without a choice, what is there.

    Raises:
        UsageError: if a file cannot be read, there is no such engine or cluster, or the files hold
            no policy.
        NotModelled: if the engine's version is not modelled.
        Rejected: if the values that are there are wrong, or a file cannot be edited.
        HelmFailed: if Helm refuses a chart.
        DiskFailed: if a file cannot be written.
    """
    if team and team_label:
        raise UsageError("name either --team or --team-label")
    if team and not is_dns_label(team):
        raise UsageError(f"{team!r} is no name of a team")
    given = given_policies(files_at(files), namespace)
    if not (given.policies or given.left_out or given.unread):
        raise UsageError("there is no network policy in the input")
    run = _Run(
        base=Base.at(folder_at(root)),
        given=given,
        release=release_of(engine)[0],
        engine=engine,
        renderer=Renderer.using(helm_named(helm)),
    )
    found = run.result(cluster, Owners(team=team, label=team_label, given=given))
    if write and found.edits:
        apply(run.base.root, Plan(edits=(*found.edits, *_begun(found))))
    return found


def _begun(found: ImportedPolicies) -> Iterator[Edit]:
    for path, content in found.begun.items():
        yield Edit(path=path, before=None, after=content)


@dataclass(frozen=True, kw_only=True)
class _Run:
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
        results = [
            *self._results(judged_spaces, old, flows, found, written),
            *(
                NamespaceResult(name=name, team="", unjudged=why)
                for name, why in flows.unjudged.items()
            ),
        ]
        partly = [each for some in flows.partly.values() for each in some]
        lost = [*self._lost(old, system), *partly, *taken.left_out, *written.left_out]
        return ImportedPolicies(
            cluster=name,
            engine=str(old.cluster.release),
            namespaces=tuple(sorted(results, key=lambda each: each.name)),
            limits_nothing=tuple(free),
            left_out=tuple(self._counting(lost, results, found, old, spaces)),
            unread=self.given.unread,
            edits=written.edits(self.base),
            begun={path: e for path, e in self.base.begun.items() if not is_values_file(path)},
            problems=(*self.given.notes, *self._guardrails(written)),
            traps=self._traps(old),
            notes=tuple(self._notes(proposed)),
            objects=len(self.given.policies),
        )

    def _cluster(self, cluster: str) -> tuple[str, ProposedPlatform | None]:
        """The cluster's name, and a platform for it where the repository is new."""
        if self.base.fresh:
            name = cluster or DEFAULT_CLUSTER
            if not is_dns_label(name):
                raise UsageError(f"{name!r} is no name of a cluster")
            return name, ProposedPlatform(
                cluster=name,
                release=self.release,
                ranges=ranges_of(self.given.others),
                system=("kube-system",),
            )
        organisation = load_files(self.base.files)
        known = {each.name: each for each in organisation.platform.clusters}
        if not cluster:
            fitting = [
                each for each in known.values() if each.release.engine == self.release.engine
            ]
            if len(fitting) != 1:
                listed = ", ".join(sorted(known))
                raise UsageError(f"name the cluster with --cluster: one of {listed}")
            cluster = fitting[0].name
        if cluster not in known:
            raise UsageError(
                f"there is no cluster {cluster!r}; the clusters are {', '.join(sorted(known))}"
            )
        same_engine(self.engine, known[cluster])
        return cluster, None

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

    def _results(
        self,
        spaces: Iterable[Space],
        old: OldObjects,
        flows: OldFlows,
        found: Rendered,
        written: Written,
    ) -> Iterator[NamespaceResult]:
        for space in spaces:
            team = found.targets[space.name][0].team
            rules = written.rules_in(space.name)
            try:
                before, after = flows.flows[space.name], new_objects(found, space, old)
                change = change_of(old, space, before, after)
            except Unjudgeable as error:
                yield NamespaceResult(name=space.name, team=team, rules=rules, unjudged=str(error))
                continue
            yield NamespaceResult(
                name=space.name,
                team=team,
                rules=rules,
                change=change,
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

    def _counting(
        self,
        lost: Iterable[LeftOut],
        results: Sequence[NamespaceResult],
        found: Rendered,
        old: OldObjects,
        spaces: Iterable[Space],
    ) -> Iterator[LeftOut]:
        """What is left out and matters: not where values allow the very same all the same."""
        equal = {each.name for each in results if each.is_equal}
        by_name = {each.name: each for each in spaces}
        new: dict[str, FlowSet] = {}
        unique = {one.key: one for one in sorted(lost, key=lambda one: one.key)}
        said = {(e.object, e.pointer, e.namespace) for some in results for e in some.partly}
        for each in unique.values():
            again = (each.object, each.pointer, each.namespace) in said
            if each.namespace in equal or (again and not any(each in e.partly for e in results)):
                continue
            if each.flows is not None and each.namespace in found.targets:
                if each.namespace not in new:
                    new[each.namespace] = new_objects(found, by_name[each.namespace], old).flows
                if each.flows <= new[each.namespace]:
                    continue
            yield each

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
