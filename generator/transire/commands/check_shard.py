"""`check --shard`: one part of a check, for `merge` to put together with the others."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from transire.cache.place import NotKept
from transire.cache.program import program_digest
from transire.cache.store import Cache
from transire.commands.arguments import StrPath, folder_at, revision_named, when
from transire.commands.check import Look
from transire.commands.helm_choice import helm_named
from transire.git.repository import Repository, open_repository
from transire.helm import HelmChoice
from transire.model.problems import DiskFailed, Rejected, ToolError, UsageError, in_order
from transire.pipeline.shard import Shard
from transire.review.findings.shard_report import Origin, ShardReport, Stopped
from transire.workspace.safe_folder import open_folder
from transire.workspace.scaffold import CHARTS
from transire.workspace.value_paths import VALUES


def check_shard(
    root: StrPath,
    *,
    shard: str,
    base: StrPath | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
    cache: Cache | None = None,
) -> ShardReport:
    """What `check` finds in one part of the targets; the first one has what is no target's.

    An error that ends `check` is in the report, so that `merge` ends with it.

    Args:
        root: the policy repository.
        shard: which part of how many, such as `2/3`.
        base: the target branch that versions are compared with.
        as_of: the day, or the moment, that ends are held against; without one, now.
        helm: which Helm renders; without a choice, what is there.
        cache: what earlier runs proved; without one, everything is proved anew.

    Raises:
        UsageError: if there is no such part, or the base does not exist.
        GitFailed: if Git does not want to open the repository.
        DiskFailed: if the files of the repository or the program cannot be read.
    """
    part, folder, moment = Shard.written(shard), folder_at(root), when(as_of)
    look = Look(
        folder=folder,
        base=revision_named(base),
        day=moment,
        helm=helm_named(helm),
        cache=cache,
        shard=part,
    )
    origin = _origin(folder, part, "" if moment is None else moment.isoformat())
    try:
        return _report(look, part, origin)
    except UsageError:
        raise
    except ToolError as error:
        stopped = Stopped(code=error.exit_code, message=str(error))
        return ShardReport(number=part.number, origin=origin, stopped=stopped)


def _report(look: Look, part: Shard, origin: Origin) -> ShardReport:
    try:
        looked = look.looked(())
    except Rejected as rejected:
        # What is found beside mistakes depends on all of them, so one part looks for it.
        found = look.with_mistakes(rejected, ()) if part.is_first else ()
        return ShardReport(number=part.number, origin=origin, problems=found, refused=True)
    return ShardReport(
        number=part.number,
        origin=origin,
        targets=looked.targets,
        all_targets=looked.all_targets,
        problems=in_order(looked.problems),
    )


def _origin(folder: Path, part: Shard, as_of: str) -> Origin:
    repository = open_repository(folder)
    commit = repository.commit("HEAD") if isinstance(repository, Repository) else None
    try:
        program = program_digest()
    except NotKept as error:
        raise DiskFailed(str(error)) from error
    return Origin(
        of=part.of, program=program, commit=commit or "", files=_files(folder), as_of=as_of
    )


def _files(folder: Path) -> str:
    """A digest of all values files and of the charts by hand, from which every part follows.

    Raises:
        DiskFailed: if one cannot be read.
    """
    digest = hashlib.sha256()
    with open_folder(folder) as opened:
        for under in (VALUES, *(f"charts/{each}" for each in CHARTS)):
            for path, kind in sorted(opened.walk(under)):
                line = f"{path!a} {kind} {opened.look(path).digest}\n"
                digest.update(line.encode())
    return digest.hexdigest()
