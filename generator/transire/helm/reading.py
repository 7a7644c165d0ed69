"""Kubernetes objects out of a YAML stream, read as Helm and kubectl read it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from transire.helm import sdk, subset
from transire.helm.documents import CHECK, Document, not_text, split
from transire.helm.repeated_keys import repeated_keys
from transire.helm.shapes import Shapes
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import HelmFailed, Problem, Rejected, Unjudgeable
from transire.yamlio.merge_markers import merge_marker
from transire.yamlio.source_text import SourceText

_OBJECT = "write one Kubernetes object in a document: apiVersion, kind, metadata and spec"
_PAGE = "is one page of a list, which goes on where metadata.continue says"
_MAX_NESTED_LISTS = 8
_MAX_PROBLEMS = 100

_NO_MAPPING = "into Go value of type common.Values"
"""Helm's message where a document is valid YAML and no mapping."""

_Reader = Callable[[Document], Any]


def read_yaml(
    text: str,
    source: str,
    *,
    start: int = 0,
    given: bool = False,
    sequences: Container[str] = frozenset(),
) -> tuple[Manifest, ...]:
    """The objects of a stream, lists of objects unpacked, in their order.

    With the SDK, documents are read by Helm's own YAML, the library that kubectl uses. Without it
    only what all readers agree on is read.

    Args:
        text: the stream.
        source: the file or template it came from.
        start: the index of the first object.
        given: whether the stream is judged as it is written. Then objects know which of their
            keys stand twice.
        sequences: API groups of which a document that is given may be a sequence of objects, as
            their own client takes and documentation shows them.

    Raises:
        Rejected: with every document that is not YAML or not an object, as far as a person reads
            on.
        Unjudgeable: without the SDK, for a scalar that YAML readers take for different things.
    """
    marker = merge_marker(text, source)
    problems = [*not_text(text, source), *([marker] if marker else [])]
    if problems:
        raise Rejected(problems)
    read = _reader()
    found: list[_Found] = []
    for document in split(text, source):
        if len(problems) >= _MAX_PROBLEMS:
            break
        faults = list(document.faults())
        problems += faults
        if not faults:
            try:
                found += (
                    _given(document, read, sequences)
                    if given
                    else _objects(read(document), document)
                )
            except Rejected as error:
                problems += error.problems
    if problems:
        raise Rejected(problems)
    return tuple(
        Manifest(
            source=source, index=index, body=each.body, repeated=each.repeated, written=each.written
        )
        for index, each in enumerate(found, start)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """An object, where it stands in its document, its keys that stand twice, and its text."""

    body: Tree
    at: str = ""
    repeated: tuple[str, ...] = ()
    written: SourceText | None = None


_SHAPES = Shapes(read=sdk.read, find=repeated_keys)


def _given(document: Document, read: _Reader, sequences: Container[str]) -> Iterator[_Found]:
    """The objects of a document that somebody wrote."""
    found = _sequence(document, read, sequences)
    if found or read is not _read_by_helm:
        repeated = repeated_keys(document.text)
        found = found or list(_objects(read(document), document))
    else:
        body, repeated = _SHAPES.of(document.text, lambda: read(document))
        found = list(_objects(body, document))
    for each in found:
        mine = (path.removeprefix(each.at) for path in repeated if path.startswith(f"{each.at}/"))
        written = SourceText(lines=document.lines, first=document.first, at=each.at)
        yield replace(each, repeated=tuple(mine), written=written)


def _sequence(document: Document, read: _Reader, groups: Container[str]) -> list[_Found]:
    """The objects of a document that is a sequence of these groups'; none where it is not."""
    if _content_of(document)[:1] not in {"-", "["}:
        return []
    lines = ["items:", *(f" {line}" for line in document.lines)]
    try:
        items = read(replace(document, lines=tuple(lines)))["items"]
    except (Rejected, Unjudgeable, KeyError, TypeError):
        return []
    if not isinstance(items, list) or not all(_group_of(item) in groups for item in items):
        return []
    return [
        found
        for place, item in enumerate(items)
        for found in _objects(item, document, at=f"/{place}")
    ]


def _content_of(document: Document) -> str:
    """The document's text from its first line that is neither blank nor a comment."""
    lines = (line.strip() for line in document.lines)
    return next((line for line in lines if line and not line.startswith("#")), "")


def _group_of(item: object) -> str | None:
    version = item.get("apiVersion") if isinstance(item, dict) else None
    return version.partition("/")[0] if isinstance(version, str) else None


def _reader() -> _Reader:
    try:
        sdk.load()
    except HelmFailed:
        return subset.read
    return _read_by_helm


def _read_by_helm(document: Document) -> Any:  # noqa: ANN401 - a tree of JSON
    try:
        return sdk.read(document.text)
    except ValueError as error:
        message = _error_in_place(document) or str(error)
        if _NO_MAPPING in message:
            raise _rejected(document, "holds something else than an object", _OBJECT) from error
        raise _rejected(document, f"is not YAML: {message}", CHECK) from error


def _error_in_place(document: Document) -> str:
    """Helm's message about the document where it stands, so that it names the line of the file."""
    try:
        sdk.read(document.in_place)
    except ValueError as error:
        return str(error)
    return ""


def _objects(
    body: Any,  # noqa: ANN401 - a tree of JSON
    document: Document,
    depth: int = 0,
    at: str = "",
) -> Iterator[_Found]:
    """The object, or the objects of a list of them."""
    if body in (None, {}) and document.text.strip() in {"null", "~"}:
        return
    if not isinstance(body, dict):
        raise _rejected(document, "holds something else than an object", _OBJECT)
    kind, version = body.get("kind"), body.get("apiVersion")
    for key, value in (("apiVersion", version), ("kind", kind)):
        if not isinstance(value, str) or not value:
            raise _rejected(document, f"has no {key}", _OBJECT)
    items = body.get("items")
    if not str(kind).endswith("List") or not isinstance(items, list):
        yield _Found(body, at)
        return
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and metadata.get("continue"):
        raise _rejected(document, _PAGE, "get the whole list, as `kubectl get -o yaml` does")
    if depth == _MAX_NESTED_LISTS:
        raise _rejected(document, "nests lists of objects too deeply", _OBJECT)
    typed = {} if kind == "List" else {"apiVersion": version, "kind": str(kind)[: -len("List")]}
    for place, item in enumerate(items):
        inner = {**typed, **item} if isinstance(item, dict) else item
        yield from _objects(inner, document, depth + 1, f"{at}/items/{place}")


def _rejected(document: Document, what: str, help: str) -> Rejected:  # noqa: A002 - the field
    problem: Problem = document.problem(what, help)
    return Rejected([problem])
