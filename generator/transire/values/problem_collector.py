"""What is wrong with the values, collected while everything else is still looked at."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from transire.model.problems import Position, Problem, Proposal

_SHOWN = 64


class Misfit(Exception):  # noqa: N818 - nobody sees it: it only ends one value
    """A value that cannot be used; what is wrong with it is already a problem."""


class ProblemCollector:
    """Every problem so far, and how many values could not be used.

    A value of the wrong shape is a misfit without a problem of its own: the schema has reported it.
    So a load with misfits and without problems is a bug of ours, and never passes for a success.
    Used as a context, it ends a block at a misfit and goes on after it.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.parts: list[object] = []
        self.misfits = 0

    def note(
        self,
        at: Position,
        id: str,  # noqa: A002 - the field
        message: str,
        help: str,  # noqa: A002 - the field
        proposal: Proposal | None = None,
    ) -> None:
        """Add a problem."""
        self.problems.append(Problem(at=at, id=id, message=message, help=help, proposal=proposal))

    def refuse(
        self,
        at: Position,
        id: str,  # noqa: A002 - the field
        message: str,
        help: str,  # noqa: A002 - the field
        proposal: Proposal | None = None,
    ) -> Misfit:
        """Add a problem, and give the exception to raise."""
        self.note(at, id, message, help, proposal)
        return Misfit()

    def keep(self, part: object) -> None:
        """Keep a value of which a part is a misfit: what could be read is still judged."""
        self.parts.append(part)

    def stop_after(self, misfits: int) -> None:
        """Give up on a whole whose parts brought more misfits than there were before.

        Raises:
            Misfit: if they did.
        """
        if self.misfits > misfits:
            raise Misfit

    def __enter__(self) -> Self:
        """Look at one value."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        """Count a misfit and go on; let everything else through."""
        if isinstance(error, Misfit):
            self.misfits += 1
            return True
        return False


def shown(text: str) -> str:
    """Text as a message quotes it: escaped, and cut where it is long."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def one_of(items: list[str], last: str = "or") -> str:
    """The items as people list them: `a, b or c`."""
    return f" {last} ".join([", ".join(items[:-1]), items[-1]] if items[1:] else items)
