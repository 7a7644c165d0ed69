"""The output formats of findings, by the name that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from transire.model.problems import Problem
from transire.review.findings import github, junit, sarif
from transire.review.findings import json_format as json
from transire.review.findings import text_format as text
from transire.review.findings.rule_pages import Explained

Reporters = Mapping[str, Callable[[Sequence[Problem]], str]]
"""Each takes findings in order and gives the whole output as text."""


def reporters(explained: Explained) -> Reporters:
    """Every format; `explained` gives the pages of rules to those that show them."""
    return MappingProxyType(
        {
            "text": text.report,
            "json": json.report,
            "github": github.report,
            "sarif": partial(sarif.report, explained=explained),
            "junit": junit.report,
        }
    )
