"""`add`: hosts and ranges into a team's values file, comments kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from transire.commands.arguments import StrPath, folder_at, several
from transire.commands.edited_values import judged, new_problems
from transire.model.problems import Position, Problem, Rejected, UsageError
from transire.values.addition import FROM, Addition, Source, source_of
from transire.values.edit import add_hosts
from transire.values.load import read_files
from transire.values.value_files import find
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.writer import apply
from transire.yamlio import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a run of `add` did to which file.

    `problems` is what guardrails find in the file now and did not find before; `next` is what is
    left to do, in order.
    """

    path: str
    rule: str
    added: tuple[str, ...]
    present: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    next: tuple[str, ...] = ()


def add(
    root: StrPath,
    *,
    team: str,
    hosts: str | Iterable[str] = (),
    cidrs: str | Iterable[str] = (),
    rule: str = "",
    reason: str = "",
    ticket: str = "",
    ports: str | Iterable[str] = (),
    source: str = "",
    environments: str | Iterable[str] = (),
    clusters: str | Iterable[str] = (),
    namespaces: str | Iterable[str] = (),
    expires: str = "",
) -> Added:
    """Add hosts and ranges to a team's values file, keeping its comments and order.

    Args:
        root: the policy repository.
        team: whose file it is.
        hosts: what is to be reached, in the notation of values files.
        cidrs: address ranges that are to be reached.
        rule: the rule that gets them; a new one needs a reason.
        reason: why.
        ticket: the approval.
        ports: ports of a new rule, such as `443` or `8000-8010/TCP`.
        source: the pods of a new rule as `NAMESPACE[/k=v,...][@SERVICEACCOUNT]`; labels or an
            account alone are of every namespace; without any, all.
        environments: where a new rule holds; without any, in all.
        clusters: the clusters on which a new rule holds; without any, all.
        namespaces: the namespaces in which a new rule holds; without any, all.
        expires: the last day of a new rule, or its end as a time.

    Raises:
        UsageError: if the team has no values file, or no destination is named.
        Rejected: if what is to be added is wrong, or the file's form is unusual.
        DiskFailed: if the disk refuses.
    """
    pods = _source(team, source)
    addition = Addition(
        hosts=several(hosts),
        cidrs=several(cidrs),
        rule=rule,
        reason=reason,
        ticket=ticket,
        ports=several(ports),
        labels=pods.labels,
        account=pods.account,
        environments=several(environments),
        clusters=several(clusters),
        namespaces=_namespaces(pods.namespace, several(namespaces)),
        expires=expires,
    )
    if not (addition.hosts or addition.cidrs):
        raise UsageError("no host is named; name at least one, or a range with --cidr")
    return _added(folder_at(root), team, addition)


def _added(folder: Path, team: str, addition: Addition) -> Added:
    path = f"values/teams/{team}.yaml"
    known = sorted(each.stem for each in (folder / "values/teams").glob("*.yaml"))
    if team not in known:
        raise UsageError(f"there is no team {team!r}; the teams are {', '.join(known) or 'none'}")
    before = (folder / path).read_bytes()
    # the edit itself keeps what it does not touch, so this reports where a file is no YAML
    read(before, path)
    files = find(folder)
    then = read_files(files.files, files.problems, [team])
    edited = add_hosts(before.decode("utf-8"), path, addition)
    after = edited.text.encode("utf-8")
    now = read_files({**files.files, path: after}, files.problems, [team])
    wrong = tuple(new_problems(now.problems, then.problems))
    if wrong:
        raise Rejected(wrong)
    if after != before:
        apply(folder, Plan(edits=(Edit(path=path, before=before, after=after),)))
    found = tuple(each for each in new_problems(judged(now), judged(then)) if each.at.path == path)
    return Added(
        path=path,
        rule=edited.rule,
        added=edited.added,
        present=edited.present,
        problems=found,
        next=tuple(_next(team, found)) if edited.added else (),
    )


def _source(team: str, written: str) -> Source:
    """The pods that are named.

    Raises:
        Rejected: if nobody can read them.
    """
    try:
        return source_of(written)
    except ValueError as error:
        at = Position(path=f"values/teams/{team}.yaml")
        raise Rejected([Problem(at=at, id="bad-name", message=str(error), help=FROM)]) from error


def _namespaces(of_source: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """The namespaces of a new rule, of which the source may name the only one.

    Raises:
        UsageError: if others are given besides.
    """
    if not of_source or given == (of_source,):
        return (of_source,) if of_source else given
    if given:
        others = " and ".join(given)
        raise UsageError(
            f"--from names the namespace {of_source}, and --namespace {others}; name it once"
        )
    return (of_source,)


def _next(team: str, found: tuple[Problem, ...]) -> Iterator[str]:
    """What a person does now."""
    if found:
        yield "correct what is found above, or ask for an entry in values/exceptions.yaml"
    yield f"run `transire generate {team}` and look at the difference"
    yield "commit values, charts and GitOps files together, and open a pull request"
