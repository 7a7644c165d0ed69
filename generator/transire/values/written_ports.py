"""Where the ports of a rule and of its destinations stand in the file."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.net import PortRange
from transire.model.problems import Position
from transire.model.written_port import WrittenPort
from transire.values.mapping_reader import Fields
from transire.yamlio import MappingNode, Node, ScalarNode, SequenceNode


def written_ports(fields: Fields) -> Iterator[WrittenPort]:
    """Every port that a rule lists, in the order of the file; what is none is left out here."""
    yield from _listed(_value(fields, "ports"), fields.at)
    to = _value(fields, "to")
    for node in to.items if isinstance(to, SequenceNode) else ():
        if isinstance(node, MappingNode) and "ports" in node.entries:
            yield from _listed(node.entries["ports"].value, node.at)


def _value(fields: Fields, key: str) -> Node | None:
    entry = fields.entry(key)
    return None if entry is None else entry.value


def _listed(node: Node | None, owner: Position) -> Iterator[WrittenPort]:
    for each in node.items if isinstance(node, SequenceNode) else ():
        port = _port(each)
        if port is not None:
            yield WrittenPort(port=port, at=each.at, owner=owner)


def _port(node: Node) -> PortRange | None:
    """The port of an item; None where reading the rule reports it."""
    try:
        return PortRange.parse(node.text) if isinstance(node, ScalarNode) else None
    except ValueError:
        return None
