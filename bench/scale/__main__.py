"""`python -m scale`: every verb at several sizes beside the pipe, as a table and a plot.

With `--ratios` the same few verbs again and again, on one core and on more, which shows how far the
ratios to the pipe hold.
"""

# ruff: noqa: T201 - a script, which prints

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from scale.organisation import ROOT
from scale.pipe import Pipe, cores, pipe, some_of, targets_of
from scale.ratios import ratios
from scale.results import PipeRow, lines_of, load, machine, slopes, table
from scale.verbs import Repository, Row, has_cache, prepare, rows, whatever_the_size


def main() -> int:
    """Measure what is named, and write it down."""
    given = _arguments()
    if given.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    given.write.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=given.folder) as folder:
        other = pipe(Path(folder, "schemas"), given.crds)
        if given.ratios:
            text = ratios(Path(folder), other, given.sizes[0], given.runs, given.sample)
            (given.write / f"{given.name}.md").write_text(text, encoding="utf-8")
            return 0
        _measure(Path(folder), other, given)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scale", description=__doc__)
    sizes = "how many teams, such as 10,100"
    parser.add_argument("--sizes", type=_numbers, default=[10, 100, 1000, 10_000], help=sizes)
    crds = "definitions of kinds that the pipe validates by: a file or a folder; may be repeated"
    parser.add_argument("--crds", type=Path, action="append", default=[], help=crds)
    sample = "targets that are put through the pipe, which stand for all where there are more"
    parser.add_argument("--sample", type=int, default=200, help=sample)
    parser.add_argument("--cores", type=int, help="cores to use; default: all of them")
    often = "how many times a verb is measured that takes less than five seconds"
    parser.add_argument("--often", type=int, default=3, help=often)
    parser.add_argument("--ratios", action="store_true", help="the ratios alone, again and again")
    parser.add_argument("--runs", type=int, default=3, help="how many times, with --ratios")
    parser.add_argument("--write", type=Path, default=ROOT / "bench/results", help="where to")
    parser.add_argument("--name", default="scale", help="the name of the files there")
    parser.add_argument("--folder", type=Path, help="where repositories are made and removed")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def _measure(folder: Path, other: Pipe, given: argparse.Namespace) -> None:
    """Every size, each written down as soon as it is measured."""
    measured: list[Row] = []
    pipes: list[PipeRow] = []
    for teams in sorted(given.sizes):
        for each in _of_one_size(folder, other, teams, given):
            if isinstance(each, Row):
                measured.append(each)
                took = each.cost
                print(f"{teams:>6} {each.verb:40} {took.seconds:9.2f} s {took.memory:6.0f} MiB")
            else:
                pipes.append(each)
                print(f"{teams:>6} {'the pipe':40} {each.seconds:9.2f} s")
            sys.stdout.flush()
        _write(measured, pipes, other, given)
    print((given.write / f"{given.name}.md").read_text(encoding="utf-8"))


def _of_one_size(
    folder: Path, other: Pipe, teams: int, given: argparse.Namespace
) -> Iterator[Row | PipeRow]:
    """The verbs, and the pipe half before and half after them, so that both meet the same load."""
    root = folder / str(teams) / "policies"
    here = Repository(root=root, teams=teams, has_cache=has_cache(), often=given.often)
    yield prepare(here)
    if teams == min(given.sizes):
        yield from whatever_the_size(here)
    found = rows(here)
    targets = targets_of(root)
    chosen = some_of(targets, given.sample)
    half = len(chosen) // 2
    before = other.run(root, chosen[:half], 1)
    yield from found
    after = other.run(root, chosen[half:], 1)
    beside = other.run(root, chosen, cores())
    times = len(targets) / len(chosen)
    yield PipeRow(
        teams=teams,
        targets=len(targets),
        sample=len(chosen),
        seconds=(before.seconds + after.seconds) * times,
        processor=(before.processor + after.processor) * times,
        memory=max(before.memory, after.memory),
        at_once=beside.seconds * times,
        load=after.load,
    )


def _write(
    measured: Sequence[Row], pipes: Sequence[PipeRow], other: Pipe, given: argparse.Namespace
) -> None:
    from scale.plot import plot  # noqa: PLC0415 - takes long to load

    at = given.write / given.name
    where = machine(ROOT)
    plot(lines_of(measured, pipes), at.with_suffix(".svg"), where)
    head = [
        "# Every verb, from ten teams to ten thousand", "",
        f"{where}; load at the end {load()}.", "", *_EXPLAINED, "",
    ]  # fmt: skip
    text = [*head, *table(measured, pipes, other.name), "", *_SLOPES, ""]
    text += [*slopes(measured, pipes), "", f"![seconds by teams]({given.name}.svg)", ""]
    at.with_suffix(".md").write_text("\n".join(text), encoding="utf-8")
    facts = {"machine": where, "pipe": other.name}
    whole = {**facts, "verbs": [*map(asdict, measured)], "pipes": [*map(asdict, pipes)]}
    at.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


_EXPLAINED = (
    "Each team has ten rules of ten hosts, two of them wildcards, on one cluster of Cilium and one",
    "of Calico Enterprise; one in a hundred has a rule of 500 hosts besides. Whole processes are",
    "measured, Python's start included; what takes less than five seconds more than once, of which",
    "the run in the middle counts. Memory is that of all processes at once. The pipe renders and",
    "validates every target of every team, half of them before the verbs and half after, one after",
    "another: how many times as fast a verb is compares with that, in time and in processor time.",
    "A row of one team is compared with the pipe over all targets, too.",
)
_SLOPES = (
    "## Slopes", "",
    "How time grows from each size to the next: 1 is in proportion, 0 not at all.",
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
