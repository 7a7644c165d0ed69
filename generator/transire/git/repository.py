"""The only door to Git: what a commit holds, where the working tree stands, tags, and signing.

Names of files are handed over as bytes and come back as `os.fsdecode` reads them, so that any name
survives.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from transire.git.process import Git, failed
from transire.model.problems import GitFailed

_TAGS = "refs/tags/"
_BRANCHES = "refs/heads/"
_SHA1 = 40
_LINK = "120000"
_FILE_MODES = ("100644", "100755", _LINK)
_STATUS = ("status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all")
_FILTERS = ("config", "--null", "--name-only", "--get-regexp", r"^filter\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRepository:
    """There is no Git repository to read, and why."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file of a commit: its path from the policy repository's folder, and its object."""

    path: str
    oid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A file as one commit of a history left it; `oid` is empty where the commit removed it."""

    day: str
    path: str
    oid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A folder in a Git working tree; every path given or returned is relative to that folder.

    Every method raises `GitFailed` where Git itself fails.
    """

    folder: Path
    prefix: str
    git: Git

    def commit(self, ref: str) -> str | None:
        """The full id of the commit that `ref` names, or None where there is none."""
        if not _may_be_ref(ref):
            return None
        return self._line("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")

    def full_name(self, ref: str) -> str | None:
        """`refs/heads/main` or `refs/remotes/origin/main`; None if `ref` names no branch or tag."""
        if not _may_be_ref(ref):
            return None
        return self._line("rev-parse", "--verify", "--quiet", "--symbolic-full-name", ref)

    def head_branch(self) -> str | None:
        """The branch that is checked out, such as `refs/heads/main`; None on a detached HEAD."""
        return self._line("symbolic-ref", "--quiet", "HEAD")

    def default_branch(self) -> str | None:
        """What `origin/HEAD` points to, such as `refs/remotes/origin/main`; None if it is unset."""
        return self._line("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")

    def first_parent(self, commit: str) -> str | None:
        """The commit before; None for the first one, and where a shallow clone ends."""
        return self.commit(f"{commit}^1")

    def day(self, commit: str) -> str:
        """The day on which a commit was made, `YYYY-MM-DD`, where it was made."""
        return self._line("log", "-1", "--no-show-signature", "--format=%cs", commit) or ""

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit where the histories of two commits parted; None where this clone has none."""
        return self._line("merge-base", one, other)

    def changed(self, under: Sequence[str]) -> tuple[str, ...]:
        """The files in these folders that are not as HEAD has them, new ones included, sorted."""
        status = self._status("--untracked-files=all", "--", *under)
        paths = (os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry)
        return tuple(sorted(path.removeprefix(self.prefix) for path in paths))

    def ignored(self, under: Sequence[str]) -> tuple[str, ...]:
        """The files in these folders that no commit takes, since Git is told to ignore them."""
        status = self._status("--untracked-files=all", "--ignored=traditional", "--", *under)
        entries = (each for each in status.split(b"\0") if each.startswith(b"!! "))
        return tuple(sorted(os.fsdecode(each[3:]).removeprefix(self.prefix) for each in entries))

    def is_shallow(self) -> bool:
        """Whether the history was cut off when the repository was cloned."""
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def is_dirty(self) -> bool:
        """Whether the folder holds changes that are not committed; ignored files do not count."""
        return bool(self._status("--untracked-files=normal", "--", "."))

    def tree(self, commit: str, under: str = "") -> tuple[Blob, ...]:
        """The files of `commit` in the folder `under`, sorted by path; submodules are left out."""
        oids = self.oids(commit, under)
        return tuple(Blob(path=path, oid=oids[path]) for path in sorted(oids))

    def oids(self, commit: str, under: str = "") -> dict[str, str]:
        """The same as objects by path, in Git's order."""
        listed = self._listed(commit, under)
        return {path: oid for mode, oid, path in listed if mode in _FILE_MODES}

    def links(self, commit: str, under: str = "") -> frozenset[str]:
        """The symbolic links among them, whose objects hold where they lead."""
        return frozenset(path for mode, _, path in self._listed(commit, under) if mode == _LINK)

    def _listed(self, commit: str, under: str) -> Iterator[tuple[str, str, str]]:
        """Mode, object and path of everything in the folder, which may itself be a link."""
        where = (self.prefix + under).rstrip("/")
        paths = ("--", where) if where else ()
        listed = os.fsdecode(self._run("ls-tree", "-r", "-z", "--full-tree", commit, *paths))
        for mode, oid, path in (_blob(entry) for entry in listed.split("\0") if entry):
            yield mode, oid, path.removeprefix(self.prefix)

    def blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """The contents of objects, all read by one process.

        Raises:
            GitFailed: also if one of them is missing from this clone.
        """
        wanted = sorted(set(oids))
        if not wanted:
            return {}
        lines = "".join(f"{oid}\n" for oid in wanted).encode()
        return _contents(self._run("cat-file", "--batch", given=lines), wanted)

    def files(self, commit: str, under: str = "") -> Mapping[str, bytes]:
        """Path and content of the files of `commit` in the folder `under`.

        Equal contents are read once, however many files have them.
        """
        entries = self.tree(commit, under)
        contents = self.blobs(each.oid for each in entries)
        return {each.path: contents[each.oid] for each in entries}

    def history(self, commit: str, under: str) -> tuple[Past, ...]:
        """The files in a folder that each commit changed, up to `commit`, the latest first.

        Only first parents are followed: what a merge brought is a change of the merge.
        """
        log = self._run(
            "log", "--first-parent", "-m", "--raw", "--no-ext-diff", "--no-textconv",
            "--no-abbrev", "--no-renames", "-z", "--format=%x01%cs", commit, "--", under,
        )  # fmt: skip
        found: list[Past] = []
        day = ""
        fields = iter(log.split(b"\0"))
        for each in fields:
            field = each.lstrip(b"\n")
            if field.startswith(b"\x01"):
                day = field[1:].decode()
            elif field.startswith(b":"):
                oid = field.split(b" ")[3].decode()
                path = os.fsdecode(next(fields)).removeprefix(self.prefix)
                found.append(Past(day=day, path=path, oid="" if not oid.strip("0") else oid))
        return tuple(found)

    def commits(self, commit: str, under: Sequence[str], most: int) -> tuple[str, ...]:
        """The ids of those up to `commit` that changed files in some folders, the latest first.

        Only first parents are followed, and `most` of them are given.
        """
        listed = self._run(
            "log", "--first-parent", "--no-show-signature", "--format=%H", f"--max-count={most}",
            commit, "--", *under,
        )  # fmt: skip
        return tuple(listed.decode().split())

    def objects(self, names: Iterable[str]) -> dict[str, str | None]:
        """The objects that the names stand for, such as `refs/tags/a:charts`, read by one process.

        None stands for a name without an object in this clone.
        """
        wanted = sorted(set(names))
        lines = "".join(f"{name}\n" for name in wanted).encode()
        output = (
            self._run("cat-file", "--batch-check=%(objectname)", given=lines) if wanted else b""
        )
        found = (line if " " not in line else None for line in output.decode().splitlines())
        return dict(zip(wanted, found, strict=True))

    def add_tags(self, tags: Mapping[str, str]) -> None:
        """Make tags, by name, of the commits: all of them or none.

        Raises:
            GitFailed: also if one of them exists.
        """
        orders = "".join(f"create {_TAGS}{name} {commit}\n" for name, commit in tags.items())
        self._run("update-ref", "--stdin", given=orders.encode())

    def has_remote(self, remote: str) -> bool:
        """Whether a remote of that name is configured."""
        return self._line("config", "--get-all", f"remote.{remote}.url") is not None

    def remote_address(self, remote: str) -> str:
        """The first address of a remote as it is configured; empty where there is none."""
        found = self._line("config", "--get-all", f"remote.{remote}.url")
        return "" if found is None else found.split("\n")[0]

    def remote_tags(self, remote: str) -> dict[str, str]:
        """The remote's tags, by name, each with the commit that it leads to."""
        found: dict[str, str] = {}
        for line in self._run_remote("ls-remote", "--tags", "--", remote).splitlines():
            oid, _, ref = os.fsdecode(line).partition("\t")
            # The commit behind an annotated tag comes after it, as REF^{}.
            found[ref.removeprefix(_TAGS).removesuffix("^{}")] = oid
        return found

    def fetch(self, remote: str, tags: Iterable[str]) -> None:
        """Bring what the remote's tags lead to into this clone, without making tags here."""
        refs = [f"{_TAGS}{name}" for name in sorted(tags)]
        depth = ("--depth=1",) if self.is_shallow() else ()
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", *depth)
        if refs:
            self._run_remote("fetch", *options, "--", remote, *refs)

    def push_tags(self, remote: str, tags: Iterable[str]) -> None:
        """Push tags: all of them or none, and none that the remote has on another commit."""
        refs = [f"{_TAGS}{name}:{_TAGS}{name}" for name in sorted(tags)]
        if refs:
            self._run_remote("push", "--quiet", "--atomic", "--", remote, *refs)

    def may_be_branch(self, name: str) -> bool:
        """Whether a branch may have that name."""
        return _may_be_ref(name) and not self.git("check-ref-format", _BRANCHES + name).returncode

    def remote_branch(self, remote: str, branch: str) -> str | None:
        """The commit that a branch of the remote is on, or None where there is no such branch."""
        ref = f"{_BRANCHES}{branch}"
        found = (
            os.fsdecode(line).partition("\t")
            for line in self._run_remote("ls-remote", "--", remote, ref).splitlines()
        )
        return next((oid for oid, _, name in found if name == ref), None)

    def fetch_branch(self, remote: str, branch: str) -> None:
        """Bring the commits of a remote's branch into this clone, without a branch here."""
        options = ("--quiet", "--no-tags", "--no-write-fetch-head")
        self._run_remote("fetch", *options, "--", remote, f"{_BRANCHES}{branch}")

    def push_branch(self, remote: str, branch: str, commit: str) -> None:
        """Move a branch of the remote forward to the commit, or make it."""
        self._run_remote("push", "--quiet", "--", remote, f"{commit}:{_BRANCHES}{branch}")

    def _status(self, *arguments: str) -> bytes:
        """What differs from HEAD. Files go through no filter: that is a program of somebody's."""
        listed = self.git(*_FILTERS)
        if listed.returncode and listed.stderr.strip():
            raise failed(_FILTERS, listed)
        names = {os.fsdecode(each) for each in listed.stdout.split(b"\0") if each}
        done = self.git(*_STATUS, *arguments, without=sorted(names))
        if done.returncode:
            raise failed((*_STATUS, *arguments), done)
        return done.stdout

    def _run_remote(self, *arguments: str) -> bytes:
        done = self.git.with_network(*arguments)
        if done.returncode:
            raise failed(arguments[:1], done)
        return done.stdout

    def _line(self, *arguments: str) -> str | None:
        """The one line that Git prints, or None where it fails without a message."""
        done = self.git(*arguments)
        if done.returncode and done.stderr.strip():
            raise failed(arguments, done)
        return None if done.returncode else os.fsdecode(done.stdout.removesuffix(b"\n")) or None

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        done = self.git(*arguments, given=given)
        if done.returncode:
            raise failed(arguments, done)
        return done.stdout


def open_repository(folder: Path) -> Repository | NoRepository:
    """The Git repository around `folder`; to have none, or no Git, is an ordinary case.

    Raises:
        GitFailed: if there is a repository that Git does not want to open, for example because
            it belongs to another user, or whose files are elsewhere.
    """
    executable = shutil.which("git")
    if executable is None:
        return NoRepository(why="git is not installed")
    here = folder.resolve()
    # Git gives one exit code for "there is none" and for "there is one that I refuse".
    around = (here, *here.parents)
    top = next((each for each in around if os.path.lexists(each / ".git")), None)
    if top is None:
        return NoRepository(why=f"{folder} is not in a Git repository")
    looking = Git(executable=executable, folder=top)
    git_dir = _line(looking, "rev-parse", "--absolute-git-dir")
    work_tree = _line(looking, "rev-parse", "--show-toplevel")
    if not here.is_relative_to(work_tree):
        raise GitFailed(f"the work tree of {git_dir} is {work_tree}, and {folder} is not in it")
    inside = here.relative_to(work_tree).as_posix()
    git = replace(looking, folder=here, git_dir=git_dir, work_tree=work_tree)
    return Repository(folder=here, prefix="" if inside == "." else f"{inside}/", git=git)


def _line(git: Git, *arguments: str) -> str:
    done = git(*arguments)
    if done.returncode:
        raise failed(arguments, done)
    return os.fsdecode(done.stdout.removesuffix(b"\n"))


def blob_id(content: bytes, like: str) -> str:
    """The id that Git gives to the content, in a repository that has ids such as `like`."""
    algorithm = "sha1" if len(like) == _SHA1 else "sha256"
    head = b"blob %d\0" % len(content)
    return hashlib.new(algorithm, head + content, usedforsecurity=False).hexdigest()


def _may_be_ref(text: str) -> bool:
    """Whether Git could take the text for a revision, and never for an option."""
    return bool(text) and not text.startswith("-") and "\0" not in text


def _blob(entry: str) -> tuple[str, str, str]:
    """Mode, object and path of one entry of `ls-tree`: `MODE TYPE OID<tab>PATH`."""
    head, _, path = entry.partition("\t")
    mode, _, oid = head.split(" ")
    return mode, oid, path


def _contents(output: bytes, wanted: list[str]) -> dict[str, bytes]:
    """The output of `cat-file --batch`: for each object `OID TYPE SIZE`, its bytes, a newline."""
    found: dict[str, bytes] = {}
    place = 0
    for oid in wanted:
        end = output.index(b"\n", place)
        head = output[place:end].split(b" ")
        if len(head) != 3:  # noqa: PLR2004 - "OID missing" has two words
            raise GitFailed(
                f"git cat-file --batch: {os.fsdecode(output[place:end])}: this clone lacks the "
                "object; fetch it, or name another --base"
            )
        place = end + 1 + int(head[2])
        found[oid] = output[end + 1 : place]
        place += 1
    return found
