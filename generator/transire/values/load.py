"""Values files in, one frozen `Organisation` out, or every mistake at once."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from transire.model.intent import Bundle, Organisation, Team
from transire.model.problems import Position, Problem, Rejected, in_order
from transire.values.bundle import bundle
from transire.values.documents import read_document
from transire.values.gaps import Gaps, Names, readable
from transire.values.guardrails.fixed import namespace_owned_twice, rule_without_target
from transire.values.guardrails.fixed.namespace_owned_twice import Claims
from transire.values.platform import platform, references_of
from transire.values.problem_collector import ProblemCollector
from transire.values.readable import Readable
from transire.values.references import References
from transire.values.schemas import ValuesKind, schema_error
from transire.values.team import team
from transire.values.value_files import find, unknown_file
from transire.values.waivers import waivers
from transire.workspace.value_paths import (
    BUNDLES,
    EXCEPTIONS,
    PLATFORM,
    TEAMS,
    VALUES,
    is_values_file,
)
from transire.yamlio import Document, MappingNode
from transire.yamlio import read as read_yaml

Made = TypeVar("Made")
Named = TypeVar("Named", Team, Bundle)


def load(root: Path, teams: Iterable[str] | None = None) -> Organisation:
    """What the values files below `root` hold, of all teams or of those named.

    A mistake in the file of a team that is not named is for others to see, except that it claims a
    namespace of one that is.

    Raises:
        Rejected: with every mistake of every file.
    """
    found = find(root)
    return load_files(found.files, found.problems, teams)


def load_files(
    files: Mapping[str, bytes],
    problems: Iterable[Problem] = (),
    teams: Iterable[str] | None = None,
) -> Organisation:
    """What values files hold that were read already, by path from the root, for example from Git.

    `problems` are those of reading them. The same files give the same result in any order.

    Raises:
        Rejected: with every mistake of every file.
    """
    found = read_files(files, problems, teams)
    if found.problems:
        raise Rejected(found.problems)
    return found.organisation


def read(root: Path, teams: Iterable[str] | None = None) -> Readable:
    """What the values files below `root` hold as far as they can be read; raises nothing."""
    found = find(root)
    return read_files(found.files, found.problems, teams)


def read_files(
    files: Mapping[str, bytes],
    problems: Iterable[Problem] = (),
    teams: Iterable[str] | None = None,
) -> Readable:
    """The same of files that were read already, by path from the root."""
    named = None if teams is None else frozenset(teams)
    with _without_collector():
        found = _Loading(files, problems, named).readable()
    sources = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return replace(found, sources=sources)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Values hold no cycles, and looking for some takes as long as everything else here."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Loading:
    """One load. A document lives only as long as values are made of it."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        problems: Iterable[Problem],
        named: frozenset[str] | None,
    ) -> None:
        self._named = named
        self._collector = ProblemCollector()
        self._collector.problems.extend(problems)
        self._unsound: list[Document] = []
        self._was_read: set[str] = set()
        self._files = {path: files[path] for path in sorted(files) if is_values_file(path)}
        self._paths = {*self._files, *(each.at.path for each in self._collector.problems)}
        self._collector.problems.extend(map(unknown_file, sorted(set(files) - set(self._files))))
        if not {PLATFORM, VALUES} & self._paths:
            self._collector.note(
                Position(path=PLATFORM),
                "missing-file",
                f"{PLATFORM} is missing",
                "write it; transire init makes an example",
            )

    def readable(self) -> Readable:
        """All files together."""
        platform_document = self._read(PLATFORM)
        references = references_of(platform_document)
        bundles = {_stem(path): self._made(path, bundle) for path in self._in(BUNDLES)}
        names = self._names(BUNDLES)
        if names is not None:
            references = replace(references, bundles={name: bundles.get(name) for name in names})
        decided = self._of(platform_document, partial(platform, references=references))
        teams = self._teams(references)
        excepted = self._made(EXCEPTIONS, waivers)
        self._note_the_rest()
        problems = in_order(self._collector.problems)
        if not problems and (self._collector.misfits or decided is None):
            raise AssertionError("values were left out although nothing is wrong with them")
        gaps = Gaps(
            parts=self._collector.parts,
            decided=decided,
            platform_text=self._unread_text(PLATFORM),
            exceptions_text=self._unread_text(EXCEPTIONS),
        )
        known = Organisation(
            platform=gaps.platform.platform,
            teams=_by_name(teams),
            bundles=_by_name(bundles.values()),
            waivers=excepted or (),
            others=frozenset(_stem(path) for path in self._in(TEAMS) if not self._is_named(path)),
        )
        if self._named is None and not problems:
            problems = in_order(rule_without_target.nowhere(known))
        there = Names(
            teams=frozenset(_stem(path) for path in self._in(TEAMS)), clusters=references.clusters
        )
        return readable(None if problems else known, known, gaps, problems, there)

    def _unread_text(self, path: str) -> str:
        """The text of a file that is no YAML; empty for one that is, or is not there."""
        is_read = path not in self._files or path in self._was_read
        return "" if is_read else self._files[path].decode(errors="replace")

    def _teams(self, references: References) -> list[Team | None]:
        """What the files of the named teams hold, and where others claim what is theirs."""
        theirs = self._namespaces_of_named()
        reading = partial(team, references=references, claims=Claims(about=theirs))
        names = [each.encode() for each in theirs or ()]
        teams: list[Team | None] = []
        for path in self._in(TEAMS):
            if self._is_named(path):
                teams.append(self._made(path, reading))
            elif _may_hold(self._files[path], names):
                self._collector.problems.extend(_claims(self._files[path], path, reading))
        return teams

    def _is_named(self, path: str) -> bool:
        return self._named is None or _stem(path) in self._named

    def _namespaces_of_named(self) -> frozenset[str] | None:
        """The namespaces that the named teams declare; None where all teams are meant."""
        if self._named is None:
            return None
        paths = filter(self._is_named, self._in(TEAMS))
        return frozenset(each for path in paths for each in _namespaces(self._files[path], path))

    def _read(self, path: str) -> Document | None:
        """The document where it is YAML; what is wrong with its structure is noted."""
        if path not in self._files:
            return None
        found = read_document(self._files[path], path, _kind(path), self._collector)
        if found is None:
            return None
        self._was_read.add(path)
        if not found.sound:
            self._unsound.append(found.document)
        return found.document

    def _in(self, folder: str) -> list[str]:
        return [path for path in self._files if path.startswith(f"{folder}/")]

    def _names(self, folder: str) -> frozenset[str] | None:
        """The names of the files in a folder, those that cannot be read included."""
        if {folder, VALUES} & self._paths:
            return None
        return frozenset(_stem(path) for path in self._paths if path.startswith(f"{folder}/"))

    def _made(self, path: str, make: Callable[[Document, ProblemCollector], Made]) -> Made | None:
        return self._of(self._read(path), make)

    def _of(
        self, document: Document | None, make: Callable[[Document, ProblemCollector], Made]
    ) -> Made | None:
        if document is not None:
            with self._collector:
                return make(document, self._collector)
        return None

    def _note_the_rest(self) -> None:
        """Note the schema's error where it refused a file in which no other problem was found."""
        noted = {each.at.path for each in self._collector.problems}
        self._collector.problems.extend(
            schema_error(document, _kind(document.path))
            for document in self._unsound
            if document.path not in noted
        )


def _namespaces(content: bytes, path: str) -> Iterable[str]:
    """The namespaces that a team's file declares, as far as it can be read."""
    try:
        root = read_yaml(content, path).root
    except Rejected:
        return ()
    entry = root.entries.get("namespaces") if isinstance(root, MappingNode) else None
    return entry.value.entries if entry and isinstance(entry.value, MappingNode) else ()


def _may_hold(content: bytes, names: Iterable[bytes]) -> bool:
    """Whether a file may hold one of these names: where it has escapes, it may."""
    return b"\\" in content or any(each in content for each in names)


def _claims(
    content: bytes, path: str, make: Callable[[Document, ProblemCollector], Team]
) -> Iterator[Problem]:
    """Where a file of a team that is not named claims a namespace that a file before it has.

    Whatever else is wrong with it is reported by a run that names the team.
    """
    aside = ProblemCollector()
    try:
        with aside:
            make(read_yaml(content, path), aside)
    except Rejected:
        return
    yield from (each for each in aside.problems if each.id == namespace_owned_twice.ID)


def _by_name(made: Iterable[Named | None]) -> tuple[Named, ...]:
    """Sorted as people sort names; paths sort `a-b.yaml` before `a.yaml`."""
    return tuple(sorted((each for each in made if each is not None), key=lambda each: each.name))


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _kind(path: str) -> ValuesKind:
    if path.startswith(f"{TEAMS}/"):
        return ValuesKind.TEAM
    if path.startswith(f"{BUNDLES}/"):
        return ValuesKind.BUNDLE
    return ValuesKind.PLATFORM if path == PLATFORM else ValuesKind.EXCEPTIONS
