"""Exact sets of texts such as label values and HTTP paths, absence included."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Self

from transire.flows.diagrams.axes import KEYED_AXES, NO_KEY, Axis
from transire.flows.diagrams.diagram import Diagram, Node, node
from transire.flows.diagrams.number_functions import StepFunction
from transire.flows.diagrams.string_functions import FiniteMap, string_function
from transire.flows.exact_set import ExactSet, judged
from transire.flows.patterns.globs import STAR, glob
from transire.flows.patterns.label_wording import shown
from transire.flows.patterns.regex_language import regex

_TEXT = (Axis.LABEL, NO_KEY)


class TextSet(ExactSet):
    """A set of texts; one of its members may be absence, as of a label that is not there.

    So `~TextSet.of(["a"])` holds absence, as `NotIn` and Calico's `!=` do.
    """

    __slots__ = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """Exactly these texts."""
        return cls(diagram=node(_TEXT, FiniteMap(False, dict.fromkeys(values, True))))

    @classmethod
    def absent(cls) -> Self:
        """Absence alone."""
        return cls(diagram=node(_TEXT, FiniteMap(False, {None: True})))

    @classmethod
    def present(cls) -> Self:
        """Every text."""
        return ~cls.absent()

    @classmethod
    def starting(cls, text: str) -> Self:
        """Every text that starts with `text`."""
        return cls._glob(text, STAR)

    @classmethod
    def ending(cls, text: str) -> Self:
        """Every text that ends with `text`."""
        return cls._glob(STAR, text)

    @classmethod
    def containing(cls, text: str) -> Self:
        """Every text that contains `text`."""
        return cls._glob(STAR, text, STAR)

    @classmethod
    def _glob(cls, *parts: str | None) -> Self:
        machine = glob(parts, alphabet="", empty=True)
        return cls(diagram=node(_TEXT, string_function(absent=False, machine=machine)))

    @classmethod
    def matching(cls, expression: str) -> Self:
        """Every text that a regular expression in RE2's syntax matches from end to end.

        Raises:
            Unjudgeable: if the expression uses what is not modelled, or is too intricate.
        """
        machine = judged(lambda: regex(expression))
        return cls(diagram=node(_TEXT, string_function(absent=False, machine=machine)))

    def __str__(self) -> str:
        """What the set requires of a text, in the form of a selector."""
        if isinstance(self.diagram, Node) and not isinstance(self.diagram.cells, StepFunction):
            return shown("text", self.diagram.cells)
        return "any text or none" if self.diagram else "no text"

    def __contains__(self, text: str | None) -> bool:
        if isinstance(self.diagram, bool):
            return self.diagram
        return self.diagram.cells.at(text) is True  # type: ignore[arg-type]

    def on(self, axis: Axis, key: str = NO_KEY) -> Diagram:
        """The diagram that tests whether the text on this axis is in the set.

        Raises:
            ValueError: if an axis with many keys gets an empty one.
        """
        if axis in KEYED_AXES and not key:
            raise ValueError("a label without a key tells no pods apart")
        if isinstance(self.diagram, Node):
            return node((axis, key), self.diagram.cells)
        return self.diagram

    def on_always_present(self, axis: Axis) -> Diagram:
        """As `on`, for an axis that is never absent, where absence must not distinguish sets.

        Absence there follows the empty text, which every operation preserves.
        """
        return _always_present(self, axis)


@lru_cache(maxsize=1024)
def _always_present(names: TextSet, axis: Axis) -> Diagram:
    present = names & TextSet.present()
    return (present | TextSet.absent() if "" in present else present).on(axis)
