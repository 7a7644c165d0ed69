"""Which releases of the base are not there any more, or not under their name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from transire.delivery.gitops import renamed_release
from transire.delivery.gitops.releases import HelmRelease, place_of, releases_in, team_at
from transire.git.repository import Blob, NoRepository, Repository, blob_id, open_repository
from transire.meaning.compiled import Compiled
from transire.model.intent import Waiver
from transire.model.problems import Level, Position, Problem
from transire.pipeline.plan import Planned
from transire.values.guardrails.context import GuardrailContext
from transire.values.guardrails.weigh import exception_problems, weigh
from transire.workspace.file_plan import GITOPS


def renamed(root: Path, compiled: Compiled, planned: Planned) -> tuple[Problem, ...]:
    """What the guardrail `renamed-release` finds, with levels and exceptions applied.

    The base is where the branch left the target branch, so what others merged since counts for
    nothing. Where only some teams were selected, the others' releases are taken to be as they
    were, unless the team or the cluster is gone.

    Raises:
        GitFailed: if Git fails.
    """
    organisation, rule = compiled.organisation, renamed_release.ID
    repository = open_repository(root)
    if planned.base.commit is None or isinstance(repository, NoRepository):
        # It is unknown which exceptions are needed, so only those past their end are reported.
        used: frozenset[Waiver] = frozenset(organisation.waivers)
        found: list[Problem] = []
    else:
        reading = _Reading(repository, planned.base.commit, compiled, planned)
        weighed = weigh(
            rule,
            renamed_release.LEVEL,
            renamed_release.check(organisation, reading.before()),
            GuardrailContext(organisation=organisation, as_of=compiled.as_of),
        )
        found = [*weighed.problems, *weighed.unneeded, *reading.problems]
        used = weighed.used
    if compiled.whole:
        past = frozenset(each for each in organisation.waivers if each.until.passed(compiled.as_of))
        found += exception_problems(organisation, used - past, (rule,), compiled.as_of)
    return tuple(found)


class _Reading:
    """What a commit has of releases, as far as it is not what the plan has."""

    def __init__(
        self, repository: Repository, commit: str, compiled: Compiled, planned: Planned
    ) -> None:
        self._repository = repository
        self._commit = _left_at(repository, commit)
        clusters = () if compiled.whole else compiled.organisation.platform.clusters
        self._places = frozenset((each.gitops, each.name) for each in clusters)
        """Where a run for all teams would plan files that this one does not."""
        self._others = compiled.organisation.others
        self._files = {
            path: content for unit in planned.plan.units for path, content in unit.files.items()
        }
        self.problems: list[Problem] = []

    def before(self) -> renamed_release.Before:
        """The releases of files that changed, and every cluster."""
        blobs = [
            blob
            for folder in GITOPS
            for blob in self._repository.tree(self._commit, folder)
            if place_of(blob.path) is not None
        ]
        changed = [blob for blob in blobs if self._is_changed(blob)]
        contents = self._repository.blobs(blob.oid for blob in changed)
        found = [each for blob in changed for each in self._read(blob, contents[blob.oid])]
        places = filter(None, (place_of(blob.path) for blob in blobs))
        return renamed_release.Before(
            releases=tuple(found), clusters=frozenset(cluster for _, cluster in places)
        )

    def _is_changed(self, blob: Blob) -> bool:
        planned = self._files.get(blob.path)
        if planned is not None:
            return blob_id(planned, self._commit) != blob.oid
        team = team_at(blob.path)
        is_of_others = not team or team in self._others
        return not (is_of_others and place_of(blob.path) in self._places)

    def _read(self, blob: Blob, content: bytes) -> Iterator[HelmRelease]:
        try:
            yield from releases_in(blob.path, content)
        except ValueError as error:
            self.problems.append(
                Problem(
                    at=Position(path=blob.path),
                    id="unreadable-base",
                    level=Level.WARNING,
                    message=f"as {self._commit[:12]} has it, {error}, so nobody can see whether "
                    "one of its releases changes its name",
                    help="look at this change by hand, or name another --base",
                )
            )


def _left_at(repository: Repository, commit: str) -> str:
    """Where HEAD left the history of the base; the base itself where this clone does not know."""
    head = repository.commit("HEAD")
    return commit if head is None else repository.merge_base(head, commit) or commit
