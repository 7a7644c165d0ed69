"""How the registry stands to the charts of a commit: which it has, and which are taken.

The digest shows whether what is there is the chart of the commit; nothing is packed to know it. A
version that is there under another digest is unpacked and compared: only other content counts.
Somebody else packed it then, and the digest that is pinned may still be missing.

A version with other content is left as it is. Where the registry has the pinned digest too, the
chart was published and its tag was moved since, for nothing is uploaded that gets no version but by
a run that was killed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from transire.charts.chart import TEMPLATE
from transire.charts.chart_yaml import NAME
from transire.charts.unpacked import differences, unpack
from transire.commands.publish.commit_charts import Source
from transire.delivery.registry.charts import Registry, is_chart
from transire.delivery.registry.result import ChartState, ChartVersion
from transire.model.problems import Position, Problem

_MOST_PATHS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One chart as the registry has it.

    `tagged` means that the version is there; where the release is new all the same, the pinned
    digest is missing. `moved` means that the version leads to other content than the chart that
    was published under it.
    """

    source: Source
    release: ChartVersion
    tagged: bool
    moved: bool = False
    problem: Problem | None = None

    @property
    def new(self) -> bool:
        """Whether there is something to push."""
        return self.release.state is ChartState.NEW


def look(registry: Registry, source: Source) -> Looked:
    """How it stands with one chart.

    Raises:
        RegistryFailed: if the registry cannot be reached.
    """
    place, digest = source.chart.place, source.digests.manifest
    release = _release(registry, source)
    there = registry.digest(place, source.chart.pin.version)
    if there is None:
        return Looked(source=source, release=release, tagged=False)
    if there == digest:
        present = replace(release, state=ChartState.PRESENT, reproduced=True)
        return Looked(source=source, release=present, tagged=True)
    other = _other_content(registry, source, there)
    uploaded = registry.manifest(place, digest) is not None
    if other:
        problem = _moved(source, there, other) if uploaded else _taken(source, there, other)
        release = replace(release, state=ChartState.REFUSED, reason=problem.message)
        return Looked(source=source, release=release, tagged=True, moved=uploaded, problem=problem)
    if uploaded:
        release = replace(release, state=ChartState.PRESENT)
    return Looked(source=source, release=release, tagged=True)


def _release(registry: Registry, source: Source) -> ChartVersion:
    pin = source.chart.pin
    return ChartVersion(
        place=source.chart.place,
        name=pin.name,
        version=pin.version,
        content=source.content,
        state=ChartState.NEW,
        reference=f"{source.chart.address(registry.address)}:{pin.version}",
        digest=source.digests.manifest,
        archive=source.digests.archive,
    )


def _other_content(registry: Registry, source: Source, digest: str) -> str:
    """What the version in the registry has in place of this chart; empty for other packing."""
    place = source.chart.place
    manifest = registry.manifest(place, digest)
    if manifest is None or not is_chart(manifest):
        return "something that is no Helm chart"
    try:
        theirs = unpack(registry.archive(place, digest))
    except ValueError as error:
        return f"something else: {error}"
    paths = differences(source.files, theirs)
    if not paths:
        return ""
    shown = ", ".join(paths[:_MOST_PATHS])
    more = f" and {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
    return f"other content in {shown}{more}"


def _moved(source: Source, there: str, other: str) -> Problem:
    """The registry has the chart of this commit as well, so its version led there once."""
    pin, place = source.chart.pin, source.chart.place
    return Problem(
        at=Position(path=f"{source.chart.folder}/{NAME}"),
        id="tag-moved",
        message=f"tampering: version {pin.version} leads to {there} now, with {other}; what was "
        f"published under it is {pin.digest}",
        help="find out who moved the tag and when, then put it back with "
        f"`transire publish --put-back {place}`; `transire docs publishing` has what else to do "
        "with Flux",
    )


def _taken(source: Source, there: str, other: str) -> Problem:
    pin = source.chart.pin
    by_hand = source.chart.folder == TEMPLATE
    return Problem(
        at=Position(path=f"{source.chart.folder}/{NAME}"),
        id="version-published",
        message=f"version {pin.version} is published already as {there}, with {other}, and the "
        f"chart of this commit is {pin.digest}; unless you published that, it is tampering",
        help="raise the number after `version:`, for what is published never changes"
        if by_hand
        else "run `transire generate`, with --base for the branch that was published: what is "
        "published never changes",
    )
