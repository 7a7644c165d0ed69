"""Exact sets of host names: regular languages over labels, read from the right.

A name is a sequence of labels over `-0-9a-z_`, in lower case and without a trailing dot, at most
127 of them; the limits of 63 characters a label and 253 a name are not modelled. The root of the
DNS is the name without labels, written ``.``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Self

from transire.model.choices import Choice
from transire.model.diagram import Diagram, node
from transire.model.exact import ExactSet
from transire.model.variables import MOST_LABELS, Axis

_NAME = re.compile(r"[-a-z0-9_]+(\.[-a-z0-9_]+)*")


class Wild(Enum):
    """What may stand for characters in a pattern, with one meaning for all engines."""

    CHARS = "*"
    """Zero or more characters of one label, never a dot."""
    LABEL = "one label"
    """Exactly one whole label."""
    LABELS = "**"
    """One or more whole labels."""


def labels_of(name: str) -> tuple[str, ...]:
    """The labels of a name from the right; none for the root, written ``.``.

    Raises:
        ValueError: if it is not a name in lower case without a trailing dot.
    """
    if name == ".":
        return ()
    if _NAME.fullmatch(name) is None or name.count(".") >= MOST_LABELS:
        raise ValueError(f"{name!r} is not a host name in lower case without a trailing dot")
    return tuple(reversed(name.split(".")))


class HostSet(ExactSet):
    """A set of host names, with or without the root of the DNS."""

    __slots__ = ()

    @classmethod
    def everything(cls) -> Self:
        """Every name of one or more labels; the root is not among them."""
        return cls(diagram=node((Axis.HOST, 1), Choice(True, {None: False})))

    @classmethod
    def root(cls) -> Self:
        """The root of the DNS alone; only a DNS question can name it."""
        return cls(diagram=node((Axis.HOST, 1), Choice(False, {None: True})))

    @classmethod
    def exact(cls, names: Iterable[str]) -> Self:
        """Exactly these names.

        Raises:
            ValueError: if one is not a name in lower case without a trailing dot.
        """
        tree: _Tree = {}
        for name in names:
            branch = tree
            for label in labels_of(name):
                branch = branch.setdefault(label, {})
            branch[None] = {}
        return cls(diagram=_trie(tree, 1))

    @classmethod
    def pattern(cls, parts: Sequence[str | Wild]) -> Self:
        """The names that a pattern stands for: literal text, dots included, and wildcards.

        `HostSet.pattern([Wild.LABELS, ".example.com"])` is every name below example.com, and
        `["s3-", Wild.CHARS, ".example.com"]` those one below that start with `s3-`. A label of
        nothing but `CHARS` is one label, since labels are never empty.

        Raises:
            ValueError: if a label is empty, has other characters, or `LABEL` or `LABELS` is only
                part of one.
            Unjudgeable: if the pattern is too intricate.
        """
        raise NotImplementedError

    def __contains__(self, name: str) -> bool:
        labels: list[str | None] = [*labels_of(name), None]
        at = self.diagram
        while not isinstance(at, bool):
            at = at.cells.at(labels[at.variable[1] - 1])  # type: ignore[operator, arg-type]
        return at


_Tree = dict[str | None, "_Tree"]


def _trie(tree: _Tree, place: int) -> Diagram:
    return node(
        (Axis.HOST, place),
        Choice(
            False,
            {
                label: True if label is None else _trie(below, place + 1)
                for label, below in tree.items()
            },
        ),
    )
