"""YAML in, with positions and without guesses; YAML out, with stable bytes."""

from transire.yamlio.writer import Tree, write

__all__ = ["Tree", "write"]
