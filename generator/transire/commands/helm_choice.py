"""Which Helm a caller chooses."""

from __future__ import annotations

from typing import get_args

from transire.helm import HelmChoice
from transire.model.problems import UsageError


def helm_named(helm: HelmChoice | None) -> HelmChoice | None:
    """Which Helm, where one is chosen.

    Raises:
        UsageError: if there is none of that name.
    """
    if helm is None or helm in get_args(HelmChoice):
        return helm
    known = " or ".join(get_args(HelmChoice))
    raise UsageError(f"there is no Helm {helm!r}; write {known}")
