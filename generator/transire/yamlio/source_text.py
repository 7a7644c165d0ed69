"""Where the parts of an object stand in the text that it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import yaml


@dataclass(frozen=True, kw_only=True)
class SourceText:
    """The lines of one document, the first of which is line `first` of its file.

    `at` is the JSON pointer from the document to the object.
    """

    lines: Sequence[str]
    first: int
    at: str = ""

    def place(self, path: str) -> tuple[int, int]:
        """Line and column, from 1, of the key or item that a JSON pointer into the object names.

        Where the pointer leads to nothing, the last part on its way that is written.
        """
        root = self._root
        if root is None:
            return self.first, 1
        line, column = _place(root, f"{self.at}{path}")
        return self.first + line, column + 1

    @cached_property
    def _root(self) -> yaml.Node | None:
        try:
            found: yaml.Node | None = yaml.compose(
                "\n".join((*self.lines, "")), Loader=yaml.CSafeLoader
            )
        except yaml.YAMLError:
            return None
        return found


def _place(node: yaml.Node, path: str) -> tuple[int, int]:
    """Line and column, from 0."""
    mark = node.start_mark
    for step in path.split("/")[1:]:
        found = _below(node, step.replace("~1", "/").replace("~0", "~"))
        if found is None:
            break
        key, node = found
        mark = key.start_mark
    return mark.line, mark.column


def _below(node: yaml.Node, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    """What names the step, and what it leads to; of a key that stands twice, the last."""
    if isinstance(node, yaml.MappingNode):
        for key, value in reversed(node.value):
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        item = node.value[int(step)]
        return item, item
    return None
