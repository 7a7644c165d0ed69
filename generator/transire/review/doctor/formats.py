"""Causes as text and JSON; `doctor.schema.json`, beside this file, is the shape of the latter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from transire.model.problems import printable
from transire.review.doctor.findings import Cause, Diagnosed

SCHEMA = "transire.doctor/1"
"""The shape of the JSON and its version; it grows when a key changes its meaning or goes away."""


def as_text(found: Diagnosed) -> str:
    """Causes in their order, each with its evidence and what mends it; then what was not seen."""
    return "".join(f"{printable(line)}\n" for line in _lines(found))


def _lines(found: Diagnosed) -> Iterator[str]:
    for place, cause in enumerate(found.causes, 1):
        yield from _cause(place, cause)
    for each in found.unseen:
        yield f"not seen: {each.what}"
        yield f"  run: {each.command}"
    if not found.causes:
        yield "no cause was found" if found.judged else "nothing could be judged"


def _cause(place: int, cause: Cause) -> Iterator[str]:
    yield f"{place}. {cause.text} ({cause.id})"
    for each in cause.evidence:
        yield f"   {each.file} {each.at}: {each.shows}"
    yield f"   fix: {cause.fix}"


def as_json(found: Diagnosed) -> str:
    """The JSON document, with a newline at its end."""
    document = {
        "schema": SCHEMA,
        "causes": [
            {
                "id": each.id,
                "text": each.text,
                "evidence": [
                    {"file": one.file, "at": one.at, "shows": one.shows} for one in each.evidence
                ],
                "fix": each.fix,
            }
            for each in found.causes
        ],
        "unseen": [{"what": each.what, "command": each.command} for each in found.unseen],
    }
    return json.dumps(document, indent=2) + "\n"


DOCTOR_FORMATS: Mapping[str, Callable[[Diagnosed], str]] = MappingProxyType(
    {"text": as_text, "json": as_json}
)
"""How causes are shown, by the name that `--format` takes."""
