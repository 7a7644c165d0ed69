"""Where the values of a folder are from: who, which repository, which commit."""

from __future__ import annotations

from pathlib import Path

from transire.git.repository import NoRepository, open_repository
from transire.model.intent import Platform
from transire.model.origin import Origin, repository_name

_REMOTE = "origin"


def origin_of(root: Path, platform: Platform, commit: str | None = None) -> Origin:
    """What is known of the values at `root`; `commit` is that of a revision, not the folder's.

    The repository is the one of `publish.git`, else the remote `origin` of Git. Without Git, the
    commit is empty.

    Raises:
        GitFailed: if there is a repository that Git does not want to open.
    """
    repository = open_repository(root)
    declared = platform.publish.git
    if isinstance(repository, NoRepository):
        return Origin(organisation=platform.organisation, repository=repository_name(declared))
    address = declared or repository.remote_address(_REMOTE)
    return Origin(
        organisation=platform.organisation,
        repository=repository_name(address),
        commit=(repository.commit("HEAD") or "") if commit is None else commit,
        is_modified=commit is None and repository.is_dirty(),
    )
