"""`check`: values, generated files and proofs, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from transire.cache.store import Cache
from transire.charts.layout import CHARTS
from transire.commands.arguments import (
    StrPath,
    folder_at,
    revision_named,
    several,
    when,
)
from transire.commands.helm_choice import helm_named
from transire.commands.test.expected import unmet
from transire.helm import HelmChoice
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.model.problems import Level, Position, Problem, Rejected, ToolError, in_order
from transire.pipeline.compile import compile_values
from transire.pipeline.examine import begin_to_examine, in_shard
from transire.pipeline.ignored_values import ignored_values
from transire.pipeline.plan import Planned, plan_files
from transire.pipeline.renamed import renamed
from transire.pipeline.shard import Shard
from transire.pipeline.sound_part import SoundPart, sound_part
from transire.pipeline.stamp import Stamped, stamp_charts
from transire.values.expectations import read_expectations
from transire.workspace.writer import status


def check(
    root: StrPath,
    *,
    teams: str | Iterable[str] = (),
    base: StrPath | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
    cache: Cache | None = None,
) -> tuple[Problem, ...]:
    """Everything that is wrong or worth a look, in order; nothing is written.

    Values, guardrails, what an engine refuses, what Helm renders, releases that change their name,
    expectations, and generated files that are not in step with the values. Where teams are named,
    what concerns others is left to a run for all.

    Args:
        root: the policy repository.
        teams: the teams to look at; without any, all.
        base: the target branch that versions are compared with.
        as_of: the day, or the moment, that ends are held against; without one, now.
        helm: which Helm renders; without a choice, what is there.
        cache: what earlier runs proved; without one, everything is proved anew.

    Raises:
        UsageError: if a team or the base does not exist.
        HelmFailed: if Helm refuses.
        DiskFailed: if the disk refuses.
        GitFailed: if Git fails.
    """
    folder, chosen = folder_at(root), helm_named(helm)
    look = Look(folder=folder, base=revision_named(base), day=when(as_of), helm=chosen, cache=cache)
    names = several(teams)
    try:
        return in_order(look.looked(names).problems)
    except Rejected as rejected:
        return look.with_mistakes(rejected, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is found in values without mistakes, and in how many targets of all."""

    problems: list[Problem]
    targets: int
    all_targets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One run: where, compared with what, on which day, by which Helm, and at which part."""

    folder: Path
    base: str | None
    day: date | None
    helm: HelmChoice | None
    cache: Cache | None
    shard: Shard | None = None

    def looked(self, teams: tuple[str, ...]) -> Looked:
        """What is found for these teams, or for all.

        Raises:
            Rejected: if the values are wrong.
        """
        compiled = compile_values(self.folder, teams, self.day)
        mine = in_shard(compiled, self.shard)
        if self.shard is None or self.shard.is_first:
            found = self._of_whole(compiled)
        else:
            found = self._of_targets(compiled, mine)
        targets = sum(len(each.targets) for each in mine)
        return Looked(problems=found, targets=targets, all_targets=compiled.target_count)

    def _of_whole(self, compiled: Compiled) -> list[Problem]:
        """What is found in the targets, and beside them."""
        stamped = stamp_charts(self.folder, compiled)
        examining = begin_to_examine(
            compiled, stamped, self.helm, cache=self.cache, shard=self.shard
        )
        found, planned = self._of_files(compiled, stamped)
        found += ignored_values(self.folder)
        return [*found, *examining().problems, *compiled.warnings, *_uncompared(planned)]

    def _of_targets(self, compiled: Compiled, mine: tuple[CompiledTeam, ...]) -> list[Problem]:
        """What is found in some of the targets alone."""
        some = replace(compiled, teams=mine)
        stamped = stamp_charts(self.folder, some)
        examining = begin_to_examine(
            some, stamped, self.helm, cache=self.cache, with_platform=False
        )
        return [*examining().problems]

    def with_mistakes(self, rejected: Rejected, teams: tuple[str, ...]) -> tuple[Problem, ...]:
        """The mistakes, and all that is found beside them.

        Raises:
            ToolError: if Helm, Git or the disk fails.
        """
        expected = read_expectations(self.folder).problems
        return in_order([*rejected.problems, *self.beside(rejected.problems, teams), *expected])

    def _of_files(self, compiled: Compiled, stamped: Stamped) -> tuple[list[Problem], Planned]:
        """What is found of generated files, of releases and of expectations."""
        planned = plan_files(self.folder, compiled, stamped, self.base, self.helm)
        seen = status(self.folder, planned.plan)
        found = [*renamed(self.folder, compiled, planned), *seen.causes, *planned.behind]
        return [*found, *unmet(self.folder, compiled, stamped, self.helm)], planned

    def beside(self, rejected: Iterable[Problem], teams: tuple[str, ...]) -> Iterable[Problem]:
        """What is found for the teams that no mistake is about, and what is not judged.

        What a run of `generate` ends is left out: that run comes after the mistakes, in any case.
        """
        mistakes = tuple(rejected)
        if any(each.at.path.startswith(f"{CHARTS}/") for each in mistakes):
            # Charts follow from the template and the platform's charts, and these cannot be used.
            return
        sound = sound_part(self.folder, mistakes, teams, self.day)
        yield sound.note
        if not sound.compiled.teams:
            return
        try:
            yield from (each for each in self._of_sound(sound) if not each.follows)
        except Rejected as again:
            yield from again.problems
        except ToolError as failed:
            yield _unseen(failed)

    def _of_sound(self, sound: SoundPart) -> Iterator[Problem]:
        stamped = stamp_charts(self.folder, sound.compiled)
        examining = begin_to_examine(
            sound.compiled, stamped, self.helm, with_platform=sound.has_platform
        )
        files = self._of_files(sound.compiled, stamped)[0] if sound.has_files else []
        yield from (*files, *examining().problems)


def _unseen(failed: ToolError) -> Problem:
    return Problem(
        at=Position(path=CHARTS),
        id="not-looked-at",
        level=Level.NOTE,
        message=f"the charts of teams without a mistake were not looked at: {failed}",
        help="correct the mistakes in the values first, or what stops this",
    )


def _uncompared(planned: Planned) -> Iterator[Problem]:
    """A note where no version can be wrong, since there is none to compare it with."""
    if planned.new:
        yield Problem(
            at=Position(path=CHARTS),
            id="no-base",
            level=Level.NOTE,
            message=f"versions are compared with nothing: {planned.new}",
            help="in CI, fetch the target branch with its history and name it with --base",
        )
