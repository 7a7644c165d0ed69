"""Manifests that somebody gives to a command: files, folders, standard input.

Documents with placeholders are told apart: what fills those in has not run, so the cluster gets
something else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transire.engines.registry import policy_kinds, sequence_groups
from transire.helm import read_yaml
from transire.helm.documents import Document, split
from transire.k8s.api_kinds import group_of
from transire.k8s.json_pointer import inner
from transire.k8s.manifests import Manifest, Tree
from transire.k8s.placeholders import (
    UNRENDERED,
    Placeholder,
    Unrendered,
    may_hold_placeholders,
    placeholder_in,
    placeholder_in_text,
    placeholder_of_ytt,
)
from transire.model.names import is_dns_label
from transire.model.problems import Position, Problem, Rejected, UsageError
from transire.yamlio.source_text import SourceText
from transire.yamlio.text_keys import is_plain_yaml

STDIN = Path("-")
"""The path that stands for standard input, as for kubectl."""
STDIN_NAME = "stdin"
SUFFIXES = (".json", ".yaml", ".yml")
"""How the files of a folder end that are read, as kubectl takes them."""

_CORE = {
    "": frozenset({"Endpoints", "Pod", "Service"}),
    "discovery.k8s.io": frozenset({"EndpointSlice"}),
}
"""Namespaced kinds that no policy is, by their API groups, as far as verdicts rest on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Objects in their order, and those that are not rendered."""

    manifests: tuple[Manifest, ...]
    unrendered: tuple[Unrendered, ...] = ()
    sources: tuple[str, ...] = ()
    """The names of the files."""

    def rendered(self) -> tuple[Manifest, ...]:
        """The objects.

        Raises:
            Rejected: with every object that is not rendered.
        """
        if self.unrendered:
            raise Rejected(problem_of(each) for each in self.unrendered)
        return self.manifests


def read_given(paths: Sequence[Path], namespace: str = "") -> Given:
    """The objects of some files and folders.

    Args:
        paths: files, folders, and `-` for standard input.
        namespace: where namespaced objects go that name no namespace.

    Raises:
        UsageError: if a file cannot be read, a folder holds none, or the namespace is no name.
        Rejected: with every document that is no object.
    """
    if namespace and not is_dns_label(namespace):
        raise UsageError(f"{namespace!r} is no name of a namespace")
    manifests: list[Manifest] = []
    unrendered: list[Unrendered] = []
    problems: list[Problem] = []
    sources: list[str] = []
    for name, text in _texts(paths):
        sources.append(name)
        try:
            found = _objects(text, name, start=len(manifests) + len(unrendered))
        except Rejected as rejected:
            problems += rejected.problems
            continue
        manifests += found.manifests
        unrendered += found.unrendered
    if problems:
        raise Rejected(problems)
    return Given(
        manifests=tuple(_placed(each, namespace) for each in manifests),
        unrendered=tuple(unrendered),
        sources=tuple(sources),
    )


def read_each(paths: Sequence[Path], namespace: str = "") -> tuple[Given, tuple[Problem, ...]]:
    """The objects of some files and folders, and every document that is none, with why.

    Raises:
        UsageError: if a file cannot be read, a folder holds none, or the namespace is no name.
    """
    if namespace and not is_dns_label(namespace):
        raise UsageError(f"{namespace!r} is no name of a namespace")
    manifests: list[Manifest] = []
    unrendered: list[Unrendered] = []
    problems: list[Problem] = []
    sources: list[str] = []
    for name, text in _texts(paths, problems):
        sources.append(name)
        for part in (text, *(each.in_place for each in split(text, name))):
            try:
                found = _objects(part, name, start=len(manifests) + len(unrendered))
            except Rejected as rejected:
                problems += () if part is text else rejected.problems
                continue
            manifests += found.manifests
            unrendered += found.unrendered
            if part is text:
                break
    placed = tuple(_placed(each, namespace) for each in manifests)
    given = Given(manifests=placed, unrendered=tuple(unrendered), sources=tuple(sources))
    return given, tuple(problems)


def problem_of(each: Unrendered) -> Problem:
    """The problem of an object that is not rendered."""
    line, column = each.manifest.place(each.placeholder.path)
    return Problem(
        at=Position(path=each.manifest.source, line=line, column=column),
        id=UNRENDERED,
        message=each.message,
        help=each.help,
    )


def _texts(paths: Sequence[Path], unread: list[Problem] | None = None) -> Iterator[tuple[str, str]]:
    """The name and the text of every file; files of folders that are no text go to `unread`."""
    for path in paths:
        if path == STDIN:
            yield STDIN_NAME, _decoded(sys.stdin.buffer.read, STDIN_NAME)
        else:
            for each in files_below(path) if path.is_dir() else (path,):
                try:
                    yield str(each), _decoded(each.read_bytes, str(each))
                except UsageError as error:
                    if unread is None or not path.is_dir():
                        raise
                    unread.append(_no_text(each, error))


def _no_text(path: Path, error: UsageError) -> Problem:
    return Problem(
        at=Position(path=str(path)),
        id="unreadable-file",
        message=str(error).partition(" ")[2],
        help="see whether it is a manifest, and that you may read it",
    )


def files_below(folder: Path) -> list[Path]:
    """The manifests in a folder and the folders in it, but for hidden ones, by name.

    Raises:
        UsageError: if there is none.
    """
    found = [
        each
        for each in sorted(folder.rglob("*"))
        if each.suffix in SUFFIXES
        and each.is_file()
        and not any(part.startswith(".") for part in each.relative_to(folder).parts)
    ]
    if not found:
        raise UsageError(f"{folder} holds no file that ends in {', '.join(SUFFIXES)}")
    return found


def _decoded(read: Callable[[], bytes], name: str) -> str:
    try:
        return read().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} cannot be read: {error}") from error


def _objects(text: str, name: str, start: int) -> Given:
    """The objects of one text; a document that is no YAML for its placeholders is left out."""
    unread: list[tuple[Placeholder, int]] = []
    lines = text.split("\n")
    for document in split(text, name):
        found = _in_document(document)
        if found:
            unread.append((found[0], document.first + found[1]))
            last = document.first - 1 + len(document.lines)
            lines[document.first - 1 : last] = [""] * len(document.lines)
    rest = "\n".join(lines)
    read = read_yaml(rest, name, start=start, given=True, sequences=sequence_groups())
    unrendered = [
        Unrendered(manifest=each, placeholder=placeholder)
        for each in read
        if _is_about_policy(each) and (placeholder := placeholder_in(each.body))
    ]
    out = {each.manifest.index for each in unrendered}
    unrendered += [
        Unrendered(
            manifest=Manifest(
                source=name,
                index=start + len(read) + number,
                body={},
                written=SourceText(lines=(), first=line),
            ),
            placeholder=placeholder,
        )
        for number, (placeholder, line) in enumerate(unread)
    ]
    manifests = tuple(each for each in read if each.index not in out)
    return Given(manifests=manifests, unrendered=tuple(unrendered))


def _in_document(document: Document) -> tuple[Placeholder, int] | None:
    """The first placeholder that keeps a document from being read, and its line from 0."""
    text = document.text
    if not may_hold_placeholders(text):
        return None
    return placeholder_of_ytt(text) if is_plain_yaml(text) else placeholder_in_text(text)


def _is_about_policy(manifest: Manifest) -> bool:
    """Whether lint or a verdict looks at the object, or its kind is what is not filled in."""
    group, kind = group_of(manifest), manifest.ref.kind
    known = group in policy_kinds() or kind in _CORE.get(group, ())
    return known or placeholder_in([manifest.api_version, kind]) is not None


def _placed(manifest: Manifest, namespace: str) -> Manifest:
    """The object in the namespace, if it lives in one and names none."""
    if not namespace or manifest.ref.namespace or not is_namespaced(manifest):
        return manifest
    body: Tree = {
        **manifest.body,
        "metadata": {**inner(manifest.body, "metadata"), "namespace": namespace},
    }
    return manifest.with_body(body)


def is_namespaced(manifest: Manifest) -> bool:
    """Whether the object is of a kind that lives in a namespace, as far as verdicts rest on it."""
    group, kind = group_of(manifest), manifest.ref.kind
    policies = policy_kinds().get(group)
    return kind in _CORE.get(group, ()) or (policies is not None and kind in policies.namespaced)
