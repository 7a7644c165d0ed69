"""Proposals of help, applied to the text of a values file as a person would."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Proposal
from transire.yamlio import MappingNode, Node, ScalarNode, SequenceNode


def scalars(node: Node) -> Iterator[ScalarNode]:
    """Every scalar, keys among them, in the order of the file."""
    match node:
        case ScalarNode():
            yield node
        case SequenceNode(items=items):
            for item in items:
                yield from scalars(item)
        case MappingNode(entries=entries):
            for entry in entries.values():
                yield entry.key
                yield from scalars(entry.value)


def written(text: str, node: ScalarNode) -> tuple[int, int]:
    """Where a scalar of one line begins and ends in the text, quotes included."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: node.at.line - 1]) + node.at.column - 1
    if node.plain:
        return start, start + len(node.text)
    return start, text.index(text[start], start + 1) + 1


def replaced(text: str, node: ScalarNode, other: str) -> str:
    """The text with something else in the place of a scalar."""
    start, end = written(text, node)
    return text[:start] + other + text[end:]


def applied(text: str, root: Node, proposal: Proposal) -> str:
    """The text with the proposal in the place of the scalar that it is about."""
    node = next(each for each in scalars(root) if each.at == proposal.at)
    return replaced(text, node, proposal.text)
