"""Keys that stand twice in one mapping of a document.

Every reader here takes the last of them, and clients that validate strictly refuse the object.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from transire.k8s.typed_decoding import pointer

_MERGE = "<<"
"""A key that may stand twice: each takes another mapping in."""


def repeated_keys(text: str) -> tuple[str, ...]:
    """JSON pointers of the keys of a YAML document that stand twice, each once.

    Text that is not one document has none.
    """
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return ()
    return () if root is None else tuple(dict.fromkeys(_repeated(root, "", set())))


def _repeated(node: yaml.Node, at: str, seen: set[int]) -> Iterator[str]:
    """Those in a node; what an alias names again is looked at once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            yield from _repeated(item, f"{at}{pointer(place)}", seen)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else _MERGE
            here = f"{at}{pointer(name)}"
            if name in keys and name != _MERGE:
                yield here
            keys.add(name)
            yield from _repeated(value, here, seen)
