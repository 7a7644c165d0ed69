"""Publishing from Git: the tags that Applications pin, made once and never moved.

Where there is a remote, it is what counts: the tools that sync fetch from it. A tag that is only
in this clone must still have the same content, because it would be pushed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from transire.charts.chart import TEMPLATE
from transire.charts.chart_yaml import NAME
from transire.charts.versions.version import Released, released
from transire.commands.publish.commit_charts import Source, Sources
from transire.delivery.registry.result import ChartState, ChartVersion, OtherContent, Published
from transire.git.repository import Repository
from transire.model.problems import Position, Problem, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tags:
    """Commits by tag: the remote's, this clone's, and those of either that we are about to use."""

    remote: Mapping[str, str]
    here: Mapping[str, str]


def publish_tags(
    found: Sources,
    remote: str,
    hold_new: Callable[[Iterable[str]], None],
    *,
    dry_run: bool,
) -> Published:
    """Make the tag of every chart that has none, and push it where that remote is configured.

    `hold_new` is given the places of those charts before, and raises if they may not be published.

    Raises:
        OtherContent: if tags exist on other content; it holds what was done for the others.
        GitFailed: if Git fails; tags are pushed together or not at all.
    """
    charts = [each for each in found.charts if each.chart.folder != TEMPLATE]
    repository = found.repository
    has_remote = repository.has_remote(remote)
    tags = _read_tags(repository, charts, remote if has_remote else "")
    problems = _problems(found, charts, tags)
    there = tags.remote if has_remote else tags.here
    kept = [each for each in charts if each.chart.place not in problems]
    new = [each.chart.pin.tag for each in kept if each.chart.pin.tag not in there]
    hold_new(each.chart.place for each in kept if each.chart.pin.tag in new)
    if not dry_run:
        repository.add_tags({tag: found.commit for tag in new if tag not in tags.here})
        if has_remote:
            repository.push_tags(remote, new)
    made = ChartState.NEW if dry_run else ChartState.PUBLISHED
    published = Published(
        commit=found.commit,
        destination=remote if has_remote else "",
        releases=tuple(
            _release(
                each,
                made if each.chart.pin.tag in new else ChartState.PRESENT,
                problems.get(each.chart.place),
            )
            for each in charts
        ),
        note="" if has_remote else f"there is no remote {remote!r}, so the tags are here only",
    )
    if problems:
        raise OtherContent(problems.values(), published)
    return published


def _read_tags(repository: Repository, charts: list[Source], remote: str) -> _Tags:
    wanted = {each.chart.pin.tag for each in charts}
    names = {tag: f"refs/tags/{tag}^{{commit}}" for tag in wanted}
    objects = repository.objects(names.values())
    here = {tag: oid for tag, name in names.items() if (oid := objects[name])}
    if not remote:
        return _Tags(remote={}, here=here)
    theirs = {tag: oid for tag, oid in repository.remote_tags(remote).items() if tag in wanted}
    known = repository.objects(f"{oid}^{{commit}}" for oid in theirs.values())
    missing = [tag for tag, oid in theirs.items() if known[f"{oid}^{{commit}}"] is None]
    repository.fetch(remote, missing)
    return _Tags(remote=theirs, here=here)


def _problems(found: Sources, charts: list[Source], tags: _Tags) -> Mapping[str, Problem]:
    """What is wrong with the tags of some charts, by the chart's place."""
    pairs = [
        (each, commit)
        for each in charts
        for commit in sorted(
            {
                known[each.chart.pin.tag]
                for known in (tags.remote, tags.here)
                if each.chart.pin.tag in known
            }
        )
    ]
    repository = found.repository
    folders = repository.objects(
        f"{commit}:{repository.prefix}{each.chart.folder}"
        for each, tagged in pairs
        for commit in (tagged, found.commit)
    )
    problems = {}
    for each, commit in pairs:
        path = f"{repository.prefix}{each.chart.folder}"
        if folders[f"{commit}:{path}"] == folders[f"{found.commit}:{path}"]:
            continue
        # Another folder may still be the same chart: tests do not travel.
        there = _content(repository, commit, each)
        if there != released(each.files, each.chart.folder):
            problems[each.chart.place] = _taken(each, commit, there)
    return problems


def _taken(source: Source, commit: str, there: Released | None) -> Problem:
    other = f"the chart sha256:{there.content}" if there else "no such chart"
    tag = source.chart.pin.tag
    return Problem(
        at=Position(path=f"{source.chart.folder}/{NAME}"),
        id="version-published",
        message=f"the tag {tag} is on commit {commit[:12]} already, with {other}, and the chart of "
        f"this commit is {source.content}; unless you published that, the tag was moved, which is "
        "tampering",
        help="run `transire generate` for the next version, for a tag never moves; one that was "
        f"moved goes back with `git push --force REMOTE COMMIT:refs/tags/{tag}`, where COMMIT is "
        "the one that was published",
    )


def _content(repository: Repository, commit: str, source: Source) -> Released | None:
    folder = f"{source.chart.folder}/"
    there = repository.files(commit, folder)
    files = {path.removeprefix(folder): content for path, content in there.items()}
    if NAME not in files:
        return None
    try:
        return released(files, source.chart.folder)
    except Rejected:
        return None


def _release(source: Source, state: ChartState, problem: Problem | None) -> ChartVersion:
    pin = source.chart.pin
    return ChartVersion(
        place=source.chart.place,
        name=pin.name,
        version=pin.version,
        content=source.content,
        state=state if problem is None else ChartState.REFUSED,
        reference=pin.tag,
        reason="" if problem is None else problem.message,
    )
