"""Which files of a policy repository are values."""

from __future__ import annotations

from transire.model.problems import Position, Problem

VALUES = "values"
PLATFORM = "values/platform.yaml"
EXCEPTIONS = "values/exceptions.yaml"
BUNDLES = "values/bundles"
TEAMS = "values/teams"
EXPECTATIONS = "tests/egress"
"""Where expectations are, beside the values."""
_FOLDERS = frozenset({BUNDLES, TEAMS})
_ALL_FOLDERS = frozenset({VALUES, *_FOLDERS})


def is_values_file(where: str) -> bool:
    """Whether the path from the root is that of a values file, on the disk and in a commit.

    A name that begins with a dot is none: editors keep files of their own beside those of people.
    """
    folder, _, file = where.rpartition("/")
    if where in {PLATFORM, EXCEPTIONS}:
        return True
    return folder in _FOLDERS and file.endswith(".yaml") and not file.startswith(".")


def is_taken_for_values(where: str) -> bool:
    """Whether somebody may think that the file is read, although it is none of the values files."""
    under = where.startswith(f"{VALUES}/") and not where.startswith(f"{VALUES}/.")
    file = where.rpartition("/")[2]
    seems = file.endswith((".yaml", ".yml")) and not file.startswith(".#")
    return under and seems and not is_values_file(where)


def leads_to_values(where: str) -> bool:
    """Whether a link at this path from the root would lead to what is read as values."""
    return where in _ALL_FOLDERS or is_values_file(where)


def link_among_values(where: str) -> Problem:
    """The problem of a symbolic link in place of values.

    Git holds the text of a link and the disk what it leads to, so that what is reviewed would not
    be what is generated.
    """
    return Problem(
        at=Position(path=where),
        id="symlink",
        message=f"{where} is a symbolic link, and Git holds where it leads, not the values",
        help="put what it leads to in its place",
    )
