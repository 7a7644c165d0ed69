"""Values of a vendor's JSON file, each with its place in it, such as `prefixes[3].region`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, TypeVar

from transire.model.names import HostPattern
from transire.model.net import Network, parse_cidr
from transire.model.problems import Position, Problem, Rejected, value_wording
from transire.queries.json_reader import json_document

Made = TypeVar("Made")

ID = "vendor-file"
HELP = "fetch the file again, whole; where the vendor changed its form, report that to transire"


def refused(at: Position, message: str) -> Rejected:
    """The error about a vendor's file."""
    return Rejected([Problem(at=at, id=ID, message=message, help=HELP)])


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPlace:
    """One value and its place; whatever is asked of it that it is not raises `Rejected`."""

    at: Position
    where: str
    value: object

    @classmethod
    def of(cls, text: str, path: str) -> JsonPlace:
        """The whole file.

        Raises:
            Rejected: if the text is not JSON.
        """
        at = Position(path=path)
        try:
            document = json_document(text, at=at, rule=ID)
        except Rejected as rejected:
            (problem,) = rejected.problems
            raise refused(problem.at, problem.message) from rejected
        return cls(at=at, where="the file", value=document)

    def refuse(self, message: str) -> NoReturn:
        """Stop.

        Raises:
            Rejected: always.
        """
        raise refused(self.at, f"{self.where} {message}")

    def fields(
        self, required: Collection[str], optional: Collection[str] = ()
    ) -> Mapping[str, JsonPlace]:
        """The values of an object that has these keys and no others."""
        found = self.every_field()
        for key in required:
            if key not in found:
                self.refuse(f"has no {key!r}")
        for key in found:
            if key not in required and key not in optional:
                self.refuse(f"has {key!r}, which is not known")
        return found

    def every_field(self) -> Mapping[str, JsonPlace]:
        """The values of an object, whatever its keys."""
        if not isinstance(self.value, dict):
            self.refuse(f"is {value_wording(self.value)}, and must be an object")
        inside = "" if self.where == "the file" else f"{self.where}."
        return {
            key: JsonPlace(at=self.at, where=f"{inside}{key}", value=value)
            for key, value in self.value.items()
        }

    def items(self) -> Iterator[JsonPlace]:
        """The values of a list."""
        if not isinstance(self.value, list):
            self.refuse(f"is {value_wording(self.value)}, and must be a list")
        inside = "item" if self.where == "the file" else self.where
        for place, value in enumerate(self.value):
            yield JsonPlace(at=self.at, where=f"{inside}[{place}]", value=value)

    def filled(self) -> Iterator[JsonPlace]:
        """The values of a list that is not empty."""
        if self.value == []:
            self.refuse("is empty")
        yield from self.items()

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            self.refuse(f"is {value_wording(self.value)}, and must be a string")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse(f"is {value_wording(self.value)}, and must be true or false")
        return self.value

    def number(self) -> int:
        """A whole number."""
        if type(self.value) is not int:
            self.refuse(f"is {value_wording(self.value)}, and must be a whole number")
        return self.value

    def network(self, version: int | None = None) -> Network:
        """An address range, of one IP version where it is given."""
        found = self._parsed(parse_cidr)
        if version is not None and found.version != version:
            self.refuse(f"is {found}, which is not IPv{version}")
        return found

    def host(self) -> HostPattern:
        """A host in the notation of values files; a vendor's star is taken for one label."""
        return self._parsed(HostPattern.parse)

    def day(self, pattern: re.Pattern[str], example: str) -> date:
        """The day that the first group of a pattern has, where the text is of its form."""
        written = pattern.fullmatch(self.text())
        if written is None:
            self.refuse(f"is {self.text()!r}, which is not in the form {example}")
        try:
            return date.fromisoformat(written[1])
        except ValueError:
            self.refuse(f"is {self.text()!r}, and there is no such day")

    def _parsed(self, parse: Callable[[str], Made]) -> Made:
        written = self.text()
        try:
            return parse(written)
        except ValueError as error:
            self.refuse(f"cannot be read: {str(error).partition('; ')[0]}")
