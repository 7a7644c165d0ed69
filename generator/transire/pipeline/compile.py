"""From values files to the lowered values of every engine, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from transire.delivery.gitops.codeowners import (
    contact_problems,
    folder_problems,
    owners_file_problems,
)
from transire.delivery.gitops.publishable import PUBLISHED_TWICE, publication_problems
from transire.engines.registry import ENGINES, tiered
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.meaning.target import Baseline, Lowered, Values, baseline_of, targets_of
from transire.model.accounts import NAMESPACE, PLATFORM
from transire.model.ends import instant
from transire.model.intent import Cluster, Organisation, Team
from transire.model.problems import Level, Problem, Rejected, UsageError, in_order
from transire.values.guardrails.registry import review, review_parts
from transire.values.load import read
from transire.values.readable import Readable


def compile_values(root: Path, teams: Iterable[str] = (), as_of: date | None = None) -> Compiled:
    """What the values at `root` come to, for all teams or for those named.

    Ends are held against `as_of`: a moment, a day's last instant, or now.

    Raises:
        Rejected: with every mistake that the values hold and every refusal of an engine.
        UsageError: if a named team does not exist.
    """
    names, now = tuple(teams), instant(as_of)
    found = read(root, names or None)
    if found.problems:
        raise Rejected([*found.problems, *_beside(root, found, names, now)])
    organisation, whole = found.organisation, not names
    chosen = _chosen(organisation, names)
    problems = list(_reviewed(review(organisation, now), chosen, whole=whole))
    problems += publication_problems(organisation) if whole else ()
    problems += folder_problems(root, organisation) if whole else ()
    problems += contact_problems(organisation, chosen)
    problems += owners_file_problems(root, organisation) if whole else ()
    compiled = _lowered(organisation, chosen, problems, now, whole=whole)
    if any(each.level is Level.ERROR for each in problems):
        raise Rejected(problems)
    return replace(compiled, warnings=in_order(problems), sources=found.sources)


def compile_loaded(organisation: Organisation, now: datetime, *, whole: bool) -> Compiled:
    """What values come to that are read already, wherever they are from.

    Without `whole` they are those of some teams. Its warnings hold what guardrails find, errors
    too: values that may not be published still have a meaning.

    Raises:
        Rejected: with every refusal of an engine, which leaves nothing to lower.
    """
    refusals: list[Problem] = []
    compiled = _lowered(organisation, organisation.teams, refusals, now, whole=whole)
    if refusals:
        raise Rejected(refusals)
    found = list(_reviewed(review(organisation, now), organisation.teams, whole=whole))
    found += publication_problems(organisation) if whole else ()
    return replace(compiled, warnings=in_order(found))


def compile_some(organisation: Organisation, now: datetime) -> Compiled:
    """What the teams of the organisation come to, as some of all; refused targets are left out."""
    return _lowered(organisation, organisation.teams, [], now, whole=False)


def refused_clusters(organisation: Organisation) -> frozenset[str]:
    """The clusters whose baseline an engine refuses."""
    lowered = _compile_baselines(organisation, None, [])
    return frozenset(each.name for each, _ in baselines_of(organisation)) - lowered.keys()


def _lowered(
    organisation: Organisation,
    chosen: tuple[Team, ...],
    problems: list[Problem],
    now: datetime,
    *,
    whole: bool,
) -> Compiled:
    """Everything lowered; what an engine refuses is added to the problems."""
    compiled = [_compile_team(organisation, team, problems) for team in chosen]
    clusters = None if whole else {each.cluster for team in chosen for each in team.publications}
    baselines = _compile_baselines(organisation, clusters, problems)
    return Compiled(
        organisation=organisation,
        teams=tuple(compiled),
        whole=whole,
        baselines=baselines,
        tiers=_tiers(organisation, baselines),
        as_of=now,
        warnings=(),
    )


def _beside(
    root: Path, found: Readable, names: tuple[str, ...], now: datetime
) -> Iterable[Problem]:
    """What is wrong with the part of the values that could be read, beside mistakes in the rest.

    A stage looks only at what was read without a gap as far as it reads it, so that nothing is
    found that follows from a mistake elsewhere.
    """
    organisation, whole = found.organisation, not names
    chosen = tuple(each for each in organisation.teams if whole or each.name in names)
    problems = list(_reviewed(review_parts(found, now), chosen, whole=whole))
    if found.has("codeowners"):
        problems += contact_problems(organisation, chosen)
        problems += owners_file_problems(root, organisation) if whole else ()
    if found.has("publish", "clusters", "argocd", "admission"):
        # Who claims a namespace twice is reported where it is written.
        found_of_all = publication_problems(organisation) if whole else ()
        problems += (each for each in found_of_all if each.id != PUBLISHED_TWICE)
        problems += folder_problems(root, organisation) if whole else ()
    for team in chosen:
        if team.name in found.whole_teams and not follows_from_networks(team, found):
            _compile_team(organisation, team, problems)
    if found.has("clusters", "everyone", "enrol", "defaults"):
        clusters = {each.cluster for team in chosen for each in team.publications}
        _compile_baselines(organisation, None if whole else clusters, problems)
    return problems


def follows_from_networks(team: Team, found: Readable) -> bool:
    """Whether the team's objects may follow from known networks that have gaps."""
    rules = (*team.rules, *found.organisation.platform.everyone)
    return not found.has("networks") and any(each.ranges for each in rules)


def _chosen(organisation: Organisation, names: tuple[str, ...]) -> tuple[Team, ...]:
    by_name = {team.name: team for team in organisation.teams}
    unknown = sorted(set(names) - by_name.keys())
    if unknown:
        known = ", ".join(sorted({*by_name, *organisation.others})) or "none yet"
        raise UsageError(f"there is no team {', '.join(map(repr, unknown))}; the teams are {known}")
    return tuple(by_name[name] for name in sorted(set(names))) if names else organisation.teams


def _reviewed(
    found: Iterable[Problem], chosen: tuple[Team, ...], *, whole: bool
) -> Iterable[Problem]:
    paths = {team.path for team in chosen}
    return found if whole else (each for each in found if each.at.path in paths)


def _compile_team(organisation: Organisation, team: Team, problems: list[Problem]) -> CompiledTeam:
    targets = targets_of(organisation, team)
    lowered: dict[str, Lowered] = {}
    for target in targets:
        try:
            lowered[target.name] = ENGINES[target.cluster.release.engine].lower(target)
        except Rejected as refused:
            problems.extend(refused.problems)
    return CompiledTeam(team=team, targets=targets, lowered=lowered)


def _compile_baselines(
    organisation: Organisation, only: set[str] | None, problems: list[Problem]
) -> dict[str, Lowered]:
    lowered: dict[str, Lowered] = {}
    for cluster, baseline in baselines_of(organisation):
        if only is not None and cluster.name not in only:
            continue
        try:
            engine = ENGINES[cluster.release.engine]
            lowered[cluster.name] = engine.lower_baseline(baseline)
        except Rejected as refused:
            problems.extend(refused.problems)
    return lowered


def baselines_of(organisation: Organisation) -> list[tuple[Cluster, Baseline]]:
    """Every cluster that has an enrolled namespace, with its baseline, sorted by name."""
    clusters = sorted(organisation.platform.clusters, key=lambda each: each.name)
    pairs = [(cluster, baseline_of(organisation, cluster)) for cluster in clusters]
    return [(cluster, each) for cluster, each in pairs if each.enforce or each.audit]


def _tiers(organisation: Organisation, baselines: Mapping[str, Lowered]) -> dict[str, Values]:
    tier = organisation.platform.tier
    accounts = [{"name": PLATFORM, "namespace": NAMESPACE}]
    return {
        cluster.name: {
            "tier": {"name": tier.name, "order": tier.order},
            "serviceAccounts": accounts,
        }
        for cluster in organisation.platform.clusters
        if cluster.name in baselines and tiered(cluster.release)
    }
