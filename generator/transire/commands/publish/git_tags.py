"""Publishing from Git: the tags that Applications pin, made once and never moved.

Where there is a remote, it is what counts: the tools that sync fetch from it. A tag that is only
in this clone must still have the same content, because it would be pushed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.charts.chart import TEMPLATE
from transire.charts.chart_yaml import NAME
from transire.charts.versions.version import Released, released
from transire.commands.publish.commit_charts import Source, Sources
from transire.delivery.registry.result import ChartState, ChartVersion, Published
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
        Rejected: if a tag exists on other content; no tag was made.
        GitFailed: if Git fails; tags are pushed together or not at all.
    """
    charts = [each for each in found.charts if each.chart.folder != TEMPLATE]
    repository = found.repository
    has_remote = repository.has_remote(remote)
    tags = _read_tags(repository, charts, remote if has_remote else "")
    problems = list(_problems(found, charts, tags))
    if problems:
        raise Rejected(problems)
    wanted = [each.chart.pin.tag for each in charts]
    there = tags.remote if has_remote else tags.here
    new = [tag for tag in wanted if tag not in there]
    hold_new(each.chart.place for each in charts if each.chart.pin.tag in new)
    if not dry_run:
        repository.add_tags({tag: found.commit for tag in new if tag not in tags.here})
        if has_remote:
            repository.push_tags(remote, new)
    made = ChartState.NEW if dry_run else ChartState.PUBLISHED
    return Published(
        commit=found.commit,
        destination=remote if has_remote else "",
        releases=tuple(
            _release(each, made if each.chart.pin.tag in new else ChartState.PRESENT)
            for each in charts
        ),
        note="" if has_remote else f"there is no remote {remote!r}, so the tags are here only",
    )


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


def _problems(found: Sources, charts: list[Source], tags: _Tags) -> Iterator[Problem]:
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
    for each, commit in pairs:
        path = f"{repository.prefix}{each.chart.folder}"
        if folders[f"{commit}:{path}"] == folders[f"{found.commit}:{path}"]:
            continue
        # Another folder may still be the same chart: tests do not travel.
        if _content(repository, commit, each) != released(each.files, each.chart.folder):
            yield _taken(each, commit)


def _taken(source: Source, commit: str) -> Problem:
    return Problem(
        at=Position(path=f"{source.chart.folder}/{NAME}"),
        id="version-published",
        message=f"the tag {source.chart.pin.tag} exists already, on commit {commit[:12]} with "
        "other content",
        help="run `transire generate` for the next version; a tag never moves",
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


def _release(source: Source, state: ChartState) -> ChartVersion:
    pin = source.chart.pin
    return ChartVersion(
        place=source.chart.place,
        name=pin.name,
        version=pin.version,
        content=source.content,
        state=state,
        reference=pin.tag,
    )
