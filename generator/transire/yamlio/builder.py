"""From the parser's events to nodes, refusing on the way what a values file may not use."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from yaml import events as ev
from yaml._yaml import CParser

from transire.model.problems import Position, Problem, Rejected
from transire.yamlio.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from transire.yamlio.syntax import alias, position, token_at

MAX_DEPTH = 32
"""Deepest nesting of lists and maps."""

_MAX_PROBLEMS = 100


class Builder:
    """Builds the one document of a file; `problems` holds what it saw and may not be used.

    `original` is the text for messages.
    """

    def __init__(self, original: str, path: str) -> None:
        self.problems: list[Problem] = []
        self._original = original
        self._path = path

    def build(self, text: str) -> Node:
        """The nodes of the first document, complete where there are no problems.

        Raises:
            MarkedYAMLError: where the text is not YAML.
            Rejected: where it is nested too deeply, or has too many problems, to go on.
        """
        self._next = cast("Callable[[], ev.Event]", CParser(text).get_event)
        self._next()
        start = self._next()
        if isinstance(start, ev.StreamEndEvent):
            self._complain(Position(path=self._path), *_EMPTY)
            return _nothing(Position(path=self._path))
        self._check_directives(start)
        root = self._node(self._next(), depth=0)
        self._next()
        after = self._next()
        if not isinstance(after, ev.StreamEndEvent):
            self._complain(position(after.start_mark, self._path), *_SECOND)
        return root

    def _node(self, event: ev.Event, depth: int) -> Node:
        if isinstance(event, ev.ScalarEvent):
            return self._scalar(event)
        at = position(event.start_mark, self._path)
        if isinstance(event, ev.AliasEvent):
            self._refuse(alias(token_at(self._original, event.start_mark), at))
            return _nothing(at)
        self._check_properties(event, at)
        if depth == MAX_DEPTH:
            self._complain(at, *_DEEP)
            raise Rejected(self.problems)
        if isinstance(event, ev.SequenceStartEvent):
            return self._sequence(at, depth + 1)
        return self._mapping(at, depth + 1)

    def _scalar(self, event: ev.ScalarEvent) -> ScalarNode:
        at = position(event.start_mark, self._path)
        if event.anchor is not None or event.tag is not None:
            self._check_properties(event, at)
        return ScalarNode(text=event.value, plain=not event.style, at=at)

    def _sequence(self, at: Position, depth: int) -> SequenceNode:
        items: list[Node] = []
        event = self._next()
        while not isinstance(event, ev.SequenceEndEvent):
            items.append(self._node(event, depth))
            event = self._next()
        return SequenceNode(items=tuple(items), at=at)

    def _mapping(self, at: Position, depth: int) -> MappingNode:
        entries: dict[str, Entry] = {}
        event = self._next()
        while not isinstance(event, ev.MappingEndEvent):
            key = self._node(event, depth)
            value = self._node(self._next(), depth)
            if not isinstance(key, ScalarNode):
                kind = "list" if isinstance(key, SequenceNode) else "map"
                self._complain(key.at, "yaml-syntax", f"a {kind} stands in place of a key", _BRACES)
            elif self._is_new(key, entries):
                entries[key.text] = Entry(key=key, value=value)
            event = self._next()
        return MappingNode(entries=entries, at=at)

    def _is_new(self, key: ScalarNode, entries: dict[str, Entry]) -> bool:
        if key.plain and key.text == "<<":
            self._complain(key.at, *_MERGE)
            return False
        first = entries.get(key.text)
        if first is not None:
            where = f"line {first.key.at.line}, column {first.key.at.column}"
            self._complain(
                key.at,
                "duplicate-key",
                f"the key {key.text!r} is already at {where}",
                "keep one of the two",
            )
        return first is None

    def _check_properties(self, event: ev.Event, at: Position) -> None:
        written = token_at(self._original, event.start_mark)
        if getattr(event, "anchor", None) is not None:
            self._refuse(alias(written, at))
        elif getattr(event, "tag", None) is not None:
            self._complain(
                at,
                "yaml-tag",
                f"{written!r} is a tag in YAML, and tags are not read",
                "remove it, or put the value in double quotes if it is text",
            )

    def _check_directives(self, start: ev.Event) -> None:
        if getattr(start, "version", None) or getattr(start, "tags", None):
            self._complain(position(start.start_mark, self._path), *_DIRECTIVE)

    def _complain(self, at: Position, id: str, message: str, help: str) -> None:  # noqa: A002 - the field
        self._refuse(Problem(at=at, id=id, message=message, help=help))

    def _refuse(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) == _MAX_PROBLEMS:
            raise Rejected(self.problems)


def _nothing(at: Position) -> ScalarNode:
    return ScalarNode(text="", plain=True, at=at)


_BRACES = "put text with braces or brackets in double quotes, or write key: value"
_EMPTY = ("empty-file", "the file is empty", "write apiVersion and kind first, or remove the file")
_SECOND = ("yaml-documents", "a second document starts here", "write one document in one file")
_DEEP = (
    "too-deep",
    f"lists and maps are nested more than {MAX_DEPTH} deep",
    "no values file needs that; check brackets and indentation",
)
_MERGE = (
    "yaml-alias",
    "'<<' merges another map into this one, and that is not read",
    "write the keys out",
)
_DIRECTIVE = (
    "yaml-directive",
    "a directive changes how the file is read",
    "remove the lines that start with %",
)
