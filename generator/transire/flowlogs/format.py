"""What every format of a log declares."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from transire.flowlogs.record import Record

BARE = b'{"flow":{'
"""How lines of Hubble begin, which most lines are: nothing is around them."""


def _itself(line: bytes) -> Hashable:
    return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format, by the name that `--format` takes.

    `recognises` looks at one line without its envelope. `read` gives what such a line holds, None
    where it is about no connection, and raises `Unreadable`. `never` names what the format itself
    does not have, of `names`, `addresses`, `pods`, `passed`, `answers`. `fields` are the paths of
    all that `read` looks at, where what writes the log can be set to write some fields alone.
    `same` is what lines have in common that two nodes write of one flow.
    """

    name: str
    title: str
    recognises: Callable[[bytes], bool]
    read: Callable[[bytes], Record | None]
    never: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()
    same: Callable[[bytes], Hashable] = _itself
