"""Nothing enforces policies: the controller or the agent is turned off."""

from __future__ import annotations

from collections.abc import Iterator

from transire.review.doctor.case import Case
from transire.review.doctor.findings import Cause, Weight
from transire.review.doctor.troubles import lines_of

ID = "not-enforced"
WHETHER = "whether policies are enforced at all"
NEEDS = ("ConfigMap", "DaemonSet")


def find(case: Case) -> Iterator[Cause]:
    """Settings by which policies do nothing, where something passes that should not."""
    if not case.is_open:
        return
    for name, value in case.facts.disables:
        setting = case.settings.get(name)
        if setting is None or setting.value.lower() != value:
            continue
        events = [event for each in case.troubles for event in each.events]
        yield Cause(
            id=ID,
            text=(
                f"policies are not enforced in this cluster: {name} is {setting.value}, so "
                f"whatever policies deny in {case.namespace} passes"
            ),
            evidence=(
                case.objects.where(setting.manifest).shows(setting.at, f"{name} is {value}"),
                *lines_of(events, "let through"),
            ),
            fix=f"set {name} otherwise, and restart the agents",
            weight=Weight.ROOT,
        )
