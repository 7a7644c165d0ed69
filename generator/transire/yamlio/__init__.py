"""YAML in, with positions and without guesses; YAML out, with stable bytes."""

from transire.yamlio.nodes import (
    Entry,
    MappingNode,
    Node,
    Plain,
    ScalarNode,
    SequenceNode,
    at_path,
    plain,
    taken_for,
)
from transire.yamlio.reader import MAX_BYTES, Document, read, too_large
from transire.yamlio.source_text import SourceText
from transire.yamlio.writer import Block, YamlTree, write

__all__ = [
    "MAX_BYTES",
    "Block",
    "Document",
    "Entry",
    "MappingNode",
    "Node",
    "Plain",
    "ScalarNode",
    "SequenceNode",
    "SourceText",
    "YamlTree",
    "at_path",
    "plain",
    "read",
    "taken_for",
    "too_large",
    "write",
]
