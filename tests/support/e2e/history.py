"""Everything that was stored while something happened, revision by revision.

etcd counts every write of the whole cluster, and an object's `resourceVersion` is the count at its
last one. So the watches of several kinds, sorted by it, are the order in which a cluster held them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from support.e2e.client import Body, Client
from support.e2e.wait import until

Key = tuple[str, str, str, str]
"""API version, kind, namespace and name."""

State = Mapping[Key, Body]
"""The objects that were there at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write: its revision, what was done, and the object after it, or before its deletion."""

    revision: int
    how: str
    body: Body

    @property
    def key(self) -> Key:
        """The object that was written."""
        return key_of(self.body)

    def __str__(self) -> str:
        _, kind, namespace, name = self.key
        return f"{self.revision} {self.how} {kind} {f'{namespace}/' if namespace else ''}{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was there before, and every change after it in the order of revisions."""

    before: State
    changes: tuple[Change, ...]

    def states(self) -> Iterator[tuple[Change, State]]:
        """Every change with the objects that are there after it."""
        state = dict(self.before)
        for change in self.changes:
            _apply(state, change)
            yield change, dict(state)

    @property
    def after(self) -> State:
        """What is there in the end."""
        state = dict(self.before)
        for change in self.changes:
            _apply(state, change)
        return state


@dataclass(kw_only=True)
class Recording:
    """A recording: what is written until a mark is the part of that name."""

    client: Client
    marks: list[tuple[str, int]] = field(default_factory=list)
    parts: dict[str, History] = field(default_factory=dict)
    """The history of each part, once the block has ended."""

    def mark(self, name: str) -> None:
        """End a part here."""
        listed = self.client.raw("GET", "/api/v1/namespaces", limit="1").object()
        self.marks.append((name, int(listed["metadata"]["resourceVersion"])))


@contextmanager
def recorded(client: Client, collections: Iterable[str]) -> Iterator[Recording]:
    """Record what is written below these paths, such as `/apis/cilium.io/v2/...`, in the block."""
    begun = [(path, *_listed(client, path)) for path in sorted(collections)]
    recording = Recording(client=client)
    yield recording
    state: dict[Key, Body] = {key_of(each): each for _, _, items in begun for each in items}
    with ThreadPoolExecutor(len(begun)) as threads:
        found = list(threads.map(lambda each: _watched(client, *each), begun))
    changes = sorted((each for some in found for each in some), key=lambda each: each.revision)
    for name, revision in recording.marks:
        part = tuple(takewhile(lambda each: each.revision <= revision, changes))  # noqa: B023 - now
        recording.parts[name] = history = History(before=state, changes=part)
        state, changes = dict(history.after), changes[len(part) :]
    assert not changes, "something was written after the last mark"


def key_of(body: Body) -> Key:
    """Which object it is."""
    metadata = body["metadata"]
    return body["apiVersion"], body["kind"], metadata.get("namespace", ""), metadata["name"]


def _listed(client: Client, path: str) -> tuple[str, list[dict[str, Any]]]:
    """The revision of a list, and its objects, which do not name their kind."""
    listed = client.raw("GET", path).object()
    kind = {"apiVersion": listed["apiVersion"], "kind": listed["kind"].removesuffix("List")}
    return listed["metadata"]["resourceVersion"], [{**each, **kind} for each in listed["items"]]


def _watched(client: Client, path: str, since: str, items: Iterable[Body]) -> list[Change]:
    """Every change since a revision: the watch has to lead to what is there now."""
    found: list[Change] = []
    wanted = {key_of(each): each for each in _listed(client, path)[1]}

    def complete() -> bool:
        state = {key_of(each): each for each in items}
        found.clear()
        for how, body in client.watch(path, since=since, seconds=1):
            found.append(_change(how, body))
            _apply(state, found[-1])
        return state == wanted

    until(complete, f"the watch of {path} never leads to what is there")
    return found


def _change(how: str, body: Body) -> Change:
    assert how in {"ADDED", "MODIFIED", "DELETED"}, (how, body)
    return Change(revision=int(body["metadata"]["resourceVersion"]), how=how, body=body)


def _apply(state: dict[Key, Body], change: Change) -> None:
    if change.how == "DELETED":
        del state[change.key]
    else:
        state[change.key] = change.body
