"""What earlier runs proved, where it can be kept at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from transire.cache.place import NotKept, TurnedOff
from transire.cache.store import Cache


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCache:
    """What earlier runs proved; without it `why` nothing is kept, and whether that is `wanted`."""

    cache: Cache | None = None
    why: str = ""
    wanted: bool = False


def open_cache(environment: Mapping[str, str] | None = None) -> OpenedCache:
    """The cache that the environment names, by default this process's, or the user's own.

    Nothing that is wrong with it fails a run.
    """
    try:
        return OpenedCache(cache=Cache.of(os.environ if environment is None else environment))
    except NotKept as error:
        return OpenedCache(why=str(error), wanted=isinstance(error, TurnedOff))
