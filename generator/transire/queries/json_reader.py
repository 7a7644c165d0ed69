"""JSON objects that people write for us, checked field by field.

Every mistake of a file is gathered, so that one run shows them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn

from transire.model.problems import Position, Problem, Rejected, value_wording

_MISSING = object()
_STRING = "write a string in double quotes"
_OBJECT = "write an object, { ... }"
_VALUE = "write one JSON value without comments"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""A character beyond the first 65,536 is written as two of these."""


def json_document(text: str, *, at: Position, rule: str) -> object:
    """What a JSON text holds; a key written twice and numbers outside JSON are mistakes.

    Args:
        text: the JSON text.
        at: the file, or the line in it, that the text came from.
        rule: the id that a problem carries.

    Raises:
        Rejected: with one problem, if the text is not JSON.
    """
    try:
        document: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        line = (at.line or 1) + error.lineno - 1
        where = Position(path=at.path, line=line, column=error.colno)
        raise _rejected(where, rule, f"this is not JSON: {error.msg.lower()}") from error
    except ValueError as error:
        raise _rejected(at, rule, f"this is not JSON: {error}") from error
    except RecursionError as error:
        raise _rejected(at, rule, "this JSON is nested too deeply") from error
    if _HALF.search(text):
        _refuse_halves(document, at, rule)
    return document


def _refuse_halves(document: object, at: Position, rule: str) -> None:
    """No output could hold such a text."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])[1:-1]
        help_ = "write both halves, or the character itself"
        raise _rejected(at, rule, f"a string holds {half}, half a character", help_) from error


def _rejected(at: Position, rule: str, message: str, help_: str = _VALUE) -> Rejected:
    return Rejected([Problem(at=at, id=rule, message=message, help=help_)])


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key!r} is written twice")
            seen.add(key)
    return fields


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_not_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One JSON object under check; `where` is its place in the file, such as `pods[3]`."""

    at: Position
    rule: str
    where: str
    fields: Mapping[str, object]
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, document: object, *, at: Position, rule: str) -> Form:
        """The form of a whole file.

        Raises:
            Rejected: if the file holds something else than an object.
        """
        if isinstance(document, dict):
            return cls(at=at, rule=rule, where="", fields=document)
        message = f"the file holds {value_wording(document)} where a JSON object belongs"
        help_ = "write { ... } with the documented keys"
        raise Rejected([Problem(at=at, id=rule, message=message, help=help_)])

    def place(self, key: str) -> str:
        """Where a field of this object stands in the file."""
        return f"{self.where}.{key}" if self.where else key

    def wrong(self, key: str, message: str, help_: str) -> None:
        """Note a mistake of one field."""
        text = f"{self.place(key)} {message}"
        self.problems.append(Problem(at=self.at, id=self.rule, message=text, help=help_))

    def known(self, *keys: str) -> None:
        """Note every key that is not one of these."""
        for key in sorted([key for key in self.fields if key not in keys]):
            self.wrong(key, "is not a known key", f"the keys here are {', '.join(keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default the field must be there and not be empty."""
        value = self.fields.get(key, _MISSING)
        if isinstance(value, str) and (value or default is not None):
            return value
        if value is _MISSING and default is not None:
            return default
        if value is _MISSING or value == "":
            self.wrong(key, "is missing", "write a string that is not empty")
        else:
            self.wrong(key, f"is {value_wording(value)}", _STRING)
        return default or ""

    def number(self, key: str, *, lowest: int, highest: int) -> int:
        """A whole number in a range; it must be there."""
        value = self.fields.get(key)
        if type(value) is int and lowest <= value <= highest:
            return value
        problem = f"is {value_wording(value)}" if key in self.fields else "is missing"
        self.wrong(key, problem, f"write a whole number from {lowest} to {highest}")
        return lowest

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.fields.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, f"is {value_wording(value)}", "write true or false")
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty when left out."""
        found = []
        for number, value in enumerate(self._list(key)):
            if isinstance(value, str):
                found.append(value)
            else:
                self.wrong(f"{key}[{number}]", f"is {value_wording(value)}", _STRING)
        return tuple(found)

    def labels(self, key: str = "") -> Mapping[str, str]:
        """A mapping of strings to strings, empty when left out; without a key, this object."""
        fields = self._mapping(key) if key else self.fields
        found = {}
        for name, value in fields.items():
            if isinstance(value, str):
                found[name] = value
            else:
                self.wrong(f"{key}.{name}" if key else name, f"is {value_wording(value)}", _STRING)
        return MappingProxyType(found)

    def inner(self, key: str) -> Form:
        """The object in a field, empty when left out."""
        return self._form(key, self._mapping(key))

    def forms(self, key: str) -> tuple[Form, ...]:
        """The objects of a list, empty when left out."""
        found = []
        for number, value in enumerate(self._list(key)):
            name = f"{key}[{number}]"
            if isinstance(value, dict):
                found.append(self._form(name, value))
            else:
                self.wrong(name, f"is {value_wording(value)}", _OBJECT)
        return tuple(found)

    def named_forms(self, key: str) -> Mapping[str, Form]:
        """The objects of a mapping by name, empty when left out."""
        found = {}
        for name, value in self._mapping(key).items():
            if isinstance(value, dict):
                found[name] = self._form(f"{key}.{name}", value)
            else:
                self.wrong(f"{key}.{name}", f"is {value_wording(value)}", _OBJECT)
        return found

    def done(self) -> None:
        """Stop if anything was wrong.

        Raises:
            Rejected: with every mistake noted in the file.
        """
        if self.problems:
            raise Rejected(self.problems)

    def _form(self, name: str, fields: Mapping[str, object]) -> Form:
        return Form(
            at=self.at,
            rule=self.rule,
            where=self.place(name),
            fields=fields,
            problems=self.problems,
        )

    def _list(self, key: str) -> list[object]:
        value = self.fields.get(key, [])
        if isinstance(value, list):
            return value
        self.wrong(key, f"is {value_wording(value)}", "write a list, [ ... ]")
        return []

    def _mapping(self, key: str) -> Mapping[str, object]:
        value = self.fields.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, f"is {value_wording(value)}", _OBJECT)
        return {}
