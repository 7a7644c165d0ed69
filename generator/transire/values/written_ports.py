"""Where the ports of a rule and of its destinations stand in the file, and what stands twice."""

from __future__ import annotations

from collections.abc import Iterator

from transire.model.net import PortRange
from transire.model.problems import Position
from transire.model.written_port import Repeated, WrittenPort
from transire.values.mapping_reader import Fields
from transire.yamlio import MappingNode, Node, ScalarNode, SequenceNode


def written_ports(fields: Fields) -> Iterator[WrittenPort]:
    """Every port that a rule lists, in the order of the file; what is none is left out here."""
    yield from _listed(_value(fields, "ports"), fields.at)
    to = _value(fields, "to")
    for node in to.items if isinstance(to, SequenceNode) else ():
        if isinstance(node, MappingNode) and "ports" in node.entries:
            yield from _listed(node.entries["ports"].value, node.at)


def repeated_names(fields: Fields) -> Iterator[Repeated]:
    """Every name that a list of the rule has already, in the order of the file."""
    for key in ("bundles", "environments", "clusters", "namespaces"):
        node = _value(fields, key)
        seen: set[str] = set()
        for each in node.items if isinstance(node, SequenceNode) else ():
            if isinstance(each, ScalarNode):
                if each.text in seen:
                    yield Repeated(key=key, text=each.text, at=each.at)
                seen.add(each.text)


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
