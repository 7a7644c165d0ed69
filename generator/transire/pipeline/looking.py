"""How the registry stands to the charts of a commit: which it has, and which are taken.

A version that is there under another digest is unpacked and compared: only other content counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from transire.helm.package import can_package
from transire.model.problems import HelmFailed, Position, Problem
from transire.pipeline.sources import Source, packed
from transire.publish.artifact import Artifact, Digests
from transire.publish.chart import TEMPLATE
from transire.publish.chart_file import NAME
from transire.publish.helmignore import HelmIgnore
from transire.publish.published import Known, Release, State
from transire.publish.registry import Registry, is_chart
from transire.publish.unpacked import differences, unpack

_MOST_PATHS = 3


def why_no_sdk() -> str:
    """Why charts cannot be packed here; empty where they can."""
    try:
        can_package()
    except HelmFailed as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One chart as the registry has it; `made` is what to push, where it is missing."""

    source: Source
    release: Release
    made: Artifact | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Looking charts up; `known` holds what an earlier run found, by reference and content."""

    registry: Registry
    known: Mapping[tuple[str, str], Known]
    without_sdk: str

    def at(self, source: Source) -> Looked:
        """How it stands with one chart; it is packed only where that is still open."""
        digest = self.registry.digest(source.chart.place, source.chart.pin.version)
        release = _release(self.registry, source)
        known = self.known.get((release.reference, source.content))
        if known is not None and known.digest == digest:
            return Looked(source=source, release=_present(release, known))
        made = None if self.without_sdk else packed(source.files)
        digests = made.digests if made else Digests(archive="", manifest="")
        release = replace(release, digest=digests.manifest, archive=digests.archive)
        if digest is None:
            return Looked(source=source, release=release, made=made)
        same = digest == digests.manifest
        problem = None if same else _other_content(self.registry, source, made, digest)
        found = Known(digest=digest, archive=digests.archive, reproduced=same)
        return Looked(
            source=source,
            release=_present(release, found),
            problems=(problem,) if problem else (),
        )


def _present(release: Release, known: Known) -> Release:
    return replace(
        release,
        state=State.PRESENT,
        digest=known.digest,
        archive=known.archive,
        reproduced=known.reproduced,
    )


def _release(registry: Registry, source: Source) -> Release:
    pin = source.chart.pin
    return Release(
        place=source.chart.place,
        name=pin.name,
        version=pin.version,
        content=source.content,
        state=State.NEW,
        reference=f"{source.chart.address(registry.address)}:{pin.version}",
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
