"""Which HTTP requests a rule lets through: methods, and paths in a grammar of their own.

```text
/v1/items        that path alone
/v1/*/info       `*` is exactly one segment, which is not empty
/v1/**           /v1/ and everything below it, and not /v1
/**              every path
```

Methods and paths are compared with case. A path is compared after normalisation and without its
query: dot segments are resolved, slashes in a row are one, and escapes of letters, digits and
`-._~` are what they stand for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from transire.model.path_mistakes import path_mistakes

BELOW = "**"
"""The last segment of a path that stands for everything below."""

ONE_SEGMENT = "*"
"""A segment that stands for any one that is not empty."""

CONNECT = "CONNECT"
"""The method that opens a tunnel, and is no request of its own."""

_METHOD = re.compile(r"[A-Z][A-Z0-9_-]*")


class Tls(StrEnum):
    """What becomes of requests in clear on their way to the origin."""

    ORIGINATE = "originate"
    """Whoever checks them goes on by TLS, and checks the name and the authority of the origin."""


def method_mistake(written: str) -> tuple[str, str] | None:
    """What is wrong with a method as people write it, and what to write; None for a right one."""
    if written == "*":
        return "* is not a method", "leave methods out to let every method through"
    if written.upper() == CONNECT:
        return (
            f"{written} opens a tunnel, in which nobody sees a request",
            "leave it out, or write the hosts in a rule without http",
        )
    if _METHOD.fullmatch(written):
        return None
    if _METHOD.fullmatch(written.upper()):
        return f"method {written!r} is not in upper case", f"write {written.upper()}"
    return (
        f"{written!r} is not a method",
        "write one such as GET, of letters in upper case, digits, - and _",
    )


@dataclass(frozen=True, slots=True, order=True)
class PathPattern:
    """The paths of requests that a rule lets through; build one with `PathPattern.parse`."""

    text: str

    @classmethod
    def parse(cls, written: str) -> PathPattern:
        """The pattern that `written` means.

        Raises:
            ValueError: with a sentence on the first thing that is wrong, and what to write.
        """
        for mistake in path_mistakes(written):
            raise ValueError(f"{mistake.message}; {mistake.advice}")
        return cls(written)

    @property
    def segments(self) -> tuple[str, ...]:
        """What stands between the slashes; the last is empty where the path ends with one."""
        return tuple(self.text.removeprefix("/").split("/"))

    @property
    def is_exact(self) -> bool:
        """Whether it stands for one path."""
        return ONE_SEGMENT not in self.text

    def example(self) -> str:
        """A path that the pattern stands for: `a` for each star, nothing below `/**`."""
        *before, last = self.segments
        parts = ["a" if each == ONE_SEGMENT else each for each in before]
        return "/" + "/".join([*parts, {BELOW: "", ONE_SEGMENT: "a"}.get(last, last)])

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Requests by method and path, sorted and without repetition; empty stands for every one.

    Whoever has it is let through with single requests alone, and never with a tunnel.

    Raises:
        ValueError: if a method is none, or they are not in order.
    """

    methods: tuple[str, ...] = ()
    paths: tuple[PathPattern, ...] = ()

    def __post_init__(self) -> None:
        for each in self.methods:
            mistake = method_mistake(each)
            if mistake is not None:
                raise ValueError("; ".join(mistake))
        if self.methods != tuple(sorted(set(self.methods))):
            raise ValueError("methods are not in order")
        if self.paths != tuple(sorted(set(self.paths))):
            raise ValueError("paths are not in order")

    def __str__(self) -> str:
        """Such as `GET, HEAD of /v1/*`, as people read it."""
        methods = ", ".join(self.methods) or "any method"
        return f"{methods} of {', '.join(each.text for each in self.paths) or 'any path'}"
