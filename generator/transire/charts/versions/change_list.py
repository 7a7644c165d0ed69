"""The list of changes that a chart's `Chart.yaml` carries, in the format that Artifact Hub reads.

The list holds what this version does that the one before did not. It is one annotation, whose text
is YAML again:

```yaml
annotations:
  artifacthub.io/changes: |
    - kind: "added"
      description: "payments-prod on prod-eu reaches api.adyen.com:443 from app=checkout"
```

It stands first below `annotations:`; where a chart has no annotations, right after its version. So
it can be taken out again, and what is left is the chart that the list is about: the content digest
does not know the list, or every release would change the next one.

The annotation travels in every Helm release and in the registry's manifest, so it is bounded: at
most `MAX_TEXT` bytes, each description at most `MAX_DESCRIPTION` characters. What does not fit is
counted in the last entry.

Source: https://artifacthub.io/docs/topics/annotations/helm
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import yaml

from transire.yamlio import write

KEY = "artifacthub.io/changes"
"""The annotation that holds the list."""

MAX_TEXT = 8192
"""Bytes that the list takes at most."""

MAX_DESCRIPTION = 400
"""Characters that a description takes at most; a longer one ends with three dots."""

_ROOM = 128
"""Bytes that are kept for the entry that counts the rest."""

_BLOCK = re.compile(rb"annotations:[ \t]*(?:#.*)?")
_ANNOTATIONS = re.compile(rb"""["']?annotations["']?[ \t]*:""")
_ENTRY = re.compile(rb"""([ \t]+)(["']?)artifacthub\.io/changes\2[ \t]*:(?:[ \t].*)?""")
_VERSION = re.compile(rb"version:")
_CONTENT = re.compile(rb"# content sha256:")
_INDENT = re.compile(rb"[ \t]*")


class ChangeKind(StrEnum):
    """What happened, in Artifact Hub's words."""

    ADDED = "added"
    CHANGED = "changed"
    DEPRECATED = "deprecated"
    REMOVED = "removed"
    FIXED = "fixed"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """One change in one sentence."""

    kind: ChangeKind
    description: str

    def __post_init__(self) -> None:
        if not self.description.strip():
            raise ValueError("a change without a description is blank")


def annotation_of(changes: Sequence[ChangeEntry]) -> str:
    """The annotation's text, cut to its bound; empty for no changes."""
    if not changes:
        return ""
    written = ""
    for place, change in enumerate(changes):
        entry = _written(change)
        last = place == len(changes) - 1
        if len((written + entry).encode()) > MAX_TEXT - (0 if last else _ROOM):
            left = len(changes) - place
            more = f"{left} more change{'' if left == 1 else 's'}, not listed here"
            return written + _written(ChangeEntry(kind=ChangeKind.CHANGED, description=more))
        written += entry
    return written


def _written(change: ChangeEntry) -> str:
    text = change.description
    if len(text) > MAX_DESCRIPTION:
        text = f"{text[: MAX_DESCRIPTION - 3]}..."
    return write([{"kind": change.kind.value, "description": text}])


def with_changes(chart_yaml: bytes, changes: Sequence[ChangeEntry]) -> bytes:
    """The `Chart.yaml` with this list in place of the one that it has; without one for no changes.

    Raises:
        ValueError: with what is wrong, if its annotations are not written one below the other.
    """
    text = annotation_of(changes)
    entry = f"{KEY}: |\n" + "".join(f"  {line}\n" for line in text.splitlines()) if text else ""
    return with_written(chart_yaml, entry.encode())


def with_written(chart_yaml: bytes, entry: bytes) -> bytes:
    """The `Chart.yaml` with the lines of an entry, as `written_changes` gives them, for its list.

    Raises:
        ValueError: as `with_changes`.
    """
    if entry and entry == written_changes(chart_yaml):
        return chart_yaml
    bare = without_changes(chart_yaml)
    if not entry:
        return bare
    lines = bare.splitlines(keepends=True)
    newline = b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
    places = [place for place, line in enumerate(lines) if _ANNOTATIONS.match(line)]
    if not places:
        place = _after_version(lines)
        head = [*lines[:place], b"annotations:" + newline]
        indent = b"  "
    else:
        place = places[0] + 1
        if len(places) > 1 or not _BLOCK.fullmatch(lines[places[0]].rstrip(b"\r\n")):
            raise ValueError("`annotations:` is not one block with a line for each")
        indent = _indent_of_children(lines[place:])
        place += _deeper_comments(lines[place:], len(indent))
        head = lines[:place]
    before = (line.rstrip(b"\r\n") + newline for line in head)
    put = (indent + line + newline for line in entry.splitlines())
    return b"".join([*before, *put, *lines[place:]])


def without_changes(chart_yaml: bytes) -> bytes:
    """The `Chart.yaml` without its list, and without `annotations:` where nothing else is there."""
    lines = chart_yaml.splitlines(keepends=True)
    dropped = {place for start, end in _entries(lines) for place in range(start, end)}
    for place, line in enumerate(lines):
        if not _BLOCK.fullmatch(line.rstrip(b"\r\n")):
            continue
        children = range(place + 1, _end_of_block(lines, place))
        kept = (lines[each] for each in children if each not in dropped)
        if not any(line.strip() and _indent(line) for line in kept):
            dropped.add(place)
    return b"".join(line for place, line in enumerate(lines) if place not in dropped)


def written_changes(chart_yaml: bytes) -> bytes:
    """The lines of the list as they are written, without their common indentation; none: empty."""
    lines = chart_yaml.splitlines(keepends=True)
    found = []
    for start, end in _entries(lines):
        indent = len(_indent(lines[start]))
        found += [line[indent:].rstrip(b"\r\n") + b"\n" for line in lines[start:end]]
    return b"".join(found)


def read_changes(chart_yaml: bytes) -> tuple[ChangeEntry, ...]:
    """The changes that the `Chart.yaml` lists.

    An entry may be a sentence without a kind, as Artifact Hub allows; that is a change.

    Raises:
        ValueError: with what is wrong, if the list cannot be read.
    """
    try:
        written = (yaml.safe_load(chart_yaml) or {}).get("annotations") or {}
        entries = yaml.safe_load(written.get(KEY) or "[]")
        return tuple(_read(each) for each in entries)
    except (yaml.YAMLError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{KEY} is not a list of kinds and descriptions") from error


def _read(entry: object) -> ChangeEntry:
    match entry:
        case str():
            return ChangeEntry(kind=ChangeKind.CHANGED, description=entry)
        case {"kind": str(kind), "description": str(description)}:
            return ChangeEntry(kind=ChangeKind(kind), description=description)
        case _:
            raise ValueError(entry)


def _entries(lines: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where the annotation stands: its first line, and the one after its last."""
    for place, line in enumerate(lines):
        if not _BLOCK.fullmatch(line.rstrip(b"\r\n")):
            continue
        end = _end_of_block(lines, place)
        indent = _indent_of_children(lines[place + 1 : end])
        for start in range(place + 1, end):
            match = _ENTRY.fullmatch(lines[start].rstrip(b"\r\n"))
            if match and match[1] == indent:
                yield start, _end_of_entry(lines, start, end)


def _end_of_block(lines: Sequence[bytes], place: int) -> int:
    """The first line after the block of `annotations:`; comments at its edge stay inside."""
    for end in range(place + 1, len(lines)):
        if lines[end].strip() and not _indent(lines[end]) and not lines[end].startswith(b"#"):
            return end
    return len(lines)


def _end_of_entry(lines: Sequence[bytes], start: int, end: int) -> int:
    """The line after the entry's last; empty lines behind it are not the entry's."""
    indent = len(_indent(lines[start]))
    last = start
    for place in range(start + 1, end):
        if lines[place].strip():
            if len(_indent(lines[place])) <= indent:
                break
            last = place
    return last + 1


def _indent_of_children(lines: Sequence[bytes]) -> bytes:
    for line in lines:
        if line.strip() and not line.strip().startswith(b"#"):
            return _indent(line) or b"  "
    return b"  "


def _deeper_comments(lines: Sequence[bytes], indent: int) -> int:
    """How many lines at the start end with a comment that would be text of a list before it."""
    found = 0
    for place, line in enumerate(lines):
        if line.strip() and not line.strip().startswith(b"#"):
            break
        if line.strip() and len(_indent(line)) > indent:
            found = place + 1
    return found


def _indent(line: bytes) -> bytes:
    match = _INDENT.match(line)
    return match[0] if match else b""


def _after_version(lines: Sequence[bytes]) -> int:
    """The line after `version:` and the content line, the end where there is none."""
    for place, line in enumerate(lines):
        if _VERSION.match(line):
            after = place + 1
            return after + (after < len(lines) and bool(_CONTENT.match(lines[after])))
    return len(lines)
