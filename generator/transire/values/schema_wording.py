"""The terms in which messages describe structure: places, kinds of values, what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from transire.model.problems import Proposal
from transire.values.problem_collector import one_of, shown
from transire.values.proposals import slip_of
from transire.yamlio import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from jsonschema import ValidationError  # it takes a tenth of a short command to load

_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "object": "a map",
    "string": "text",
}
HOW = {
    "array": "write a list: [a, b], or a line with - for each item",
    "boolean": "write true or false",
    "integer": "write a whole number in plain digits",
    "object": "write a map: a line with key: value for each key",
    "string": "write text",
}
"""What to do about a value of the wrong kind."""


def what(error: ValidationError) -> str:
    """The place of the error: a key, an item of a list, or the file."""
    path = list(error.absolute_path)
    if not path:
        return "the file"
    if isinstance(path[-1], str):
        return shown(path[-1])
    above = next((each for each in reversed(path) if isinstance(each, str)), "")
    return f"item {path[-1] + 1} of {shown(above)}"


def kinds(wanted: Sequence[str]) -> str:
    """Kinds of JSON values as people call them."""
    return one_of([_KINDS[each] for each in wanted])


def kind_of(instance: object) -> str:
    """The kind of a JSON value, as schemas call it."""
    match instance:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def is_missing(node: Node) -> bool:
    """Whether nothing is written where a value should be."""
    return isinstance(node, ScalarNode) and node.plain and not node.text


def seen(node: Node) -> str:
    """What is there."""
    match node:
        case ScalarNode(text=text, plain=plain):
            return shown(text)[1:-1] if plain and text else shown(text)
        case SequenceNode():
            return "a list"
        case MappingNode():
            return "a map"


def quoted(node: Node) -> str:
    """What is there, text in quotation marks."""
    return shown(node.text) if isinstance(node, ScalarNode) else seen(node)


def clause(sentence: str) -> str:
    """The first sentence of a description, to go on after a colon: `Who.` gives `who`."""
    first = sentence.partition(". ")[0]
    return f"{first[:1].lower()}{first[1:]}".removesuffix(".")


def other_key(key: str, keys: Sequence[str], proposal: Proposal | None) -> str:
    """What to do about a key that is none of the known."""
    if spaced(key, keys):
        return spaced(key, keys)
    if proposal is not None:
        return f"write {proposal.text}"
    there = slip_of(key, keys)
    if there:
        return f"keep one of the two; {there} is there already"
    if len(keys) == 1:
        return f"the only key here is {keys[0]}"
    return f"the keys here are {one_of(list(keys), 'and')}"


def spaced(key: str, keys: Sequence[str]) -> str:
    """The advice for `cidr:10.0.0.0/8`, which YAML takes for one word; empty for other keys."""
    before, colon, after = key.partition(":")
    if colon and before in keys:
        return f"write {before}: {after}, with a space after the colon"
    return ""
