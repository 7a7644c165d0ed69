"""Where parts of a values file stand in its text, so that lines can be added and nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from transire.model.problems import Position, Problem, Rejected

BY_HAND = "edit the file by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where lines go into a text: behind line `line`, which ends at `index`, with an indent."""

    index: int
    line: int
    indent: int

    def insert(self, text: str, lines: Sequence[str]) -> str:
        """The text with the lines in that place."""
        added = "".join(f"\n{each}" for each in lines)
        rest = text[self.index :] or "\n"
        return f"{text[: self.index]}{added}{rest}"


def place_for_rules(text: str, path: str) -> Place:
    """Where rules are added to a file, as items of `egress`.

    Raises:
        Rejected: if the file has no rules, or has them in one line.
    """
    rules = child(compose(text, path), "egress")
    if not isinstance(rules, SequenceNode) or not rules.value or rules.flow_style:
        raise rejected(path, "cannot-edit", "the file has no list of rules under egress", BY_HAND)
    last = rules.value[-1]
    return _behind(text, last, last.start_mark.column - 2)


def place_for_namespace(text: str, path: str, name: str, cluster: str) -> Place | None:
    """Where a namespace is added to a file; None where the file has it on the cluster.

    Raises:
        Rejected: if the file has the namespace on other clusters, or all of them in one line.
    """
    spaces = child(compose(text, path), "namespaces")
    if not isinstance(spaces, MappingNode) or not spaces.value or spaces.flow_style:
        raise rejected(path, "cannot-edit", "the file has no map of namespaces", BY_HAND)
    found = child(spaces, name)
    if found is not None:
        if cluster in _clusters(found):
            return None
        what = f"the file has namespace {name} on other clusters than {cluster}"
        raise rejected(path, "cannot-edit", what, f"add {cluster} to it by hand")
    key, last = spaces.value[-1]
    return _behind(text, last, key.start_mark.column)


def place_for_cluster(text: str, path: str) -> Place:
    """Where a cluster is added to the platform's file.

    Raises:
        Rejected: if the file has its clusters in one line.
    """
    clusters = child(compose(text, path), "clusters")
    if not isinstance(clusters, MappingNode) or not clusters.value or clusters.flow_style:
        raise rejected(path, "cannot-edit", "the file has no map of clusters", BY_HAND)
    key, last = clusters.value[-1]
    return _behind(text, last, key.start_mark.column)


def _clusters(node: Node) -> set[str]:
    """The clusters of a namespace, in any of the forms that a file may have."""
    named = child(node, "clusters") or node
    if isinstance(named, SequenceNode):
        return {text_of(each) for each in named.value}
    if isinstance(named, MappingNode):
        return {text_of(key) for key, _ in named.value}
    return set()


def _behind(text: str, node: Node, indent: int) -> Place:
    end = line_end(text, end_of(node))
    return Place(index=end, line=text.count("\n", 0, end) + 1, indent=indent)


def compose(text: str, path: str) -> Node:
    """The root of a values file.

    Raises:
        Rejected: if the text is not YAML, or no mapping.
    """
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(StringIO(text))
    except YAMLError as error:
        raise rejected(path, "yaml-syntax", "the file is not YAML", "run transire check") from error
    if not isinstance(node, MappingNode):
        raise rejected(path, "cannot-edit", "the file is not a mapping", "run transire check")
    return node


def child(node: Node, key: str) -> Node | None:
    """What a key of a mapping leads to, or None."""
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if text_of(name) == key), None)


def text_of(node: Node | None) -> str:
    """The text of a scalar; empty for anything else."""
    return str(node.value) if isinstance(node, ScalarNode) else ""


def end_of(node: Node) -> int:
    """Where the last character of the node stands; block nodes end with their last child."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return end_of(node.value[-1][1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return end_of(node.value[-1])
    index: int = node.end_mark.index
    return index


def line_end(text: str, index: int) -> int:
    """Where the line that holds a position ends."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def problem(path: str, rule: str, message: str, help: str) -> Problem:  # noqa: A002 - the field
    """A problem of a file as a whole."""
    return Problem(at=Position(path=path), id=rule, message=message, help=help)


def rejected(path: str, rule: str, message: str, help: str) -> Rejected:  # noqa: A002
    """The error with one problem."""
    return Rejected([problem(path, rule, message, help)])
