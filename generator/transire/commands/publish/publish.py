"""The verb `publish`: what the commit holds and nobody has yet, pushed once and never replaced.

What changed since the base is held against the values first, and so is all that turns out new.

Everything is looked up before anything is pushed, so a refusal leaves nothing half-published. Each
chart is pushed by its digest, signed, and only then gets its version: a run that is killed leaves
versions that are whole and signed, or that are not there.
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
from transire.commands.arguments import StrPath, file_at, folder_at
from transire.commands.publish.commit_charts import Sources, sources
from transire.commands.publish.git_tags import publish_tags
from transire.commands.publish.registry_state import Looked, look
from transire.commands.publish.up_to_date import changed_places, must_be_in_step
from transire.delivery.registry.charts import Registry, connect, registry_host
from transire.delivery.registry.credentials import find_login
from transire.delivery.registry.result import (
    ChartState,
    ChartVersion,
    Published,
    Unfinished,
    by_place,
)
from transire.git.process import run_hook
from transire.model.problems import RegistryFailed, Rejected, UsageError

WORKERS = 8
"""Charts that are looked up or pushed at a time."""

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryOptions:
    """How to reach the registry, and what to do with what is pushed.

    `docker_config` names a Docker configuration with logins, `ca` a file of authorities besides
    the machine's, `sign` a program and its arguments that is run for each digest that is pushed,
    with `HOST/PATH@DIGEST` as its last argument.
    """

    docker_config: StrPath | None = None
    ca: StrPath | None = None
    plain_http: bool = False
    sign: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None


def publish(
    root: StrPath,
    *,
    options: RegistryOptions | None = None,
    remote: str = "origin",
    base: str | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
) -> Published:
    """Publish every chart of the commit that is checked out, to the registry or as Git tags.

    Args:
        root: the policy repository.
        options: how to reach the registry.
        remote: the Git remote that gets the tags, where charts are published from Git.
        base: the target branch, as for `generate`.
        as_of: the day that dates are held against; without one, today.
        dry_run: look only, and give what would be published.

    Raises:
        Rejected: if something is not committed or not in step, or a published version has other
            content; nothing was pushed.
        UsageError: if the options are wrong, or the base does not exist.
        Unfinished: if some charts could not be pushed; it holds those that were.
        RegistryFailed: if the registry could not be reached; nothing was pushed.
        GitFailed: if Git fails.
        DiskFailed: if the disk refuses.
    """
    folder = folder_at(root)
    found = sources(folder)
    changed = changed_places(found, base)
    hold = partial(must_be_in_step, folder, found, base=base, as_of=as_of)
    hold(changed)

    def hold_new(places: Iterable[str]) -> None:
        hold(frozenset(places) - changed)

    if not found.to.registry:
        return publish_tags(found, remote, hold_new, dry_run=dry_run)
    chosen = options or RegistryOptions()
    environment = os.environ if chosen.environment is None else chosen.environment
    host = registry_host(found.to.registry)
    login = find_login(host, environment, file_at(chosen.docker_config))
    with connect(
        found.to.registry, login=login, ca=file_at(chosen.ca), plain_http=chosen.plain_http
    ) as registry:
        looked = _looked(found, registry)
        new = [each for each in looked if each.new]
        hold_new(each.release.place for each in new)
        published = Published(
            commit=found.commit,
            destination=registry.address,
            releases=by_place(each.release for each in looked),
        )
        if dry_run or not new:
            return published
        return _push_all(registry, published, new, chosen.sign)


def sign_command(text: str) -> tuple[str, ...]:
    """The program and its arguments that a person writes on one line; no shell reads it.

    Raises:
        UsageError: if a quote is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"the sign command {text!r} cannot be split: {error}") from error


def _looked(found: Sources, registry: Registry) -> Sequence[Looked]:
    looked = _each(found.charts, partial(look, registry))
    problems = [problem for each in looked for problem in each.problems]
    if problems:
        raise Rejected(problems)
    return looked


def _each(items: Iterable[_Item], work: Callable[[_Item], _Made]) -> list[_Made]:
    """The work on every item, the first one alone: if it fails, no other is tried."""
    first, *rest = items
    done = [work(first)]
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            return done + list(pool.map(work, rest))
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
        pushed = {each.place: each for each in pool.map(push, new)}
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
        if not each.tagged:
            registry.tag(place, each.source.chart.pin.version, made)
    except RegistryFailed as error:
        return replace(each.release, state=ChartState.FAILED, reason=str(error))
    done = ChartState.PUBLISHED
    return replace(each.release, state=done, reproduced=not each.tagged, signed=bool(sign))
