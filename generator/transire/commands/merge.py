"""`merge`: the parts of one check as the check itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transire.commands.arguments import StrPath, files_at
from transire.model.problems import Problem, UsageError, in_order
from transire.review.findings.shard_report import ShardReport, Stopped, read_shard

_SAME = {
    "of": "the number of parts",
    "commit": "the commit",
    "files": "the values or charts",
    "as_of": "the day of --as-of",
    "program": "the program",
}
"""What all parts have in common, as a message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedCheck:
    """What all parts found together, in order; or the error with which one of them ended."""

    problems: tuple[Problem, ...] = ()
    stopped: Stopped | None = None


def merge(paths: StrPath | Iterable[StrPath]) -> MergedCheck:
    """What a check of all targets finds, from the reports of its parts.

    Args:
        paths: the files that `check --shard I/N --format json` printed, or folders with nothing
            else that ends with `.json`.

    Raises:
        UsageError: if a file is no such report, a part is missing or there twice, or the parts are
            not of one check.
    """
    reports = _by_number(_read(files_at(paths)))
    parts = [reports[number] for number in sorted(reports)]
    stopped = next((each.stopped for each in parts if each.stopped is not None), None)
    if stopped is not None:
        return MergedCheck(stopped=stopped)
    first, *others = parts
    if any(each.refused != first.refused for each in others):
        raise UsageError(
            "some parts find the values wrong and others do not; run all of them again, with the "
            "same --as-of"
        )
    if first.refused:
        return MergedCheck(problems=first.problems)
    _check_targets(parts)
    return MergedCheck(problems=in_order(each for part in parts for each in part.problems))


def _read(paths: Sequence[Path]) -> Iterator[tuple[Path, ShardReport]]:
    for path in (file for given in paths for file in _files(given)):
        try:
            yield path, read_shard(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            reason = "it is no text" if isinstance(error, UnicodeDecodeError) else str(error)
            raise UsageError(
                f"{path} is not what check --shard I/N --format json printed: {reason}"
            ) from error


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return (path,)
    found = sorted(each for each in path.rglob("*.json") if each.is_file())
    if not found:
        raise UsageError(f"{path} has no file that ends with .json")
    return found


def _by_number(read_files: Iterable[tuple[Path, ShardReport]]) -> Mapping[int, ShardReport]:
    """The reports by the number of their part, each once, and all of one check."""
    by_number: defaultdict[int, list[tuple[Path, ShardReport]]] = defaultdict(list)
    for path, report in read_files:
        by_number[report.number].append((path, report))
    found = [each for number in sorted(by_number) for each in by_number[number]]
    if not found:
        raise UsageError("there is nothing to merge: name the files of all parts, or their folder")
    (one, first), *others = found
    for path, report in others:
        for key, what in _SAME.items():
            if getattr(report.origin, key) != getattr(first.origin, key):
                raise UsageError(f"{one} and {path} are not of one check: {what} differs")
    for number, each in by_number.items():
        if len(each) > 1:
            twice = " and ".join(str(path) for path, _ in each)
            raise UsageError(f"part {number} of {first.origin.of} is there more than once: {twice}")
    _check_numbers(by_number.keys(), first.origin.of)
    return {number: each[0][1] for number, each in by_number.items()}


def _check_numbers(numbers: Iterable[int], of: int) -> None:
    """Every part from 1 on has to be there.

    Raises:
        UsageError: if one is not.
    """
    there = set(numbers)
    strange = sorted(each for each in there if not 1 <= each <= of)
    if strange:
        raise UsageError(f"there is no part {strange[0]} of {of}")
    if len(there) < of:
        missing = next(each for each in range(1, of + 1) if each not in there)
        more = of - len(there) - 1
        rest = f" and {more} more" if more else ""
        raise UsageError(f"part {missing} of {of}{rest} is missing")


def _check_targets(parts: Sequence[ShardReport]) -> None:
    """All parts together have to have all targets.

    Raises:
        UsageError: if they do not.
    """
    there, all_targets = sum(each.targets for each in parts), {each.all_targets for each in parts}
    if all_targets != {there}:
        known = " or ".join(map(str, sorted(all_targets)))
        raise UsageError(f"the parts have {there} targets together, of {known}")
