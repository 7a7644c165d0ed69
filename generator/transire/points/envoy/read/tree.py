"""A file of Envoy as a tree, whose unknown parts are noted while it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from transire import yamlio
from transire.model.problems import Rejected
from transire.points.api.reading import PointUnmodelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A value in a file at a JSON pointer; what is not modelled below it goes into `unmodelled`."""

    file: str
    pointer: str
    value: Any
    unmodelled: list[PointUnmodelled]
    listener: str = ""

    def note(self, why: str) -> None:
        """Note that this place is not modelled."""
        place = PointUnmodelled(
            file=self.file, key=self.pointer or "/", why=why, listener=self.listener
        )
        self.unmodelled.append(place)

    def of(self, listener: str) -> Branch:
        """The same place, which concerns one listener alone."""
        return Branch(
            file=self.file,
            pointer=self.pointer,
            value=self.value,
            unmodelled=self.unmodelled,
            listener=listener,
        )

    def below(self, step: str | int, value: object) -> Branch:
        """The place one step below."""
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return Branch(
            file=self.file,
            pointer=f"{self.pointer}/{escaped}",
            value=value,
            unmodelled=self.unmodelled,
            listener=self.listener,
        )

    def fields(self, known: Iterable[str], ignored: Iterable[str] = ()) -> Mapping[str, Branch]:
        """What stands at the known keys; every other one that is not ignored is noted."""
        if not isinstance(self.value, Mapping):
            self.note("a mapping belongs here")
            return {}
        known, ignored = set(known), set(ignored)
        for key in self.value:
            if key not in known and key not in ignored:
                self.below(key, None).note(f"the field {key} is not modelled")
        return {key: self.below(key, self.value[key]) for key in known if key in self.value}

    def typed(
        self, type_url: str, known: Iterable[str], ignored: Iterable[str] = ()
    ) -> Mapping[str, Branch] | None:
        """As `fields`, of a value of that type; None, noted, where it is of another."""
        if not isinstance(self.value, Mapping) or self.value.get("@type") != type_url:
            kind = self.value.get("@type") if isinstance(self.value, Mapping) else None
            self.note(f"{kind or 'a value without a type'} is not modelled here")
            return None
        return self.fields(known, {"@type", *ignored})

    def items(self) -> list[Branch]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.note("a list belongs here")
            return []
        return [self.below(place, item) for place, item in enumerate(self.value)]

    def text(self) -> str:
        """A text, or the empty one, noted."""
        if isinstance(self.value, str):
            return self.value
        self.note("a text belongs here")
        return ""

    def number(self) -> int:
        """A whole number, or 0, noted."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        self.note("a whole number belongs here")
        return 0


def opened(files: Mapping[str, str], name: str, unmodelled: list[PointUnmodelled]) -> Branch | None:
    """A file as a tree; None, noted, where there is none or it cannot be read."""
    nothing = Branch(file=name, pointer="", value=None, unmodelled=unmodelled)
    if name not in files:
        nothing.note("there is no such file")
        return None
    try:
        if name.endswith(".json"):
            value = json.loads(files[name], object_pairs_hook=_once)
        else:
            value = yamlio.plain(yamlio.read(files[name], name).root)
    except (ValueError, RecursionError) as error:
        nothing.note(f"it cannot be read: {error}")
        return None
    except Rejected as error:
        nothing.note(f"it cannot be read: {error.problems[0].message}")
        return None
    return Branch(file=name, pointer="", value=value, unmodelled=unmodelled)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
