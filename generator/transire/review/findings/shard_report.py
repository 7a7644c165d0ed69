"""What one part of a check found, as JSON; the shape is `shard.schema.json` beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transire.model.problems import Level, Position, Problem

VERSION = 1
"""The version of the shape; it grows when a key changes its meaning or goes away."""
SCHEMA = f"transire.shard/{VERSION}"
"""The same with the name of the shape, as every JSON of this program has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What all parts of one check have in common.

    `program` and `files` are digests, of the program and of values and charts; `commit` is empty
    where there is none, and `as_of` where ends were held against the time of the run.
    """

    of: int
    program: str
    commit: str
    files: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The error with which a part ended, and the exit code that belongs to it."""

    code: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardReport:
    """What one part found.

    `targets` is how many of `all_targets` are in it. The values are wrong where it is `refused`:
    then the first part has all that is found. Where it is `stopped`, nothing is known.
    """

    number: int
    origin: Origin
    targets: int = 0
    all_targets: int = 0
    problems: tuple[Problem, ...] = ()
    refused: bool = False
    stopped: Stopped | None = None


def shard_json(report: ShardReport) -> str:
    """The report as JSON."""
    stopped = report.stopped
    document = {
        "schema": SCHEMA,
        "version": VERSION,
        "shard": report.number,
        "of": report.origin.of,
        "program": report.origin.program,
        "commit": report.origin.commit,
        "files": report.origin.files,
        "asOf": report.origin.as_of,
        "targets": report.targets,
        "allTargets": report.all_targets,
        "refused": report.refused,
        "stopped": stopped and {"code": stopped.code, "message": stopped.message},
        "findings": [_finding(each) for each in report.problems],
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(problem: Problem) -> Mapping[str, Any]:
    return {
        "path": problem.at.path,
        "line": problem.at.line,
        "column": problem.at.column,
        "level": str(problem.level),
        "rule": problem.id,
        "message": problem.message,
        "help": problem.help,
        "follows": problem.follows,
    }


def read_shard(text: str) -> ShardReport:
    """The report that a JSON text holds.

    Raises:
        ValueError: if it holds none, with why.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no JSON, or ends early") from error
    match document:
        case {
            "schema": str(schema),
            "shard": int(number),
            "of": int(of),
            "program": str(program),
            "commit": str(commit),
            "files": str(files),
            "asOf": str(as_of),
            "targets": int(targets),
            "allTargets": int(all_targets),
            "refused": bool(refused),
            "stopped": stopped,
            "findings": list(findings),
        } if schema == SCHEMA:
            return ShardReport(
                number=number,
                origin=Origin(of=of, program=program, commit=commit, files=files, as_of=as_of),
                targets=targets,
                all_targets=all_targets,
                problems=tuple(map(_problem, findings)),
                refused=refused,
                stopped=_stopped(stopped),
            )
        case {"schema": str(other)} if other != SCHEMA:
            raise ValueError(f"it is {other}, not {SCHEMA}")
        case {"schema": _}:
            raise ValueError("a key is missing, or has another form")
    raise ValueError(f"it is not {SCHEMA}")


def _stopped(document: object) -> Stopped | None:
    match document:
        case None:
            return None
        case {"code": int(code), "message": str(message)} if code:
            return Stopped(code=code, message=message)
    raise ValueError("what stopped it has another form")


def _problem(document: object) -> Problem:
    match document:
        case {
            "path": str(path),
            "line": int(line),
            "column": int(column),
            "level": "error" | "warning" | "note" as level,
            "rule": str(rule),
            "message": str(message),
            "help": str(help_),
            "follows": bool(follows),
        }:
            return Problem(
                at=Position(path=path, line=line, column=column),
                id=rule,
                level=Level(level),
                message=message,
                help=help_,
                follows=follows,
            )
    raise ValueError("a finding has another form")
