"""HTTP rules as sets of requests.

Source: `getHTTPRule` in `pkg/envoy`: method, path and host are expressions that match from end to
end, a header is there, or has exactly the value after the first space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transire.engines.cilium.sets.filters import Piece, give_up
from transire.flows.flow_set import Http
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable


def requests(piece: Piece) -> Iterator[Http]:
    """The requests that an HTTP rule lets through.

    Raises:
        Unjudgeable: if it matches in a way that is not modelled.
    """
    for entry in piece.l7.http if piece.l7 else ():
        if entry.get("headerMatches"):
            give_up(piece.rule, "headerMatches are not modelled")
        yield Http(
            method=_expression(piece, entry, "method"),
            path=_expression(piece, entry, "path"),
            host=_expression(piece, entry, "host"),
            headers=_headers(piece, entry),
        )


def _expression(piece: Piece, entry: Mapping[str, Any], key: str) -> TextSet | None:
    if not entry.get(key):
        return None
    try:
        return TextSet.matching(entry[key])
    except Unjudgeable as error:
        give_up(piece.rule, f"the {key} {entry[key][:80]!r} is not modelled: {error.why}")


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
