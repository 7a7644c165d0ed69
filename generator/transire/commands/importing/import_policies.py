"""Policies that people wrote, as values, with the proof that both allow the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transire.commands.arguments import StrPath, files_at, folder_at
from transire.commands.explain_subject import release_of
from transire.commands.helm_choice import helm_named
from transire.commands.importing.base import Base
from transire.commands.importing.given import given_policies
from transire.commands.importing.ownership import Owners
from transire.commands.importing.results import ImportedPolicies
from transire.commands.importing.run import Run
from transire.helm import HelmChoice
from transire.model.names import is_dns_label
from transire.model.problems import UsageError
from transire.pipeline.renderer import Renderer
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.writer import apply


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
    run = Run(
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
