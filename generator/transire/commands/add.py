"""`add`: hosts into a team's values file, comments kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.commands.arguments import StrPath, folder_at, several
from transire.model.problems import UsageError
from transire.values.edit import Addition, add_hosts
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.writer import apply
from transire.yamlio import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a run of `add` did to which file."""

    path: str
    rule: str
    added: tuple[str, ...]
    present: tuple[str, ...]


def add(
    root: StrPath,
    *,
    team: str,
    hosts: str | Iterable[str],
    rule: str = "",
    reason: str = "",
    ticket: str = "",
    ports: str | Iterable[str] = (),
) -> Added:
    """Add hosts to a team's values file, keeping its comments and order.

    Args:
        root: the policy repository.
        team: whose file it is.
        hosts: what is to be reached, in the notation of values files.
        rule: the rule that gets the hosts; a new one needs a reason.
        reason: why.
        ticket: the approval.
        ports: ports of a new rule, such as `443` or `8000-8010/TCP`.

    Raises:
        UsageError: if the team has no values file, or no host is named.
        Rejected: if what is to be added is wrong, or the file's form is unusual.
        DiskFailed: if the disk refuses.
    """
    folder, wanted = folder_at(root), several(hosts)
    if not wanted:
        raise UsageError("no host is named; name at least one")
    path = f"values/teams/{team}.yaml"
    known = sorted(each.stem for each in (folder / "values/teams").glob("*.yaml"))
    if team not in known:
        raise UsageError(f"there is no team {team!r}; the teams are {', '.join(known) or 'none'}")
    before = (folder / path).read_bytes()
    read(
        before, path
    )  # reports where a file is no YAML; the edit itself keeps what it does not touch
    addition = Addition(hosts=wanted, rule=rule, reason=reason, ticket=ticket, ports=several(ports))
    edited = add_hosts(before.decode("utf-8"), path, addition)
    after = edited.text.encode("utf-8")
    if after != before:
        apply(folder, Plan(edits=(Edit(path=path, before=before, after=after),)))
    return Added(path=path, rule=edited.rule, added=edited.added, present=edited.present)
