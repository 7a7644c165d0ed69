"""Kinds of objects that the charts hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Kind:
    """A kind: API group, kind, and the plural that roles name."""

    group: str
    kind: str
    resource: str
