"""The verb `publish`: what the commit holds and nobody has yet, pushed once and never replaced.

What changed since the base is held against the values first, and so is all that turns out new.

Everything is looked up before anything is pushed, so a refusal leaves nothing half-published. A
version that leads to other content is left as it is and reported at the end: it stops no other.
Each chart is pushed by its digest, signed, and only then gets its version: a run that is killed
leaves versions that are whole and signed, or that are not there.
"""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeVar

from transire.charts.archive import packed
from transire.commands.arguments import StrPath, file_at, folder_at, revision_named, several, when
from transire.commands.publish.branch import moved, must_be_a_branch
from transire.commands.publish.commit_charts import sources
from transire.commands.publish.git_tags import publish_tags
from transire.commands.publish.narrowed import narrowing
from transire.commands.publish.registry_state import Looked, look
from transire.commands.publish.up_to_date import changed_places, must_be_in_step
from transire.delivery.registry.charts import Registry, connect, registry_host
from transire.delivery.registry.credentials import find_login
from transire.delivery.registry.result import (
    ChartState,
    ChartVersion,
    OtherContent,
    Published,
    Unfinished,
    by_place,
)
from transire.git.process import run_hook
from transire.model.problems import RegistryFailed, UsageError
from transire.pipeline.progress import counted

WORKERS = 8
"""Charts that are looked up or pushed at a time."""

_UNSIGNED = (
    "Flux takes signed charts only (publish.verify), and this run signs none: sign each digest, or "
    "run it with --sign"
)

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryOptions:
    """How to reach the registry, and what to do with what is pushed.

    `docker_config` names a Docker configuration with logins, `ca` a file of authorities besides
    the machine's, `sign` a program and its arguments, in one text or apart. It is run for each
    digest that is pushed, with `HOST/PATH@DIGEST` as its last argument. `put_back` names places,
    such as `teams/payments`, whose version gets its published content back where somebody moved
    its tag.
    """

    docker_config: StrPath | None = None
    ca: StrPath | None = None
    plain_http: bool = False
    sign: str | tuple[str, ...] = ()
    put_back: str | frozenset[str] = frozenset()
    environment: Mapping[str, str] | None = None


def publish(
    root: StrPath,
    *,
    options: RegistryOptions | None = None,
    remote: str = "origin",
    branch: str = "",
    base: StrPath | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
) -> Published:
    """Publish every chart of the commit that is checked out, to the registry or as Git tags.

    Args:
        root: the policy repository.
        options: how to reach the registry.
        remote: the Git remote that gets the tags, where charts are published from Git.
        branch: a branch of that remote that is moved forward to the commit when every chart of it
            is there, for Argo CD and Flux to follow; without one, none is.
        base: the target branch, as for `generate`.
        as_of: the day, or the moment, that ends are held against; without one, now.
        dry_run: look only, and give what would be published.

    Raises:
        Rejected: if something is not committed or not in step; nothing was pushed.
        OtherContent: if some versions lead to other content; it holds what was done for the others.
        UsageError: if the options are wrong, the base does not exist, or `put_back` names a chart
            whose tag was not moved.
        Unfinished: if some charts could not be pushed; it holds those that were.
        RegistryFailed: if the registry could not be reached; nothing was pushed.
        GitFailed: if Git fails, also where the branch holds what the commit does not come from.
        DiskFailed: if the disk refuses.
    """
    folder, since, day = folder_at(root), revision_named(base), when(as_of)
    found = sources(folder)
    if branch:
        must_be_a_branch(found.repository, remote, branch)
    changed = changed_places(found, since)
    hold = partial(must_be_in_step, folder, found, base=since, as_of=day)
    hold(changed)
    closes = narrowing(folder, found, changed, base=since, as_of=day)

    def hold_new(places: Iterable[str]) -> None:
        hold(frozenset(places) - changed)

    def move(published: Published) -> Published:
        if dry_run or not branch:
            return published
        return moved(found.repository, remote, branch, published)

    chosen = options or RegistryOptions()
    put_back = several(chosen.put_back)
    if not found.to.registry:
        _must_be_moved(put_back, ())
        return move(closes.beside(publish_tags(found, remote, hold_new, dry_run=dry_run)))
    environment = os.environ if chosen.environment is None else chosen.environment
    host = registry_host(found.to.registry)
    login = find_login(host, environment, file_at(chosen.docker_config))
    with connect(
        found.to.registry, login=login, ca=file_at(chosen.ca), plain_http=chosen.plain_http
    ) as registry:
        looked = [
            _to_put_back(each) if each.moved and each.source.chart.place in put_back else each
            for each in _each(found.charts, partial(look, registry))
        ]
        _must_be_moved(put_back, looked)
        new = [each for each in looked if each.new]
        hold_new(each.release.place for each in new)
        published = closes.beside(
            Published(
                commit=found.commit,
                destination=registry.address,
                releases=by_place(each.release for each in looked),
                note=_UNSIGNED if found.to.verify and new and not chosen.sign else "",
            )
        )
        if new and not dry_run:
            sign = sign_command(chosen.sign) if isinstance(chosen.sign, str) else chosen.sign
            published = _push_all(registry, published, new, sign)
    problems = [each.problem for each in looked if each.problem is not None]
    if problems:
        raise OtherContent(problems, published)
    return move(published)


def sign_command(text: str) -> tuple[str, ...]:
    """The program and its arguments that a person writes on one line; no shell reads it.

    Raises:
        UsageError: if a quote is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"the sign command {text!r} cannot be split: {error}") from error


def _to_put_back(moved: Looked) -> Looked:
    """The chart as one that is to be pushed, in place of what its version leads to."""
    release = replace(moved.release, state=ChartState.NEW, reason="")
    return replace(moved, release=release, problem=None)


def _must_be_moved(places: Iterable[str], looked: Iterable[Looked]) -> None:
    moved = {each.source.chart.place for each in looked if each.moved}
    for place in sorted(set(places) - moved):
        raise UsageError(
            f"there is nothing to put back for {place!r}: no chart of that place was published and "
            "then had its tag moved"
        )


def _each(items: Iterable[_Item], work: Callable[[_Item], _Made]) -> list[_Made]:
    """The work on every item, the first one alone: if it fails, no other is tried."""
    first, *rest = items
    done = [work(first)]
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            return done + list(counted(pool.map(work, rest), len(rest), "charts"))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _push_all(
    registry: Registry, published: Published, new: Sequence[Looked], sign: Sequence[str]
) -> Published:
    stop = threading.Event()

    def push(each: Looked) -> ChartVersion:
        if stop.is_set():
            return each.release
        release = _push(registry, each, sign)
        if release.state is ChartState.FAILED:
            stop.set()
        return release

    with ThreadPoolExecutor(WORKERS) as pool:
        made = counted(pool.map(push, new), len(new), "new charts")
        pushed = {each.place: each for each in made}
    done = replace(
        published, releases=tuple(pushed.get(each.place, each) for each in published.releases)
    )
    if done.those(ChartState.FAILED):
        raise Unfinished(done)
    return done


def _push(registry: Registry, each: Looked, sign: Sequence[str]) -> ChartVersion:
    place, made = each.source.chart.place, packed(each.source.files)
    try:
        digest = registry.put(place, made)
        if sign:
            run_hook(sign, registry.reference(place, digest))
        if each.moved:
            registry.put_back(place, each.source.chart.pin.version, made)
        elif not each.tagged:
            registry.tag(place, each.source.chart.pin.version, made)
    except RegistryFailed as error:
        return replace(each.release, state=ChartState.FAILED, reason=str(error))
    done = ChartState.PUBLISHED
    return replace(
        each.release, state=done, reproduced=each.moved or not each.tagged, signed=bool(sign)
    )
