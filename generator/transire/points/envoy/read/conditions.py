"""Conditions on one text of a request: as a set, and for one text at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable
from transire.points.envoy.read.tree import Branch


class Form(StrEnum):
    """How a text is compared, by the words of Envoy."""

    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "safe_regex"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A text, the beginning of one, or a regular expression for all of it."""

    form: Form
    text: str

    @property
    def texts(self) -> TextSet:
        """The texts that meet it.

        Raises:
            Unjudgeable: for an expression that is not modelled.
        """
        match self.form:
            case Form.EXACT:
                return TextSet.of([self.text])
            case Form.PREFIX:
                return TextSet.starting(self.text)
            case Form.REGEX:
                return TextSet.matching(self.text)

    def holds(self, text: str) -> bool:
        """Whether one text meets it; only of an expression that is modelled."""
        match self.form:
            case Form.EXACT:
                return text == self.text
            case Form.PREFIX:
                return text.startswith(self.text)
            case Form.REGEX:
                return re.fullmatch(self.text, text) is not None


def header_condition(header: Branch) -> Condition | None:
    """The condition of a header matcher; None, noted, where it is of another form."""
    matcher = header.fields(("name", "string_match")).get("string_match")
    if matcher is None:
        header.note("a header without string_match is not modelled")
        return None
    fields = matcher.fields((Form.EXACT.value, Form.REGEX.value))
    if len(fields) != 1:
        matcher.note("one text or expression belongs here")
        return None
    if Form.EXACT in fields:
        return Condition(form=Form.EXACT, text=fields[Form.EXACT].text())
    return regex_condition(fields[Form.REGEX])


def regex_condition(matcher: Branch) -> Condition | None:
    """The condition of a regular expression; None, noted, where there is none."""
    expression = matcher.fields(("regex",)).get("regex")
    if expression is None:
        matcher.note("there is no expression")
        return None
    return Condition(form=Form.REGEX, text=expression.text())


def judged(condition: Condition | None, where: Branch) -> Condition | None:
    """The condition if its texts are known; None, noted, where they are not."""
    if condition is None:
        return None
    try:
        known = condition.texts
    except Unjudgeable as error:
        where.note(f"{error.key}: {error.why}")
        return None
    return condition if known is not None else None
