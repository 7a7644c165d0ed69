"""The verb `publish`: what the commit holds and nobody has yet, pushed once and never replaced.

Everything is looked up before anything is pushed, so a refusal leaves nothing half-published. Each
chart is pushed by its digest, signed, and only then gets its version: a run that is killed leaves
versions that are whole and signed, or that are not there.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from transire.helm.package import can_package
from transire.model.problems import HelmFailed, Position, Problem, RegistryFailed, Rejected
from transire.pipeline.sources import Source, Sources, packed, sources
from transire.pipeline.tagging import publish_tags
from transire.publish.artifact import Artifact, Digests
from transire.publish.chart import TEMPLATE
from transire.publish.chart_file import NAME
from transire.publish.git import run_hook
from transire.publish.helmignore import HelmIgnore
from transire.publish.published import Published, Release, State, Unfinished, by_place
from transire.publish.registry import Registry, connect, is_chart, registry_host
from transire.publish.registry_login import find_login
from transire.publish.unpacked import differences, unpack

WORKERS = 8
"""Charts that are looked up or pushed at a time."""

_MOST_PATHS = 3
_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryOptions:
    """How to reach the registry, and what to do with what is pushed.

    `docker_config` names a Docker configuration with logins, `ca` a file of authorities besides
    the machine's, `sign` a program and its arguments that is run for each digest that is pushed,
    with `HOST/PATH@DIGEST` as its last argument.
    """

    docker_config: Path | None = None
    ca: Path | None = None
    plain_http: bool = False
    sign: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None


def publish(
    root: Path,
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
        dry_run: look only, and say what would be published.

    Raises:
        Rejected: if something is not committed or not in step, or a published version has other
            content; nothing was pushed.
        UsageError: if the options are wrong, or the base does not exist.
        Unfinished: if some charts could not be pushed; it says which were.
        RegistryFailed: if the registry could not be asked; nothing was pushed.
        HelmFailed: if charts are missing and there is no SDK to pack them with.
        GitFailed: if Git fails.
        DiskFailed: if the disk refuses.
    """
    found = sources(root, base=base, as_of=as_of)
    if not found.to.registry:
        return publish_tags(found, remote, dry_run=dry_run)
    chosen = options or RegistryOptions()
    environment = os.environ if chosen.environment is None else chosen.environment
    host = registry_host(found.to.registry)
    login = find_login(host, environment, chosen.docker_config)
    with connect(
        found.to.registry, login=login, ca=chosen.ca, plain_http=chosen.plain_http
    ) as registry:
        return _to_registry(found, registry, chosen.sign, dry_run=dry_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One chart as the registry has it; `made` is what to push, where it is missing."""

    source: Source
    release: Release
    made: Artifact | None = None
    problems: tuple[Problem, ...] = ()


def _to_registry(
    found: Sources, registry: Registry, sign: Sequence[str], *, dry_run: bool
) -> Published:
    without_sdk = _why_no_sdk()
    looked = _each(found.charts, lambda source: _look(registry, source, sdk=not without_sdk))
    problems = [problem for each in looked for problem in each.problems]
    if problems:
        raise Rejected(problems)
    new = [each for each in looked if each.made is not None]
    published = Published(
        commit=found.commit,
        destination=registry.address,
        releases=by_place(each.release for each in looked),
        note=f"nothing was packed or pushed, only verified: {without_sdk}" if without_sdk else "",
    )
    if without_sdk:
        _must_be_complete(published, without_sdk)
    if dry_run or not new:
        return published
    return _push_all(registry, published, new, sign)


def _why_no_sdk() -> str:
    try:
        can_package()
    except HelmFailed as error:
        return str(error)
    return ""


def _must_be_complete(published: Published, why: str) -> None:
    missing = [f"charts/{each.place} {each.version}" for each in published.those(State.NEW)]
    if missing:
        raise HelmFailed(
            f"not published yet, and not packed without the SDK: {', '.join(missing)}; {why}"
        )


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


def _look(registry: Registry, source: Source, *, sdk: bool) -> _Looked:
    place, version = source.chart.place, source.chart.pin.version
    made = packed(source.files) if sdk else None
    release = _release(registry, source, made.digests if made else Digests(archive="", manifest=""))
    digest = registry.digest(place, version)
    if digest is None:
        return _Looked(source=source, release=release, made=made)
    same = made is not None and digest == made.digests.manifest
    problem = None if same else _other_content(registry, source, made, digest)
    return _Looked(
        source=source,
        release=replace(release, state=State.PRESENT, digest=digest, reproduced=same),
        problems=(problem,) if problem else (),
    )


def _release(registry: Registry, source: Source, digests: Digests) -> Release:
    pin = source.chart.pin
    return Release(
        place=source.chart.place,
        name=pin.name,
        version=pin.version,
        state=State.NEW,
        reference=f"{source.chart.address(registry.address)}:{pin.version}",
        digest=digests.manifest,
        archive=digests.archive,
    )


def _other_content(
    registry: Registry, source: Source, made: Artifact | None, digest: str
) -> Problem | None:
    """A problem if the version in the registry is not this chart; other packing is none."""
    place = source.chart.place
    manifest = registry.manifest(place, digest)
    if manifest is None or not is_chart(manifest):
        return _taken(source, "something that is no Helm chart")
    ours = unpack(made.archive) if made else _unignored(source.files)
    try:
        theirs = unpack(registry.archive(place, digest))
    except ValueError as error:
        return _taken(source, f"something else: {error}")
    paths = differences(ours, theirs)
    if not paths:
        return None
    shown = ", ".join(paths[:_MOST_PATHS])
    more = f" and {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
    return _taken(source, f"other content in {shown}{more}")


def _unignored(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    ignored = HelmIgnore.of(files)
    return {path: content for path, content in files.items() if not ignored.covers(path)}


def _taken(source: Source, what: str) -> Problem:
    by_hand = source.chart.folder == TEMPLATE
    return Problem(
        at=Position(path=f"{source.chart.folder}/{NAME}"),
        id="version-published",
        message=f"version {source.chart.pin.version} is published already, with {what}",
        help="raise the number after `version:`, for what is published never changes"
        if by_hand
        else "run `transire generate`, with --base for the branch that was published: what is "
        "published never changes",
    )


def _push_all(
    registry: Registry, published: Published, new: Sequence[_Looked], sign: Sequence[str]
) -> Published:
    stop = threading.Event()

    def push(each: _Looked) -> Release:
        if stop.is_set():
            return each.release
        release = _push(registry, each, sign)
        if release.state is State.FAILED:
            stop.set()
        return release

    with ThreadPoolExecutor(WORKERS) as pool:
        pushed = {each.place: each for each in pool.map(push, new)}
    done = replace(
        published, releases=tuple(pushed.get(each.place, each) for each in published.releases)
    )
    if done.those(State.FAILED):
        raise Unfinished(done)
    return done


def _push(registry: Registry, each: _Looked, sign: Sequence[str]) -> Release:
    place, made = each.source.chart.place, each.made
    if made is None:
        raise ValueError(f"charts/{place} was not packed")
    try:
        digest = registry.put(place, made)
        if sign:
            run_hook(sign, registry.reference(place, digest))
        registry.tag(place, each.source.chart.pin.version, made)
    except RegistryFailed as error:
        return replace(each.release, state=State.FAILED, reason=str(error))
    return replace(each.release, state=State.PUBLISHED, reproduced=True, signed=bool(sign))
