"""HTTP rules as sets of requests.

Source: `getHTTPRule` in `pkg/envoy`: method, path and host are expressions that match from end to
end, a header is there, or has exactly the value after the first space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transire.engines.cilium.evaluator_filters import Piece, give_up
from transire.model.flows import Http
from transire.model.texts import TextSet


def requests(piece: Piece) -> Iterator[Http]:
    """The requests that an HTTP rule lets through.

    Raises:
        Unjudgeable: if it matches in a way that is not modelled.
    """
    for entry in piece.l7.http if piece.l7 else ():
        if entry.get("headerMatches"):
            give_up(piece.rule, "headerMatches are not modelled")
        yield Http(
            method=_expression(entry, "method"),
            path=_expression(entry, "path"),
            host=_expression(entry, "host"),
            headers=_headers(piece, entry),
        )


def _expression(entry: Mapping[str, Any], key: str) -> TextSet | None:
    return TextSet.matching(entry[key]) if entry.get(key) else None


def _headers(piece: Piece, entry: Mapping[str, Any]) -> dict[str, TextSet]:
    found: dict[str, TextSet] = {}
    for text in entry.get("headers", ()):
        name, space, value = text.partition(" ")
        name = (name.rstrip(":") if space else name).lower()
        if not name or name.startswith(":"):
            give_up(piece.rule, f"the header {text[:80]!r} is not modelled")
        wanted = TextSet.of([value]) if space else TextSet.present()
        found[name] = found.get(name, TextSet.everything()) & wanted
    return found
