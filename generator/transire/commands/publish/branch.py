"""The branch that Argo CD and Flux follow: it reaches a commit when every chart of it is there.

A tool that follows the target branch itself may see a pin before its chart is published. Behind
this branch it never does.
"""

from __future__ import annotations

from dataclasses import replace

from transire.delivery.registry.result import Published
from transire.git.repository import Repository
from transire.model.problems import GitFailed, UsageError


def must_be_a_branch(repository: Repository, remote: str, branch: str) -> None:
    """Refuse, before anything is pushed, what cannot be moved.

    Raises:
        UsageError: if it is no name of a branch, or the remote is not configured.
    """
    if not repository.may_be_branch(branch):
        raise UsageError(f"{branch!r} is no name of a branch")
    if not repository.has_remote(remote):
        raise UsageError(f"there is no remote {remote!r}, whose branch {branch!r} could be moved")


def moved(repository: Repository, remote: str, branch: str, published: Published) -> Published:
    """Move the remote's branch forward to the published commit; the result names where it is.

    Where a later run moved it further, it stays there.

    Raises:
        GitFailed: if the branch holds what the commit does not come from; it was left alone.
    """
    commit = published.commit
    at = repository.remote_branch(remote, branch)
    if at is not None and at != commit:
        repository.fetch_branch(remote, branch)
        common = repository.merge_base(at, commit)
        if common == commit:
            return replace(published, branch=branch, note=_ahead(published, branch, at))
        if common != at:
            raise GitFailed(_aside(remote, branch, at, commit, shallow=repository.is_shallow()))
    if at != commit:
        repository.push_branch(remote, branch, commit)
    return replace(published, branch=branch)


def _ahead(published: Published, branch: str, at: str) -> str:
    note = f"the branch {branch} is on {at[:12]} already, which comes after this commit"
    return "; ".join(each for each in (published.note, note) if each)


def _aside(remote: str, branch: str, at: str, commit: str, *, shallow: bool) -> str:
    cause = "; this clone is shallow, so fetch the whole history first" if shallow else ""
    return (
        f"the branch {branch!r} of {remote!r} is on {at[:12]}, and {commit[:12]} does not come "
        f"after it{cause}: every chart is published, and the branch was left alone; look who moved "
        f"it, then put it back with `git push --force {remote} {commit[:12]}:refs/heads/{branch}`"
    )
