"""Verdicts as they are printed, for few queries or for a large file of them.

A large file is cut into parts at the ends of lines, and processes share the parts. A part that one
of them cannot judge is judged again here, so that verdicts and errors are those of one process.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import BinaryIO

from transire.commands.explain import Judge
from transire.commands.explain_output import VERDICT_FORMATS, Show
from transire.commands.explain_queries import many_queries, text_lines
from transire.commands.explain_subject import Subject
from transire.pipeline.workers import Workers
from transire.queries.cluster_state import ClusterState
from transire.queries.expectation import is_failed
from transire.queries.query import Query, Verdict

_ENOUGH = 2 << 20
"""Bytes of queries below which starting processes takes longer than it saves."""
_PART = 1 << 18
"""Bytes of queries that a process judges at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Lines to print, with their ends.

    `unjudged` is true where something in them could not be judged, `failed` where a verdict is not
    what is expected.
    """

    text: str
    unjudged: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRange:
    """Whole lines of a file: where they begin, and how many bytes they are."""

    start: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """What judges queries, and how a verdict is shown."""

    judge: Judge
    show: Show

    @classmethod
    def of(cls, subject: Subject, cluster: ClusterState, form: str) -> Explainer:
        """Those about a subject in a cluster; `form` is one of `VERDICT_FORMATS`.

        Raises:
            UsageError: if the engine's version is not modelled.
            Unjudgeable: if an agent flag is not modelled.
        """
        judge = Judge.of(subject, cluster)
        reading = judge.reading
        show = VERDICT_FORMATS[form](reading.refused, reading.pruned, subject.caveats)
        return cls(judge=judge, show=show)

    def to(self, queries: Iterable[Query]) -> Iterator[Printed]:
        """A verdict for each query; what cannot be judged is a verdict of its own."""
        judge, show = self.judge, self.show
        for query in queries:
            decision = judge.decide(query)
            yield Printed(
                text=f"{show(query, decision)}\n",
                unjudged=decision.verdict is Verdict.UNJUDGEABLE,
                failed=is_failed(query, decision),
            )

    def to_file(self, file: BinaryIO, name: str, workers: Workers) -> Iterator[Printed]:
        """The verdicts for JSON lines, in their order, one by one or many at once.

        Raises:
            Rejected: at the first line that is wrong, after the verdicts for those before it.
        """
        if not workers.processes:
            yield from self.to(many_queries(text_lines(file, name), name))
            return
        parts, first = _parts_of(file), 1
        results = workers.stream(partial(self._to_part, file, name), parts)
        for part, found in zip(parts, results, strict=True):
            if found is not None:
                printed, count = found
                yield printed
            else:
                lines = text_lines(_read(file, part), name, first)
                yield from self.to(many_queries(lines, name, first))
                count = sum(1 for _ in text_lines(_read(file, part), name))
            first += count

    def _to_part(self, file: BinaryIO, name: str, part: LineRange) -> tuple[Printed, int]:
        """The verdicts for a part, and the number of its lines."""
        lines = list(text_lines(_read(file, part), name))
        printed = list(self.to(many_queries(lines, name)))
        together = Printed(
            text="".join(each.text for each in printed),
            unjudged=any(each.unjudged for each in printed),
            failed=any(each.failed for each in printed),
        )
        return together, len(lines)


def sharing(file: BinaryIO | None) -> Workers:
    """The processes that a file of queries is worth; none where its lines come as a stream."""
    if file is None:
        return Workers()
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return Workers()
    return Workers.fitting(status.st_size if stat.S_ISREG(status.st_mode) else 0, enough=_ENOUGH)


def made_apart(make: Callable[[], Subject], workers: Workers) -> Subject:
    """What `make` gives; where work is shared, a process of its own makes it.

    Reading objects loads the Helm SDK, after which no process may be forked.

    Raises:
        ToolError: what `make` raises.
    """
    if not workers.processes:
        return make()
    [subject] = Workers(processes=1).map(lambda _: [make()], [None])
    return subject


def _parts_of(file: BinaryIO) -> list[LineRange]:
    found = []
    start = file.tell()
    size = os.fstat(file.fileno()).st_size
    while start < size:
        file.seek(start + _PART)
        file.readline()
        end = min(file.tell(), size)
        found.append(LineRange(start=start, size=end - start))
        start = end
    return found


def _read(file: BinaryIO, part: LineRange) -> BytesIO:
    """The lines of a part, read without moving the file, which processes share."""
    return BytesIO(os.pread(file.fileno(), part.size, part.start))
