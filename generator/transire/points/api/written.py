"""What a point's configuration is written into: files, and what it cannot be made to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRefusal:
    """A rule, or a listener as a whole, that the point cannot have exactly.

    `rule` is the name of either; `why` is a sentence in lower case without a full stop, and
    `remedy` what would work.
    """

    rule: str
    id: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why} ({self.id})\n  help: {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Configuration by the name of its file, what is refused, and what people have to know.

    Where anything is refused there is no file: a narrower or a wider one never stands in its place.

    Raises:
        ValueError: if there are files beside a refusal, or neither.
    """

    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refusals: tuple[PointRefusal, ...] = ()
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.files) == bool(self.refusals):
            raise ValueError("a point has either files or refusals")
