"""The output formats of findings, by the name that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from transire.model.problems import Problem
from transire.review.reporters import github, json, junit, sarif, text

REPORTERS: Mapping[str, Callable[[Sequence[Problem]], str]] = MappingProxyType(
    {
        "text": text.report,
        "json": json.report,
        "github": github.report,
        "sarif": sarif.report,
        "junit": junit.report,
    }
)
"""Each takes findings in order and gives the whole answer as text."""
