"""Proofs of earlier runs: which items need not be rendered, read and proved once more.

What is kept of a proof is that nothing was found, so that whatever is wrong is found anew by each
run. A key is a digest of every byte from which a result follows: the program, what is installed
with it, Helm, the values files that matter, and the files of the charts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from transire.cache.place import NotKept
from transire.cache.program import program_digest
from transire.cache.store import Cache
from transire.charts.chart import TARGETS, target_name
from transire.charts.layout import BASELINE, TIER, team_place
from transire.charts.values_schema import SCHEMA
from transire.helm import HelmChoice, in_process
from transire.meaning.compiled import Compiled, CompiledTeam
from transire.pipeline.stamp import Stamped
from transire.workspace.scaffold import chart_files
from transire.workspace.value_paths import TEAMS

_NOTHING = b"nothing found\n"
"""The content of an entry: a proof without findings."""

Item = CompiledTeam | None
"""A team; None stands for the platform's own charts."""

KEPT_FROM: Final[HelmChoice] = "sdk"
"""The Helm of whose renderings proofs are kept: an executable may be anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What is still open, with the key of each, and how many targets each of the others has."""

    open: Sequence[Item]
    keys: Sequence[str] = ()
    rendered: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProofs:
    """What a cache has about the targets of one run."""

    cache: Cache
    compiled: Compiled
    stamped: Stamped
    shared: str
    """The digest of what every key begins with."""

    @classmethod
    def of(
        cls,
        cache: Cache | None,
        compiled: Compiled,
        stamped: Stamped,
        helm: HelmChoice | None,
    ) -> KnownProofs | None:
        """Those of a run; None where nothing is kept, or nobody knows what to keep it by."""
        if cache is None or not compiled.sources or helm == "cli" or not in_process():
            return None
        try:
            program = program_digest()
        except NotKept:
            return None
        others = {
            path: digest
            for path, digest in compiled.sources.items()
            if not path.startswith(f"{TEAMS}/")
        }
        shared = _digest(["proof", program, *_listed(others)])
        return cls(cache=cache, compiled=compiled, stamped=stamped, shared=shared)

    def look_up(self, items: Iterable[Item]) -> LookedUp:
        """Which of the items an earlier run found nothing in, and which are open."""
        rest: list[Item] = []
        keys: list[str] = []
        rendered: list[int] = []
        for each in items:
            key = self._of_platform() if each is None else self._of_team(each)
            if self.cache.get(key) == _NOTHING:
                rendered.append(self._targets_of(each))
            else:
                rest.append(each)
                keys.append(key)
        return LookedUp(open=rest, keys=keys, rendered=rendered)

    def keep(self, keys: Iterable[str]) -> None:
        """Keep for these keys that nothing was found."""
        self.cache.put(dict.fromkeys(keys, _NOTHING))

    def _targets_of(self, item: Item) -> int:
        """How many targets a run renders for an item."""
        places = (BASELINE, TIER) if item is None else (team_place(item.team.name),)
        files = (path for place in places for path in self.stamped.chart(place).files)
        return sum(path.startswith(TARGETS) for path in files)

    def _of_team(self, item: CompiledTeam) -> str:
        """From the team's own file and chart, and the platform's charts on its clusters."""
        clusters = {each.cluster.name for each in item.targets}
        chart = self.stamped.chart(team_place(item.team.name)).files
        own = {item.team.path: self.compiled.sources[item.team.path]}
        parts = [self.shared, "team", item.team.name, *_listed(own), *_of_files(chart)]
        for place in (BASELINE, TIER):
            parts += [place, *_of_files(self._on(place, clusters))]
        return _digest(parts)

    def _of_platform(self) -> str:
        """From the platform's charts, those of this release, and who publishes to which target."""
        parts = [self.shared, "platform"]
        for place in (BASELINE, TIER):
            parts += [place, *_of_files(self.stamped.chart(place).files)]
        parts += ["shipped", *_of_files(chart_files())]
        for each in self.compiled.teams[:1]:
            template = self.stamped.chart(team_place(each.team.name)).files
            parts += ["template", *_of_files({SCHEMA: template[SCHEMA]})]
        for team in self.compiled.organisation.teams:
            parts += ["publishes", team.name]
            parts += [f"{each.namespace}.{each.cluster}" for each in team.publications]
        return _digest(parts)

    def _on(self, place: str, clusters: set[str]) -> Mapping[str, bytes]:
        """The files of a platform's chart, of its targets those of some clusters."""
        return {
            path: content
            for path, content in self.stamped.chart(place).files.items()
            if not path.startswith(TARGETS) or target_name(path) in clusters
        }


def _listed(digests: Mapping[str, str]) -> Iterator[str]:
    for path, digest in sorted(digests.items()):
        yield path
        yield digest


def _of_files(files: Mapping[str, bytes]) -> Iterator[str]:
    for path, content in sorted(files.items()):
        yield path
        yield hashlib.sha256(content).hexdigest()


def _digest(parts: Iterable[str]) -> str:
    """Of a list of texts, each with its length, so that no two lists give one digest."""
    digest = hashlib.sha256()
    for each in parts:
        content = each.encode("utf-8", "surrogateescape")
        digest.update(b"%d %b\n" % (len(content), content))
    return digest.hexdigest()
