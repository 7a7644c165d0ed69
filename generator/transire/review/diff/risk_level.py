"""How closely a person should look at a line, a target or a whole change."""

from __future__ import annotations

from enum import StrEnum


class RiskLevel(StrEnum):
    """How closely a person should look."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def one_higher(self) -> RiskLevel:
        """The level where the stakes are highest; the highest, and none at all, stay."""
        return _STEP.get(self, self)

    @property
    def rank(self) -> int:
        """0 for none, 3 for high."""
        return list(RiskLevel).index(self)


_STEP = {RiskLevel.LOW: RiskLevel.MEDIUM, RiskLevel.MEDIUM: RiskLevel.HIGH}
