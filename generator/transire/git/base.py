"""Which commit a version is compared with.

The base is the tip of the target branch: what `--base` names, or else `origin/HEAD`. On that branch
itself it is HEAD while the tree has changes that are not committed, else HEAD's first parent: each
commit of the branch is measured against the one before.

Writing charts into a clean tree makes it dirty, which moves the base from HEAD's parent to HEAD. A
second run must still give the same bytes, so on a clean target branch HEAD is looked at as well
(`Base.tip`): what differs from it is newer than it, what equals it is judged by the parent alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from transire.git.repository import NoRepository, Repository
from transire.model.problems import UsageError

DEFAULT = "origin/HEAD"
_CHECKED_OUT = frozenset({"HEAD", "@"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What to compare with.

    `commit` is the base, or None where there is nothing to compare with; then `why` is a
    sentence that a person can act on. `tip` is HEAD on a clean target branch, else None.
    """

    commit: str | None = None
    tip: str | None = None
    why: str = ""

    @property
    def commits(self) -> tuple[str, ...]:
        """Every commit that a new version must respect."""
        return tuple(each for each in (self.commit, self.tip) if each)


def choose_base(repository: Repository | NoRepository, named: str | None = None) -> Base:
    """The base by the rule above; `named` is the value of `--base`.

    A branch that is named, local or remote, follows the rule. Anything else that is named, such as
    a tag, a commit or `HEAD`, is the base as it is.

    Raises:
        UsageError: if `named` names no commit.
        GitFailed: if Git fails.
    """
    if isinstance(repository, NoRepository):
        if named is not None:
            raise UsageError(f"--base {named} cannot be looked up: {repository.why}")
        return Base(why=repository.why)
    target = DEFAULT if named is None else named
    commit = repository.commit(target)
    if commit is None and named is not None:
        hint = (
            "; this clone is shallow: fetch more of its history" if repository.is_shallow() else ""
        )
        raise UsageError(f"--base {named} names no commit of this repository{hint}")
    if commit is None:
        return Base(why=_no_target(repository))
    if not _on_target(repository, target, commit):
        return Base(commit=commit)
    return _on_branch(repository)


def _on_branch(repository: Repository) -> Base:
    head = repository.commit("HEAD")
    if head is None or repository.is_dirty():
        return Base(commit=head, why="" if head else "HEAD has no commit yet")
    parent = repository.first_parent(head)
    if parent is not None:
        return Base(commit=parent, tip=head)
    if repository.is_shallow():
        return Base(
            tip=head,
            why="HEAD's parent is not in this shallow clone; run `git fetch --deepen 1`",
        )
    return Base(tip=head, why="HEAD has no parent")


def _on_target(repository: Repository, target: str, commit: str) -> bool:
    """Whether what is checked out is the target branch itself."""
    if target in _CHECKED_OUT:
        return False
    branch = _short(repository.full_name(target))
    if branch is None:
        return False
    checked_out = repository.head_branch()
    if checked_out is None:
        return repository.commit("HEAD") == commit
    return _short(checked_out) == branch


def is_branch(repository: Repository, ref: str) -> bool:
    """Whether `ref` names a branch, local or remote; a commit, a tag or HEAD is none."""
    return ref not in _CHECKED_OUT and _short(repository.full_name(ref)) is not None


def _short(full_name: str | None) -> str | None:
    """The branch's own name, alike for the local branch and the remote's; None for a tag."""
    match (full_name or "").split("/", 3):
        case ["refs", "heads", *rest]:
            return "/".join(rest)
        case ["refs", "remotes", _, name]:
            return name
        case _:
            return None


def _no_target(repository: Repository) -> str:
    if repository.commit("HEAD") is None:
        return "the repository has no commit yet"
    return f"{DEFAULT} is not set; run `git remote set-head origin --auto` or name a --base"
