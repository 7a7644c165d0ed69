"""The correction that help proposes, made in the nodes, so that what else is wrong shows as well.

A run with such a mistake fails in any case; nothing is ever generated from a corrected file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from transire.model.problems import Change, Position, Problem
from transire.yamlio import Document, Entry, MappingNode, Node, ScalarNode, SequenceNode


def corrected(document: Document, problems: Iterable[Problem]) -> Document:
    """The document with every word that is proposed, in the place of what it is about."""
    proposals = (each.proposal for each in problems)
    words = {each.at: each.text for each in proposals if each and each.change is Change.SCALAR}
    return replace(document, root=_node(document.root, words)) if words else document


def _node(node: Node, words: Mapping[Position, str]) -> Node:
    match node:
        case ScalarNode():
            return _scalar(node, words)
        case SequenceNode(items=items):
            return replace(node, items=tuple(_node(each, words) for each in items))
        case MappingNode(entries=entries):
            renamed: dict[str, Entry] = {}
            for entry in entries.values():
                key = _scalar(entry.key, words)
                renamed.setdefault(key.text, Entry(key=key, value=_node(entry.value, words)))
            return replace(node, entries=renamed)


def _scalar(node: ScalarNode, words: Mapping[Position, str]) -> ScalarNode:
    return replace(node, text=words[node.at]) if node.at in words else node
