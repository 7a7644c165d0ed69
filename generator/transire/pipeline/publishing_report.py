"""What a run of `publish` did, for people and for scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from transire.delivery.registry.result import Published, Release, State


def as_text(published: Published) -> str:
    """One line for each chart that is not simply there already, and a count."""
    shown = [_line(each) for each in published.releases if each.state is not State.PRESENT]
    present = len(published.those(State.PRESENT))
    where = published.destination or "this clone"
    note = [published.note] if published.note else []
    lines = [*shown, *note, f"{len(shown)} new, {present} there already, in {where}"]
    return "".join(f"{line}\n" for line in lines)


def _line(release: Release) -> str:
    signed = ", signed" if release.signed else ""
    why = f": {release.reason}" if release.reason else ""
    return f"{release.state}: {release.reference} {release.digest}".rstrip() + signed + why


PUBLISHED_FORMATS: Mapping[str, Callable[[Published], str]] = MappingProxyType(
    {"text": as_text, "json": Published.to_json}
)
"""How a run is shown, by the name that `--format` takes."""
