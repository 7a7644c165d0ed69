"""What a run of `publish` did: as values, as text for people, as JSON for pipelines.

`published.schema.json`, beside this file, is the shape of the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType

from transire.model.problems import Problem, RegistryFailed, Rejected

SCHEMA = "transire.published/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""
_API_VERSION = "transire/v1"


class ChartState(StrEnum):
    """How it stands with one version of a chart after the run."""

    PUBLISHED = "published"
    """This run pushed it, or made its tag."""
    PRESENT = "present"
    """It was there already, with the same content."""
    NEW = "new"
    """It is not there yet, and this run did not get to it or was not to push."""
    FAILED = "failed"
    """It is not there, because the registry or the sign hook refused."""
    REFUSED = "refused"
    """The version leads to other content, so it was left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartVersion:
    """One version of a chart at its place, such as `teams/payments`.

    `content` is the digest of the chart's files, which `Chart.yaml` has after its version.
    `reference` is what others name it by: an OCI reference by tag, or a Git tag. `digest` and
    `archive` are those of the manifest that is pinned and of the packed chart; both are empty in
    Git mode. `reproduced` is true where the version's tag leads to that manifest; where somebody
    else packed the chart, it leads to the same content in other bytes. `signed` is true where this
    run's hook signed the digest. `reason` is why it failed, or was refused.
    """

    place: str
    name: str
    version: str
    content: str
    state: ChartState
    reference: str
    digest: str = ""
    archive: str = ""
    reproduced: bool = False
    signed: bool = False
    reason: str = ""

    def __repr__(self) -> str:
        return f"<Release {self.place} {self.version}: {self.state}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """One target in which the commit closes something, and what becomes of open connections there.

    `become` is a word for it and `text` a sentence. `pods` are commands that list who may have
    some, and `restart` those that end them; both are empty where the engine cuts them. `ended_by`
    and `not_by` are what else does and does not.
    """

    target: str
    cluster: str
    become: str
    text: str
    pods: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    ended_by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a run did: the commit it published from, where to, and every chart, sorted by place.

    `destination` is the registry's address, or the Git remote's name; empty for a clone without
    that remote. `branch` is the one of the remote that has the commit now, empty where none was to
    be moved or nothing was pushed. `note` is what people should know besides. `narrowed` are the
    targets in which the commit closes something that was open at its base.
    """

    commit: str
    destination: str
    releases: tuple[ChartVersion, ...]
    note: str = ""
    branch: str = ""
    narrowed: tuple[Narrowed, ...] = ()

    def __repr__(self) -> str:
        counts = (f"{len(self.those(state))} {state}" for state in ChartState if self.those(state))
        return f"<Published from {self.commit[:12]}: {', '.join(counts) or 'nothing'}>"

    def those(self, state: ChartState) -> tuple[ChartVersion, ...]:
        """The releases that are in that state."""
        return tuple(each for each in self.releases if each.state is state)

    def to_json(self) -> str:
        """The JSON document, with a newline at its end."""
        document = {
            "schema": SCHEMA,
            "apiVersion": _API_VERSION,
            "kind": "Published",
            "commit": self.commit,
            "destination": self.destination,
            "branch": self.branch,
            "note": self.note,
            "releases": [_release(each) for each in self.releases],
            "narrowed": [_narrowed(each) for each in self.narrowed],
        }
        return json.dumps(document, indent=2) + "\n"


class Unfinished(RegistryFailed):
    """Some charts could not be published; `published` holds which were and which were not."""

    def __init__(self, published: Published) -> None:
        self.published = published
        failed = published.those(ChartState.FAILED)
        done = len(published.those(ChartState.PUBLISHED))
        left = len(failed) + len(published.those(ChartState.NEW))
        super().__init__(
            f"{failed[0].reason}; {done} of {done + left} new charts are published, run the "
            "command again for the rest"
        )


class OtherContent(Rejected):
    """Some versions lead to other content; `published` holds what was done for all other charts."""

    def __init__(self, problems: Iterable[Problem], published: Published) -> None:
        self.published = published
        super().__init__(problems)

    def __reduce__(self) -> tuple[type[OtherContent], tuple[tuple[Problem, ...], Published]]:  # type: ignore[override]
        return type(self), (self.problems, self.published)


def published_schema() -> str:
    """The JSON Schema of what `Published.to_json` gives."""
    return (files("transire.delivery.registry") / "published.schema.json").read_text(
        encoding="utf-8"
    )


def by_place(releases: Iterable[ChartVersion]) -> tuple[ChartVersion, ...]:
    """The releases in the order in which people look for them."""
    return tuple(sorted(releases, key=lambda each: each.place))


def _release(each: ChartVersion) -> dict[str, str | bool]:
    return {
        "chart": each.place,
        "name": each.name,
        "version": each.version,
        "content": each.content,
        "state": each.state.value,
        "reference": each.reference,
        "digest": each.digest,
        "archive": each.archive,
        "reproduced": each.reproduced,
        "signed": each.signed,
        "reason": each.reason,
    }


def _narrowed(each: Narrowed) -> dict[str, str | list[str]]:
    return {
        "target": each.target,
        "cluster": each.cluster,
        "become": each.become,
        "text": each.text,
        "pods": list(each.pods),
        "restart": list(each.restart),
        "endedBy": list(each.ended_by),
        "notBy": list(each.not_by),
    }


def as_text(published: Published) -> str:
    """One line for each chart that is not simply there already, and a count."""
    shown = [_line(each) for each in published.releases if each.state is not ChartState.PRESENT]
    present, refused = (
        len(published.those(each)) for each in (ChartState.PRESENT, ChartState.REFUSED)
    )
    where = published.destination or "this clone"
    note = [published.note] if published.note else []
    left = f", {refused} refused" if refused else ""
    count = f"{len(shown) - refused} new, {present} there already{left}, in {where}"
    branch = [f"the branch {published.branch} has the commit"] if published.branch else []
    closed = [line for each in published.narrowed for line in _closed(each)]
    lines = [*shown, *branch, *closed, *note, count]
    return "".join(f"{line}\n" for line in lines)


def _closed(narrowed: Narrowed) -> list[str]:
    """What becomes of open connections, and the commands for when the cluster has the release."""
    lines = [f"closes on {narrowed.target}: {narrowed.text}"]
    if narrowed.restart:
        lines.append(f"  once cluster {narrowed.cluster} has the release:")
        lines += [f"  {each}" for each in (*narrowed.pods, *narrowed.restart)]
    if narrowed.not_by:
        lines.append(f"  not ended by {' or '.join(narrowed.not_by)}")
    return lines


def _line(release: ChartVersion) -> str:
    signed = ", signed" if release.signed else ""
    why = f": {release.reason}" if release.reason else ""
    return f"{release.state}: {release.reference} {release.digest}".rstrip() + signed + why


PUBLISHED_FORMATS: Mapping[str, Callable[[Published], str]] = MappingProxyType(
    {"text": as_text, "json": Published.to_json}
)
"""How a run is shown, by the name that `--format` takes."""
