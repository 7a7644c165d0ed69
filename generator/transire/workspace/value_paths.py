"""Which files of a policy repository are values."""

from __future__ import annotations

VALUES = "values"
PLATFORM = "values/platform.yaml"
EXCEPTIONS = "values/exceptions.yaml"
BUNDLES = "values/bundles"
TEAMS = "values/teams"
_FOLDERS = frozenset({BUNDLES, TEAMS})


def is_values_file(where: str) -> bool:
    """Whether the path from the root is that of a values file."""
    folder, _, file = where.rpartition("/")
    return where in {PLATFORM, EXCEPTIONS} or (folder in _FOLDERS and file.endswith(".yaml"))
