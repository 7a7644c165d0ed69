"""An object of a manifest, read key by key, so that what nobody has read is known in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transire.k8s.typed_decoding import pointer
from transire.model.problems import value_wording


@dataclass(frozen=True, slots=True)
class Notes:
    """What was found on the way: every text begins with a JSON pointer into the object."""

    faults: list[str] = field(default_factory=list)
    """Why an API server or Istio's webhook refuses the object."""
    warnings: list[str] = field(default_factory=list)
    """What the webhook warns of and takes all the same."""
    unmodelled: list[tuple[str, str]] = field(default_factory=list)
    """Places whose meaning is not modelled, and why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping inside an object, at a JSON pointer; null counts as not given."""

    body: Mapping[str, Any]
    at: str
    notes: Notes
    _read: set[str] = field(default_factory=set, compare=False, repr=False)

    def place(self, *parts: str | int) -> str:
        """The pointer of what is below this part."""
        return self.at + pointer(*parts)

    def fault(self, why: str, *parts: str | int) -> None:
        """Note that the object is refused."""
        self.notes.faults.append(f"{self.place(*parts) or '/'} {why}")

    def warning(self, why: str, *parts: str | int) -> None:
        """Note that the object is taken with a warning."""
        self.notes.warnings.append(f"{self.place(*parts) or '/'} {why}")

    def unmodelled(self, why: str, *parts: str | int) -> None:
        """Note that no verdict that depends on this place is given."""
        self.notes.unmodelled.append((self.place(*parts) or "/", why))

    def has(self, key: str) -> bool:
        """Whether the key has a value."""
        self._read.add(key)
        return self.body.get(key) is not None

    def text(self, key: str) -> str:
        """The string of a key, empty where there is none."""
        value = self._value(key)
        if value is None or isinstance(value, str):
            return value or ""
        return str(self._misfit(key, value, "a string", ""))

    def whole(self, key: str) -> int | None:
        """The whole number of a key."""
        value = self._value(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._misfit(key, value, "a whole number", None)
        return None

    def flag(self, key: str) -> bool:
        """Whether the key is true."""
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._misfit(key, value, "true or false", None)
        return False

    def texts(self, key: str) -> tuple[str, ...]:
        """The strings of a list."""
        found = []
        for index, value in enumerate(self._list(key)):
            if isinstance(value, str):
                found.append(value)
            else:
                self._misfit(key, value, "a string", None, index)
        return tuple(found)

    def table(self, key: str) -> dict[str, str]:
        """A mapping of strings to strings."""
        value = self._value(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._misfit(key, value, "an object", None)
            return {}
        found = {}
        for name, each in value.items():
            if isinstance(each, str):
                found[name] = each
            elif each is not None:
                self._misfit(key, each, "a string", None, name)
        return found

    def part(self, key: str) -> Part | None:
        """The mapping of a key."""
        value = self._value(key)
        if value is None or isinstance(value, Mapping):
            return None if value is None else Part(value, self.place(key), self.notes)
        self._misfit(key, value, "an object", None)
        return None

    def parts(self, key: str) -> tuple[Part, ...]:
        """The mappings of a list."""
        found = []
        for index, value in enumerate(self._list(key)):
            if isinstance(value, Mapping):
                found.append(Part(value, self.place(key, index), self.notes))
            else:
                self._misfit(key, value, "an object", None, index)
        return tuple(found)

    def choice(self, key: str, choices: Iterable[str]) -> str:
        """The string of a key, which is one of a few."""
        value = self.text(key)
        allowed = tuple(choices)
        if value and value not in allowed:
            self.fault(f"{value[:80]!r} is none of {', '.join(allowed)}", key)
            return ""
        return value

    def close(self, *, plain: Iterable[str] = (), unmodelled: Iterable[str] = ()) -> None:
        """Note what was not read.

        Args:
            plain: keys of the definition that change nothing of what is judged here.
            unmodelled: keys of the definition whose meaning is not modelled.
        """
        rest = self.body.keys() - self._read - set(plain)
        for key in self.body:
            if key not in rest or self.body[key] is None:
                continue
            if key in unmodelled:
                self.unmodelled(f"{key} is not modelled", key)
            else:
                self.fault("is no field of the definition", key)

    def _value(self, key: str) -> Any:  # noqa: ANN401 - what a manifest holds is anything
        self._read.add(key)
        return self.body.get(key)

    def _list(self, key: str) -> list[object]:
        value = self._value(key)
        if value is None or isinstance(value, list | tuple):
            return list(value or ())
        self._misfit(key, value, "a list", None)
        return []

    def _misfit(
        self, key: str, value: object, wanted: str, instead: object, *more: str | int
    ) -> object:
        self.fault(f"is {value_wording(value)} where {wanted} belongs", key, *more)
        return instead
