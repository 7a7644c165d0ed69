"""What prevents publishing an organisation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from transire.charts.layout import BASELINE, TIER
from transire.delivery.gitops.publication import ClusterPublication, publications
from transire.delivery.gitops.release_names import (
    baseline_release,
    platform_project,
    team_project,
    team_release,
    tier_release,
)
from transire.model.intent import GitOps, Organisation, Platform, Team
from transire.model.problems import Level, Position, Problem, Rejected, in_order
from transire.model.publish import ArgoCdSync

PUBLISHED_TWICE = "published-twice"
_PATTERN_CHARACTERS = re.compile(r"[*?\[\]{}!\\]")
_FLUX_GIT = re.compile(r"(https?|ssh)://.+")


_DEADLOCKS = {
    ArgoCdSync.CONTROLLER: "Argo CD syncs in the name of its own controller on {}, so nothing "
    "could be published there any more",
    None: "nothing states that Argo CD impersonates them: where it syncs in the name of its own "
    "controller, as it does out of the box, nothing could be published on {} any more",
}
"""Why an admission policy stops publishing on some clusters, by what the file states."""


def publication_problems(organisation: Organisation) -> tuple[Problem, ...]:
    """Every reason why the organisation cannot be published as it stands, or perhaps not, in order.

    The latter are warnings.
    """
    views = [each for tool in GitOps for each in publications(organisation, tool)]
    if not views:
        return ()
    return in_order(
        [
            *_no_address(organisation.platform),
            *_bad_addresses(organisation.platform, {each.cluster.gitops for each in views}),
            *_refused_by_admission(organisation.platform, views),
            *_writers_of_teams(views),
            *_published_twice(views),
            *_same_names(views),
            *_same_tags(organisation),
        ]
    )


def must_be_publishable(organisation: Organisation) -> None:
    """Do nothing if the organisation can be published.

    Raises:
        Rejected: with every problem at once.
    """
    problems = publication_problems(organisation)
    if any(each.level is Level.ERROR for each in problems):
        raise Rejected(problems)


def _no_address(platform: Platform) -> Iterator[Problem]:
    if not platform.publish.registry and not platform.publish.git:
        yield Problem(
            at=Position(path=platform.path),
            id="publish-nowhere",
            message="charts have nowhere to go: publish has neither a registry nor a git address",
            help="write publish: {registry: oci://...}, or {git: https://...} to publish from Git",
        )


def _bad_addresses(platform: Platform, tools: set[GitOps]) -> Iterator[Problem]:
    registry, git = platform.publish.registry, platform.publish.git
    address = registry or git
    faults: list[tuple[str, str]] = []
    if registry and not registry.startswith("oci://"):
        faults.append((f"the registry {registry!r} is no oci:// address", "write oci://HOST/PATH"))
    if GitOps.ARGOCD in tools and _PATTERN_CHARACTERS.search(address):
        faults.append(
            (
                f"Argo CD reads {address!r} as a pattern, so a project would permit other sources",
                "write an address without * ? [ ] { } ! and \\",
            )
        )
    if GitOps.FLUX in tools and not registry and git and not _FLUX_GIT.fullmatch(git):
        faults.append(
            (
                f"Flux cannot fetch from {git!r}",
                "write it as https://HOST/PATH or ssh://USER@HOST/PATH, or set publish.registry",
            )
        )
    for message, advice in faults:
        yield Problem(
            at=Position(path=platform.path), id="publish-address", message=message, help=advice
        )


def _refused_by_admission(platform: Platform, views: list[ClusterPublication]) -> Iterator[Problem]:
    """Where the admission policy would refuse whoever publishes, for ever."""
    if not platform.admission or platform.argocd_sync is ArgoCdSync.IMPERSONATION:
        return
    clusters = [each.cluster.name for each in views if each.cluster.gitops is GitOps.ARGOCD]
    if clusters:
        names = ", ".join(map(repr, sorted(clusters)))
        yield Problem(
            at=platform.admission_at,
            id="admission-deadlock",
            message="the admission policy lets nobody but the publishing accounts write egress "
            f"policies, and {_DEADLOCKS[platform.argocd_sync].format(names)}",
            level=Level.WARNING if platform.argocd_sync is None else Level.ERROR,
            help="let Argo CD impersonate the accounts as `transire docs publishing` describes, "
            "then write argocd: {sync: impersonation}",
        )


def _writers_of_teams(views: list[ClusterPublication]) -> Iterator[Problem]:
    """Accounts of pods that policies are to hold, and that could write policies."""
    for view in views:
        for account in view.cluster.policy_writers:
            namespace = account.partition("/")[0]
            if namespace in view.enrolled:
                yield Problem(
                    at=view.cluster.policy_writers_at,
                    id="policy-writer-enrolled",
                    message=f"the service account {account!r} may write egress policies on "
                    f"{view.cluster.name!r}, and {namespace!r} is enrolled there, so whoever runs "
                    "pods in it could open it",
                    help="run the controller in a namespace that is not enrolled, or take the "
                    "account out of policyWriters",
                )


def _published_twice(views: list[ClusterPublication]) -> Iterator[Problem]:
    for view in views:
        owners: defaultdict[str, list[Team]] = defaultdict(list)
        for held in view.teams:
            for namespace in held.namespaces:
                owners[namespace].append(held.team)
        for namespace, teams in owners.items():
            if len(teams) == 1:
                continue
            whose = " and ".join(sorted(repr(team.name) for team in teams))
            for team in teams:
                yield Problem(
                    at=_at(team, namespace, view.cluster.name),
                    id=PUBLISHED_TWICE,
                    message=f"namespace {namespace!r} on {view.cluster.name!r} would be published "
                    f"by {whose} at once",
                    help="let one team publish the namespace",
                )


def _same_names(views: list[ClusterPublication]) -> Iterator[Problem]:
    for names in (_releases(views), _projects(views)):
        for name, users in names.items():
            if len({what for what, _ in users}) == 1:
                continue
            for what, at in users:
                others = ", ".join(sorted({each for each, _ in users} - {what}))
                yield Problem(
                    at=at,
                    id="release-name-taken",
                    message=f"{what} would be called {name!r}, as would {others}",
                    help="the name joins team, namespace and cluster: rename one of them",
                )


_Users = Mapping[str, list[tuple[str, Position]]]


def _releases(views: list[ClusterPublication]) -> _Users:
    users: defaultdict[str, list[tuple[str, Position]]] = defaultdict(list)
    for view in views:
        cluster = view.cluster.name
        users[baseline_release(cluster)].append((f"the baseline of {cluster!r}", view.cluster.at))
        if view.tiered:
            users[tier_release(cluster)].append((f"the tier of {cluster!r}", view.cluster.at))
        for held in view.teams:
            for namespace in held.namespaces:
                what = f"namespace {namespace!r} of team {held.team.name!r} on {cluster!r}"
                place = _at(held.team, namespace, cluster)
                users[team_release(held.team.name, namespace, cluster)].append((what, place))
    return users


def _projects(views: list[ClusterPublication]) -> _Users:
    users: defaultdict[str, list[tuple[str, Position]]] = defaultdict(list)
    for view in (each for each in views if each.cluster.gitops is GitOps.ARGOCD):
        cluster = view.cluster.name
        what = f"the project of the baseline on {cluster!r}"
        users[platform_project(cluster)].append((what, view.cluster.at))
        for held in view.teams:
            what = f"the project of team {held.team.name!r} on {cluster!r}"
            place = _at(held.team, held.namespaces[0], cluster)
            users[team_project(held.team.name, cluster)].append((what, place))
    return users


def _same_tags(organisation: Organisation) -> Iterator[Problem]:
    if organisation.platform.publish.registry:
        return
    for team in organisation.teams:
        if team.name in {BASELINE, TIER} and team.publications:
            yield Problem(
                at=team.at,
                id="team-name-reserved",
                message=f"the Git tags of team {team.name!r} are those of the platform's chart",
                help="rename the team, or set publish.registry",
            )


def _at(team: Team, namespace: str, cluster: str) -> Position:
    """Where the team's file publishes the namespace to the cluster."""
    return next(
        each.at
        for each in team.publications
        if (each.namespace, each.cluster) == (namespace, cluster)
    )
