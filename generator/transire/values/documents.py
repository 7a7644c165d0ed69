"""One file as a YAML document, with what is wrong with its structure."""

from __future__ import annotations

from dataclasses import dataclass

from transire.model.problems import Rejected
from transire.values.corrections import corrected
from transire.values.problem_collector import ProblemCollector
from transire.values.schemas import ValuesKind, is_sound, mistakes
from transire.yamlio import Document, read

_DEEPEST = 8
"""Keys below keys in any file of ours, with room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A document as it is to be read, and whether its schema takes it as it is written.

    Where it does not, slips of the pen are corrected in the document, so that what they hide is
    looked at, too.
    """

    document: Document
    sound: bool


def read_document(
    content: bytes, path: str, kind: ValuesKind, collector: ProblemCollector
) -> Read | None:
    """The document where it is YAML; what is wrong with it is noted."""
    try:
        document = read(content, path)
    except Rejected as rejected:
        collector.problems.extend(rejected.problems)
        return None
    if is_sound(document, kind):
        return Read(document=document, sound=True)
    for _ in range(_DEEPEST):  # what a slip hides may hold one, too
        found = mistakes(document, kind)
        slips = [each for each in found if each.proposal is not None]
        collector.problems.extend(slips)
        if not slips:
            break
        document = corrected(document, slips)
    collector.problems.extend(mistakes(document, kind))
    return Read(document=document, sound=False)
