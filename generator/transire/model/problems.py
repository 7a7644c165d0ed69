"""Mistakes as values, and the errors that carry them.

```text
ToolError          everything the program says on purpose
  Rejected         the values are wrong; carries every problem       exit 1
  GitFailed        Git refused; carries the command and its error    exit 1
  DiskFailed       the repository could not be read or written       exit 1
  UsageError       the command itself is wrong                       exit 2
  Unjudgeable      an object holds something that is not modelled    exit 3
  HelmFailed       Helm refused; carries the command and its error   exit 4
  RegistryFailed   the registry refused or did not respond           exit 4
  ProcessKilled    the system ended a process of the run             exit 4
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

_LINE = re.compile(r"[^\r\n]+")


class Level(StrEnum):
    """How much a problem weighs: errors stop the run, warnings and notes are only shown."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A place in a file: repository path with `/`, line and column counted from 1.

    Line 0 stands for the file as a whole.
    """

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`path:line:column`, or just the path for the whole file."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


class Change(StrEnum):
    """What a proposal puts its text in the place of."""

    SCALAR = "scalar"
    """A key or a value that is a scalar."""
    ITEM = "item"
    """An item of a list, which may become several, or none where the text is empty."""
    KEY = "key"
    """The value of a key of a map, which goes where the text is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What help proposes to write in a values file, in the place of what stands there.

    `at` is where the scalar stands, the item or, with a `key`, the map that has it or gets it.
    `text` is in one line, as YAML has it.
    """

    at: Position
    text: str
    change: Change = Change.SCALAR
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding: where, how bad, which rule, what is wrong and what to do.

    `message` and `help` are sentences in lower case without a full stop; the message names the
    offending value. `follows` means that it goes away by itself once its cause is put right, which
    is another finding or a command to run, so that it comes after what people have to decide.
    `proposal` is what the help proposes, where that is one value.
    """

    at: Position
    id: str
    message: str
    help: str
    level: Level = Level.ERROR
    follows: bool = False
    proposal: Proposal | None = None

    def __repr__(self) -> str:
        return f"<Problem {self._first_line}>"

    def __str__(self) -> str:
        """The two lines that people see, with an escape for what would not be seen."""
        return f"{self._first_line}\n  help: {escaped(self.help)}"

    @property
    def _first_line(self) -> str:
        return escaped(f"{self.at}: {self.level}: {self.message} ({self.id})")


def escaped(text: str) -> str:
    """The text for a message: what cannot be printed is escaped, so that a line stays a line."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def escaped_lines(text: str) -> str:
    """The same for a text of several lines, whose ends stay."""
    return _LINE.sub(lambda found: escaped(found[0]), text)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems without repetition, causes first, then by place, id and message."""
    return tuple(
        sorted(set(problems), key=lambda each: (each.follows, each.at, each.id, each.message))
    )


class ToolError(Exception):
    """Something the program reports on purpose; `exit_code` is the process's."""

    exit_code: ClassVar[int] = 1


class Rejected(ToolError):  # noqa: N818 - reads as the sentence it is
    """The values are wrong; `problems` holds every mistake that one run can find."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __repr__(self) -> str:
        return f"<Rejected problems={len(self.problems)}>"

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class GitFailed(ToolError):  # noqa: N818
    """Git refused or could not be run; the message shows the command and its output."""


class DiskFailed(ToolError):  # noqa: N818
    """The repository could not be read or written; the message shows what is on disk now."""


class UsageError(ToolError):
    """The command itself is wrong, for example an unknown team or a base that does not exist."""

    exit_code = 2


SETS = "set of flows"
"""What an `Unjudgeable` names where sets are too intricate to be compared, not an object."""


class Unjudgeable(ToolError):  # noqa: N818
    """An object holds something that is not modelled, so no verdict about it is given.

    `where` names the object and `key` the JSON pointer inside it.
    """

    exit_code = 3

    def __init__(self, where: str, key: str, why: str) -> None:
        self.where, self.key, self.why = where, key, why
        super().__init__(f"{where}: {key}: {why}")

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, str]]:
        return type(self), (self.where, self.key, self.why)


class NotModelled(ToolError):  # noqa: N818
    """A release that a command names is not modelled; the message ends with what to write."""

    exit_code = 3


class HelmFailed(ToolError):  # noqa: N818
    """Helm refused or could not be run; the message shows the command and its output."""

    exit_code = 4


class RegistryFailed(ToolError):  # noqa: N818
    """The registry refused, gave a malformed response or none."""

    exit_code = 4


class ProcessKilled(ToolError):  # noqa: N818
    """The system ended a process that shared the work, as where memory runs out."""

    exit_code = 4


UNSEEN = "�"
"""Stands for a character that shows nothing or moves others, such as a line break or a direction
mark."""


def printable(text: str) -> str:
    """The text in one line, every character that cannot be seen replaced."""
    return "".join(each if each.isprintable() else UNSEEN for each in text)


_MOST = 80
"""Characters that are shown of a string."""


def value_wording(value: object) -> str:
    """A value of JSON or YAML as a message names it, a long string by its beginning."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the string {value[:_MOST]!r}"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return f"the number {value}"
