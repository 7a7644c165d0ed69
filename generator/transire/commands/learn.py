"""`learn`: what logs show that no entry allows, as an edit of the teams' files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from types import MappingProxyType

from transire.commands.arguments import StrPath, files_at, folder_at, several
from transire.commands.edited_values import judged, new_problems
from transire.commands.named_targets import targets_named
from transire.commands.read_logs import read_logs
from transire.flowlogs.tally import Coverage
from transire.meaning.target import Target, all_targets
from transire.model.intent import Organisation
from transire.model.problems import Level, Problem, Rejected
from transire.pipeline.progress import Watch
from transire.review.usage.learn import Learnt, LearntRule
from transire.review.usage.learn import learn as proposed
from transire.review.usage.learn_formats import as_json, notes
from transire.review.usage.places import Places
from transire.review.usage.wording import day
from transire.values.addition import Addition
from transire.values.edit import add_hosts
from transire.values.load import load, read_files
from transire.values.value_files import find
from transire.workspace.file_plan import Edit, Plan
from transire.workspace.writer import apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The proposals, the files that hold them, and what was read.

    `edits` are the files before and after, by path; `problems` why some proposals are in none, and
    what guardrails find in the files now and did not find before.
    """

    learnt: Learnt
    coverage: Coverage
    edits: Mapping[str, tuple[str, str]]
    problems: tuple[Problem, ...] = ()

    @property
    def patch(self) -> str:
        """The edits as a patch that `git apply` takes."""
        return "".join(_patch(path, *texts) for path, texts in sorted(self.edits.items()))

    @property
    def notes(self) -> str:
        """What was read, what is proposed, and what was seen and is not, a line each."""
        return notes(self.learnt, self.coverage)

    def to_json(self) -> str:
        """The JSON document, with a newline at its end."""
        return as_json(self.learnt, self.coverage, self.patch, self.problems)


def learn(
    root: StrPath,
    logs: StrPath | Iterable[StrPath],
    *,
    teams: str | Iterable[str] = (),
    cluster: str = "",
    format_: str = "",
    wildcards: bool = False,
    write: bool = False,
    watch: Watch | None = None,
) -> Lesson:
    """Propose rules for what logs show and no entry allows, with the evidence beside each host.

    Args:
        root: the policy repository.
        logs: files and folders of logs, packed or not; `-` is standard input.
        teams: the teams that rules are proposed for; without any, all.
        cluster: the cluster of which all lines are.
        format_: how every line is read; without a name, each as what it looks like.
        wildcards: whether several names right below a domain become one wildcard.
        write: whether the files are written.
        watch: is called with the bytes of logs that are read, and those that there are.

    Raises:
        Rejected: if the values hold mistakes.
        UsageError: if a log, a team, the cluster or the format does not exist.
        DiskFailed: if a log cannot be read, or a file not written.
    """
    folder = folder_at(root)
    organisation = load(folder, None)
    targets = targets_named(organisation, several(teams), cluster)
    sightings, coverage = read_logs(files_at(logs), format_, watch)
    places = Places(all_targets(organisation), cluster)
    learnt = proposed(places, targets, sightings, organisation.bundles, wildcards=wildcards)
    edits, problems = _edited(folder, organisation, learnt, coverage)
    problems += _found(folder, edits)
    if write and edits:
        apply(folder, Plan(edits=tuple(_edit(path, *texts) for path, texts in edits.items())))
    return Lesson(learnt=learnt, coverage=coverage, edits=edits, problems=tuple(problems))


LEARN_FORMATS: Mapping[str, Callable[[Lesson], str]] = MappingProxyType(
    {"text": lambda found: found.patch, "json": Lesson.to_json}
)
"""How proposals are shown, by the name that `--format` takes."""


def learn_exit_code(found: Lesson) -> int:
    """1 where a proposal is in no file, or cannot stay as it is, else 0."""
    return 1 if any(each.level is Level.ERROR for each in found.problems) else 0


def _found(folder: Path, edits: Mapping[str, tuple[str, str]]) -> list[Problem]:
    """What guardrails find in the files as they would be."""
    files = find(folder)
    after = {path: texts[1].encode() for path, texts in edits.items()}
    then = read_files(files.files, files.problems)
    now = read_files({**files.files, **after}, files.problems)
    return [
        *new_problems(now.problems, then.problems),
        *(each for each in new_problems(judged(now), judged(then)) if each.at.path in edits),
    ]


def _edit(path: str, before: str, after: str) -> Edit:
    return Edit(path=path, before=before.encode(), after=after.encode())


def _patch(path: str, before: str, after: str) -> str:
    lines = unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    return "".join(lines)


def _edited(
    folder: Path, organisation: Organisation, learnt: Learnt, coverage: Coverage
) -> tuple[dict[str, tuple[str, str]], list[Problem]]:
    """Each team's file with its proposals, and what kept some out."""
    edits: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    paths = {each.name: each.path for each in organisation.teams}
    targets = list(all_targets(organisation))
    for each in learnt.proposals:
        path = paths[each.team]
        before, text = edits.get(path) or _twice((folder / path).read_text(encoding="utf-8"))
        own = [target for target in targets if target.team == each.team]
        try:
            for addition in _additions(each, own, coverage):
                text = add_hosts(text, path, addition).text
        except Rejected as rejected:
            problems += rejected.problems
            continue
        edits[path] = before, text
    return edits, problems


def _twice(text: str) -> tuple[str, str]:
    return text, text


def _additions(
    proposal: LearntRule, own: Sequence[Target], coverage: Coverage
) -> Iterator[Addition]:
    """One addition for all targets where it was seen, or one for each where no words have them."""
    reason = f"learnt from logs of {day(coverage.first)} to {day(coverage.last)}"
    seen = [each for each in own if each.name in proposal.targets]
    scopes = _scope(seen, own)
    for number, scope in enumerate(scopes, start=1):
        yield Addition(
            rule=proposal.name if number == 1 else f"{proposal.name}-at-{number}",
            reason=reason,
            hosts=() if proposal.bundle else tuple(each.host for each in proposal.hosts),
            bundles=(proposal.bundle,) if proposal.bundle else (),
            labels=",".join(f"{key}={value}" for key, value in proposal.labels),
            ports=tuple(f"{port}/{protocol}" for port, protocol in proposal.ports),
            environments=scope.get("environments", ()),
            clusters=scope.get("clusters", ()),
            namespaces=scope.get("namespaces", ()),
            evidence={each.host: each.text for each in proposal.hosts},
        )


_Scope = dict[str, tuple[str, ...]]


def _scope(seen: Sequence[Target], own: Sequence[Target]) -> list[_Scope]:
    """The fewest words that have exactly the targets that were seen; else one set for each."""
    here = {each.name for each in seen}
    environments = tuple(sorted({each.cluster.environment for each in seen}))
    clusters = tuple(sorted({each.cluster.name for each in seen}))
    namespaces = tuple(sorted({each.namespace for each in seen}))
    tried: tuple[_Scope, ...] = (
        {},
        {"environments": environments},
        {"clusters": clusters},
        {"namespaces": namespaces},
        {"clusters": clusters, "namespaces": namespaces},
    )
    for scope in tried:
        if {each.name for each in own if _is_in(each, scope)} == here:
            return [scope]
    return [{"clusters": (e.cluster.name,), "namespaces": (e.namespace,)} for e in seen]


def _is_in(target: Target, scope: _Scope) -> bool:
    has = {
        "environments": target.cluster.environment,
        "clusters": target.cluster.name,
        "namespaces": target.namespace,
    }
    return all(has[key] in words for key, words in scope.items())
