"""The values that `charts/egress-baseline` holds itself: what its admission policy reserves.

The chart holds them as text below a line of its own, since a chart stands on its own; a test keeps
the text in step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from transire.engines.api.admission import KUBERNETES_API, Admission, Reserved
from transire.engines.api.engine import Engine
from transire.yamlio import write

MARK = "# Assembled from the engines: what admission reserves, and who writes it besides.\n"
"""The line of the chart's `values.yaml` from which on it is written here."""


def reserved_values(engines: Mapping[str, Engine]) -> dict[str, Any]:
    """What is reserved on every cluster, and for each engine what is besides, and who writes."""
    of_engines = (each.admission.reserved for each in engines.values())
    return {
        "everywhere": _reserved([*KUBERNETES_API, *chain.from_iterable(of_engines)]),
        "engines": {name: _by_engine(each.admission) for name, each in engines.items()},
    }


def _by_engine(admission: Admission) -> dict[str, Any]:
    limited = [each for each in admission.writers if each.limits]
    return {
        "reserved": _reserved(admission.beside),
        "writers": [user for each in admission.writers if not each.limits for user in each.users],
        "limitedWriters": [{"users": list(each.users), **each.limits} for each in limited],
        "finalizers": list(admission.finalizers),
    }


def with_reserved_values(text: str, engines: Mapping[str, Engine]) -> str:
    """The text of the chart's `values.yaml` with these values at its end.

    Raises:
        ValueError: if the text lacks the line that they stand below.
    """
    before, mark, _ = text.partition(MARK)
    if not mark:
        raise ValueError(f"values.yaml lacks the line {MARK!r}")
    return before + mark + write({"reserved": reserved_values(engines)})


def _reserved(reserved: Iterable[Reserved]) -> list[dict[str, Any]]:
    """Each group once, where it is first named."""
    groups: dict[str, set[str]] = {}
    for each in reserved:
        groups.setdefault(each.group, set()).update(each.resources)
    return [{"group": group, "resources": sorted(names)} for group, names in groups.items()]
