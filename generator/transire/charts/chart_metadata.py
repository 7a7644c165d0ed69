"""What Helm reads in a `Chart.yaml`, as the config of the chart in a registry has it.

Every field is text to Helm, whatever YAML could take it for, but for `deprecated`. Charts of ours
have no dependencies: everything that is installed is in their own templates.

Sources: `Metadata` in Helm's `pkg/chart/v2`, whose order of fields this is; `sanitizeString` there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import yaml

_FIELDS = (
    "name", "home", "sources", "version", "description", "keywords", "maintainers", "icon",
    "apiVersion", "condition", "tags", "appVersion", "deprecated", "annotations", "kubeVersion",
    "type",
)  # fmt: skip
_MAINTAINER = ("name", "email", "url")
_AS_WRITTEN = frozenset({"version", "apiVersion", "type"})
_SPACES = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_TRUE = frozenset({"true", "True", "TRUE"})


def read_metadata(chart_yaml: bytes) -> Mapping[str, Any]:
    """The fields of the `Chart.yaml` in Helm's order, without those that are empty.

    Raises:
        ValueError: if it is not YAML, or has no name or version.
    """
    try:
        written = yaml.load(chart_yaml, Loader=yaml.CBaseLoader)  # noqa: S506 - it builds text only
    except yaml.YAMLError as error:
        raise ValueError("the description of the chart is not YAML") from error
    if not isinstance(written, dict) or not {"name", "version"} <= written.keys():
        raise ValueError("the description of the chart names no chart")
    found = {key: _value(key, written[key]) for key in _FIELDS if key in written}
    return {key: value for key, value in found.items() if value}


def _value(key: str, written: Any) -> Any:  # noqa: ANN401 - what a person wrote
    match key, written:
        case "deprecated", str():
            return written in _TRUE
        case "annotations", dict():
            return dict(sorted(written.items()))
        case "maintainers", list():
            return [
                {part: _plain(each[part]) for part in _MAINTAINER if each.get(part)}
                for each in written
            ]
        case _, list():
            return [_plain(each) for each in written]
        case _, str() if key not in _AS_WRITTEN:
            return _plain(written)
        case _:
            return written


def _plain(text: Any) -> Any:  # noqa: ANN401 - what a person wrote
    """The text as Helm keeps it: every kind of space as one, and nothing that cannot be seen."""
    if not isinstance(text, str):
        return text
    return "".join(" " if each in _SPACES else each for each in text if _stays(each))


def _stays(letter: str) -> bool:
    return letter in _SPACES or unicodedata.category(letter)[0] in "LMNPS"
