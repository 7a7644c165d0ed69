"""The verbs over an organisation of one size, each with what it costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scale.cost import Cost, cost
from scale.organisation import CHANGED, change, write

PROGRAM = Path(sys.executable).with_name("transire")
_COUNTED = Path(__file__).with_name("counted_files.py")
_AS_OF = ("--as-of", "2026-11-23")
_SHORT = 5.0
"""Seconds below which a verb is measured several times."""

_QUESTIONS = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one verb costs among so many teams: of several runs the one in the middle.

    Attributes:
        verb: the verb, and in which state.
        read: files below the repository that it opened to read; None where they are not counted.
        written: files that it opened to write.
        compared: whether it does what the pipe does, for some or all of the teams.
    """

    teams: int
    verb: str
    cost: Cost
    read: int | None = None
    written: int | None = None
    compared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A policy repository that is measured, with a cache of its own.

    `often` is how many times a verb is measured that takes less than five seconds.
    """

    root: Path
    teams: int
    has_cache: bool
    often: int = 3

    @property
    def _cache(self) -> Path:
        return self.root.parent / "cache"

    def forget(self) -> None:
        """Leave no cache behind."""
        shutil.rmtree(self._cache, ignore_errors=True)

    def cold(self, verb: str, *words: str) -> Row:
        """A verb that has no cache to go by, and leaves none."""
        words = (*words, "--no-cache") if self.has_cache else words
        return self._row(f"{verb}, cold", words)

    def warm(self, verb: str, *words: str) -> Row:
        """A verb that finds what runs before it left."""
        return self._row(f"{verb}, warm", words)

    def again(self, verb: str, *words: str) -> Row:
        """A verb that keeps nothing."""
        return self._row(verb, words)

    def once(self, verb: str, *words: str) -> Row:
        """A verb that is measured once, since it finds another state when it runs again."""
        return self._run(verb, words)

    def git(self, *words: str) -> None:
        """Run Git as somebody."""
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        quiet = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0")
        words = ("git", *who, *quiet, *words)
        subprocess.run(words, cwd=self.root, check=True, capture_output=True)  # noqa: S603 - ours

    def _row(self, verb: str, words: Sequence[str]) -> Row:
        rows = [self._run(verb, words)]
        while rows[0].cost.seconds < _SHORT and len(rows) < self.often:
            rows.append(self._run(verb, words))
        return in_the_middle(rows)

    def _run(self, verb: str, words: Sequence[str]) -> Row:
        """One run.

        Raises:
            RuntimeError: if it ends with anything but 0.
        """
        to = self.root.parent / "files"
        command = [sys.executable, str(_COUNTED), str(to), *words]
        done = cost(command, self.root, environment(self._cache))
        if done.code:
            raise RuntimeError(f"{' '.join(words)} ends with {done.code}: {done.out}")
        read, written = map(int, to.read_text(encoding="utf-8").split())
        return Row(teams=self.teams, verb=verb, cost=done, read=read, written=written)


def in_the_middle(rows: Sequence[Row]) -> Row:
    """Of some runs the one that is neither the slowest nor the fastest; memory is the most."""
    chosen = sorted(rows, key=lambda each: each.cost.seconds)[len(rows) // 2]
    most = max(each.cost.memory for each in rows)
    return replace(chosen, cost=replace(chosen.cost, memory=most))


def environment(cache: Path) -> Mapping[str, str]:
    """Ours, with another folder for caches."""
    return {**os.environ, "XDG_CACHE_HOME": str(cache)}


def has_cache() -> bool:
    """Whether the program keeps a cache."""
    shown = subprocess.run([PROGRAM, "check", "--help"], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return "--no-cache" in shown.stdout


def prepare(here: Repository) -> Row:
    """Values, generated and committed on `main`, with another branch at hand; what that costs."""
    write(here.root, here.teams)
    here.git("init", "--quiet", "--initial-branch=main")
    row = here.once("generate, all files new", "generate", *_AS_OF)
    here.git("add", "--all")
    here.git("commit", "--quiet", "--message", "all teams")
    here.git("switch", "--quiet", "--create", "change")
    return row


def whatever_the_size(here: Repository) -> Iterator[Row]:
    """What does not depend on how many teams there are."""
    yield replace(here.again("--help", "--help"), compared=False)
    queries = here.root.parent / "queries.jsonl"
    with queries.open("w", encoding="utf-8") as file:
        file.writelines(map(_question, range(_QUESTIONS)))
    words = ("explain", "--target", f"{CHANGED}.prod-eu", "--format", "json", "--queries")
    name = f"explain, {_QUESTIONS:,} questions"
    yield replace(here.once(name, *words, str(queries)), compared=False)


def _question(number: int) -> str:
    host = f"host{number}.zone{number % 37}.example.com"
    port = 443 if number % 3 else 8443
    source = f"{CHANGED}/app=app-{number % 7}"
    return f'{{"id": "{number}", "from": "{source}", "to": "{host}:{port}"}}\n'


def rows(here: Repository) -> Iterator[Row]:
    """Every verb in a repository that is prepared, as it is measured."""
    base = ("--base", "main", *_AS_OF)
    yield here.cold("check", "check", *base)
    yield here.cold("generate, nothing changed", "generate", *base)
    if here.has_cache:
        here.forget()
        yield here.once("check, which fills the cache", "check", *base)
    yield here.warm("check, nothing changed", "check", *base)
    yield here.warm("generate, nothing changed", "generate", *base)
    yield here.warm("check of one team, nothing changed", "check", CHANGED, *base)
    change(here.root, 1)
    yield here.once("generate of one team after an edit", "generate", CHANGED, *base)
    yield here.once("check, one team changed", "check", *base)
    yield from _of_the_changed(here, base)


def _of_the_changed(here: Repository, base: Sequence[str]) -> Iterator[Row]:
    """What a reviewer and the team run once the edit is there."""
    yield here.cold("check of one team", "check", CHANGED, *base)
    yield here.warm("check of one team", "check", CHANGED, *base)
    yield here.again("diff of one team", "diff", *base)
