"""Kubernetes objects out of a YAML stream, read as Helm and kubectl read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from transire.helm import sdk, subset
from transire.helm.documents import CHECK, Document, not_text, split
from transire.k8s.manifests import Manifest, Tree
from transire.model.problems import HelmFailed, Problem, Rejected

_OBJECT = "write one Kubernetes object in a document: apiVersion, kind, metadata and spec"
_MAX_NESTED_LISTS = 8
_MAX_PROBLEMS = 100

_NO_MAPPING = "into Go value of type common.Values"
"""Helm's words where a document is valid YAML and no mapping."""

_Reader = Callable[[Document], Any]


def read_yaml(text: str, source: str, *, start: int = 0) -> tuple[Manifest, ...]:
    """The objects of a stream, lists of objects unpacked, in their order.

    With the SDK, documents are read by Helm's own YAML, the library that kubectl uses. Without it
    only what all readers agree on is read.

    Args:
        text: the stream.
        source: the file or template it came from.
        start: the index of the first object.

    Raises:
        Rejected: with every document that is not YAML or not an object, as far as a person reads
            on.
        Unjudgeable: without the SDK, for a scalar that YAML readers take for different things.
    """
    problems = list(not_text(text, source))
    if problems:
        raise Rejected(problems)
    read = _reader()
    bodies: list[Tree] = []
    for document in split(text, source):
        if len(problems) >= _MAX_PROBLEMS:
            break
        faults = list(document.faults())
        problems += faults
        if not faults:
            try:
                bodies += _objects(read(document), document)
            except Rejected as error:
                problems += error.problems
    if problems:
        raise Rejected(problems)
    return tuple(
        Manifest(source=source, index=index, body=body) for index, body in enumerate(bodies, start)
    )


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
        words = _words_in_place(document) or str(error)
        if _NO_MAPPING in words:
            raise _rejected(document, "holds something else than an object", _OBJECT) from error
        raise _rejected(document, f"is not YAML: {words}", CHECK) from error


def _words_in_place(document: Document) -> str:
    """Helm's words about the document where it stands, so that they name the line of the file."""
    try:
        sdk.read(document.in_place)
    except ValueError as error:
        return str(error)
    return ""


def _objects(body: Any, document: Document, depth: int = 0) -> Iterator[Tree]:  # noqa: ANN401
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
        yield body
        return
    if depth == _MAX_NESTED_LISTS:
        raise _rejected(document, "nests lists of objects too deeply", _OBJECT)
    typed = {} if kind == "List" else {"apiVersion": version, "kind": str(kind)[: -len("List")]}
    for item in items:
        inner = {**typed, **item} if isinstance(item, dict) else item
        yield from _objects(inner, document, depth + 1)


def _rejected(document: Document, what: str, help: str) -> Rejected:  # noqa: A002 - the field
    problem: Problem = document.problem(what, help)
    return Rejected([problem])
