"""Responses that must be whole at some time, however steadily their bytes come.

The limit of a socket begins anew with every byte, so a registry that sends one now and then would
hold a run for ever.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

LONGEST = 120.0
"""Seconds from the start of a request to the last byte of its response."""


class TooSlowError(TimeoutError):
    """A response that is not whole after LONGEST seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The time at which a response must be whole."""

    clock: Callable[[], float]
    at: float

    @classmethod
    def of(cls, clock: Callable[[], float]) -> Deadline:
        """The deadline of a request that starts now."""
        return cls(clock=clock, at=clock() + LONGEST)

    def must_be_ahead(self) -> None:
        """Raise TooSlowError once it has passed."""
        if self.clock() >= self.at:
            raise TooSlowError(f"the response is not whole after {LONGEST:g} seconds")


def responses_until(deadline: Deadline) -> type[http.client.HTTPResponse]:
    """The class of responses that raise TooSlowError after the deadline.

    It is looked at before each read of the socket: for the status, headers, and the body alike.
    """

    class UntilDeadline(http.client.HTTPResponse):
        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as the base
            super().__init__(*args, **options)
            self.fp = io.BufferedReader(_Until(self.fp.detach(), deadline))

    return UntilDeadline


class _Until(io.RawIOBase):
    """The bytes of a socket until the deadline."""

    def __init__(self, raw: io.RawIOBase, deadline: Deadline) -> None:
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int | None:
        self._deadline.must_be_ahead()
        count: int | None = self._raw.readinto(cast("memoryview", buffer))
        return count

    def close(self) -> None:
        super().close()
        self._raw.close()
