"""What of a diff fits into a comment: the riskiest lines of all targets, whatever is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transire.review.diff.risk_level import RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A text that is shown or left out as one, in bytes with its line break, and its risk."""

    size: int
    risk: RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What belongs to one heading: `frame` is shown before any of the rows can be."""

    frame: Piece
    rows: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """For every block the numbers of its rows that fit, None where not even its frame does."""

    rows: tuple[frozenset[int] | None, ...]
    left: int

    def without(self, blocks: Sequence[Block]) -> Iterator[RiskLevel]:
        """The risks of the rows that are left out of blocks that are shown."""
        for block, shown in zip(blocks, self.rows, strict=True):
            if shown is not None:
                yield from (row.risk for n, row in enumerate(block.rows) if n not in shown)


def choose(blocks: Sequence[Block], room: int) -> Chosen:
    """The rows that fit into so many bytes, by risk and then in their order.

    Once something is left out, nothing of a lower risk is shown.
    """
    found: list[set[int] | None] = [None] * len(blocks)
    lowest = min(each.rank for each in RiskLevel)
    for rank, place, number in _riskiest_first(blocks):
        if rank < lowest:
            break
        rows, block = found[place], blocks[place]
        piece = block.frame if number < 0 else block.rows[number]
        if piece.size > room or (number >= 0 and rows is None):
            lowest = rank
            continue
        room -= piece.size
        if rows is None:
            found[place] = set()
        else:
            rows.add(number)
    return Chosen(
        rows=tuple(None if each is None else frozenset(each) for each in found), left=room
    )


def _riskiest_first(blocks: Sequence[Block]) -> list[tuple[int, int, int]]:
    """Rank, place and number of each piece, where -1 is the frame, in the order of choice."""
    pieces = (
        (each.risk.rank, place, number)
        for place, block in enumerate(blocks)
        for number, each in enumerate((block.frame, *block.rows), -1)
    )
    return sorted(pieces, key=lambda piece: (-piece[0], *piece[1:]))


def by_risk(risks: Iterable[RiskLevel]) -> str:
    """How many there are of each risk, such as `2 of medium risk, 1 with no risk seen`."""
    counts = Counter(risks)
    return ", ".join(
        f"{counts[each]} with no risk seen"
        if each is RiskLevel.NONE
        else f"{counts[each]} of {each} risk"
        for each in reversed(RiskLevel)
        if counts[each]
    )
