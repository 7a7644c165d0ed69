"""The part of YAML that every reader reads alike, for machines without the SDK."""

from __future__ import annotations

from transire import yamlio
from transire.helm.documents import Document
from transire.model.problems import Unjudgeable


def read(document: Document) -> yamlio.Plain:
    """What the document holds, as JSON has it.

    Raises:
        Rejected: if it is not YAML, or uses anchors, tags, duplicate keys and the like.
        Unjudgeable: for a scalar that YAML readers take for different things.
    """
    root = yamlio.read(document.in_place, document.at.path).root
    _refuse_disputed(root, document, "")
    return yamlio.plain(root)


def _refuse_disputed(node: yamlio.Node, document: Document, pointer: str) -> None:
    match node:
        case yamlio.ScalarNode(plain=True):
            taken = yamlio.taken_for(node.text)
            if taken and isinstance(yamlio.plain(node), str):
                why = f"{node.text!r} is text or {taken}, depending on the reader"
                raise Unjudgeable(str(node.at), pointer or "/", f"{why}; write it in quotes")
        case yamlio.SequenceNode(items=items):
            for place, item in enumerate(items):
                _refuse_disputed(item, document, f"{pointer}/{place}")
        case yamlio.MappingNode(entries=entries):
            for key, entry in entries.items():
                step = key.replace("~", "~0").replace("/", "~1")
                _refuse_disputed(entry.key, document, f"{pointer}/{step}")
                _refuse_disputed(entry.value, document, f"{pointer}/{step}")
