"""Proposals of help, applied to the text of a values file as a person would."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.problems import Change, Proposal
from transire.yamlio import (
    MappingNode,
    Node,
    Plain,
    ScalarNode,
    SequenceNode,
    YamlTree,
    plain,
    read,
    write,
)


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


def changed(text: str, proposal: Proposal) -> str:
    """The file after any proposal was followed; only what it holds is kept, not its layout."""
    root = read(text, proposal.at.path).root
    if proposal.change is Change.SCALAR:
        return applied(text, root, proposal)
    found: list[Node] = []
    after = write(_followed(root, proposal, found))
    if len(found) != 1:
        raise AssertionError(f"{proposal} is about {len(found)} places")
    return after


def _followed(node: Node, proposal: Proposal, found: list[Node]) -> YamlTree:
    match node:
        case SequenceNode(items=items):
            return [each for item in items for each in _items(item, proposal, found)]
        case MappingNode(entries=entries, at=at):
            tree: dict[str, YamlTree] = {
                key: _followed(entry.value, proposal, found) for key, entry in entries.items()
            }
            if proposal.change is Change.KEY and at == proposal.at:
                found.append(node)
                tree.pop(proposal.key, None)
                if proposal.text:
                    tree[proposal.key] = _tree(proposal.text)
            return tree
        case ScalarNode():
            return _as_tree(plain(node))


def _items(item: Node, proposal: Proposal, found: list[Node]) -> list[YamlTree]:
    if proposal.change is not Change.ITEM or item.at != proposal.at:
        return [_followed(item, proposal, found)]
    found.append(item)
    written = _tree(f"[{proposal.text}]")
    assert isinstance(written, list)
    return written


def _tree(text: str) -> YamlTree:
    return _as_tree(plain(read(text, "proposal").root))


def _as_tree(value: Plain) -> YamlTree:
    match value:
        case None:
            return ""
        case list():
            return [_as_tree(each) for each in value]
        case dict():
            return {key: _as_tree(each) for key, each in value.items()}
        case _:
            return value
