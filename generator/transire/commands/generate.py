"""One function per verb of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from transire.charts.layout import team_place
from transire.helm import HelmChoice
from transire.meaning.target import Lowered, Target
from transire.model.problems import Level, Position, Problem, Rejected, UsageError, in_order
from transire.pipeline.compile import Compiled, compile_values
from transire.pipeline.examine import begin_to_examine
from transire.pipeline.plan import Planned, plan_files
from transire.pipeline.renamed import renamed
from transire.pipeline.render import render_written
from transire.pipeline.stamp import stamp_charts
from transire.values.edit import Addition, add_hosts
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.scaffold import difference, new_repository, upgrade
from transire.workspace.writer import apply, status
from transire.yamlio import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table that `generate` ends with; `next` is what to look at."""

    team: str
    namespace: str
    cluster: str
    engine: str
    mode: str
    hosts: int
    version: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run of `generate` did; `new` says why versions start afresh, where they do."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    written: tuple[str, ...]
    removed: tuple[str, ...]
    rendered: int
    helm: HelmChoice
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a run of `init` wrote, and the difference of an upgrade."""

    written: tuple[str, ...]
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a run of `add` did to which file."""

    path: str
    rule: str
    added: tuple[str, ...]
    present: tuple[str, ...]


def init(directory: Path, *, upgrade_charts: bool = False) -> Started:
    """Start a policy repository in `directory`, or renew the charts of one that is there.

    Raises:
        Rejected: if a file is in the way.
        DiskFailed: if the disk refuses.
    """
    if not upgrade_charts:
        _make_folder(directory)
    edits = upgrade(directory) if upgrade_charts else new_repository(directory)
    outcome = apply(directory, Plan(edits=edits))
    return Started(written=outcome.written, difference=difference(edits) if upgrade_charts else "")


def _make_folder(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{directory} cannot be made: {error.strerror}") from error


def generate(
    root: Path,
    *,
    teams: Iterable[str] = (),
    base: str | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
) -> Generated:
    """Write the charts and GitOps objects of all teams, or of those named alone.

    Everything is lowered and rendered before a byte is written; on any mistake nothing is.

    Raises:
        Rejected: with every mistake at once.
        UsageError: if a team or the base does not exist.
        HelmFailed: if Helm refuses.
        DiskFailed: if the disk refuses.
        GitFailed: if Git fails.
    """
    compiled = compile_values(root, teams, as_of)
    stamped = stamp_charts(root, compiled)
    examining = begin_to_examine(compiled, stamped, helm)
    planned = plan_files(root, compiled, stamped, base, helm)
    examined = examining()
    problems = [*renamed(root, compiled, planned), *examined.problems]
    if any(each.level is Level.ERROR for each in problems):
        raise Rejected(problems)
    outcome = apply(root, planned.plan)
    return Generated(
        rows=tuple(_rows(compiled, planned)),
        problems=in_order([*compiled.warnings, *problems]),
        written=outcome.written,
        removed=outcome.removed,
        rendered=examined.rendered,
        helm=examined.helm,
        new=planned.new,
    )


def check(
    root: Path,
    *,
    teams: Iterable[str] = (),
    base: str | None = None,
    as_of: date | None = None,
    helm: HelmChoice | None = None,
) -> tuple[Problem, ...]:
    """Everything that is wrong or worth a look, in order; nothing is written.

    Values, guardrails, what an engine refuses, what Helm renders, releases that change their name,
    and generated files that are not in step with the values. Where teams are named, what concerns
    others is left to a run for all.

    Raises:
        UsageError: if a team or the base does not exist.
        HelmFailed: if Helm refuses.
        DiskFailed: if the disk refuses.
        GitFailed: if Git fails.
    """
    try:
        compiled = compile_values(root, teams, as_of)
        stamped = stamp_charts(root, compiled)
        examining = begin_to_examine(compiled, stamped, helm)
        planned = plan_files(root, compiled, stamped, base, helm)
        seen = status(root, planned.plan)
        problems = [*renamed(root, compiled, planned), *examining().problems]
    except Rejected as rejected:
        return rejected.problems
    found = [*compiled.warnings, *problems, *seen.findings, *planned.behind]
    return in_order([*found, *_uncompared(planned)])


def _uncompared(planned: Planned) -> Iterator[Problem]:
    """A note where no version can be wrong, since there is none to compare it with."""
    if planned.new:
        yield Problem(
            at=Position(path="charts"),
            id="no-base",
            level=Level.NOTE,
            message=f"versions are compared with nothing: {planned.new}",
            help="in CI, fetch the target branch with its history and name it with --base",
        )


def render(
    root: Path, *, team: str, target: str | None = None, helm: HelmChoice | None = None
) -> Iterator[tuple[str, str]]:
    """What Helm renders for a team's targets, as they are on the disk: name and manifest.

    `egress-baseline` and `egress-tier` name the platform's charts.

    Raises:
        UsageError: if the chart or the target is not there.
        HelmFailed: if Helm refuses.
    """
    return render_written(root, team, target, helm)


def add(
    root: Path,
    *,
    team: str,
    hosts: Sequence[str],
    rule: str = "",
    reason: str = "",
    ticket: str = "",
    ports: Sequence[str] = (),
) -> Added:
    """Add hosts to a team's values file, keeping its comments and order.

    Raises:
        UsageError: if the team has no values file.
        Rejected: if what is to be added is wrong, or the file's form is unusual.
        DiskFailed: if the disk refuses.
    """
    path = f"values/teams/{team}.yaml"
    known = sorted(each.stem for each in (root / "values/teams").glob("*.yaml"))
    if team not in known:
        raise UsageError(f"there is no team {team!r}; the teams are {', '.join(known) or 'none'}")
    before = (root / path).read_bytes()
    read(before, path)  # says where a file is no YAML; the edit itself keeps what it does not touch
    addition = Addition(
        hosts=tuple(hosts), rule=rule, reason=reason, ticket=ticket, ports=tuple(ports)
    )
    edited = add_hosts(before.decode("utf-8"), path, addition)
    after = edited.text.encode("utf-8")
    if after != before:
        apply(root, Plan(edits=(Edit(path=path, before=before, after=after),)))
    return Added(path=path, rule=edited.rule, added=edited.added, present=edited.present)


def _rows(compiled: Compiled, planned: Planned) -> Iterator[Row]:
    warned = {each.at.path for each in compiled.warnings if each.level is Level.WARNING}
    for each in compiled.teams:
        place = team_place(each.team.name)
        for target in each.targets:
            yield Row(
                team=each.team.name,
                namespace=target.namespace,
                cluster=target.cluster.name,
                engine=str(target.cluster.release),
                mode=str(target.mode),
                hosts=len({host.pattern for rule in target.rules for host in rule.hosts}),
                version=str(planned.charts[place].version),
                next=_next(target, each.lowered[target.name], warned=each.team.path in warned),
            )


def _next(target: Target, lowered: Lowered, *, warned: bool) -> str:
    """What a person should look at, the most important first."""
    said = [
        f"{each.rule}: {each.written} is said {'too wide' if each.how == 'widen' else 'in part'}"
        for each in lowered.approximated
    ]
    if lowered.delegated:
        count = len(lowered.delegated)
        said.append(f"{count} host{'' if count == 1 else 's'} left to {lowered.delegated[0].to}")
    if target.mode == "audit":
        said.append("audit: nothing is blocked yet")
    if warned:
        said.append("warnings above")
    return "; ".join(said) or f"charts/{team_place(target.team)}/README.md"
