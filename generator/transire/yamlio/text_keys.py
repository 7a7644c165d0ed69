"""Whether a document is YAML as people mean it."""

from __future__ import annotations

import yaml


def is_plain_yaml(text: str) -> bool:
    """Whether a document is YAML with texts for keys; braces of Helm may look like maps."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    return root is None or _has_plain_keys(root)


def _has_plain_keys(root: yaml.Node) -> bool:
    rest, seen = [root], set[int]()
    while rest:
        node = rest.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            rest += node.value
        elif isinstance(node, yaml.MappingNode):
            if not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
                return False
            rest += [value for _, value in node.value]
    return True
