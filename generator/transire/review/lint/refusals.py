"""Every mistake for which an object is refused, not only the first.

The API server names all of them at once; a reading stops at the first. So what is refused is taken
out of the object, and the rest is read again.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from transire.k8s.admission import Refused
from transire.k8s.json_pointer import find, plain, steps
from transire.k8s.manifests import Manifest
from transire.k8s.typed_decoding import pointer

_MOST = 20
"""Mistakes of one object that are looked for."""

Read = Callable[[Manifest], Sequence[Refused]]
"""The refusals of one object read alone."""


def all_refusals(
    manifests: Iterable[Manifest], refused: Iterable[Refused], read: Read
) -> tuple[Refused, ...]:
    """The given refusals, each with the further ones of its object.

    An object that is refused alone for what is not given, which `read` leaves out, has no further.
    """
    by_index = {each.index: each for each in manifests}
    found: list[Refused] = []
    for first in refused:
        found.append(first)
        manifest = by_index.get(first.manifest)
        if manifest is not None and first.path and first in read(manifest):
            found += _further(manifest, first, read)
    return tuple(dict.fromkeys(found))


def _further(manifest: Manifest, first: Refused, read: Read) -> Iterator[Refused]:
    """Refusals after the first, but for those that taking something out has brought."""
    body = plain(manifest.body)
    removed = _Removed()
    current = first
    for _ in range(_MOST):
        if not removed.take_out(body, current.path):
            return
        following = next(iter(read(manifest.with_body(body))), None)
        if following is None or not following.path:
            return
        where = removed.original(following.path)
        if not removed.caused(where):
            why = following.why.removeprefix(following.path)
            yield replace(following, why=f"{where}{why}")
        current = following


class _Removed:
    """What was taken out of an object, and where the rest stood before."""

    def __init__(self) -> None:
        self._places: dict[str, list[int]] = {}
        self._paths: list[str] = []

    def take_out(self, body: Any, path: str) -> bool:  # noqa: ANN401 - a tree of JSON
        """Take out the last item of a list on the way, or else the key itself."""
        way = steps(path)
        for length in range(len(way), 0, -1):
            *above, last = way[:length]
            holder = find(body, pointer(*above))
            if isinstance(holder, list) and last.isdigit() and int(last) < len(holder):
                at = self.original(pointer(*above))
                place = self._original_place(at, int(last))
                del holder[int(last)]
                insort(self._places.setdefault(at, []), place)
                self._paths.append(f"{at}/{place}")
                return True
        holder = find(body, pointer(*way[:-1])) if way else None
        if isinstance(holder, dict) and way[-1] in holder:
            del holder[way[-1]]
            self._paths.append(self.original(path))
            return True
        return False

    def original(self, path: str) -> str:
        """The pointer into the object as it was."""
        at = ""
        for step in steps(path):
            counted = at in self._places and step.isdigit()
            at += f"/{self._original_place(at, int(step))}" if counted else pointer(step)
        return at

    def _original_place(self, at: str, place: int) -> int:
        for gone in self._places.get(at, ()):
            if gone <= place:
                place += 1
        return place

    def caused(self, path: str) -> bool:
        """Whether a mistake there may only have come with what was taken out."""
        return any(each == path or each.startswith(f"{path}/") for each in self._paths)
