"""Selectors as alternatives of plain demands: a disjunction of conjunctions."""

from __future__ import annotations

from dataclasses import dataclass

from transire.engines.calico.objects.selector import (
    AllOf,
    AnyOf,
    Everything,
    Global,
    Has,
    HasPart,
    Not,
    OneOf,
    Selector,
)

MOST = 16
"""Alternatives that a selector may come to."""


class TooManyFormsError(Exception):
    """A selector comes to more alternatives than anybody would write down."""


@dataclass(frozen=True, slots=True)
class Literal:
    """One demand on one label; `values` is None where it only asks whether the label is there.

    `is_part`: it asks for a part of the value, which is not kept. A negated demand is also met
    where the label is absent.
    """

    key: str
    values: frozenset[str] | None
    negated: bool = False
    is_part: bool = False


Form = tuple[Literal, ...]


def conjunctions(selector: Selector) -> tuple[Form, ...]:
    """The alternatives; none of them selects nothing, and an empty one selects everything.

    Raises:
        TooManyFormsError: if there are more than `MOST`.
    """
    return _forms(selector, negated=False)


def _forms(selector: Selector, *, negated: bool) -> tuple[Form, ...]:
    match selector:
        case Everything() | Global():
            return () if negated else ((),)
        case Not(inner):
            return _forms(inner, negated=not negated)
        case AllOf(parts):
            return _any(parts, negated=True) if negated else _all(parts, negated=False)
        case AnyOf(parts):
            return _all(parts, negated=True) if negated else _any(parts, negated=False)
        case Has(key):
            return ((Literal(key, None, negated),),)
        case OneOf(key, values):
            if not values:
                return ((),) if negated else ()
            return ((Literal(key, values, negated),),)
        case HasPart(key, _, _):
            return ((Literal(key, None, negated, is_part=True),),)


def _any(parts: tuple[Selector, ...], *, negated: bool) -> tuple[Form, ...]:
    return _few(tuple(form for each in parts for form in _forms(each, negated=negated)))


def _all(parts: tuple[Selector, ...], *, negated: bool) -> tuple[Form, ...]:
    found: tuple[Form, ...] = ((),)
    for each in parts:
        more = _forms(each, negated=negated)
        found = _few(tuple(one + other for one in found for other in more))
    return found


def _few(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    if len(forms) > MOST:
        raise TooManyFormsError
    return forms
