"""A part of the targets, so that several machines prove one organisation.

Which part a target is in follows from the name of its team alone, by its SHA-256: a team has its
targets in one part, and another team that comes or goes moves none.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from transire.model.problems import UsageError

_WRITTEN = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")
MOST = 1000
"""Parts, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Part `number`, from 1, of `of` parts.

    The first one has what concerns the repository as a whole besides: values, guardrails, generated
    files, releases, expectations, and the platform's charts.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def written(cls, text: str) -> Shard:
        """The part that is written as `2/3`.

        Raises:
            UsageError: if it is written otherwise, or there is no such part.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise UsageError(f"--shard {text!r} is no part of all targets; write it as 2/3")
        number, of = map(int, found.groups())
        if not 1 <= number <= of <= MOST:
            raise UsageError(f"--shard {text}: parts are counted from 1, and there are 1 to {MOST}")
        return cls(number=number, of=of)

    @property
    def is_first(self) -> bool:
        """Whether it has what concerns the repository as a whole."""
        return self.number == 1

    def has(self, team: str) -> bool:
        """Whether the targets of a team are in this part."""
        digest = hashlib.sha256(team.encode()).digest()
        return int.from_bytes(digest) % self.of == self.number - 1
