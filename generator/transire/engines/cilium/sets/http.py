"""HTTP rules as sets of requests."""

from __future__ import annotations

from collections.abc import Iterator

from transire.engines.cilium.objects.http_rules import http_rule
from transire.engines.cilium.sets.filters import Piece, give_up
from transire.flows.flow_set import Http


def requests(piece: Piece) -> Iterator[Http]:
    """The requests that an HTTP rule lets through.

    Raises:
        Unjudgeable: if it matches in a way that is not modelled.
    """
    for entry in piece.l7.http if piece.l7 else ():
        try:
            rule = http_rule(entry)
        except ValueError as error:
            give_up(piece.rule, str(error))
        yield Http(method=rule.method, path=rule.path, host=rule.host, headers=rule.headers)
