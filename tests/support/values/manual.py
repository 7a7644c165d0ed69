"""`docs/values.md`: every key of every values file, as the schemas describe it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from transire.values.guardrails.registry import GUARDRAILS
from transire.values.schemas import ValuesKind, engine_notes, schema_text

Schema = Mapping[str, Any]

FILES = {
    ValuesKind.PLATFORM: "values/platform.yaml",
    ValuesKind.TEAM: "values/teams/<team>.yaml",
    ValuesKind.BUNDLE: "values/bundles/<bundle>.yaml",
    ValuesKind.EXCEPTIONS: "values/exceptions.yaml",
    ValuesKind.EXPECTATIONS: "tests/egress/<name>.yaml",
}
INTRODUCTION = """\
# Values files

Every key that a values file may have: what it means, what leaving it out means, and what the engines make of it.
Written by `make docs` from the schemas in `generator/transire/values/schema`; the examples are taken from [values that are checked](examples/values), and load, pass the guardrails and compile on every engine as they stand.

Editors show the same texts: `transire generate` writes the schemas to `values/.schema`, and the first line of each file names its own.

"""
_LONGEST = 76
_WORDS = {
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "object": "map",
    "string": "text",
}
_LEFT_OUT = re.compile(r"(?:^|[;.] )[Ll]eft out,? (?:means )?(.*?)(?:;|\.(?: |$))")
_BY_DEFAULT = re.compile(r"by default ([^;]+?)(?:;|\.(?: |$))")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a schema; `name` is its definition, or the keys that lead to it from one.

    For example `platform.publish.verify`, `cluster.dns` or `destination.address-range`.
    """

    name: str
    schema: Schema


@dataclass(kw_only=True)
class Manual:
    """The schema of one kind of file."""

    kind: ValuesKind

    def __post_init__(self) -> None:
        self.schema: Schema = json.loads(schema_text(self.kind))
        self.definitions: Mapping[str, Schema] = self.schema["definitions"]
        self.root = Section(name=str(self.kind), schema=self.schema)

    def resolved(self, schema: Schema) -> Schema:
        """What a reference stands for, with the texts of the place that has it."""
        reference = schema.get("$ref") or (schema.get("allOf") or [{}])[0].get("$ref")
        if reference is None:
            return schema
        found = self.resolved(self.definitions[reference.rpartition("/")[2]])
        own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        return {**found, **own}

    def at(self, schema: Schema, name: str) -> Section:
        """The section of a schema that stands at a place of that name."""
        reference = schema.get("$ref") or (schema.get("allOf") or [{}])[0].get("$ref")
        named = reference.rpartition("/")[2] if reference else name
        return Section(name=named, schema=self.resolved(schema))

    def key(self, section: Section, key: str) -> Section:
        """The section of the value of a key."""
        return self.at(section.schema["properties"][key], f"{section.name}.{key}")

    def inner(self, section: Section) -> Iterator[Section]:
        """The items of a list, or the values of a map with free keys."""
        for word in ("items", "additionalProperties"):
            each = section.schema.get(word)
            if isinstance(each, dict):
                yield self.at(each, section.name)

    def branches(self, section: Section) -> Iterator[Section]:
        """The alternatives that a value may be."""
        for each in section.schema.get("oneOf", ()):
            slug = each.get("title", "").lower().replace(" ", "-")
            yield self.at(each, f"{section.name}.{slug}")

    def sections(self) -> Iterator[Section]:
        """Every map with keys of its own, each once, in the order of the file."""
        seen: set[str] = set()
        waiting = [self.root]
        while waiting:
            section = waiting.pop(0)
            if section.name in seen and "properties" in section.schema:
                continue
            below = [self.key(section, each) for each in section.schema.get("properties", ())]
            if below:
                seen.add(section.name)
                yield section
            waiting = [*below, *self.inner(section), *self.branches(section), *waiting]


def _walk(
    manual: Manual, section: Section, value: object, found: dict[tuple[str, str], object]
) -> None:
    properties = section.schema.get("properties", {})
    values = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and properties:
        for key in properties.keys() & value.keys():
            found.setdefault((section.name, key), value[key])
            _walk(manual, manual.key(section, key), value[key], found)
    elif isinstance(values, Iterable) and not isinstance(values, str):
        for inner in manual.inner(section):
            for each in values:
                _walk(manual, inner, each, found)
    for branch in manual.branches(section):
        if is_valid(manual, branch.schema, value):
            _walk(manual, branch, value, found)


def is_valid(manual: Manual, schema: Schema, value: object) -> bool:
    """Whether the value is one that this part of the schema takes."""
    whole = {**schema, "definitions": manual.definitions}
    return bool(jsonschema.Draft7Validator(whole).is_valid(value))


def example_of(
    manual: Manual, section: Section, key: str, found: Mapping[tuple[str, str], object]
) -> object:
    """The example of a key: that of the checked files, else one that its schema gives or implies.

    Raises:
        LookupError: if there is none.
    """
    if (section.name, key) in found:
        return found[section.name, key]
    schema = manual.resolved(section.schema["properties"][key])
    for made in _implied(manual, schema):
        if is_valid(manual, schema, made):
            return made
    raise LookupError(
        f"{section.name}.{key} has no example; write it in docs/examples/values, or give the key "
        "examples in its schema"
    )


def _implied(manual: Manual, schema: Schema) -> Iterator[object]:
    """Values that the schema gives as examples, or that follow from it."""
    yield from schema.get("examples", ())
    if "const" in schema:
        yield schema["const"]
    yield from schema.get("enum", ())[:1]
    for branch in schema.get("oneOf", ()):
        yield from _implied(manual, manual.resolved(branch))
    match schema.get("type"):
        case "boolean":
            yield True
        case "string":
            yield from ("example", "198.51.100.16/28", "2027-03-31")
        case "integer":
            yield schema.get("minimum", 1)
        case "array":
            items = manual.resolved(schema.get("items", {}))
            yield from ([each] for each in _implied(manual, items))
        case "object":
            yield from _implied_map(manual, schema)


def _implied_map(manual: Manual, schema: Schema) -> Iterator[object]:
    """The map of its first key, and that of all keys that must be there."""
    keys = schema.get("properties", {})
    for names in (schema.get("required", ()), list(keys)[:1]):
        every = {
            key: next(_implied(manual, manual.resolved(keys[key])), "example") for key in names
        }
        yield every


def page(documents: Mapping[ValuesKind, list[object]]) -> str:
    """The whole page; what several kinds of files share is shown with the first of them."""
    lines = [INTRODUCTION]
    seen: set[str] = set()
    found = examples_of(documents)
    for kind, path in FILES.items():
        manual = Manual(kind=kind)
        lines.append(f"## {path}\n\n{manual.schema['description']}\n\n")
        sections = [each for each in manual.sections() if each.name not in seen]
        lines.extend(_section(manual, each, found) for each in sections)
        seen |= {each.name for each in sections}
    lines.append("## Forms\n\nWhat the column *form* names.\n\n")
    lines.append("| form | meaning | examples |\n|---|---|---|\n")
    shown: set[str] = set()
    lines.extend(row for kind in FILES for row in _forms(Manual(kind=kind), shown))
    return "".join(lines).rstrip("\n") + "\n"


def examples_of(documents: Mapping[ValuesKind, list[object]]) -> dict[tuple[str, str], object]:
    """The first value of each key, by the section and the key; teams' files go first."""
    found: dict[tuple[str, str], object] = {}
    for kind in sorted(documents, key=lambda each: each is not ValuesKind.TEAM):
        manual = Manual(kind=kind)
        for document in documents[kind]:
            _walk(manual, manual.root, document, found)
    return found


def _section(manual: Manual, section: Section, found: Mapping[tuple[str, str], object]) -> str:
    rows = ["| key | form | meaning | left out | example |\n|---|---|---|---|---|\n"]
    notes: list[str] = []
    for key in section.schema["properties"]:
        example = _example(key, example_of(manual, section, key, found))
        written = section.schema["properties"][key]
        meaning = _meaning(manual, manual.key(section, key).schema)
        cells = (_form(manual, written), meaning, _default(section, key), example)
        rows.append(f"| `{key}` | {' | '.join(map(_cell, cells))} |\n")
        note = engine_notes().get(f"{section.name}.{key}")
        if note:
            notes.append(f"- `{key}`: {note}\n")
    about = section.schema.get("description", "")
    place = section.name.removeprefix(f"{manual.kind}.")
    heading = "" if section.name == manual.root.name else f"### `{place}`\n\n{about}\n\n"
    on_engines = f"\nOn the engines:\n\n{''.join(notes)}" if notes else ""
    return f"{heading}{''.join(rows)}{on_engines}\n"


def _form(manual: Manual, schema: Schema) -> str:
    """What kind of value it is: one of the named forms, or the kind of YAML."""
    reference = schema.get("$ref") or (schema.get("allOf") or [{}])[0].get("$ref")
    if reference is not None:
        return str(reference.rpartition("/")[2])
    if "items" in schema:
        return f"list of {_form(manual, schema['items'])}"
    if "const" in schema or "enum" in schema:
        return "word"
    if "oneOf" in schema:
        return " or ".join(dict.fromkeys(_form(manual, each) for each in schema["oneOf"]))
    return _WORDS[schema["type"]]


def _forms(manual: Manual, seen: set[str]) -> Iterator[str]:
    """A row for each named form that is no section of its own."""
    for name, schema in manual.definitions.items():
        if name not in seen and "properties" not in schema:
            seen.add(name)
            shown = ", ".join(f"`{_flow(each)}`" for each in schema.get("examples", ()))
            yield f"| `{name}` | {_cell(_meaning(manual, manual.resolved(schema)))} | {shown} |\n"


def _meaning(manual: Manual, schema: Schema) -> str:
    text = str(schema.get("description", ""))
    words = schema.get("enum") or manual.resolved(schema.get("items", {})).get("enum")
    if words and not all(str(word) in text for word in words):
        text += f" One of {', '.join(f'`{word}`' for word in words)}."
    return text


def _default(section: Section, key: str) -> str:
    """What leaving the key out means, from its schema."""
    if key in section.schema.get("required", ()):
        return "required"
    if key in GUARDRAILS and section.name == "platform.guardrails":
        return GUARDRAILS[key].LEVEL.value
    schema = section.schema["properties"][key]
    if "default" in schema:
        return f"`{flow(schema['default'])}`"
    text = str(schema.get("description", ""))
    usual = _BY_DEFAULT.search(text)
    if usual is not None:
        return usual[1]
    left_out = _LEFT_OUT.search(text)
    return left_out[1] if left_out is not None else "nothing"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("*", "\\*")


def flow(value: object) -> str:
    """The value as a person writes it in one line of YAML."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, inner),) = value.items()
        return f"{_scalar(key)}: {_flow(inner)}"
    return _flow(value)


def _example(key: str, value: object) -> str:
    text = flow({key: value})
    return f"`{text}`" if len(text) <= _LONGEST else f"`{key}: ...`, see below"


def _flow(value: object) -> str:
    scalar = _scalar(value)
    if scalar is not None:
        return scalar
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    raise TypeError(value)


_PLAIN = re.compile(
    r"[A-Za-z@][A-Za-z0-9@./_ -]*[A-Za-z0-9]|[A-Za-z]|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9.]+/[0-9]+(?:/[A-Z]+)?|[0-9]+/[A-Z]+"
)


def _scalar(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        quoted = value in {"true", "false", "yes", "no", "on", "off", "null"} or value[:1] == "@"
        return (
            value
            if _PLAIN.fullmatch(value) and not quoted
            else json.dumps(value, ensure_ascii=False)
        )
    return None
